package secrets

import (
	"encoding/base64"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// otherShapes lists what takes more than a look at the first letters.
func otherShapes() []shape {
	list := []shape{
		{literal: "begin ", fold: true, kind: "private key", find: keyBegins},
		{literal: "end ", fold: true, kind: "private key", find: keyEnds},
		{literal: "Private-Lines:", kind: "private key", find: puttyLines},
		{literal: "Private-MAC:", kind: "private key", find: puttyMAC},
		{literal: "eyJ", kind: "JWT", find: jwt},
		{literal: "://", kind: "password in an address", find: addressPassword},
		{literal: ":AA", kind: "Telegram token", find: telegram},
		{literal: "8Q~", kind: "Azure client secret", find: azureSecret},
		{literal: "AccountKey=", kind: "Azure storage key", find: matching(`^\w+=([A-Za-z0-9+/]{40,}={0,2})`, anywhere)},
		{literal: "SharedAccessKey=", kind: "Azure access key", find: matching(`^\w+=([A-Za-z0-9+/]{40,}={0,2})`, anywhere)},
		{literal: "sig=", kind: "Azure SAS signature", find: matching(`^sig=([A-Za-z0-9%+/]{40,}={0,2})`, begins)},
		{literal: "hooks.slack.com/", kind: "Slack webhook", find: matching(`^hooks\.slack\.com/((?:services|workflows|triggers)/[\w/-]{20,})`, anywhere)},
		{literal: "/api/webhooks/", kind: "Discord webhook", find: matching(`^/api/webhooks/(\d{15,}/[\w-]{40,})`, anywhere)},
		{literal: "webhook.office.com/", kind: "Teams webhook", find: matching(`^webhook\.office\.com/(webhookb2/[\w@-]{30,}/IncomingWebhook/[\w/-]{30,})`, anywhere)},
		{literal: "hooks.zapier.com/", kind: "Zapier webhook", find: matching(`^hooks\.zapier\.com/(hooks/catch/[\w/-]{8,})`, anywhere)},
		{literal: "re_", kind: "Resend key", find: matching(`^re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,28}`, begins)},
		{literal: "pk_", kind: "ClickUp token", find: matching(`^pk_\d{6,10}_[A-Z0-9]{32}`, begins)},
		{literal: "pat", kind: "Airtable token", find: matching(`^pat[A-Za-z0-9]{14}\.[0-9a-f]{64}`, begins)},
		{literal: "AZDO", set: alnum, min: 84, max: 84, kind: "Azure DevOps token", find: marked},
		{literal: "JQQJ99", set: alnum, min: 84, max: 84, kind: "Azure AI key", find: marked},
		{literal: "LS0tLS1CRUdJTi", kind: "private key", find: encodedKey},
		{literal: "b3BlbnNzaC1rZXktdjE", kind: "private key", find: bareKey},
		{literal: "kty\"", kind: "private key", find: webKey},
		{literal: "bearer", fold: true, kind: "bearer token", find: header},
		{literal: "basic", fold: true, kind: "password in a header", find: basic},
		{literal: "authorization", fold: true, kind: "authorization header", find: header},
		{literal: "auth", kind: "password in a header", find: basicMember},
		{literal: "cookie", fold: true, kind: "cookie", find: cookies},
		{literal: "kind", kind: kindSecret, find: kubernetes},
		{literal: "-us", kind: "Mailchimp key", find: mailchimp},
	}
	for _, start := range []string{"MII", "MIG", "MIH", "MHc", "MC4"} { // of ASN.1
		list = append(list, shape{literal: start, kind: "private key", find: bareKey})
	}
	list = append(list, optionShapes()...)
	for _, end := range []string{"=", ":", " ", `"`, "'", "]"} { // a literal needs three bytes
		list = append(list, shape{literal: "pw" + end, fold: true, find: func(found []hit, text string, at int, _ *shape) []hit {
			return assignment(found, text, at, &shape{literal: "pw", kind: kindPassword})
		}})
	}
	list = slices.Concat(list, callShapes(), hashShapes(), discordShapes())
	for _, name := range secretNames() {
		list = append(list, shape{kind: name.kind, literal: name.literal, fold: true, find: assignment})
	}
	return list
}

func anywhere(string, int) bool { return true }

// jwt finds a JSON Web Token (RFC 7519): two objects in base64, which begin
// with {" as all of them do, and a signature or what stands in its place.
func jwt(found []hit, text string, at int, s *shape) []hit {
	if !begins(text, at) || within(found, at) || at > 0 && text[at-1] == '-' {
		return found
	}
	end := dashed.run(text, at)
	if end-at < 12 || !strings.HasPrefix(text[end:], "."+s.literal) {
		return found
	}
	for range 4 { // an encrypted one has five parts
		if next := dashed.run(text, end+1); end < len(text) && text[end] == '.' {
			end = next
		}
	}
	return append(found, hit{Secret{at, end, s.kind}, rankToken})
}

// matching returns the find of shapes that one expression describes. It is
// matched from the literal on; the first of its groups that matched, if it has
// some, is the secret.
func matching(expression string, starts func(string, int) bool) func([]hit, string, int, *shape) []hit {
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
	return func(found []hit, text string, at int, s *shape) []hit {
		if !starts(text, at) || within(found, at) {
			return found
		}
		m := compiled().FindStringSubmatchIndex(text[at:min(len(text), at+longest)])
		if m == nil {
			return found
		}
		start, end := m[0], m[1]
		for i := 2; i < len(m); i += 2 {
			if m[i] >= 0 {
				start, end = m[i], m[i+1]
				break
			}
		}
		if repeats(text[at+start : at+end]) {
			return found
		}
		return append(found, hit{Secret{at + start, at + end, s.kind}, rankToken})
	}
}

// password is matching for what is one only if it looks like one.
func password(expression string, starts func(string, int) bool) func([]hit, string, int, *shape) []hit {
	match := matching(expression, starts)
	return func(found []hit, text string, at int, s *shape) []hit {
		n := name{words: true}
		for _, h := range match(nil, text, at, s) {
			if value := text[h.Start:h.End]; n.quoted(value) || n.bare(value, ":") {
				found = append(found, hit{h.Secret, rankAssignment})
			}
		}
		return found
	}
}

// awsKey also finds the secret that belongs to the access key: 40 letters
// without a mark of their own, which stand near it.
func awsKey(found []hit, text string, at int, s *shape) []hit {
	const near = 300
	before := len(found)
	if found = token(found, text, at, s); len(found) == before {
		return found
	}
	for i, end := max(0, at-near), min(len(text), at+near); i < end; {
		stop := radix64.run(text, i)
		if stop-i == 40 && (i == 0 || !radix64.has(text[i-1])) && mixed(text[i:stop]) {
			found = append(found, hit{Secret{i, stop, "AWS secret key"}, rankToken})
		}
		i = stop + 1
	}
	return found
}

// mixed reports whether s looks like random letters of both cases and digits, as
// neither a word nor a checksum does.
func mixed(s string) bool {
	var seen set
	for i := range len(s) {
		seen |= setOf(s[i])
	}
	return seen&lower != 0 && seen&upper != 0 && seen&digits != 0 && entropy(s) >= 4
}

// openAIKey is token for "sk-", which also begins names in style sheets:
// they have no digits.
func openAIKey(found []hit, text string, at int, s *shape) []hit {
	if within(found, at) {
		return found
	}
	end := s.set.runTo(text, at, at+s.max)
	count := 0
	for i := at; i < end; i++ {
		if digits.has(text[i]) {
			count++
		}
	}
	if count < 2 {
		return found
	}
	return token(found, text, at, s)
}

// addressPassword finds the password in scheme://user:password@host, and the
// token in scheme://token@host.
func addressPassword(found []hit, text string, at int, s *shape) []hit {
	start := at + len("://")
	line := text[start:min(len(text), start+512)]
	if i := strings.IndexAny(line, " \t\r\n\"'`<>\\"); i >= 0 {
		line = line[:i]
	}
	// The last @ before the path, for passwords may hold one.
	authority := line
	if i := strings.IndexAny(line, "/?#"); i >= 0 && strings.IndexByte(line[:i], '@') >= 0 {
		authority = line[:i]
	}
	host := strings.LastIndexByte(authority, '@')
	if host < 0 {
		return found
	}
	from, to := 0, host
	if colon := strings.IndexByte(authority[:host], ':'); colon >= 0 {
		from = colon + 1
		if slices.Contains([]string{"", "x", "x-oauth-basic"}, authority[from:host]) {
			from, to = 0, colon // the name is the token
		}
	}
	secret := authority[from:to]
	if len(secret) < 3 || from == 0 && !isRandomUser(secret) || from > 0 && placeholder(secret) {
		return found
	}
	return append(found, hit{Secret{start + from, start + to, s.kind}, rankHeader})
}

// isRandomUser reports whether the user of an address is a token: no name of a
// person or a program, of which words may begin with capitals and end in numbers.
func isRandomUser(s string) bool {
	if dashed.runTo(s, 0, len(s)) < len(s) {
		return false
	}
	stem, n := strings.TrimRight(s, "0123456789"), name{}
	if isRandom(stem) && !n.plain(stem) && !placeholder(s) {
		return true
	}
	const shortest, each = 20, 5 // a random one changes after two letters on average
	changes := 0
	for word := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '-' || r == '_' }) {
		word = strings.TrimRight(word, "0123456789")
		for i := 1; i < len(word); i++ {
			if digits.has(word[i-1]) != digits.has(word[i]) || lower.has(word[i-1]) && upper.has(word[i]) {
				changes++
			}
		}
	}
	return len(s) >= shortest && changes*each >= len(s)
}

// marked finds a key that holds a mark of its kind somewhere inside.
func marked(found []hit, text string, at int, s *shape) []hit {
	from := max(0, at-s.max)
	start, end := from+s.set.runBack(text[from:at], at-from), s.set.runTo(text, at, at+s.max+1)
	if n := end - start; n < s.min || n > s.max || within(found, at) {
		return found
	}
	return append(found, hit{Secret{start, end, s.kind}, rankToken})
}

// telegram finds the token of a bot, its number included.
func telegram(found []hit, text string, at int, s *shape) []hit {
	near := max(0, at-12)
	start, end := near+digits.runBack(text[near:at], at-near), dashed.runTo(text, at+1, at+40)
	if n := at - start; n < 8 || n > 10 || end-at-1 != 35 || !begins(text, start) {
		return found
	}
	return append(found, hit{Secret{start, end, s.kind}, rankToken})
}

// azureSecret finds the secret of an application in Entra ID: 40 letters with
// 8Q~, or another digit, at the fourth.
func azureSecret(found []hit, text string, at int, s *shape) []hit {
	const signs = dashed | dot | tilde
	near := max(0, at-6)
	start, end := near+signs.runBack(text[near:at], at-near), signs.runTo(text, at, at+42)
	if at-start != 3 || end-start < 37 || end-start > 44 {
		return found
	}
	return append(found, hit{Secret{start, end, s.kind}, rankToken})
}

var headerStart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:(?:proxy-)?authorization(?:\\?["'])?\s{0,4}[:=,]\s{0,4}(?:\\?["'\x60])?\s?(?:(?:bearer|token|basic|apikey|key|aws4-hmac-sha256|googlelogin)\s{1,4})?(?:(?:key|token|auth)="?)?|bearer\s{1,4})`)
})

// header finds what follows "Authorization:" or "Bearer".
func header(found []hit, text string, at int, s *shape) []hit {
	const signs = radix64 | equals | underscore | dash | dot | tilde
	const longestStart = 80
	if !begins(text, at) {
		return found
	}
	m := headerStart().FindStringIndex(text[at:min(len(text), at+longestStart)])
	if m == nil {
		return found
	}
	start := at + m[1]
	value := text[start:signs.run(text, start)]
	if len(value) < 12 || !digits.in(value) || !letter.in(value) || placeholder(value) || entropy(value) < 3 {
		return found
	}
	return append(found, hit{Secret{start, start + len(value), s.kind}, rankHeader})
}

var basicValue = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:basic)\s{1,4}([A-Za-z0-9+/]{6,}={0,2})`)
})

// basic finds the name and password that follow "Basic": what decodes to text
// with a colon in it.
func basic(found []hit, text string, at int, s *shape) []hit {
	if !begins(text, at) {
		return found
	}
	m := basicValue().FindStringSubmatchIndex(text[at:min(len(text), at+longest)])
	if m == nil {
		return found
	}
	raw, err := decodeBase64(text[at+m[2] : at+m[3]])
	if err != nil || !strings.Contains(raw, ":") {
		return found
	}
	for i := range len(raw) {
		if raw[i] < ' ' {
			return found
		}
	}
	return append(found, hit{Secret{at + m[2], at + m[3], s.kind}, rankHeader})
}

// basicMember is basic for the files of Docker and npm.
func basicMember(found []hit, text string, at int, s *shape) []hit {
	m := authMember().FindStringSubmatchIndex(text[max(0, at-1):min(len(text), at+longest)])
	if m == nil {
		return found
	}
	start, end := max(0, at-1)+m[2], max(0, at-1)+m[3]
	if raw, err := decodeBase64(text[start:end]); err != nil || !strings.Contains(raw, ":") {
		return found
	}
	return append(found, hit{Secret{start, end, s.kind}, rankHeader})
}

var authMember = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:"auth\\?"\s{0,4}:\s{0,4}\\?"|_auth\s{0,4}=\s{0,4}"?)([A-Za-z0-9+/]{8,}={0,2})`)
})

var cookieStart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?i:cookie)["'\]]{0,2}\s{0,4}[:=,]\s{0,4}["'\x60]?`)
})

var cookiePair = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[\w.-]{1,60}=([^;\s"'\x60\\,]*);?\s?`)
})

// cookies finds the values of a Cookie or Set-Cookie header that look random.
func cookies(found []hit, text string, at int, s *shape) []hit {
	line := lineFrom(text, at)
	m := cookieStart().FindString(line)
	if m == "" {
		return found
	}
	for i := len(m); i < len(line); {
		pair := cookiePair().FindStringSubmatchIndex(line[i:])
		if pair == nil {
			break
		}
		value := line[i+pair[2] : i+pair[3]]
		if len(value) >= 16 && digits.in(value) && letter.in(value) && entropy(value) >= 3 && !placeholder(value) && !template(value) {
			found = append(found, hit{Secret{at + i + pair[2], at + i + pair[3], s.kind}, rankHeader})
		}
		i += pair[1]
	}
	return found
}

func decodeBase64(s string) (string, error) {
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(s, "="))
	return string(raw), err
}

// in reports whether a byte of s stands in text.
func (s set) in(text string) bool {
	for i := range len(text) {
		if s.has(text[i]) {
			return true
		}
	}
	return false
}

// entropy is Shannon's, in bits for each byte of s.
func entropy(s string) float64 {
	var count [256]int
	for i := range len(s) {
		count[s[i]]++
	}
	bits := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(s))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}
