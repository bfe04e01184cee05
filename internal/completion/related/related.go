// Package related finds the code that is needed to understand a selection: what encloses
// it and what defines the names it uses, in its own file and in those that its package or
// its imports lead to. It goes by words, brackets and indentation, knows no grammar and
// asks no language server; where it misreads a file, a piece is missing or costs a few
// tokens for nothing.
//
// Collect is a pure function of the files that its Source hands out.
package related

import "cmp"

// A Source hands out the other files of a workspace. Paths are relative to its
// root, with forward slashes and without "..".
type Source interface {
	// File returns a file, or nil if it is not there or may not be shown.
	File(path string) *File
	// Names returns the names of the files in a directory, sorted. It may leave
	// out some of a great many.
	Names(dir string) []string
}

// A Query asks for what belongs to lines of a file.
type Query struct {
	File        *File
	First, Last int              // the lines of the selection, from 1, inclusive
	Cell        int              // that First is in, if File is a notebook
	LastCell    int              // that Last is in, 0 if it is Cell
	Budget      int              // tokens, for all pieces and their headings
	Tokens      func(string) int // estimates the tokens of a text
	Source      Source           // nil: nothing but File is looked at
	Places      []Place          // that the caller knows, most important first
}

// A Piece is some lines of a file.
type Piece struct {
	Path        string // of the file: File.Path
	Cell        int    // of a notebook, that First and Last count in; 0 for other files
	First, Last int    // from 1, inclusive
	Text        string // whole lines, each with its end but for the last of a file
	Why         string // such as "encloses the selection", "defines total"
	Own         bool   // it is of the query's file
	Rank        int    // how much it counts: where room is short, pieces with higher ranks are dropped first

	f     *File
	lines span
}

// Span returns the lines of p as its file counts them, from 0: those of all cells if
// that is a notebook.
func (p *Piece) Span() (first, last int) { return p.lines.first, p.lines.last }

// Context returns up to n lines in front of p and behind it.
func (p *Piece) Context(n int) (before, after string) {
	first, last := p.lines.first, p.lines.last
	from, to := int(p.f.starts[max(0, first-n)]), len(p.f.text)
	if last+1+n < len(p.f.starts) {
		to = int(p.f.starts[last+1+n])
	}
	_, end := p.f.bounds(last)
	return p.f.text[from:p.f.starts[first]], p.f.text[end:to]
}

// Omitted is what belongs to the selection and had no room.
type Omitted struct {
	Path        string // of the file: File.Path
	Cell        int    // as of a Piece
	First, Last int    // from 1, inclusive
	Why         string // what it would have been shown for
	Cannot      string // why it cannot be shown, whatever room there is; "" if only room is missing
}

// A Result is what was found, in the order in which it is shown: other files
// first, then the lines of the query's own file. No two pieces overlap.
type Result struct {
	Pieces  []Piece
	Omitted []Omitted
	Tokens  int // of the pieces and their headings, at most the budget
}

// The lines around a selection that are shown whether they define something or
// not, and those that are added where there is room.
const (
	nearLines   = 2
	aroundLines = 3
)

// MaxSelection is the longest selection, in bytes, for which code is looked for. A longer
// one has most of the code that it needs in itself.
const MaxSelection = 128 << 10

// Collect finds the pieces of q. What counts most comes first until the budget
// is spent: what encloses the selection, a few lines around it, the places that
// the caller knows, imports, the first occurrences of what is local, definitions
// in the same file, definitions elsewhere, more lines around.
func Collect(q *Query) *Result {
	f := q.File.parsed()
	first, last := f.lines(q.Cell, q.First, cmp.Or(q.LastCell, q.Cell), q.Last)
	if first < 0 || last < first || q.Budget <= 0 {
		return &Result{}
	}
	c := &collector{
		picker: newPicker(q, f, first, last),
		finder: newFinder(q.Source, f),
		f:      f, first: first, last: last,
		uses: map[string]*use{}, mates: map[string]map[string]bool{}, reached: map[ref]int{}, done: map[string]bool{},
	}
	if f.lang.name == "" {
		c.around(nearLines)
		c.places(q.Places)
		c.neighbours()
		c.around(aroundLines)
		return c.result()
	}
	c.read()
	c.enclosing()
	c.around(nearLines)
	c.places(q.Places)
	c.importing()
	c.locals()
	c.definitions()
	c.neighbours()
	c.around(aroundLines)
	return c.result()
}

// around takes n lines on both sides, of a notebook those in the same cells.
func (c *collector) around(n int) {
	for i := 1; i <= n; i++ {
		if at := c.first - i; c.f.cellOf(at) == c.f.cellOf(c.first) {
			c.take(c.f, span{at, at}, whyAround)
		}
		if at := c.last + i; c.f.cellOf(at) == c.f.cellOf(c.last) {
			c.take(c.f, span{at, at}, whyAround)
		}
	}
}

// Why a piece is there.
const (
	whyAround   = "next to the selection"
	whyEncloses = "encloses the selection"
	whyDoc      = "the comment above it"
	whyImport   = "imports "
	whyLocal    = "first use of "
	whyDefines  = "defines "
	whyCell     = "a cell nearby"
)
