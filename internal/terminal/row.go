package terminal

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"github.com/llmls/llmls/internal/completion/safety"
)

// A style is a set of ways to draw a character.
type style uint8

const (
	bold style = 1 << iota
	italic
	inlineCode
	dim
)

// A row is the line of the terminal on which the cursor stands. It remembers
// what was drawn since the line began, so that a word that passes the margin
// can be taken back and drawn on the next line.
type row struct {
	out    []byte // for the terminal
	width  int    // columns in use; 0 does not wrap and remembers nothing
	shown  style  // the terminal's current one
	col    int    // the cursor's
	spaces int    // that follow but are not drawn before the next character

	bars, indent int // how a continued line begins: quote bars, then spaces

	text  []byte // what the cells hold
	cells []cell // what was drawn after bars and indent
	marks [markKinds]mark
	cond  runewidth.Condition
}

// A cell is one grapheme cluster on the row.
type cell struct {
	start, end int // in text
	width      int
	style      style
}

// A mark remembers where on the row a construct began that has no end yet.
type mark struct {
	next bool // it begins with the next character
	set  bool
	cell int
}

type markKind int

const (
	boldMark markKind = iota
	italicMark
	codeMark
	linkMark
	markKinds
)

func newRow(width int) row {
	// The last column stays empty: in it, terminals differ in where the
	// cursor stands after a character, and taking back would miss by one.
	return row{width: max(0, width-1), cond: runewidth.Condition{StrictEmojiNeutral: true}}
}

// put draws one character of prose.
func (w *row) put(r rune, s style) {
	if r == ' ' || r == '\t' {
		w.spaces++
		return
	}
	if w.width == 0 {
		w.blank()
		w.raw(r, s)
		w.marks = [markKinds]mark{}
		return
	}
	if w.joins(r) {
		w.extend(r)
		return
	}
	n := w.runeWidth(r)
	if w.col+w.spaces+n > w.width && len(w.cells) > 0 {
		w.wrap(r)
	}
	w.blank()
	for k := range w.marks {
		if m := &w.marks[k]; m.next {
			*m = mark{set: true, cell: len(w.cells)}
		}
	}
	w.draw(r, n, s)
}

// raw draws r where it stands: not wrapped, not remembered.
func (w *row) raw(r rune, s style) {
	w.setStyle(s)
	w.out = appendRune(w.out, r)
	w.col++
}

func (w *row) rawString(s string, st style) {
	for _, r := range s {
		w.raw(r, st)
	}
}

// blank draws the spaces that wait.
func (w *row) blank() {
	for ; w.spaces > 0; w.spaces-- {
		if w.width == 0 {
			w.raw(' ', w.shown)
			continue
		}
		w.draw(' ', 1, w.shown)
	}
}

func (w *row) draw(r rune, width int, s style) {
	start := len(w.text)
	w.text = appendRune(w.text, r)
	w.cells = append(w.cells, cell{start: start, end: len(w.text), width: width, style: s})
	w.col += width
	w.setStyle(s)
	w.out = appendRune(w.out, r)
}

// joins reports whether r belongs to the cluster before it.
func (w *row) joins(r rune) bool {
	if r < 0x300 || w.spaces > 0 || len(w.cells) == 0 {
		return false
	}
	last := w.lastText()
	prev, _ := utf8.DecodeLastRune(last)
	switch {
	case len(last) > maxCluster:
		return false
	case w.runeWidth(r) == 0 || prev == '\u200d' && safety.IsEmoji(r):
		return true
	case r >= 0x1F3FB && r <= 0x1F3FF: // skin tones
		return safety.IsEmoji(prev)
	case isRegional(r):
		return isRegional(prev) && utf8.RuneCount(last) == 1
	}
	return false
}

// maxCluster is how many bytes make one cluster at most, so that measuring it
// again with each rune stays cheap. The longest emoji of Unicode has 35.
const maxCluster = 64

func isRegional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

func (w *row) lastText() []byte {
	last := w.cells[len(w.cells)-1]
	return w.text[last.start:last.end]
}

func (w *row) extend(r rune) {
	w.text = appendRune(w.text, r)
	last := &w.cells[len(w.cells)-1]
	last.end = len(w.text)
	n := w.cond.StringWidth(string(w.lastText()))
	w.col += n - last.width
	w.setStyle(last.style)
	last.width = n
	w.out = appendRune(w.out, r)
}

func (w *row) runeWidth(r rune) int {
	if r < 0x7F {
		return 1
	}
	return w.cond.RuneWidth(r)
}

// wrap starts a new line for next, and takes the word it belongs to along.
func (w *row) wrap(next rune) {
	word := len(w.cells)
	if w.spaces == 0 && !w.breaks(word, next) {
		word--
		for word > 0 && !w.breaks(word, 0) {
			word--
		}
	}
	if word <= 0 { // it fills the line
		word = len(w.cells)
	}
	end := word
	for end > 0 && w.isSpace(end-1) {
		end--
	}
	text, cells := w.takeBack(end)
	cells = cells[word-end:]
	for k := range w.marks {
		if m := &w.marks[k]; m.set {
			m.cell -= word
			m.set = m.cell >= 0
		}
	}
	w.newLine()
	w.redraw(text, cells)
}

// newLine ends the line and begins the next as the block asks.
func (w *row) newLine() {
	w.endLine()
	for range w.bars {
		w.rawString("│ ", dim)
	}
	for range w.indent {
		w.raw(' ', w.shown)
	}
}

// endLine ends the line.
func (w *row) endLine() {
	w.out = append(w.out, '\n')
	w.col, w.spaces = 0, 0
	w.cells = nil
	w.text = nil
}

// takeBack erases the cells from i on and returns them with the text that they
// refer to.
func (w *row) takeBack(i int) ([]byte, []cell) {
	text, cells := w.text, w.cells
	n := 0
	for _, c := range cells[i:] {
		n += c.width
	}
	if n > 0 {
		w.out = append(w.out, "\x1b["...)
		w.out = strconv.AppendInt(w.out, int64(n), 10)
		w.out = append(w.out, "D\x1b[K"...)
		w.col -= n
	}
	w.cells = cells[:i:i]
	return text, cells[i:]
}

// redraw draws cells again, without wrapping them: they had room before.
func (w *row) redraw(text []byte, cells []cell) {
	for _, c := range cells {
		start := len(w.text)
		w.text = append(w.text, text[c.start:c.end]...)
		w.setStyle(c.style)
		w.out = append(w.out, text[c.start:c.end]...)
		w.col += c.width
		w.cells = append(w.cells, cell{start: start, end: len(w.text), width: c.width, style: c.style})
	}
}

// repair replaces what was drawn since mark k by prefix and the same text, without its
// first skip cells and without style s. If the mark is not on this row any more it does
// nothing; if nothing was drawn since, it only draws prefix.
func (w *row) repair(k markKind, prefix string, skip int, s style) {
	m := w.marks[k]
	w.marks[k] = mark{}
	if !m.set {
		for _, r := range prefix {
			w.put(r, 0)
		}
		return
	}
	for i := range w.marks {
		if w.marks[i].cell >= m.cell {
			w.marks[i] = mark{}
		}
	}
	spaces := w.spaces
	w.spaces = 0
	text, cells := w.takeBack(m.cell)
	text, cells = append([]byte(nil), text...), append([]cell(nil), cells[min(skip, len(cells)):]...)
	base := style(0)
	if len(cells) > 0 {
		base = cells[0].style &^ s
	}
	for _, r := range prefix {
		w.put(r, base)
	}
	for _, c := range cells {
		for _, r := range string(text[c.start:c.end]) {
			w.put(r, c.style&^s)
		}
	}
	w.spaces += spaces
}

func (w *row) isSpace(i int) bool { return w.text[w.cells[i].start] == ' ' }

// breaks reports whether a line may end before cell i, or before next if i is
// the end: after a space, and around wide characters, which need none.
func (w *row) breaks(i int, next rune) bool {
	if i == 0 {
		return false
	}
	if i < len(w.cells) {
		next, _ = utf8.DecodeRune(w.text[w.cells[i].start:])
	}
	if next == ' ' {
		return false
	}
	if w.isSpace(i - 1) {
		return true
	}
	prev, _ := utf8.DecodeRune(w.text[w.cells[i-1].start:])
	if w.runeWidth(prev) < 2 && w.runeWidth(next) < 2 {
		return false
	}
	return !unicode.In(next, unicode.Pe, unicode.Pf, unicode.Po) && !unicode.In(prev, unicode.Ps, unicode.Pi)
}

// setStyle makes the terminal draw in s.
func (w *row) setStyle(s style) {
	if s == w.shown {
		return
	}
	w.shown = s
	w.out = append(w.out, "\x1b[0"...)
	for _, code := range []struct {
		style style
		sgr   string
	}{{bold, ";1"}, {dim, ";2"}, {italic, ";3"}, {inlineCode, ";36"}} {
		if s&code.style != 0 {
			w.out = append(w.out, code.sgr...)
		}
	}
	w.out = append(w.out, 'm')
}

func appendRune(b []byte, r rune) []byte { return utf8.AppendRune(b, r) }
