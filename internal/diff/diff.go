// Package diff compares two texts line by line.
package diff

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// contextLines is how many unchanged lines stand around a change.
const contextLines = 3

// A Hunk is a part of the change, with unchanged lines around it.
type Hunk struct {
	Old, New       Lines
	Added, Removed int    // lines
	Text           string // each line behind a space, a plus or a minus
}

// Lines are Count lines from First, which counts from 1. If Count is 0, First is the
// line in front of the place.
type Lines struct{ First, Count int }

// Last is the last of the lines.
func (l Lines) Last() int { return max(l.First, l.First+l.Count-1) }

// String returns h in the form of a patch.
func (h *Hunk) String() string {
	return fmt.Sprintf("@@ -%d,%d +%d,%d @@\n", h.Old.First, h.Old.Count, h.New.First, h.New.Count) + h.Text
}

// Hunks returns the changes from before to after, in hunks of at most limit lines. It
// takes time little more than proportional to the number of lines, because it matches
// only lines that occur once in each text, and those next to a match or at an end.
func Hunks(before, after string, limit int) []Hunk {
	d := differ{x: lines(before), y: lines(after), limit: max(limit, 1)}
	compare(d.x, d.y, d.change, d.same)
	d.flush()
	return d.hunks
}

// A Mark says what a change does to a line.
type Mark byte

// The marks of a patch.
const (
	Kept    Mark = ' '
	Added   Mark = '+'
	Removed Mark = '-'
)

// A Line is one of either text, with its line feed if it has one.
type Line struct {
	Mark Mark
	Text string
}

// All returns the lines of both texts in their order, matched as by Hunks. A line that
// stays is returned once; removed lines come before added ones.
func All(before, after string) []Line {
	x, y := lines(before), lines(after)
	var all []Line
	add := func(mark Mark, texts []string) {
		for _, text := range texts {
			all = append(all, Line{mark, text})
		}
	}
	compare(x, y, func(from, to pair) {
		add(Removed, x[from.x:to.x])
		add(Added, y[from.y:to.y])
	}, func(from, to pair) {
		add(Kept, x[from.x:to.x])
	})
	return all
}

// compare calls change and same in turn for the places between which the lines differ,
// and are the same.
func compare(x, y []string, change, same func(from, to pair)) {
	done := pair{}
	for _, m := range slices.Concat([]pair{{}}, anchors(x, y), []pair{{len(x), len(y)}}) {
		if m.x < done.x || m.y < done.y {
			continue // the matches around the last anchor reach over this one
		}
		start := m
		for start.x > done.x && start.y > done.y && x[start.x-1] == y[start.y-1] {
			start.x--
			start.y--
		}
		end := m
		for end.x < len(x) && end.y < len(y) && x[end.x] == y[end.y] {
			end.x++
			end.y++
		}
		change(done, start)
		same(start, end)
		done = end
	}
}

func lines(s string) []string {
	list := strings.SplitAfter(s, "\n")
	if list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list
}

// A pair is a line of the old text and one of the new, counted from 0.
type pair struct{ x, y int }

// A differ collects hunks.
type differ struct {
	x, y  []string
	limit int
	hunks []Hunk

	open  []string // the lines of the hunk that is not finished
	from  pair     // where it begins
	at    pair     // where it ends
	count [2]int   // added and removed in it
	tail  int      // unchanged lines at its end
}

// change adds the lines between two places, which differ.
func (d *differ) change(from, to pair) {
	for ; from.x < to.x; from.x++ {
		d.line("-", d.x[from.x], pair{from.x, from.y}, pair{from.x + 1, from.y})
		d.count[1]++
	}
	for ; from.y < to.y; from.y++ {
		d.line("+", d.y[from.y], from, pair{from.x, from.y + 1})
		d.count[0]++
	}
}

// same adds what stays of the lines between two places: those next to a change.
func (d *differ) same(from, to pair) {
	last := to.x == len(d.x) && to.y == len(d.y)
	for i := 0; from.x+i < to.x; i++ {
		at := pair{from.x + i, from.y + i}
		before := i < contextLines && from.x+from.y > 0 && len(d.open) > 0
		behind := to.x-at.x <= contextLines && !last
		if !before && !behind {
			d.flush()
			continue
		}
		d.line(" ", d.x[at.x], at, pair{at.x + 1, at.y + 1})
		d.tail++
	}
}

// line adds a line of the hunk, which begins a new one if the last is full.
func (d *differ) line(sign, text string, from, to pair) {
	if len(d.open) >= d.limit {
		d.flush()
	}
	if len(d.open) == 0 {
		d.from = from
	}
	if !strings.HasSuffix(text, "\n") {
		text += "\n\\ No newline at end of file\n"
	}
	d.open = append(d.open, sign+text)
	d.at, d.tail = to, 0
}

// flush finishes the hunk, if anything changed in it.
func (d *differ) flush() {
	if d.count != [2]int{} {
		d.hunks = append(d.hunks, Hunk{
			Old: span(d.from.x, d.at.x), New: span(d.from.y, d.at.y),
			Added: d.count[0], Removed: d.count[1], Text: strings.Join(d.open, ""),
		})
	}
	d.open, d.count = nil, [2]int{}
}

func span(from, to int) Lines {
	if from == to {
		return Lines{from, 0}
	}
	return Lines{from + 1, to - from}
}

// anchors returns the longest series of lines that stand once in either text and
// in the same order in both.
func anchors(x, y []string) []pair {
	type place struct{ x, y, nx, ny int }
	seen := make(map[string]*place, len(x))
	for i, line := range x {
		if p := seen[line]; p != nil {
			p.nx++
		} else {
			seen[line] = &place{x: i, nx: 1}
		}
	}
	for i, line := range y {
		if p := seen[line]; p != nil {
			p.ny++
			p.y = i
		}
	}
	var both []pair // by x
	for i, line := range x {
		if p := seen[line]; p.x == i && p.nx == 1 && p.ny == 1 {
			both = append(both, pair{i, p.y})
		}
	}
	// The longest increasing subsequence of y: ends[n] is the pair with the
	// smallest y that ends one of n+1 pairs, before is what precedes each.
	var ends, before []int
	for i, p := range both {
		n := sort.Search(len(ends), func(n int) bool { return both[ends[n]].y >= p.y })
		if n == len(ends) {
			ends = append(ends, i)
		} else {
			ends[n] = i
		}
		before = append(before, -1)
		if n > 0 {
			before[i] = ends[n-1]
		}
	}
	list := make([]pair, len(ends))
	for n := len(ends) - 1; n >= 0; n-- {
		i := ends[len(ends)-1]
		list[n], ends[len(ends)-1] = both[i], before[i]
	}
	return list
}
