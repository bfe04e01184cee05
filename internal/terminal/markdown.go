package terminal

import (
	"io"
	"unicode/utf8"
)

// A Markdown renders Markdown while it arrives. Every character is drawn at
// once; only what may be the start of a marker waits for the character that
// decides. It reads line by line and looks no further ahead, so it knows less
// than a parser that has the whole text: emphasis, code and links end on their
// line, tables stay as they are written, and an underlined heading is a line of
// text above a rule.
type Markdown struct {
	w     io.Writer
	row   row
	state func(*Markdown, rune)

	// At the start of a line.
	held   []rune // what may be a marker
	spaces int    // before it
	quoted bool   // the last rune was a quote's ">", whose space does not count
	fresh  bool   // nothing of this line was read yet

	fence  fence
	inline inline
}

// NewMarkdown returns a renderer for a terminal of width columns, whose cursor
// stands at the start of a line. 0 does not wrap.
func NewMarkdown(w io.Writer, width int) *Markdown {
	return &Markdown{w: w, row: newRow(width), state: (*Markdown).lineStart, fresh: true}
}

// Write renders p, which may end anywhere between two characters. It passes on
// w's error.
func (m *Markdown) Write(p []byte) (int, error) {
	for rest := p; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		rest = rest[size:]
		m.fresh = false
		m.state(m, r)
	}
	return len(p), m.flush()
}

// Close draws what is held back and ends the last line.
func (m *Markdown) Close() error {
	if !m.fresh {
		m.state(m, '\n')
	}
	return m.flush()
}

// flush leaves the terminal without a style: whatever else writes to it, or
// ends the program, finds it as it was.
func (m *Markdown) flush() error {
	m.row.setStyle(0)
	return flush(m.w, &m.row.out)
}
