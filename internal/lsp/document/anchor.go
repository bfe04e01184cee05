package document

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// A step is a point in the history of an open document. It leads to the next one,
// not to the one before, so that the garbage collector frees what no Anchor still
// has to follow.
type step struct {
	number int    // counts the changes of all documents, so that later ones have larger ones
	edits  []Edit // to the next; written before it is there
	next   atomic.Pointer[step]
}

// An Edit is the replacement of the bytes [Start, End) by Inserted others.
type Edit struct{ Start, End, Inserted int }

// maxCompared bounds the texts that are compared to find out what a change left
// as it was, in bytes.
const maxCompared = 1 << 20

// editOf returns the edit that turns old, which starts at start, into with, without the
// beginning and the end that both have in common: an editor may replace a whole text to
// change one letter of it.
func editOf(start int, old, with string) Edit {
	prefix := commonPrefix(old, with)
	old, with = old[prefix:], with[prefix:]
	suffix := 0
	for suffix < min(len(old), len(with)) && old[len(old)-1-suffix] == with[len(with)-1-suffix] {
		suffix++
	}
	start += prefix
	return Edit{start, start + len(old) - suffix, len(with) - suffix}
}

func commonPrefix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// step begins a history.
func (s *Store) step() *step {
	s.steps++
	return &step{number: s.steps}
}

// follow adds to the history what led from it to next.
func (s *step) follow(edits []Edit, next *step) {
	s.edits = edits
	s.next.Store(next)
}

// An Anchor follows whole lines of a document while that is edited. It recognises them by
// their text: while that is changed the lines count as lost, and they are found again
// when the change is undone, or when the document is closed and opened with the same
// text. Safe for concurrent use.
type Anchor struct {
	count int // of the lines
	seed  maphash.Seed
	sum   uint64 // of their text

	mu sync.Mutex
	at *step
	// Where the first line may start. Something that is inserted right there
	// stands in front of it, or is the line itself that was gone: before is the
	// place in front of both, after the one behind.
	before, after int
	end           int // where the last line may end
	first         int // the line it was last found at, from 0
	found         bool
	moved         bool // the text has changed since
}

// Anchor returns an anchor for the lines first to last, counted from 1 as in an
// Excerpt.
func (d *Document) Anchor(first, last int) *Anchor {
	a := &Anchor{count: last - first + 1, seed: maphash.MakeSeed(), at: d.history, first: first - 1, found: true}
	a.before = d.Text.LineStart(first - 1)
	a.after = a.before
	a.end = d.Text.LineEnd(last - 1)
	a.sum, _ = a.read(d, first-1)
	return a
}

// Len returns the number of lines.
func (a *Anchor) Len() int { return a.count }

// Line returns the first of the lines in d, counted from 0. ok is false if they
// are not there, or not as they were.
func (a *Anchor) Line(d *Document) (line int, ok bool) {
	if d.Trusted() != nil {
		return 0, false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.at == d.history && !a.moved {
		return a.first, a.found
	}
	newer := a.catchUp(d.history) || a.moved && a.at == d.history
	for _, off := range []int{a.after, a.before} {
		if off > d.Text.Len() {
			continue
		}
		line := d.Text.at(off).breaks
		if sum, whole := a.read(d, line); !whole || sum != a.sum {
			continue
		}
		if newer {
			a.first, a.found, a.moved = line, true, false
			a.before = d.Text.LineStart(line)
			a.after = a.before
			a.end = d.Text.LineEnd(line + a.count - 1)
		}
		return line, true
	}
	a.found, a.moved = a.found && !newer, a.moved && !newer
	return 0, false
}

// Now returns the first and the last line, counted from 0, of the text in d that is now
// where the lines were, even if it was edited. ok is false if there is none.
func (a *Anchor) Now(d *Document) (first, last int, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.moved = a.at != d.history && a.catchUp(d.history) || a.moved
	if a.after >= a.end || a.end > d.Text.Len() {
		return 0, 0, false
	}
	return d.Text.at(a.after).breaks, d.Text.at(a.end).breaks, true
}

// catchUp follows the history up to to, and reports whether that is newer than the step
// that a was at. A document that was closed and opened has a new history; catchUp assumes
// that its text is the one that it had when it was closed.
func (a *Anchor) catchUp(to *step) (newer bool) {
	if a.at != nil && (to == nil || to.number < a.at.number) {
		return false // an older view
	}
	for a.at != nil && a.at != to {
		next := a.at.next.Load()
		if next == nil {
			break
		}
		for _, e := range a.at.edits {
			a.before, a.after, a.end = e.Before(a.before), e.After(a.after), e.After(a.end)
		}
		a.at = next
	}
	a.at = to
	return true
}

// Before returns where the place off is after e. Text that is inserted right at off comes
// behind it.
func (e Edit) Before(off int) int {
	switch {
	case off <= e.Start:
		return off
	case off >= e.End:
		return off + e.Inserted - (e.End - e.Start)
	}
	return e.Start
}

// After is Before, but text that is inserted right at off comes in front of it.
func (e Edit) After(off int) int {
	switch {
	case off >= e.End:
		return off + e.Inserted - (e.End - e.Start)
	case off <= e.Start:
		return off
	}
	return e.Start + e.Inserted
}

// read returns the sum of as many lines as a has, from first on, and whether
// there are so many.
func (a *Anchor) read(d *Document, first int) (sum uint64, whole bool) {
	last := first + a.count - 1
	if last >= d.Text.LineCount() {
		return 0, false
	}
	var h maphash.Hash // in place: the lines may be megabytes
	h.SetSeed(a.seed)
	d.Text.root.each(d.Text.LineStart(first), d.Text.LineEnd(last), func(piece string) bool {
		_, err := h.WriteString(piece)
		return err == nil // writing to a hash never fails
	})
	return h.Sum64(), true
}
