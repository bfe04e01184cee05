package secrets

import (
	"regexp"
	"strings"
	"sync"
)

// A secretName is a word that names of secrets have.
type secretName struct{ literal, kind string }

const kindPassword = "password"

func secretNames() []secretName {
	var list []secretName
	add := func(kind string, literals ...string) {
		for _, literal := range literals {
			list = append(list, secretName{literal, kind})
		}
	}
	add(kindPassword, "passw", "passphrase", "pwd")
	add("secret", "secret", "credential", "encryption_key", "encryptionkey", "signing_key", "private_key", "privatekey", "account_key", "accountkey", "master_key", "masterkey")
	add("token", "token")
	add("API key", "apikey", "api_key", "api-key", "access_key", "accesskey", "access-key", "auth_key", "authkey", "auth-key")
	return list
}

// separator is what stands between the end of a name and its value: quotes and
// brackets around the name, a type, a sign, a conversion.
var separator = sync.OnceValue(func() *regexp.Regexp {
	const (
		closing = `(?:\\?["'\x60])?\]?\)?`
		sign    = `(?:\s{0,8}\[\d*\])?\s{0,8}(?:(?:\??:\s{0,4}|\s)&?[A-Za-z][\w<>.\[\]]{0,30}\??\s{0,8}:?=|=>|={1,3}|!==?|:=|\+=|\?=|\?\?=|\|\|=|::|:)`
		call    = `\s{0,8}(?:(?:\[\]byte|String::from|new String|Buffer\.from|bytes|str|String)\()?`
	)
	return regexp.MustCompile(`^` + closing + sign + call)
})

// assignment finds the value of something that is called a secret, whatever the
// language: password = "…", API_KEY: '…', "client_secret": "…", SECRET=….
func assignment(found []hit, text string, at int, s *shape) []hit {
	const longestName = 60
	end := at + len(s.literal)
	limit := min(len(text), end+longestName)
	for end < limit && (dashed | dot).has(text[end]) {
		end++
	}
	if end == limit || !opensValue(text[end]) || otherThing(text[at+len(s.literal):end]) {
		return found
	}
	start := at
	for start > max(0, at-longestName) && (dashed | dot).has(text[start-1]) {
		start--
	}
	n := name{text, start, end, s.kind}
	if valueStart, valueEnd := n.value(); valueEnd > valueStart {
		return append(found, hit{Secret{valueStart, valueEnd, s.kind}, rankAssignment})
	}
	return found
}

// A name is one that names a secret, at [start:end) of text.
type name struct {
	text       string
	start, end int
	kind       string
}

// before tells whether one of the bytes stands right before the name.
func (n *name) before(bytes string) bool {
	return n.start > 0 && strings.IndexByte(bytes, n.text[n.start-1]) >= 0
}

// opensValue tells whether c may follow a name whose value is to come.
func opensValue(c byte) bool { return strings.IndexByte("=:\"'`]) \t\\[?!+|>,", c) >= 0 }

// otherThing tells whether a name that goes on like this names something about
// a secret: where it is, how long it may be.
func otherThing(rest string) bool {
	rest = strings.ToLower(rest)
	for _, end := range []string{
		"id", "ids", "name", "names", "file", "path", "dir", "url", "uri", "type", "field", "label", "hint", "length", "len", "size",
		"policy", "prompt", "placeholder", "regex", "pattern", "expiry", "expires", "expiration", "ttl", "header", "class", "endpoint",
		"count", "limit", "index", "pos", "position", "kind", "env", "var", "ref", "prefix", "suffix", "format", "algorithm", "version",
		"hash", "digest", "message", "error", "title", "description", "text", "input", "selector", "manager", "provider", "scope",
	} {
		if strings.HasSuffix(rest, end) {
			return true
		}
	}
	return false
}

// value returns the borders of the value that follows the name, if it looks
// like a secret.
func (n *name) value() (start, end int) {
	rest := n.text[n.end:min(len(n.text), n.end+longest)]
	if rest[0] == '>' && n.before("<") { // an element of XML
		body := rest[1:]
		if i := strings.IndexAny(body, "<\r\n"); i > 0 && body[i] == '<' && n.quoted(body[:i]) {
			return n.end + 1, n.end + 1 + i
		}
		return 0, 0
	}
	sep := separator().FindString(rest)
	if sep == "" && n.before("\"'") && rest[0] == n.text[n.start-1] {
		sep = pair().FindString(rest)
	}
	if sep == "" {
		return 0, 0
	}
	at := n.end + len(sep)
	open, quote := opening(n.text[at:min(len(n.text), at+5)])
	if quote == "" {
		return n.bareValue(at, sep)
	}
	at += open
	body := n.text[at:min(len(n.text), at+longest)]
	if i := closing(body, quote); i > 0 && n.quoted(body[:i]) {
		return at, at + i
	}
	return 0, 0
}

// pair is for the name and the value as two arguments, and for the attributes
// key and value of XML.
var pair = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^["'](?:\s{0,4},\s{0,4}|\s{1,4}value=)`) })

// opening returns the length of what opens a string at the beginning of text,
// and what closes it: "" if no string begins there.
func opening(text string) (length int, quote string) {
	for i := 0; i < len(text) && i < 3; i++ {
		switch c := text[i]; {
		case c == '"' || c == '\'' || c == '`':
			return i + 1, text[i : i+1]
		case c == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\''):
			return i + 2, text[i : i+2]
		case !letter.has(c) && c != '@':
			return 0, ""
		}
	}
	return 0, ""
}

// closing returns where quote closes the string that body begins with, -1 if
// that is not on its line.
func closing(body, quote string) int {
	for i := 0; i < len(body); i++ {
		switch {
		case body[i] == '\n' || body[i] == '\r':
			return -1
		case strings.HasPrefix(body[i:], quote):
			return i
		case body[i] == '\\' && len(quote) == 1:
			i++
		}
	}
	return -1
}

// bareValue returns a value without quotes, as files of settings have it. In a
// program it would be a name, so it has to stand alone: on its line, in a query
// or a header, or behind an option.
func (n *name) bareValue(at int, sep string) (start, end int) {
	query, quoted := n.before("?&"), n.before("\"'")
	option := strings.HasPrefix(n.text[n.start:], "--")
	if !query && !quoted && !option && !beginsLine(n.text, n.start) {
		return 0, 0
	}
	line := n.text[at:min(len(n.text), at+512)]
	for _, end := range []string{"\n", "\r", `\n`, `\r`, `\"`, `\'`} { // written out in a literal, too
		line, _, _ = strings.Cut(line, end)
	}
	cut := " \t\"'`<>"
	if query {
		cut += "&#)"
	}
	length := strings.IndexAny(line, cut)
	if length < 0 {
		length = len(line)
	}
	switch tail := strings.TrimSpace(line[length:]); {
	case quoted && (tail == "" || tail[0] != n.text[n.start-1]),
		!quoted && !query && !option && tail != "" && tail[0] != '#',
		!n.bare(line[:length], sep):
		return 0, 0
	}
	return at, at + length
}

var lineStart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[\s#;/*>-]*(?:(?:export|set|setx|ENV|ARG|env|Environment=)\s*)?$`)
})

// beginsLine tells whether nothing of weight stands before at on its line.
func beginsLine(text string, at int) bool {
	line := text[max(0, at-80):at]
	line = line[strings.LastIndexByte(line, '\n')+1:]
	if i := strings.LastIndex(line, `\n`); i >= 0 {
		line = line[i+2:]
	}
	return lineStart().MatchString(line)
}

// quoted tells whether a string looks like a secret and not like a word, a
// sentence, a path or a template.
func (n *name) quoted(s string) bool {
	if len(s) < 6 || strings.ContainsAny(s, " \t") || placeholder(s) || template(s) {
		return false
	}
	switch {
	case !letter.in(s):
		return digits.in(s) && len(s) >= 8
	case strings.ContainsAny(s, "!@#$%^&*+=~?"):
		return true
	default:
		return digits.in(s) && !n.plain(s)
	}
}

// bare is quoted for a value without quotes, which follows sep.
func (n *name) bare(s, sep string) bool {
	if len(s) < 6 || placeholder(s) || template(s) || strings.ContainsAny(s, "()[]{};,|") {
		return false
	}
	tight := sep == "="
	switch {
	case !digits.in(s):
		return tight && len(s) >= 12 && entropy(s) >= 3 && !strings.Contains(s, ".")
	case !letter.in(s):
		return tight && len(s) >= 8
	case tight, strings.Contains(sep, ":") && !strings.Contains(sep, "="):
		return !n.plain(s)
	default:
		return len(s) >= 12 && !n.plain(s) && entropy(s) >= 3 && !variable().MatchString(s)
	}
}

var namePattern = sync.OnceValue(func() *regexp.Regexp {
	// Words with a number behind them or between them: oauth2, utf-8, sha256.
	return regexp.MustCompile(`^(?:[A-Za-z]{2,}[-_./:]?\d{0,3}[-_./:]?){2,}$|^[A-Za-z][a-z]*[-_]?\d{1,2}$|^(?i:sha|md|aes|utf|oauth|base|rsa|rs|hs|es|ps|x)-?\d+`)
})

// variable is what a program calls something, with a number behind it.
var variable = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z_$*&][\w$]*[A-Za-z_](?:\.[A-Za-z_]\w*)*\d{0,4}$`)
})

// plain tells whether s is made of words, as names are. For a password people
// take just that, with a number behind it.
func (n *name) plain(s string) bool {
	if n.kind == kindPassword || len(s) > 40 {
		return false
	}
	count := 0
	for i := range len(s) {
		if digits.has(s[i]) {
			count++
		}
	}
	return count*4 <= len(s) && count <= 3 && namePattern().MatchString(s) && entropy(s) < 4
}

// template tells whether s is filled in, looked up or a path.
func template(s string) bool {
	for _, start := range []string{"$", "%", "<", "{", "#{", "/", "./", "../", "~", "@", "^", "\\", "data:", "0x"} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	for _, part := range []string{"${", "{{", "$(", "<%", "%s", "%d", "%v", "%q", "{0}", "{}", "#{", "://", "()", "->", `\u`, "environ", "process.env", "getenv", "secrets.", "arn:aws", "vault:", "ENV["} {
		if strings.Contains(s, part) {
			return true
		}
	}
	return false
}

// placeholder tells whether s stands for a secret without being one.
func placeholder(s string) bool {
	s = strings.ToLower(s)
	for _, part := range []string{"changeme", "change-me", "change_me", "placeholder", "redacted", "your", "example", "xxxx", "****", "...", "…", "<", "${", "{{", "insert", "replace", "dummy", "not-needed", "no-key"} {
		if strings.Contains(s, part) {
			return true
		}
	}
	switch strings.Trim(s, "0123456789") {
	case "password", "passwd", "pass", "secret", "token", "test", "key", "apikey", "null", "none", "nil", "true", "false", "undefined", "string", "empty":
		return true
	}
	return repeats(s)
}
