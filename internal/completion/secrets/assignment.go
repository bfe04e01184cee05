package secrets

import (
	"cmp"
	"regexp"
	"strings"
	"sync"
)

// separator is what stands between the end of a name and its value: quotes and
// brackets around the name, a type, a sign.
var separator = sync.OnceValue(func() *regexp.Regexp {
	const (
		closing  = `(?:\\?["'\x60])?\]?\)?`
		array    = `(?:\s{0,8}\[\d*\])?\s{0,40}`
		declared = `(?:(?:\??:\s{0,4}|\s(?:[Aa]s\s{1,4})?)[&*]?(?:'\w{1,20}\s)?[A-Za-z][\w<>.\[\]]{0,30}(?:, ?[\w<>]{1,20}>)?(?: \| \w{1,20}){0,2}\??\s{0,8}|\s{0,4}\{[^{}\n"']{0,60}\}\s{0,4})`
		sign     = `(?:[=-]>|={1,3}|!==?|:=|\+=|\?=|\?\?=|\|\|=|<{1,2}-|<<<|\|\||\?\?|\?:|(` + declared + `:?=)|::|:)`
	)
	return regexp.MustCompile(`^` + closing + array + sign + `\s{0,8}`)
})

// apart is what parts a name from a value in quotes where there is no sign: the
// arguments of a call, a declaration, an option, the attributes of XML.
var apart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:["']\s{0,4}[,:]?\s{1,4}[\w:]{0,20}[vV]alue=|["'][ \t]{0,4},[ \t]{0,20}|[({]\s{0,8}(?:(?:[^\s"'(),]{1,30}|"[^"\n]{0,30}"|'[^'\n]{0,30}'),\s{0,4}){0,3}|,[ \t]{0,4}|[ \t]{1,40})`)
})

// value returns the borders of the value that follows the name, if it looks
// like a secret.
func (n *name) value() (start, end int) {
	rest := n.text[n.end:min(len(n.text), n.end+longest)]
	if start, end = n.element(rest); end > 0 {
		return n.end + start, n.end + end
	}
	if start, end = n.named(rest); end > 0 {
		return start, end
	}
	if start, end = n.defaultValue(); end > 0 {
		return start, end
	}
	if start, end = n.resultOrDefault(rest); end > 0 {
		return start, end
	}
	if sep := separated(rest); sep != "" {
		return n.valueAt(n.end+len(sep), sep)
	}
	sep := n.apart(rest)
	switch at := n.end + len(sep); {
	case sep == "":
		return 0, 0
	case sep[0] == ' ' || sep[0] == '\t':
		return n.spaced(at)
	default:
		start, end = n.stringAt(n.skip(at))
		if sep[0] != '"' && sep[0] != '\'' && !n.surely(n.text[start:end]) {
			return 0, 0
		}
		return start, end
	}
}

// apart returns what parts the name from a value in quotes at the beginning of
// rest, "" if none comes.
func (n *name) apart(rest string) string {
	switch rest[0] {
	case '"', '\'':
		if !n.before("\"'") || rest[0] != n.text[n.start-1] {
			return ""
		}
	case ',':
		n.words = false // it may be any two arguments
	}
	sep := apart().FindString(rest[:min(len(rest), 60)])
	if sep == "" || len(sep) == len(rest) || sep[0] != ' ' && strings.IndexByte("\"'`(@\\$nS", rest[len(sep)]) < 0 {
		return ""
	}
	return sep
}

// separated returns what rest begins with up to a value, "" if no sign for one
// is there. What ends in an equals sign, as base64 does, is no type.
func separated(rest string) string {
	if at := len(rest) - len(strings.TrimLeft(rest, "\\\"'`]) \t")); at == len(rest) || at > 40 || strings.IndexByte("=:<!+?|[{*-", rest[at]) < 0 &&
		(at == 0 || !letter.has(rest[at]) || strings.IndexByte(rest[at:min(len(rest), at+60)], '=') < 0) {
		return ""
	}
	m := separator().FindStringSubmatchIndex(rest[:min(len(rest), 120)])
	switch {
	case m == nil:
		return ""
	case m[2] >= 0 && rest[m[2]] == ':' && (m[1] == len(rest) || strings.IndexByte("=\r\n", rest[m[1]]) >= 0):
		at := m[2] + 1
		return rest[:at+len(rest[at:])-len(strings.TrimLeft(rest[at:], " \t"))]
	}
	return rest[:m[1]]
}

// element returns the borders of the text in the element of XML that the name
// is, or that has it as an attribute or as its neighbour, in rest.
func (n *name) element(rest string) (start, end int) {
	if strings.IndexByte("> \t\"'<", rest[0]) < 0 || rest[0] != '<' && !n.before("\"'<:/") || strings.IndexByte(rest[:min(len(rest), 120)], '>') < 0 {
		return 0, 0
	}
	m := element().FindStringIndex(rest[:min(len(rest), 300)])
	if m == nil {
		return 0, 0
	}
	body := rest[m[1]:]
	if i := strings.IndexAny(body, "<\r\n]"); i > 0 && (body[i] == '<' || body[i] == ']') && n.quoted(body[:i]) {
		return m[1], m[1] + i
	}
	return 0, 0
}

var element = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:["'][^<>\n"']{0,80}|\s[^<>\n]{0,120})?(?:>(?:\s{0,20}<(?:value|string)>)?|</(?:key|name|Name|Key)>\s{0,80}<(?:string|value|Value)>)(?:<!\[CDATA\[)?`)
})

// valueAt returns the borders of the value behind sep, which ends at.
func (n *name) valueAt(at int, sep string) (start, end int) {
	if strings.HasSuffix(strings.TrimRight(sep, " \t"), ":") {
		if start, end = n.scalar(at); end > 0 {
			return start, end
		}
	}
	if start, end = n.hereDocument(at); end > 0 {
		return start, end
	}
	led := n.skip(at)
	if led < len(n.text) && sep == "=" && n.before(n.text[led:led+1]) && led == at {
		return 0, 0 // the string ends that the name is in
	}
	if start, end = n.stringAt(led); end > 0 {
		return start, end
	}
	if yaml := n.text[at:led]; led > at && strings.Trim(yaml, " \t\r\n") != "" && !strings.ContainsAny(yaml[:1], "!&") {
		return 0, 0
	}
	if m := fallback().FindStringSubmatchIndex(n.text[led:min(len(n.text), led+200)]); m != nil && n.bare(n.text[led+m[2]:led+m[3]], "=") {
		return led + m[2], led + m[3]
	}
	return n.bareValue(led, sep)
}

// fallback is what a shell or Spring takes if a variable is not set.
var fallback = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\$\{[\w.]{1,60}:?[-=:]?([^\s{}"']{6,100})\}`)
})

// stringAt returns the borders of the text in the string that begins at.
func (n *name) stringAt(at int) (start, end int) {
	text := n.text[at:min(len(n.text), at+longest)]
	open, quote := opening(text)
	if quote == "" {
		return 0, 0
	}
	body := text[open:]
	i := strings.Index(body, quote)
	switch lines := len(quote) > 2 || quote == "''" || strings.HasSuffix(quote, "#"); {
	case !lines && strings.ContainsAny(quote, "\"'`"):
		i = closing(body, quote)
	case i > 0 && strings.ContainsAny(quote, "\"'"):
		from := len(body[:i]) - len(strings.TrimLeft(body[:i], " \t\r\n"))
		open, body = open+from, body[from:]
		i = len(strings.TrimRight(body[:i-from], " \t\r\n"))
		if quote == "''" && strings.ContainsAny(body[:i], " \t\r\n\"'=") { // no text of Nix
			return 0, 0
		}
	case i > 0 && strings.ContainsAny(body[:i], "\"'\n"):
		return 0, 0
	}
	if i > 0 && n.quoted(body[:i]) {
		return at + open, at + open + i
	}
	return 0, 0
}

// opening returns the length of what opens a string at the beginning of text,
// and what closes it: "" if no string begins there.
func opening(text string) (length int, quote string) {
	tag := len(text)
	text = strings.TrimPrefix(text, "String.raw")
	tag -= len(text)
	for i := 0; i < len(text) && i < 4; i++ {
		switch c := text[i]; {
		case strings.HasPrefix(text[i:], `"""`) || strings.HasPrefix(text[i:], `'''`):
			return tag + i + 3, text[i : i+3]
		case i == 0 && strings.HasPrefix(text, "''") && len(text) > 2 && alnum.has(text[2]) || strings.HasPrefix(text, "''\n"): // of Nix
			return 2, "''"
		case strings.HasPrefix(text, "@\"\n") || strings.HasPrefix(text, "@'\n"): // of PowerShell
			return 3, "\n" + text[1:2] + "@"
		case c == 'R' && brackets().MatchString(text): // of C++
			i = len(text)
		case c == '"' || c == '\'' || c == '`':
			return tag + i + 1, text[i : i+1]
		case c == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\''):
			return i + 2, text[i : i+2]
		case c == '#': // of Rust and Swift
			hashes := len(text[i:]) - len(strings.TrimLeft(text[i:], "#"))
			if strings.HasPrefix(text[i+hashes:], `"""`) {
				return i + hashes + 3, `"""`
			}
			if !strings.HasPrefix(text[i+hashes:], `"`) {
				return 0, ""
			}
			return i + hashes + 1, `"` + text[i:i+hashes]
		case !letter.has(c) && c != '@' && c != '$':
			i = len(text)
		}
	}
	m := brackets().FindString(text)
	if m == "" {
		return 0, ""
	}
	last := m[len(m)-1]
	return len(m), cmp.Or(map[byte]string{'[': "]", '(': ")", '{': "}"}[last], string(last))
}

// brackets are what opens a string in Lua, Perl, Ruby, Elixir and C++.
var brackets = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:\[=*\[|qq?\s?[({\[|/!]|%[qQwWiI]?[({\[|/!]|~[sS][({\[|/]|(?:u8|[uUL])?"?R"\w{0,8}\()`)
})

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
