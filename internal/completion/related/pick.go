package related

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A span is lines [first, last] of a file.
type span struct{ first, last int }

// maxLine is how long a line of a piece may be, in bytes: longer ones are data.
const maxLine = 400

// What a heading costs, in tokens: that of a file, and that of each piece.
const (
	fileTokens  = 14
	pieceTokens = 5
)

// A picker collects lines until the budget is spent.
type picker struct {
	tokens      func(string) int
	left        int
	budget      int
	f           *File
	first, last int // the selection

	files   []*picked
	by      map[*File]*picked
	omitted []Omitted
	rank    int
}

// picked are the lines that are taken of a file, and why each is.
type picked struct {
	f     *File
	lines map[int]taken
}

// A taken line has the reason why it was taken, and the rank of its piece.
type taken struct {
	why  string
	rank int
}

func newPicker(q *Query, f *File, first, last int) *picker {
	return &picker{tokens: q.Tokens, left: q.Budget, budget: q.Budget, f: f, first: first, last: last, by: map[*File]*picked{}}
}

// has reports whether line i of f is shown already.
func (p *picker) has(f *File, i int) bool {
	if f == p.f && i >= p.first && i <= p.last {
		return true
	}
	x := p.by[f]
	if x == nil {
		return false
	}
	_, ok := x.lines[i]
	return ok
}

// take adds the lines of s, all or none, and of more those that stand in f. It
// reports whether they are shown now.
func (p *picker) take(f *File, s span, why string, more ...span) bool {
	var lines []int
	cost := 0
	long := false
	for _, s := range append([]span{s}, more...) {
		for i := max(s.first, 0); i <= min(s.last, len(f.starts)-1); i++ {
			if p.has(f, i) || slices.Contains(lines, i) {
				continue
			}
			text := f.lineText(i)
			if text == "" {
				continue // the empty line behind the last line end
			}
			if long = long || len(text) > f.longest(i); long {
				break
			}
			cost += p.tokens(text)
			if !slices.Contains(lines, i-1) && !p.has(f, i-1) {
				cost += pieceTokens
			}
			lines = append(lines, i)
		}
	}
	if len(lines) == 0 && !long {
		return true
	}
	x := p.by[f]
	if x == nil {
		cost += fileTokens + p.tokens(f.Path)
	}
	if long || cost > p.left {
		o := Omitted{Path: f.Path, Why: why}
		o.Cell, o.First = f.place(max(s.first, 0))
		_, o.Last = f.place(s.last)
		o.Last = max(o.First, o.Last)
		if long {
			o.Cannot = fmt.Sprintf("it has a line of more than %d bytes", f.longest(max(s.first, 0)))
		}
		p.omit(o)
		return false
	}
	if x == nil {
		x = &picked{f: f, lines: map[int]taken{}}
		p.by[f], p.files = x, append(p.files, x)
	}
	p.left -= cost
	p.rank++
	for _, i := range lines {
		x.lines[i] = taken{why, p.rank}
	}
	return true
}

// maxOmitted bounds the list of pieces that had no room.
const maxOmitted = 20

func (p *picker) omit(o Omitted) {
	if len(p.omitted) < maxOmitted && !slices.Contains(p.omitted, o) {
		p.omitted = append(p.omitted, o)
	}
}

// result returns the pieces: other files in the order in which they were found,
// then the query's own.
func (p *picker) result() *Result {
	r := &Result{Tokens: p.budget - p.left}
	slices.SortStableFunc(p.files, func(a, b *picked) int {
		return cmp.Compare(p.place(a), p.place(b))
	})
	for _, x := range p.files {
		r.Pieces = append(r.Pieces, p.pieces(x)...)
	}
	for _, o := range p.omitted {
		if p.shown(&o) { // a later piece holds these lines
			continue
		}
		if n := len(r.Omitted); n > 0 && r.Omitted[n-1].joins(&o) {
			r.Omitted[n-1].First, r.Omitted[n-1].Last = min(r.Omitted[n-1].First, o.First), max(r.Omitted[n-1].Last, o.Last)
			continue
		}
		r.Omitted = append(r.Omitted, o)
	}
	return r
}

// joins reports whether o and next are one piece.
func (o *Omitted) joins(next *Omitted) bool {
	return o.Path == next.Path && o.Cell == next.Cell && o.Why == next.Why && o.Cannot == next.Cannot && next.First <= o.Last+1 && o.First <= next.Last+1
}

func (p *picker) shown(o *Omitted) bool {
	for _, x := range p.files {
		if x.f.Path == o.Path && p.has(x.f, x.f.index(o.Cell, o.First)) {
			return true
		}
	}
	return false
}

// place returns the place of a file among those that are shown: the query's own
// comes last.
func (p *picker) place(x *picked) int {
	if x.f == p.f {
		return 1
	}
	return 0
}

// pieces returns what is taken of x, each run of lines as one piece. What stands
// above the selection and what stands below it are two.
func (p *picker) pieces(x *picked) []Piece {
	f := x.f
	lines := slices.Sorted(maps.Keys(x.lines))
	var list []Piece
	for n := 0; n < len(lines); {
		rank := x.lines[lines[n]].rank
		var why []string
		m := n
		for ; m < len(lines) && lines[m] == lines[n]+m-n && f.cellOf(lines[m]) == f.cellOf(lines[n]); m++ {
			line := x.lines[lines[m]]
			if rank = min(rank, line.rank); !slices.Contains(why, line.why) {
				why = append(why, line.why)
			}
		}
		from, _ := f.bounds(lines[n])
		_, to := f.bounds(lines[m-1])
		piece := Piece{
			Path: f.Path, Text: f.text[from:to], Why: strings.Join(why, "; "), Own: f == p.f, Rank: rank,
			f: f, lines: span{lines[n], lines[m-1]},
		}
		piece.Cell, piece.First = f.place(lines[n])
		_, piece.Last = f.place(lines[m-1])
		list = append(list, piece)
		n = m
	}
	return list
}
