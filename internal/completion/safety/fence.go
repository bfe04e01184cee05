package safety

import "bytes"

// Parsers differ on whether a line with indentation, quotes and list markers in front is
// a fence: what is code for one is text with links and images for another. So a block of
// code is written in a form that all parsers read in the same way: its fences and all its
// lines begin with the same quote markers and at most three spaces, and nothing else.

const (
	// maxIndent is the indentation that a fence may have (CommonMark, section
	// 4.5).
	maxIndent = 3
	// maxQuotes is how deep quotes may nest; some parsers give up at 20.
	maxQuotes = 16
	// minFence is the length of the shortest fence.
	minFence = 3
	tabStop  = 4
)

// A line is the start of a line, before its text.
type line struct {
	seen   byte   // what waits for the next byte, or was passed on but needs it
	count  int    // how often it came
	waits  bool   // it was not passed on
	lead   []byte // what was passed on
	pad    []byte // blanks after that, which wait
	spaces int    // passed on since the last marker
	quotes int
	quoted bool // the last byte was a quote's ">", whose space belongs to it
	item   bool // there is a list marker
	outer  int  // quotes before it
	column int
	base   int // the column behind the last quote marker
}

func (l *line) reset() { *l = line{lead: l.lead[:0], pad: l.pad[:0]} }

// advance returns the column behind c.
func advance(column int, c byte) int {
	if c == '\t' {
		return column + tabStop - column%tabStop
	}
	return column + 1
}

// start goes on with the start of a line.
func (m *markdown) start(c byte) {
	l := &m.line
	switch {
	case !m.begun && m.front(c):
	case l.seen == 0:
		m.startMark(c)
	case l.seen == '`' || l.seen == '~':
		m.fenceMark(c)
	case l.seen == '$' && c == '$': // a block of math, in which ``` is no fence
		l.seen = 0
		m.mode, m.doubt = modeText, true
		m.put(`\$\$`)
	case l.seen == '\\' && c == 'b': // \begin{…} likewise
		l.seen = 0
		m.mode = modeText
		m.put(`\\`)
		m.text(c)
	case l.seen == ':' && c == ':':
		m.colon()
	case l.seen == '0' && isDigit(c):
		m.marker(c, '0')
	case l.seen == '0' && (c == '.' || c == ')'):
		m.marker(c, '-')
	case (l.seen == '-' || l.seen == ':') && isBlank(c):
		m.item()
		m.startMark(c)
	default:
		m.content(c)
	}
}

// startMark looks at c, at which a block may begin.
func (m *markdown) startMark(c byte) {
	l := &m.line
	quoted := l.quoted
	l.quoted = false
	switch {
	case m.isIndented(c):
		m.passPad()
		m.mode, m.chunk = modeIndented, true
		m.passCode(c)
	case c == ' ' && quoted:
		l.column++
		m.lead(c)
	case isBlank(c):
		m.blank(c)
	case c == '\n':
		if l.quotes == 0 && !l.item {
			m.endParagraph()
			m.empty = true
			l.pad = l.pad[:0] // not all parsers take a line of tabs for blank
		}
		m.content(c)
	case c == '>' && l.quotes < maxQuotes:
		m.part()
		m.marker(c, 0)
		l.quotes++
		l.quoted, l.base = true, l.column+1
	case c == '>':
		m.passPad()
		m.put(`\`)
		m.content(c)
	case c == '-' || c == '+' || c == '*':
		m.marker(c, '-')
	case isDigit(c):
		m.marker(c, '0')
	case c == ':':
		l.count = 1
		m.marker(c, ':')
	case c == '`' || c == '~':
		l.seen, l.count = c, 0
		l.waits = len(l.pad) > 0 || !bytes.Equal(l.lead, m.canonical())
		m.fenceMark(c)
	case c == '$' || c == '\\':
		m.passPad()
		l.seen, l.count, l.waits = c, 1, true
	case c == '[':
		m.defines = true
		m.content(c)
	default:
		m.content(c)
	}
}

// blank goes on with indentation. More than a fence may have waits.
func (m *markdown) blank(c byte) {
	l := &m.line
	l.column = advance(l.column, c)
	if c == ' ' && len(l.pad) == 0 && l.spaces < maxIndent {
		l.spaces++
		m.lead(c)
	} else {
		l.pad = append(l.pad, c)
	}
}

// lead passes on c, with which the line's text does not begin yet.
func (m *markdown) lead(c byte) {
	m.line.lead = append(m.line.lead, c)
	m.out = append(m.out, c)
}

func (m *markdown) passPad() {
	for _, c := range m.line.pad {
		m.lead(c)
	}
	m.line.pad = m.line.pad[:0]
}

// marker passes on a byte of a marker.
func (m *markdown) marker(c, seen byte) {
	l := &m.line
	m.passPad()
	m.lead(c)
	m.outside |= markOf(c)
	l.seen, l.spaces = seen, 0
	l.column++
}

// item makes an item of a list of the line.
func (m *markdown) item() {
	l := &m.line
	if !l.item {
		l.outer = l.quotes
	}
	l.seen, l.item, l.spaces = 0, true, 0
	m.listed = true
}

// part puts a blank line before a quote that follows an item of a list: marked
// takes the quote for a part of the item, and ends it at the next line.
func (m *markdown) part() {
	l := &m.line
	if !m.listed || !m.follows || l.item || l.quotes < m.quoted {
		return
	}
	m.passPad()
	m.out = append(m.out, '\n')
	m.out = append(m.out, l.lead...)
	m.follows = false
}

// colon goes on with ":::", which opens a container that viewers may draw.
func (m *markdown) colon() {
	l := &m.line
	if l.count++; l.count == minFence {
		l.seen = 0
		m.mode = modeText
		m.put(`\:`)
		return
	}
	m.marker(':', ':')
}

// content begins the line's text with c.
func (m *markdown) content(c byte) {
	l := &m.line
	switch {
	case c == '\n' && (l.seen == '-' || l.seen == ':'):
		m.item()
	case l.column == 0 && l.seen == 0 && c != '[' && c != '\n' && !m.follows, c == '*' && l.column == 1 && l.seen == '-' && !m.follows:
		m.listed = false // which a line without indentation ends for all
	}
	m.flushStart()
	m.mode = modeText
	m.text(c)
}

// flushStart passes on what waits at the start of a line: it is text.
func (m *markdown) flushStart() {
	l := &m.line
	m.passPad()
	if l.waits {
		for range l.count {
			m.text(l.seen)
		}
	} else if l.seen == '`' && !m.doubt {
		m.run, m.opens = l.count, true
	} else if l.seen == '~' {
		m.outside, m.prev = m.outside|markWave, l.seen
	}
	if !m.begun {
		m.out = append(m.out, m.held...)
		m.held = m.held[:0]
	}
	l.seen, l.waits = 0, false
}

// front keeps the text from beginning with front matter, in which nothing is
// what it is elsewhere. It reports whether c is settled.
func (m *markdown) front(c byte) bool {
	n := len(m.held)
	switch {
	case (c == '-' || c == '+') && (n == 0 || m.held[0] == c):
		if n < 2 {
			m.held = append(m.held, c)
			return true
		}
		m.begun, m.mode = true, modeText
		m.put(`\`)
		m.out = append(append(m.out, m.held...), c)
		m.held = m.held[:0]
		return true
	case n == 0 && (isBlank(c) || c == '\n'):
		return false
	}
	m.begun = true
	m.again, m.held = m.held, m.again[:0]
	for _, c := range m.again {
		m.step(c)
	}
	m.step(c)
	return true
}

// canonical returns how a line of code begins, were it opened here. It is valid
// until the next call.
func (m *markdown) canonical() []byte {
	f := &m.fence
	f.quotes = m.line.quotes
	f.indent = max(0, m.line.column-m.line.base)
	f.kept = min(f.indent, maxIndent)
	f.prefix = f.prefix[:0]
	for range f.quotes {
		f.prefix = append(f.prefix, "> "...)
	}
	f.prefix = append(f.prefix, "   "[:f.kept]...)
	return f.prefix
}

// fenceMark goes on with what may be an opening fence.
func (m *markdown) fenceMark(c byte) {
	l := &m.line
	if c != l.seen {
		m.content(c)
		return
	}
	if !l.waits {
		m.out = append(m.out, c)
	}
	if l.count++; l.count < minFence {
		return
	}
	if l.waits {
		prefix := m.canonical()
		rest, ok := bytes.CutPrefix(prefix, l.lead)
		if !ok { // a line of its own, after the list's marker
			m.out = append(m.out, '\n')
			rest = prefix
			if l.quotes > 0 && m.listed { // as part does
				m.out = append(m.out, '\n')
			}
		}
		m.out = append(m.out, rest...)
		m.out = append(m.out, c, c, c)
	}
	m.fence.mark, m.fence.length = c, l.count
	l.seen, l.waits = 0, false
	m.mode, m.chunk, m.info = modeInfo, false, info{word: m.info.word[:0]}
	m.doubt, m.prev, m.slash = true, 0, false
}
