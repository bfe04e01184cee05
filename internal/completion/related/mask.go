package related

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// A masking replaces comments and strings in a text by spaces, byte by byte, so that
// offsets and line ends stay the same.
type masking struct {
	lang *language
	src  string
	out  []byte
	torn []int // offsets of the lines that begin inside a string

	stops [256]bool // the bytes with which something that is no code may begin
}

// mask returns text with its comments and what stands in its strings replaced by
// spaces, and the offsets of the lines that begin inside a string. The opening
// quote stays, so that a value is still there.
func (l *language) mask(text string) (masked []byte, torn []int) {
	m := &masking{lang: l, src: text, out: []byte(text)}
	for _, s := range l.line {
		m.stops[s[0]] = true
	}
	for _, b := range l.block {
		m.stops[b[0][0]] = true
	}
	for _, q := range l.quotes {
		m.stops[q.open[0]] = true
	}
	if l.regexps {
		m.stops['/'] = true
	}
	if l.lisp {
		m.stops['?'] = true
	}
	for i := 0; i < len(text); {
		if !m.stops[text[i]] {
			i++
			continue
		}
		i = max(m.skip(i), i+1)
	}
	return m.out, m.torn
}

// skip blanks what begins at i if it is no code and returns where it ends, or i.
func (m *masking) skip(i int) int {
	rest := m.src[i:]
	for _, b := range m.lang.block {
		if strings.HasPrefix(rest, b[0]) {
			end := m.blockEnd(i, b)
			m.blank(i, end)
			return end
		}
	}
	for _, s := range m.lang.line {
		if strings.HasPrefix(rest, s) && !(m.lang.shell && i > 0 && !isSpace(m.src[i-1])) {
			end := m.lineEnd(i)
			m.blank(i, end)
			return end
		}
	}
	if m.lang.lisp && rest[0] == '?' { // a character, which may be ; or "
		if len(rest) > 2 && rest[1] == '\\' {
			m.blank(i+1, i+3)
			return i + 3
		}
		if len(rest) > 1 && (rest[1] == ';' || rest[1] == '"') && (i == 0 || !m.lang.inName(m.src[i-1])) {
			m.blank(i+1, i+2)
			return i + 2
		}
		return i
	}
	for _, q := range m.lang.quotes {
		if strings.HasPrefix(rest, q.open) {
			return m.quoted(i, q)
		}
	}
	if m.lang.regexps && rest[0] == '/' && m.valueMayBegin(i) {
		if end := regexpEnd(rest); end > 0 {
			m.blank(i+1, i+end)
			return i + end
		}
	}
	return i
}

func (m *masking) lineEnd(i int) int {
	if j := strings.IndexByte(m.src[i:], '\n'); j >= 0 {
		return i + j
	}
	return len(m.src)
}

func (m *masking) blockEnd(i int, b [2]string) int {
	depth := 1
	for j := i + len(b[0]); ; {
		end := strings.Index(m.src[j:], b[1])
		if end < 0 {
			return len(m.src)
		}
		if m.lang.nested {
			depth += strings.Count(m.src[j:j+end], b[0])
		}
		if j += end + len(b[1]); depth == 1 {
			return j
		}
		depth--
	}
}

// quoted blanks the string that begins at i.
func (m *masking) quoted(i int, q quote) int {
	if q.open == "'" && m.lang.lifts && !isChar(m.src[i:]) || q.open == "'" && m.lang.name == "hs" && i > 0 && m.lang.inName(m.src[i-1]) {
		return i
	}
	hole := q.hole
	if m.lang.name == "py" && i > 0 && (m.src[i-1]|0x20 == 'f' || i > 1 && m.src[i-2]|0x20 == 'f' && m.src[i-1]|0x20 == 'r') {
		hole = "{"
	}
	for j := i + len(q.open); j < len(m.src); j++ {
		switch c := m.src[j]; {
		case c == '\\' && !q.raw:
			m.blank(j, j+2)
			if j+1 < len(m.src) && m.src[j+1] == '\n' {
				m.torn = append(m.torn, j+2)
			}
			j++
		case c == '\n' && !q.lines:
			return j
		case c == '\n':
			m.torn = append(m.torn, j+1)
		case strings.HasPrefix(m.src[j:], q.end):
			m.blank(j, j+len(q.end))
			return j + len(q.end)
		case hole != "" && strings.HasPrefix(m.src[j:], hole):
			m.blank(j, j+len(hole))
			j = m.holeEnd(j + len(hole))
			m.blank(j, j+1)
		default:
			m.blank(j, j+1)
		}
	}
	return len(m.src)
}

// holeEnd returns where the code that begins at i within a string ends: at the
// bracket that closes it, or at the end of the line.
func (m *masking) holeEnd(i int) int {
	depth := 1
	for ; i < len(m.src) && m.src[i] != '\n'; i++ {
		switch m.src[i] {
		case '{', '(':
			depth++
		case '}', ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i - 1
}

func (m *masking) blank(from, to int) {
	for i := from; i < to && i < len(m.out); i++ {
		if m.out[i] != '\n' && m.out[i] != '\r' {
			m.out[i] = ' '
		}
	}
}

// valueMayBegin reports whether a value and no operator may stand at i.
func (m *masking) valueMayBegin(i int) bool {
	before := bytes.TrimRight(m.out[max(0, i-40):i], " \t\r\n")
	if len(before) == 0 {
		return true
	}
	return bytes.IndexByte([]byte("(,=:[!&|?{};"), before[len(before)-1]) >= 0 || bytes.HasSuffix(before, []byte("return"))
}

// regexpEnd returns the length of the regular expression that s begins with, 0
// if it does not end on its line.
func regexpEnd(s string) int {
	class := false
	for i := 1; i < min(len(s), maxRegexp) && s[i] != '\n'; i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '[':
			class = true
		case c == ']':
			class = false
		case c == '/' && !class:
			return i + 1
		}
	}
	return 0
}

// isChar reports whether s begins with a character in single quotes.
func isChar(s string) bool {
	if len(s) < 3 {
		return false
	}
	if s[1] == '\\' {
		return strings.IndexByte(s[2:min(len(s), 14)], '\'') >= 0
	}
	_, size := utf8.DecodeRuneInString(s[1:])
	return 1+size < len(s) && s[1+size] == '\''
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// inName reports whether c may stand in a name.
func (l *language) inName(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c >= utf8.RuneSelf || l.words != "" && strings.IndexByte(l.words, c) >= 0
}
