package present

import (
	"strings"

	"github.com/llmls/llmls/internal/lsp/document"
)

// A change replaces [start, end) of before, the page before the change.
type change struct {
	before     *document.Text
	start, end int
	text       string
	written    []int // how much of each answer is written after the change, in bytes
}

// after returns the page after the change.
func (c *change) after() version { return version{c.before.Replace(c.start, c.end, c.text), c.written} }

// lines returns the change as a replacement of the whole lines [first, last):
// editors agree on how lines are counted, and not on how characters are.
func (c *change) lines() (first, last int, text string) {
	line := func(off int) int { return int(c.before.Position(off, document.UTF8).Line) }
	first = line(c.start)
	if c.start == c.end && strings.HasPrefix(c.text, "\n") && c.start < c.before.Len() && c.before.Slice(c.start, c.start+1) == "\n" {
		return first + 1, first + 1, c.text[1:] + "\n" // nothing of the line changes
	}
	text = c.before.Slice(c.before.LineStart(first), c.start) + c.text
	last = line(c.end)
	if c.end == c.before.LineStart(last) {
		return first, last, text
	}
	end := c.before.Len()
	if last+1 < c.before.LineCount() {
		end = c.before.LineStart(last + 1)
	}
	return first, last + 1, text + c.before.Slice(c.end, end)
}

// A version is the page as the editor may have it.
type version struct {
	text    *document.Text
	written []int // how much of each answer is written, in bytes
}

// takes reports whether [start, end) lies within the text that c inserts.
func (c *change) takes(start, end int) bool { return start >= c.start && end <= c.start+len(c.text) }

// take returns what has changed since the last call, in order.
func (p *page) take() []change {
	changes := p.changes
	p.changes = nil
	return changes
}

// version is the page as it is now.
func (p *page) version() version { return version{p.text, p.written()} }

func (p *page) written() []int {
	var written []int
	for _, s := range p.sections {
		written = append(written, s.end-s.body)
	}
	return written
}

// replace replaces a part of the page. Marks of sections at start stay, but for
// those of the sections behind it.
func (p *page) replace(start, end int, text string) {
	if last := len(p.changes) - 1; last >= 0 && p.changes[last].takes(start, end) {
		c := &p.changes[last]
		c.text = c.text[:start-c.start] + text + c.text[end-c.start:]
	} else {
		p.changes = append(p.changes, change{before: p.text, start: start, end: end, text: text})
	}
	p.text = p.text.Replace(start, end, text)
	for _, s := range p.sections {
		s.move(document.Edit{Start: start, End: end, Inserted: len(text)})
	}
}

// wrote notes how much of the answers the last change has written.
func (p *page) wrote() {
	if last := len(p.changes) - 1; last >= 0 {
		p.changes[last].written = p.written()
	}
}
