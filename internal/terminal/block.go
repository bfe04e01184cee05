package terminal

import (
	"strings"
)

const (
	// maxIndent bounds the spaces before a line's text that are drawn.
	maxIndent = 40
	// ruleWidth is how long a horizontal rule is at most.
	ruleWidth = 40
	// numberDigits is how long the number of a list item may be (CommonMark).
	numberDigits = 9
)

// A fence is an open code block.
type fence struct {
	mark   rune
	length int
	indent int
	bars   int // quotes it stands in
	left   int // of them, not seen yet on this line
}

// lineStart decides what kind of block a line is.
func (m *Markdown) lineStart(r rune) {
	if len(m.held) > 0 {
		m.marker(r)
		return
	}
	quoted := m.quoted
	m.quoted = false
	switch {
	case r == ' ' && quoted:
	case r == ' ':
		m.spaces = min(m.spaces+1, maxIndent)
	case r == '\t':
		m.spaces = min(m.spaces+4, maxIndent)
	case r == '\n':
		m.endLine()
	case r == '>':
		m.spaces, m.quoted = 0, true
		m.row.rawString("│ ", dim)
		m.row.bars++
	case r == '|':
		m.lead("", 0)
		m.state = (*Markdown).verbatim
		m.verbatim(r)
	case strings.ContainsRune("#`~-*+_", r) || isDigit(r):
		m.held = append(m.held, r)
	default:
		m.prose(r)
	}
}

// marker goes on with a line whose start may be a marker.
func (m *Markdown) marker(r rune) {
	first, n := m.held[0], len(m.held)
	last := m.held[n-1]
	switch {
	case first == '#' && r == '#' && n < 6:
		m.held = append(m.held, r)
	case first == '#' && r == ' ':
		m.heading()
	case isDigit(first):
		m.number(r)
	case (first == '`' || first == '~') && r == first:
		m.held = append(m.held, r)
	case (first == '`' || first == '~') && n >= 3:
		m.openFence()
		m.fenceInfo(r)
	case n == 1 && r == ' ' && strings.ContainsRune("-*+", first):
		m.lead("• ", 2)
		m.held = m.held[:0]
		m.state = (*Markdown).text
	case strings.ContainsRune("-*_", first) && (r == first && last == first || r == ' ' && n >= 3):
		m.held = append(m.held, r)
	case strings.ContainsRune("-*_", first) && r == '\n' && n >= 3:
		m.rule()
	default:
		m.prose(r)
	}
}

// number goes on with a line that begins with digits.
func (m *Markdown) number(r rune) {
	n := len(m.held)
	last := m.held[n-1]
	switch {
	case isDigit(last) && (isDigit(r) && n < numberDigits || r == '.' || r == ')'):
		m.held = append(m.held, r)
	case !isDigit(last) && r == ' ':
		m.lead(string(m.held)+" ", n+1)
		m.held = m.held[:0]
		m.state = (*Markdown).text
	default:
		m.prose(r)
	}
}

// lead draws the indentation and the marker of a block, and has continued lines
// begin hang columns further right.
func (m *Markdown) lead(marker string, hang int) {
	for range m.spaces {
		m.row.raw(' ', m.row.shown)
	}
	m.row.rawString(marker, 0)
	m.row.indent = m.spaces + hang
	if m.row.width > 0 && 2*m.row.bars+m.row.indent > m.row.width/2 {
		m.row.indent = 0 // too narrow for it
	}
}

// prose begins a line of text: what was held is text, and r follows.
func (m *Markdown) prose(r rune) {
	m.lead("", 0)
	m.state = (*Markdown).text
	held := m.held
	m.held = nil
	for _, h := range held {
		m.text(h)
	}
	m.text(r)
}

func (m *Markdown) heading() {
	m.held = m.held[:0]
	m.inline.base = bold
	m.state = (*Markdown).text
}

func (m *Markdown) rule() {
	n := ruleWidth
	if m.row.width > 0 {
		n = min(n, max(1, m.row.width-m.row.col))
	}
	m.row.rawString(strings.Repeat("─", n), dim)
	m.endLine()
}

// endLine ends a line of the source.
func (m *Markdown) endLine() {
	m.row.endLine()
	m.row.bars, m.row.indent = 0, 0
	m.held, m.spaces, m.quoted, m.fresh = m.held[:0], 0, false, true
	m.inline = inline{}
	m.row.marks = [markKinds]mark{}
	m.state = (*Markdown).lineStart
}

// verbatim draws the rest of a line as it is written.
func (m *Markdown) verbatim(r rune) {
	if r == '\n' {
		m.endLine()
		return
	}
	m.row.raw(r, 0)
}

func (m *Markdown) openFence() {
	m.fence = fence{mark: m.held[0], length: len(m.held), indent: m.spaces, bars: m.row.bars}
	m.lead("", 0)
	m.row.rawString(string(m.held), dim)
	m.held = m.held[:0]
	m.state = (*Markdown).fenceInfo
}

// fenceInfo draws what follows an opening fence.
func (m *Markdown) fenceInfo(r rune) {
	switch {
	case r == '\n':
		m.codeLine()
	case r == '`' && m.fence.mark == '`': // ```code``` is code within a line
		m.inline.code = m.fence.length
		m.state = (*Markdown).text
		m.text(r)
	default:
		m.row.raw(r, dim)
	}
}

// codeLine ends a line in a code block.
func (m *Markdown) codeLine() {
	m.endLine()
	m.fence.left = m.fence.bars
	m.state = (*Markdown).codeStart
}

// codeStart looks for the closing fence.
func (m *Markdown) codeStart(r rune) {
	quoted := m.quoted
	m.quoted = false
	marks := strings.Count(string(m.held), string(m.fence.mark))
	switch {
	case m.fence.left > 0 && r == '>':
		m.fence.left--
		m.quoted = true
		m.row.rawString("│ ", dim)
		m.row.bars++
	case m.fence.left > 0 && r != ' ': // the quote ended, and the block with it
		m.state = (*Markdown).lineStart
		m.lineStart(r)
	case r == ' ' && (quoted || m.fence.left > 0):
	case r == ' ' && (marks >= m.fence.length || marks == 0 && len(m.held) < m.fence.indent+3),
		r == m.fence.mark && (marks == 0 || m.held[len(m.held)-1] == r):
		m.held = append(m.held, r)
	case r == '\n' && marks >= m.fence.length:
		m.row.rawString(string(m.held), dim)
		m.endLine()
	default:
		m.row.rawString(string(m.held), 0)
		m.held = m.held[:0]
		m.state = (*Markdown).code
		m.code(r)
	}
}

// code draws the content of a code block.
func (m *Markdown) code(r rune) {
	if r == '\n' {
		m.codeLine()
		return
	}
	m.row.raw(r, 0)
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
