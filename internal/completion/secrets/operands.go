package secrets

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// operands finds secrets among the strings that stand as operands in what is assigned
// to the name: what is concatenated, the arms of a condition, what stands in for a
// value that is missing.
func (n *name) operands(found []hit) []hit {
	const longestExpression = 240
	rest := n.text[n.end:min(len(n.text), n.end+longestExpression)]
	sep := separated(rest)
	if sep == "" || strings.Contains(sep, "==") || strings.Contains(sep, "!=") {
		return found
	}
	if !strings.ContainsAny(rest, "\"'`") {
		return found
	}
	operator := byte(0) // what the operand follows, 0 if it is none
	for i := len(sep); i < len(rest); {
		open, quote := 0, ""
		if strings.ContainsAny(rest[i:min(len(rest), i+4)], "\"'`") { // a string may have a prefix
			open, quote = opening(rest[i:])
		}
		switch c := rest[i]; {
		case quote != "":
			length := strings.Index(rest[i+open:], quote)
			if len(quote) == 1 {
				length = closing(rest[i+open:], quote)
			}
			if length < 0 {
				return found
			}
			after := i + open + length + len(quote)
			if operator != 0 && (operator == '?' || !isKey(rest[after:])) {
				if start, end := n.stringAt(n.end + i); end > 0 && n.surely(n.text[start:end]) {
					found = append(found, hit{Secret{start, end, n.kind}, rankAssignment})
				}
			}
			operator, i = quote[0], after // strings side by side are one in C and Python
		case c == ' ' || c == '\t' || c == '(':
			i++
		case c == '\n' || c == '\r':
			i += spaces(rest[i:])
			if i == len(rest) || strings.IndexByte("?:|&+.", rest[i]) < 0 {
				return found
			}
		case c == ',' || c == ';':
			return found
		case word.has(c) || c == '$':
			end := word.runTo(rest, i+1, len(rest))
			operator = 0
			if slices.Contains([]string{"or", "and", "then", "else"}, rest[i:end]) {
				operator = c
			}
			i = end
		default:
			operator = 0
			if strings.IndexByte("?:|&+.{)", c) >= 0 || c == '>' && (rest[i-1] == '=' || rest[i-1] == '<') {
				operator = c
			}
			i++
		}
	}
	return found
}

// isKey reports whether what follows a string says that it is a key.
func isKey(after string) bool {
	after = strings.TrimLeft(after, " \t")
	return strings.HasPrefix(after, ":") || strings.HasPrefix(after, "=>")
}

// defaultValue returns the borders of the default value of the variable whose name it is,
// in a shell or in Spring: ${NAME:-…}, ${NAME:=…}, ${name:…}.
func (n *name) defaultValue() (start, end int) {
	if n.start < 2 || n.text[n.start-2:n.start] != "${" {
		return 0, 0
	}
	m := defaultValue().FindStringSubmatchIndex(n.text[n.end:min(len(n.text), n.end+200)])
	if m == nil || !n.bare(n.text[n.end+m[2]:n.end+m[3]], "=") {
		return 0, 0
	}
	return n.end + m[2], n.end + m[3]
}

var defaultValue = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?::[-=]?|=)["']?([^\s{}"'?]{6,100})["']?\}`) })

// hereDocument returns the borders of the only line of the here-document that begins at the
// index at.
func (n *name) hereDocument(at int) (start, end int) {
	text := n.text[at:min(len(n.text), at+300)]
	m := hereDocument().FindStringSubmatchIndex(text)
	if m == nil || !strings.HasPrefix(strings.TrimLeft(text[m[1]:], " \t"), text[m[2]:m[3]]) || !n.quoted(text[m[4]:m[5]]) {
		return 0, 0
	}
	return at + m[4], at + m[5]
}

var hereDocument = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:["']?\$\(\s?cat\s{1,2})?<<<?[-~]?\s?["']?(\w{1,20})["']?[^\n]{0,20}\n[ \t]{0,40}(\S{6,100})[ \t]{0,4}\r?\n`)
})

// resultOrDefault returns the borders of the string that a function of that name
// returns, or that the filter of a template takes if the name has no value.
func (n *name) resultOrDefault(rest string) (start, end int) {
	rest = rest[:min(len(rest), 160)]
	lead := len(cmp.Or(returned().FindString(rest), filtered().FindString(rest)))
	if rest[0] == '\n' && strings.HasSuffix(lineBefore(n.text, n.start), "def ") { // of Ruby
		lead = spaces(rest)
	}
	if lead == 0 {
		return 0, 0
	}
	if start, end = n.stringAt(n.end + lead); end == 0 || !n.surely(n.text[start:end]) {
		return 0, 0
	}
	return start, end
}

// returned is what stands between the name of a function and the string that is all it
// returns.
var returned = sync.OnceValue(func() *regexp.Regexp {
	const (
		result = `(?:\s{0,4}(?:->|:)\s{0,4}[&'\w<>.\[\]?* ]{1,30}|\s[\w.*\[\]]{1,20})?`
		body   = `\s{0,4}(?:(?:\{|:|=>?|=>)\s{0,60}(?:return\s{1,4})?)`
	)
	return regexp.MustCompile(`^(?:\([^()\n]{0,60}\)` + result + body + `|\s{0,4}\{\s{0,20}(?:get\s{0,4}\{\s{0,20})?(?:return\s{1,4})?)`)
})

// filtered is the filter of a template that has a default: {{ password | default("…") }},
// {{ .Values.password | default "…" }}.
var filtered = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\s{0,4}\|\s{0,4}default(?:\(|\s{1,4})\s{0,4}`)
})

// compared returns the borders of the string that what is named at is compared with, and
// that stands before it: "…" == password, "…".equals(user.password).
func compared(text string, at int) (start, end int) {
	const longestComparison = 120
	for most := at - 60; at > max(0, most) && (word | dot).has(text[at-1]); {
		at--
	}
	before := text[max(0, at-longestComparison):at]
	if trimmed := strings.TrimRight(before, " \t"); trimmed == "" || trimmed[len(trimmed)-1] != '=' && trimmed[len(trimmed)-1] != '(' {
		return 0, 0
	}
	m := comparison().FindStringSubmatchIndex(before)
	if m == nil {
		return 0, 0
	}
	n := name{words: true}
	start, end = at-len(before)+max(m[2], m[4]), at-len(before)+max(m[3], m[5])
	if !n.quoted(text[start:end]) {
		return 0, 0
	}
	return start, end
}

var comparison = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:"([^"\n]{6,60})"|'([^'\n]{6,60})')(?:\)?\s{0,4}[!=]={1,2}\s{0,4}|\.(?:equals|equalsIgnoreCase|eq|eql\?)\()$`)
})
