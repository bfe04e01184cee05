package secrets

import (
	"regexp"
	"strings"
	"sync"
)

// collection finds the secrets among the elements of the list or the mapping that the
// name has: passwords = ["…", "…"], {"anna": "…"}, listOf("…"), "- …" in YAML.
func (n *name) collection(found []hit) []hit {
	const longestCollection = 2000
	rest := n.text[n.end:min(len(n.text), n.end+longestCollection)]
	at := len(collectionSign().FindString(rest[:min(len(rest), 80)]))
	if at == 0 {
		return found
	}
	if open := len(collectionOpen().FindString(rest[at:min(len(rest), at+80)])); open > 0 {
		return n.elements(found, rest, at+open)
	}
	if rest[0] == ':' || rest[min(len(rest)-1, 1)] == ':' {
		return n.items(found, rest[:at], at)
	}
	return found
}

// collectionSign is what stands between the name and a collection: a sign, nothing but
// space behind a name in quotes, as in Terraform, or the quote of Lisp. Behind a bare name
// and a space a bracket may open a block of code.
var collectionSign = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:["'\x60]?(?:\[\])?(?:\s{0,4}:\s{0,4}[A-Za-z][\w<>.\[\], ]{0,30})?\s{0,4}(?::=|=>|=|:)\s{0,8}|["']\s{1,4}|\s{1,4}(?:not\s{1,4})?in\s{1,4}|\s{1,4}')`)
})

// collectionOpen is what opens a list or a mapping: a bracket, the type before one, a
// function that makes one of its arguments.
var collectionOpen = sync.OnceValue(func() *regexp.Regexp {
	const (
		types = `(?:new\s{1,4})?(?:[\w.]{0,20}\[\d*\]\s{0,2}[\w.]{0,20}|map\[\w{1,20}\][\w.]{1,20})\s?\{`
		calls = `(?i:(?:mutable|immutable|unmodifiable)?(?:list|set|map|array|vector|hash|dict|tuple|frozenset|seq)(?:of)?(?:!|\.of|\.new)?|arrays\.aslist|vec!)\s?[(\[{]`
	)
	return regexp.MustCompile(`^(?:` + types + `|` + calls + `|@?[\[({])`)
})

// elements finds the secrets among the strings from rest[at:] up to the bracket that
// closes the collection. What is a key in a mapping is none, nor is what a key says to be
// something else: a pattern, a message.
func (n *name) elements(found []hit, rest string, at int) []hit {
	other := false // the value of such a key
	for depth := 1; at < len(rest) && depth > 0; {
		switch c := rest[at]; {
		case c == '"' || c == '\'' || c == '`':
			length := closing(rest[at+1:], rest[at:at+1])
			if length < 0 {
				return found
			}
			after := at + length + 2
			switch s := rest[at+1 : at+1+length]; {
			case isKey(strings.TrimLeft(rest[after:], "]")):
				other = otherThing(s) || otherName(s)
			case !other && n.quoted(s) && n.surely(s):
				found = append(found, hit{Secret{n.end + at + 1, n.end + at + 1 + length, n.kind}, rankAssignment})
			}
			at = after
		case word.has(c) || c == '$':
			end := word.runTo(rest, at+1, len(rest))
			if isKey(rest[end:]) {
				other = otherThing(rest[at:end]) || otherName(rest[at:end])
			}
			at = end
		default:
			switch c {
			case '[', '(', '{':
				depth++
			case ']', ')', '}':
				depth--
			case ';':
				return found
			case ',', '\n':
				other = false
			}
			at++
		}
	}
	return found
}

// otherName reports whether a key of a mapping has no secret as its value.
func otherName(key string) bool {
	switch strings.ToLower(key) {
	case "$ref", "integrity", "user", "role", "host", "ref", "help", "doc", "summary", "group", "email", "icon", "color", "colour", "style":
		return true
	}
	return false
}

// items finds the secrets among the items of a list of YAML below the name.
func (n *name) items(found []hit, sign string, at int) []hit {
	at -= len(sign) - len(strings.TrimRight(sign, " \t\r\n"))
	at += n.end
	for range 20 {
		m := item().FindStringSubmatchIndex(n.text[at:min(len(n.text), at+200)])
		if m == nil {
			return found
		}
		start, end := at+m[2], at+m[3]
		s := n.text[start:end]
		if unquoted := strings.Trim(s, `"'`); len(unquoted) == len(s)-2 {
			start, end = start+1, end-1
			if n.quoted(unquoted) && n.surely(unquoted) {
				found = append(found, hit{Secret{start, end, n.kind}, rankAssignment})
			}
		} else if n.bare(s, ":") && n.surely(s) {
			found = append(found, hit{Secret{start, end, n.kind}, rankAssignment})
		}
		at += m[1]
	}
	return found
}

// item is one of a list of YAML that is a scalar.
var item = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[ \t]*\r?\n){1,3}[ \t]{0,20}-[ \t]{1,8}("[^"\n]{4,100}"|'[^'\n]{4,100}'|[^\s"'#:]{4,100})`)
})
