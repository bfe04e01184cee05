package safety

import "strings"

// Code within a line stays as it is, because it is code for every parser: a run
// of backticks that follows nothing doubtful opens it, and the next run of the
// same length on the same line closes it (CommonMark, section 6.1). What would
// be escaped in text waits for that; if it does not come, it was text.

// tick begins a run of backticks in text.
func (m *markdown) tick() {
	// GFM lets a URL in text take a backtick along, and parsers differ on runs
	// that begin with an escape.
	m.doubt = m.doubt || m.slash || m.glued
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
		m.opens, m.ticks = false, n
	case n == m.ticks:
		m.ticks = 0
		if len(m.held) > 0 {
			m.out = append(m.out, m.held...)
			m.held = m.held[:0]
			m.put("")
		}
	}
}

// span goes on with code within a line, which may turn out to be text.
func (m *markdown) span(c byte) {
	if len(m.held) == 1 && !m.matters(m.held[0], c) {
		m.pass(m.held[0])
		m.held = m.held[:0]
	}
	m.piped = m.piped || c == '|'
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
	case c == '<', c == ']', c == '[' && (m.prev == '!' || m.prev == '['):
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
	m.doubt, m.ticks, m.run = true, 0, 0
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
	m.doubt, m.defines, m.table, m.warned, m.depth = false, false, false, false, 0
}
