package safety

import (
	"strings"
	"unicode/utf8"
)

// Code within a line stays as it is where it is code for every parser: a run of
// backticks that follows nothing doubtful opens it, and the next run of the same
// length on the same line closes it (CommonMark, section 6.1). What would be
// escaped in text waits for that; if it does not come, it was text.

// marks are the bytes that parsers may take for emphasis, as bits.
type marks uint8

const (
	markStar marks = 1 << iota
	markLine
	markWave
)

func markOf(c byte) marks {
	switch c {
	case '*':
		return markStar
	case '_':
		return markLine
	case '~':
		return markWave
	}
	return 0
}

// tick begins a run of backticks in text.
func (m *markdown) tick() {
	// GFM lets a URL in text take a backtick along, marked takes one that follows
	// "~" for text, and parsers differ on runs that begin with an escape.
	m.doubt = m.doubt || m.slash || m.glued || m.prev == '~'
	m.run, m.opens = 0, false
	if !m.doubt {
		m.run, m.opens = 1, true
	}
	m.pass('`')
}

// endRun settles a run of backticks.
func (m *markdown) endRun() {
	n := m.run
	m.run = 0
	switch {
	case m.opens:
		m.opens, m.ticks, m.inside = false, n, 0
	case n != m.ticks:
		m.skewed = true
	case len(m.held) == 0:
		m.doubt = m.torn()
		m.ticks = 0
	case m.torn() || m.depth > 1:
		m.misread()
	default:
		m.ticks = 0
		m.ended = m.depth == 1
		if !m.ended {
			m.release()
		}
	}
}

// label goes on with what follows code in the text of a link. It waits: before a
// "[" that does not end, markdown-it takes all backticks up to one that is alone
// for text.
func (m *markdown) label(c byte) {
	switch {
	case c == ']':
		m.release()
		m.text(c)
	case (isAlnum(c) || isBlank(c) || c >= utf8.RuneSelf || strings.IndexByte("().,-", c) >= 0) && len(m.held) < maxSpan:
		m.held = append(m.held, c)
	default:
		m.misread()
		m.text(c)
	}
}

// release passes on what waited: it is code.
func (m *markdown) release() {
	for _, c := range m.held {
		m.slash = false
		m.pass(c)
	}
	m.held, m.ended, m.slash, m.loose = m.held[:0], false, false, false
}

// torn reports whether emphasis that began before the code may end in it. marked
// looks for strikethrough without regard to code, and for other emphasis with
// what it takes for code, links and tags blotted out.
func (m *markdown) torn() bool {
	both := m.inside & m.outside
	return both&markWave != 0 || both != 0 && (m.ticks > 1 || m.skewed)
}

// span goes on with code within a line, which may turn out to be text.
func (m *markdown) span(c byte) {
	if len(m.held) == 1 && !m.matters(m.held[0], c) {
		m.pass(m.held[0])
		m.held = m.held[:0]
	}
	m.piped = m.piped || c == '|'
	m.inside |= markOf(c)
	n := len(m.held)
	switch {
	case c == '|' && m.table,
		n > 0 && m.held[n-1] == ']' && (c == '(' && m.depth > 0 || c == ':' && m.defines), // ends a link for some, a definition for all
		n >= maxSpan:
		m.misread()
		m.text(c)
	case c == '`':
		m.run = 1
		m.keep(c)
	case n > 0:
		m.held = append(m.held, c)
	case c == '<', c == ']', c == '&' && m.host, c == '[' && (m.prev == '!' || m.prev == '['):
		m.held = append(m.held, c)
	default:
		m.pass(c)
	}
}

// matters reports whether text would have to change c when next follows it.
func (m *markdown) matters(c, next byte) bool {
	switch c {
	case '<':
		return isLetter(next) || next == '/' || next == '!' || next == '?'
	case ']':
		return next == '(' || next == ':' && m.defines
	default:
		return true
	}
}

// keep passes c on, or lets it wait with what waits.
func (m *markdown) keep(c byte) {
	if len(m.held) > 0 {
		m.held = append(m.held, c)
	} else {
		m.pass(c)
	}
}

// misread makes text of what seemed to be code. From here on parsers may pair
// backticks in other ways: another line, or another cell, may close it.
func (m *markdown) misread() {
	m.doubt, m.ticks, m.run, m.ended = true, 0, 0, false
	m.again, m.held = m.held, m.again[:0]
	m.reread(m.again)
}

// delimiter looks for the row below a table's head: "|---|:-:|", here with
// whatever may stand before it. Below it code that holds a "|" may be no code.
// Above it that shows too late, so below a line with such code there is none.
func (m *markdown) delimiter(c byte) {
	switch c {
	case '-':
		m.dashed = true
	case '\n':
		m.table = m.table || m.dashed
	default:
		m.mixed = !isDigit(c) && strings.IndexByte("|: \t>+*.)", c) < 0
	}
}

func (m *markdown) endParagraph() {
	m.doubt, m.table, m.warned, m.skewed, m.bent, m.depth, m.outside = false, false, false, false, false, 0, 0
	m.defines = m.unclosed
}
