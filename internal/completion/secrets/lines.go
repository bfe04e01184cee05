package secrets

import (
	"regexp"
	"strings"
	"sync"
)

var scalarStart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[ \t]*(?:(?:![\w!/.-]*|&\w+)[ \t]*)?(?:[|>][-+]?\d?[-+]?)?[ \t]*(?:#[^\n]*)?\r?\n`)
})

// scalar returns the borders of a value that begins on the line behind its name,
// as YAML has it: a block scalar, or a word alone.
func (n *name) scalar(at int) (start, end int) {
	m := scalarStart().FindString(n.text[at:min(len(n.text), at+200)])
	if m == "" {
		return 0, 0
	}
	start, end, lines := block(n.text, at+len(m), indent(n.text, n.start))
	value := n.text[start:end]
	switch {
	case lines == 0 || lines > 1 && strings.Contains(strings.Join(strings.Fields(value), " "), ": "):
		return 0, 0
	case !strings.ContainsAny(m, "|>"):
		if lines > 1 || !n.bare(value, ":") {
			return 0, 0
		}
	case lines > 1:
		if words := strings.Fields(value); len(words) > lines || !n.quoted(strings.Join(words, "")) {
			return 0, 0
		}
	case !n.quoted(value):
		return 0, 0
	}
	return start, end
}

// indent returns how far the line of at is indented.
func indent(text string, at int) int {
	line := lineBefore(text, at)
	return len(line) - len(strings.TrimLeft(line, " "))
}

// block returns the borders of the lines from at on that are indented by more
// than outer, without the space around them, and how many hold something.
func block(text string, at, outer int) (start, end, lines int) {
	start, end = at, at
	for at < min(len(text), start+longest) {
		length, next := len(text)-at, len(text)
		if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
			length, next = i, at+i+1
		}
		line := text[at : at+length]
		if body := strings.TrimLeft(line, " "); strings.TrimSpace(line) != "" {
			if len(line)-len(body) <= outer {
				break
			}
			if lines == 0 {
				start = at + len(line) - len(body)
			}
			end = at + len(strings.TrimRight(line, " \t\r"))
			lines++
		}
		at = next
	}
	return start, end, lines
}

var valueBeside = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^["']?\s{0,4}(?:,\s{0,4})?(?:\r?\n[ \t]{0,40})?["']?(?i:value|parametervalue|default|defaultvalue|content)["']?\s{0,4}[:=]\s{0,4}|^"\s?\{[^{}]{0,300}\bdefault\s{0,8}=\s{0,8}`)
})

// named returns the value of what is called by the name, in rest: name and value
// are two members of one thing, as in the variables of a container.
func (n *name) named(rest string) (start, end int) {
	if !called(n.text, n.start) {
		return 0, 0
	}
	m := valueBeside().FindStringIndex(rest[:min(len(rest), 400)])
	if m == nil {
		return 0, 0
	}
	at := n.end + m[1]
	if start, end = n.stringAt(at); end > 0 {
		return start, end
	}
	line := lineFrom(n.text, at)
	if value := line[:cutAt(line, " \t\"'`,}")]; n.bare(value, ":") {
		return at, at + len(value)
	}
	return 0, 0
}

// called reports whether what stands before at says that a name comes: name:,
// "Key": ", variable ".
func called(text string, at int) bool {
	before := strings.TrimRight(text[max(0, at-40):at], "\"' \t")
	if before = strings.TrimRight(before, ":="); before == "" || len(before) == min(at, 40) {
		return false
	}
	before = strings.TrimRight(before, "\"' \t")
	word := strings.ToLower(before[max(0, len(before)-len("variable")):])
	return strings.HasSuffix(word, "name") || strings.HasSuffix(word, "key") || word == "variable"
}
