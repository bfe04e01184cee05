package secrets

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// skip returns where the value begins that something leads in at: a tag or an
// anchor of YAML, a parenthesis, a conversion, a variable for which the value
// stands in, the end of a line.
func (n *name) skip(at int) int {
	const most, longestLeadIn = 4, 160
	for range most {
		length := leadIn(n.text[at:min(len(n.text), at+longestLeadIn)])
		if length == 0 {
			break
		}
		at += length
	}
	return at
}

// leadIn returns the length of one of these at the beginning of s.
func leadIn(s string) int {
	switch {
	case s == "":
		return 0
	case s[0] == '(':
		return 1 + spaces(s[1:])
	case s[0] == '!' || s[0] == '&':
		return len(yamlTag().FindString(s))
	case s[0] == '\\' && len(s) > 1 && (s[1] == '\n' || s[1] == '\r'):
		return 1 + spaces(s[1:])
	case s[0] == '\n' || s[0] == '\r':
		return spaces(s)
	case !letter.has(s[0]) && s[0] != '[' && s[0] != '$':
		return 0
	}
	rest := strings.TrimPrefix(s, "new ")
	length := cutAt(rest, " \t\r\n\"'`(!=,;{}")
	word := rest[:length]
	if strings.HasPrefix(rest[length:], "!") {
		length++
	}
	switch {
	case strings.HasPrefix(rest[length:], "(") && converts(word):
		length += len(s) - len(rest) + 1
		return length + spaces(s[length:])
	case strings.Contains(word, "env") || strings.Contains(word, "ENV"):
		return len(variable().FindString(s))
	case word == "ConvertTo-SecureString":
		return len(secureString().FindString(s))
	}
	return 0
}

// spaces returns how much space s begins with.
func spaces(s string) int { return len(s) - len(strings.TrimLeft(s, " \t\r\n")) }

var yamlTag = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:!{1,2}[\w/.-]{0,40}|&\w{1,40})[ \t]{1,4}`) })

var secureString = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^ConvertTo-SecureString\s{1,4}(?:-String\s{1,4}|-AsPlainText\s{1,4}|-Force\s{1,4}){0,3}`)
})

// variable is a look at the environment up to what is taken if nothing is there.
var variable = sync.OnceValue(func() *regexp.Regexp {
	const (
		call  = `[\w.:]{0,30}(?i:env|env::var|env\.fetch|environ\.get|getenv)\(\s?["'][\w.-]{1,60}["']`
		index = `[\w.$]{0,20}(?i:env|environ)\[["']\w{1,60}["']\]`
	)
	return regexp.MustCompile(`^(?:` + call + `\s{0,4},\s{0,4}|(?:` + call + `\)|[\w.]{0,20}(?:env|ENV)\.\w{1,60}|` + index + `)\s{0,4}(?:\|\||\?\?|\?:|or)\s{0,4})`)
})

// converts reports whether a function of this name, whatever it belongs to,
// makes something else of a string that is written down. What looks a string up
// does not.
func converts(function string) bool {
	function = strings.ToLower(function)
	if i := strings.LastIndexAny(function, ".:"); i >= 0 {
		last := function[i+1:]
		if i > 0 && slices.Contains([]string{"of", "from", "new"}, last) {
			return true
		}
		function = last
	}
	if strings.HasPrefix(function, "get") || strings.HasPrefix(function, "find") {
		return false
	}
	switch function {
	case "some", "ok", "of", "from", "new", "valueof", "quote", "wrap", "text", "_t", "f", "l", "password", "atob", "btoa":
		return true
	}
	for _, end := range []string{"byte", "bytes", "str", "string", "ptr", "secret", "plaintext", "sensitive", "stringvalue", "stringval", "b64encode", "b64decode", "trimspace", "builder", "buffer"} {
		if strings.HasSuffix(function, end) {
			return true
		}
	}
	return false
}
