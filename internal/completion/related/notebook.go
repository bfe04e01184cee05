package related

import (
	"bytes"
	"slices"
	"sort"
	"strings"
)

// A Cell is one cell of a notebook.
type Cell struct {
	Number  int // in the notebook, from 1
	Text    string
	Missing int  // how many lines of the cell stand in front of Text
	Other   bool // it is text, or in another language: it is shown, and defines nothing
}

// A cellAt is where a cell is in a File.
type cellAt struct {
	number, missing int
	offset          int
	line            int // the first
	other           bool
}

// maxProse is maxLine for cells of text, where a paragraph is one line.
const maxProse = 2000

// NewNotebook returns cells of a notebook as a file, in their order. What they define
// is read as if they were one text.
func NewNotebook(path, languageID string, cells []Cell) *File {
	var text strings.Builder
	var at []cellAt
	for i := range cells {
		c := &cells[i]
		if text.Len()+len(c.Text) >= maxText {
			break
		}
		at = append(at, cellAt{number: c.Number, missing: c.Missing, offset: text.Len(), other: c.Other || isForeign(c.Text)})
		text.WriteString(c.Text + "\n")
	}
	f := NewFile(path, languageID, text.String())
	f.cells = at
	return f
}

// isForeign reports whether IPython gives a cell to another program than Python.
func isForeign(text string) bool {
	magic, ok := strings.CutPrefix(text, "%%")
	if !ok {
		return false
	}
	magic, _, _ = strings.Cut(magic, "\n")
	word, _, _ := strings.Cut(strings.TrimSpace(magic), " ")
	return !slices.Contains([]string{"time", "timeit", "capture", "prun", "python", "python3"}, word)
}

// maskCells masks each cell by itself: what is open at the end of one, such as a
// string, does not go on in the next. Cells of another kind, and lines that are for
// IPython, have no code.
func (f *File) maskCells() (masked []byte, torn []int) {
	for n := range f.cells {
		from, to := f.cells[n].offset, len(f.text)
		if n+1 < len(f.cells) {
			to = f.cells[n+1].offset
		}
		m := masking{out: []byte(f.text[from:to])}
		if f.cells[n].other {
			m.blank(0, len(m.out))
			masked = append(masked, m.out...)
			continue
		}
		if f.lang.name == "py" {
			m.blankMagics()
		}
		code, lines := f.lang.mask(string(m.out))
		masked = append(masked, code...)
		for _, line := range lines {
			torn = append(torn, from+line)
		}
	}
	return masked, torn
}

// blankMagics blanks the lines that begin with % or !.
func (m *masking) blankMagics() {
	at := 0
	for line := range bytes.Lines(m.out) {
		if code := bytes.TrimLeft(line, " \t"); len(code) > 0 && (code[0] == '%' || code[0] == '!') {
			m.blank(at, at+len(line))
		}
		at += len(line)
	}
}

// countCells finds the first line of each cell.
func (f *File) countCells() {
	for n := range f.cells {
		at := int32(f.cells[n].offset)
		f.cells[n].line = sort.Search(len(f.starts), func(i int) bool { return f.starts[i] >= at })
	}
}

// cellOf returns the index of the cell that line i is in.
func (f *File) cellOf(i int) int {
	return max(0, sort.Search(len(f.cells), func(n int) bool { return f.cells[n].line > i })-1)
}

// cellLines returns the lines of the cell with index n.
func (f *File) cellLines(n int) span {
	if n+1 < len(f.cells) {
		return span{f.cells[n].line, f.cells[n+1].line - 1}
	}
	return span{f.cells[n].line, len(f.starts) - 1}
}

// place returns how people count line i: in its cell if f is a notebook, whose number
// is 0 if it is none.
func (f *File) place(i int) (cell, line int) {
	if len(f.cells) == 0 {
		return 0, i + 1 + f.base
	}
	c := &f.cells[f.cellOf(i)]
	return c.number, i - c.line + 1 + c.missing
}

// index undoes place. It returns -1 for a line that f does not have.
func (f *File) index(cell, line int) int {
	if i, last := f.around(cell, line); i <= last {
		return i
	}
	return -1
}

// lines returns the lines from one place to another, as far as f has them; -1 if it
// does not have the first.
func (f *File) lines(cell, line, lastCell, lastLine int) (first, last int) {
	i, end := f.around(lastCell, lastLine)
	return f.index(cell, line), min(i, end)
}

// around is index for a line that may be behind the last one of its cell, or of f. It
// returns that one too.
func (f *File) around(cell, line int) (i, last int) {
	if len(f.cells) == 0 && cell == 0 {
		return max(-1, line-1-f.base), len(f.starts) - 1
	}
	n := slices.IndexFunc(f.cells, func(c cellAt) bool { return c.number == cell })
	if n < 0 || line <= f.cells[n].missing {
		return -1, -1
	}
	return f.cells[n].line + line - 1 - f.cells[n].missing, f.cellLines(n).last
}

// longest is how long line i may be, in bytes.
func (f *File) longest(i int) int {
	if len(f.cells) > 0 && f.cells[f.cellOf(i)].other {
		return maxProse
	}
	return maxLine
}

// neighbours takes the cells in front of the selection and the one behind it, the
// nearest first: the code of a notebook runs on from cell to cell, and its text says
// what for.
func (c *collector) neighbours() {
	if len(c.f.cells) == 0 {
		return
	}
	first, last := c.f.cellOf(c.first), c.f.cellOf(c.last)
	for _, n := range []int{first - 1, last + 1, first - 2} {
		if n >= 0 && n < len(c.f.cells) {
			c.takeCell(n)
		}
	}
}

// takeCell takes a cell without the blank lines around it.
func (c *collector) takeCell(n int) {
	s := c.f.cellLines(n)
	for s.first <= s.last && c.f.isBlank(s.first) {
		s.first++
	}
	for s.last >= s.first && c.f.isBlank(s.last) {
		s.last--
	}
	if s.first <= s.last {
		c.take(c.f, s, whyCell)
	}
}
