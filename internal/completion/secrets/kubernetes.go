package secrets

import (
	"regexp"
	"strings"
	"sync"
)

var secretKind = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^kind["']?\s{0,4}:\s{0,4}["']?Secret["']?[ \t]{0,4}(?:[\r\n,}#]|$)`)
})

// longestObject bounds how far from its kind the data of a Secret is looked for.
const longestObject = 32 << 10

// kubernetes finds the values of a Secret of Kubernetes, whatever they are
// called, on either side of its kind.
func kubernetes(found []hit, text string, at int, s *shape) []hit {
	if end := at + len(s.literal); end == len(text) || strings.IndexByte(":\"'", text[end]) < 0 || !secretKind().MatchString(text[at:min(len(text), at+40)]) {
		return found
	}
	before := lineBefore(text, at)
	if strings.Trim(before, " -\"'") == "" && !strings.ContainsAny(before, `"'`) {
		return inYAML(found, text, at, s)
	}
	return inJSON(found, text, at, s)
}

// inYAML finds the values in the mapping of YAML to which the line of at belongs.
func inYAML(found []hit, text string, at int, s *shape) []hit {
	column := len(lineBefore(text, at))
	start := at - column
	for start > max(0, at-longestObject) { // up to where the mapping begins
		from := strings.LastIndexByte(text[:start-1], '\n') + 1
		line := text[from : start-1]
		body := strings.TrimLeft(line, " -")
		if strings.HasPrefix(line, "---") || strings.TrimSpace(line) != "" && len(line)-len(body) < column || body != line[len(line)-len(body):] {
			break
		}
		start = from
		if item := strings.TrimLeft(line, " "); strings.HasPrefix(item, "- ") && len(line)-len(body) == column || strings.HasPrefix(body, "kind:") && len(line)-len(body) == column {
			break
		}
	}
	inData := false
	for pos := start; pos < min(len(text), at+longestObject); {
		next := len(text)
		if i := strings.IndexByte(text[pos:], '\n'); i >= 0 {
			next = pos + i + 1
		}
		line := strings.TrimRight(text[pos:next], "\r\n")
		body := strings.TrimLeft(line, " -")
		margin := len(line) - len(body)
		switch {
		case strings.TrimSpace(line) == "":
		case pos > at && (strings.HasPrefix(line, "---") || margin < column || margin == column && (strings.HasPrefix(strings.TrimLeft(line, " "), "- ") || pos > at+column && strings.HasPrefix(body, "kind:"))):
			return found
		case margin <= column:
			inData = strings.HasPrefix(body, "data:") || strings.HasPrefix(body, "stringData:")
			if i := strings.IndexByte(line, '{'); inData && i > 0 {
				for _, m := range flowValue().FindAllStringSubmatchIndex(line[i:], -1) {
					found = opaque(found, text, pos+i+m[2], pos+i+m[3], s)
				}
			}
		case inData:
			found, next = entry(found, text, pos, next, s)
		}
		pos = next
	}
	return found
}

// flowValue is an entry of a mapping that is written on one line.
var flowValue = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[\w.-]{1,253}["']?:[ \t]+["']?([^,}"'\s]+)`)
})

var entryKey = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[ \t]*["']?[\w.-]{1,253}["']?[ \t]*:[ \t]+`)
})

// entry finds the value of the entry of a mapping whose first line is
// text[at:next], and returns where the next entry begins.
func entry(found []hit, text string, at, next int, s *shape) ([]hit, int) {
	line := strings.TrimRight(text[at:next], " \t\r\n")
	m := entryKey().FindString(line)
	if m == "" {
		return found, next
	}
	start, end := at+len(m), at+len(line)
	if value := line[len(m):]; strings.HasPrefix(value, "|") || strings.HasPrefix(value, ">") {
		var lines int
		if start, end, lines = block(text, next, indent(text, at+len(m))); lines == 0 {
			return found, next
		}
		next = end
		if i := strings.IndexByte(text[end:], '\n'); i >= 0 {
			next += i + 1
		}
	} else if len(value) > 1 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
		start, end = start+1, end-1
	}
	return opaque(found, text, start, end, s), next
}

// opaque adds what stands at [start:end), if it is there and is no template.
func opaque(found []hit, text string, start, end int, s *shape) []hit {
	value := text[start:end]
	if len(value) < 3 || strings.Contains(value, mark) || strings.Contains(value, "{{") || strings.HasPrefix(value, "${") || strings.HasPrefix(value, "<") {
		return found
	}
	return append(found, hit{Secret{start, end, s.kind}, rankAssignment})
}

var jsonData = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\\?"(?:data|stringData)\\?"\s{0,8}:\s{0,8}\{([^{}]*)\}`)
})

var jsonValue = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\\?"[\w.-]{1,253}\\?"\s{0,8}:\s{0,8}\\?"([^"\\]*)\\?"`)
})

// inJSON finds the values in the object of JSON that at is a member of.
func inJSON(found []hit, text string, at int, s *shape) []hit {
	start, end, ok := object(text, at, `kind"`)
	if !ok {
		return found
	}
	for _, m := range jsonData().FindAllStringSubmatchIndex(text[start:end], -1) {
		from, to := start+m[2], start+m[3]
		for _, v := range jsonValue().FindAllStringSubmatchIndex(text[from:to], -1) {
			found = opaque(found, text, from+v[2], from+v[3], s)
		}
	}
	return found
}

// object returns the borders of the object of JSON that the member at belongs
// to, judging by braces. It is not ok if a member of the same name comes
// before it, for which the object was looked through already.
func object(text string, at int, member string) (start, end int, ok bool) {
	const deepest = 8 // so that many objects in one another take linear time
	start, end = at, at
	for depth := 0; start > max(0, at-longestObject) && depth < 1; start-- {
		switch text[start-1] {
		case '{':
			depth++
		case '}':
			depth--
		case member[0]:
			if depth == 0 && strings.HasPrefix(text[start-1:at], member) {
				return 0, 0, false
			}
		}
	}
	for depth := 0; end < min(len(text), at+longestObject) && depth < 1 && depth > -deepest; end++ {
		switch text[end] {
		case '}':
			depth++
		case '{':
			depth--
		}
	}
	return start, end, true
}
