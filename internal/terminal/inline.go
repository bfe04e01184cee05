package terminal

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// inline is what is open within a line of text.
type inline struct {
	base   style // of the whole line
	bold   rune  // the sign that opened it, 0 if it is not open
	italic rune
	code   int // backticks that opened it, 0 if it is not open

	run     rune // a sign that waits for what follows it: * _ ` ] or \
	length  int  // how often it came
	before  rune // what stood before the run
	prev    rune // the last rune that was read, 0 at the start of a line
	bracket bool // a "[" is open
	url     int  // parentheses that are open in a link's target, 0 outside
}

func (l *inline) style() style {
	s := l.base
	if l.bold != 0 {
		s |= bold
	}
	if l.italic != 0 {
		s |= italic
	}
	if l.code != 0 {
		s |= inlineCode
	}
	if l.url != 0 {
		s |= dim
	}
	return s
}

// text goes on with a line of prose.
func (m *Markdown) text(r rune) {
	l := &m.inline
	if l.length > 0 {
		if r == l.run && (r == '*' || r == '_' || r == '`') {
			l.length++
			return
		}
		if m.decide(r) {
			l.prev = r
			return
		}
	}
	switch {
	case r == '\n':
		m.endText()
		return
	case l.url > 0:
		m.target(r)
	case r == '`' || l.code == 0 && (r == '*' || r == '_' || r == '\\' || r == ']' && l.bracket):
		l.run, l.length, l.before = r, 1, l.prev
	case r == '[' && l.code == 0:
		l.bracket = true
		m.row.marks[linkMark] = mark{next: true}
		m.row.put(r, l.style())
	default:
		m.row.put(r, l.style())
	}
	l.prev = r
}

// decide settles the run that waited for next. It reports whether next is
// settled with it.
func (m *Markdown) decide(next rune) (done bool) {
	l := &m.inline
	n := l.length
	l.length = 0
	switch l.run {
	case '`':
		m.backticks(n)
	case '\\':
		if next < utf8.RuneSelf && (unicode.IsPunct(next) || unicode.IsSymbol(next)) {
			m.row.put(next, l.style())
			return true
		}
		m.row.put('\\', l.style())
	case ']':
		return m.closeBracket(next)
	default:
		m.emphasis(n, next)
	}
	return false
}

func (m *Markdown) backticks(n int) {
	l := &m.inline
	switch l.code {
	case 0:
		l.code = n
		m.row.marks[codeMark] = mark{next: true}
	case n:
		l.code = 0
		m.row.marks[codeMark] = mark{}
	default:
		m.literal('`', n)
	}
}

func (m *Markdown) literal(r rune, n int) {
	for range n {
		m.row.put(r, m.inline.style())
	}
}

// closeBracket draws "[text](target)" as "text (target)".
func (m *Markdown) closeBracket(next rune) (done bool) {
	l := &m.inline
	l.bracket = false
	if next != '(' {
		m.row.marks[linkMark] = mark{}
		m.row.put(']', l.style())
		return false
	}
	if m.row.marks[linkMark].set {
		m.row.repair(linkMark, "", 1, 0)
	} else { // its "[" stands on a line above
		m.row.put(']', l.style())
	}
	m.row.put(' ', l.style())
	l.url = 1
	m.row.put('(', l.style())
	return true
}

// target goes on with a link's target.
func (m *Markdown) target(r rune) {
	l := &m.inline
	m.row.put(r, l.style())
	switch r {
	case '(':
		l.url++
	case ')':
		l.url--
	}
}

// emphasis settles a run of n signs * or _ in front of next.
func (m *Markdown) emphasis(n int, next rune) {
	l := &m.inline
	sign := l.run
	if sign == '_' && n > 1 { // __init__ is met more often than __bold__
		m.literal(sign, n)
		return
	}
	opens, closes := l.canOpen(n, next), l.canClose(next)
	for n > 0 {
		switch {
		case closes && n >= 2 && l.bold == sign:
			l.bold = 0
			m.row.marks[boldMark] = mark{}
			n -= 2
		case closes && l.italic == sign:
			l.italic = 0
			m.row.marks[italicMark] = mark{}
			n--
		case opens && n >= 2 && l.bold == 0:
			l.bold = sign
			m.row.marks[boldMark] = mark{next: true}
			n -= 2
		case opens && n == 1 && l.italic == 0:
			l.italic = sign
			m.row.marks[italicMark] = mark{next: true}
			n--
		default:
			m.literal(sign, n)
			n = 0
		}
	}
}

// canOpen is stricter than CommonMark, which sees the end before it decides:
// 2*3*4, 2**8, snake_case, *.go and f(x)*y stay as they are.
func (l *inline) canOpen(n int, next rune) bool {
	if next == '\n' || unicode.IsSpace(next) {
		return false
	}
	switch prev := l.before; {
	case l.run == '_' && isWord(prev), prev < 0x80 && isWord(prev), prev == ')' || prev == ']':
		return false
	}
	if next >= 0x80 || isWord(next) || strings.ContainsRune("\"'([`$<\\", next) {
		return true
	}
	return n >= 2 && !strings.ContainsRune("/),;:", next) || strings.ContainsRune("*_", next)
}

func (l *inline) canClose(next rune) bool {
	if l.before == 0 || unicode.IsSpace(l.before) {
		return false
	}
	return l.run == '*' || !isWord(next)
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// endText ends a line of prose. A marker that nothing closed was no marker: it
// is drawn after all, if its place is still on the row.
func (m *Markdown) endText() {
	l := &m.inline
	for {
		last, at := markKinds, -1
		for k := range linkMark {
			switch mk := m.row.marks[k]; {
			case mk.next: // nothing followed
				last, at = k, math.MaxInt
			case mk.set && mk.cell > at:
				last, at = k, mk.cell
			}
		}
		switch last {
		case boldMark:
			m.row.repair(last, strings.Repeat(string(l.bold), 2), 0, bold)
		case italicMark:
			m.row.repair(last, string(l.italic), 0, italic)
		case codeMark:
			m.row.repair(last, strings.Repeat("`", l.code), 0, inlineCode)
		default:
			m.endLine()
			return
		}
	}
}
