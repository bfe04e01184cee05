package related

import "github.com/llmls/llmls/internal/completion"

// A Place is code that somebody knows to belong to the selection, such as the
// language server of an editor.
type Place struct {
	Path        string // of a file of the Source, or of the query's own file
	File        *File  // instead, a file that the Source does not have
	Cell        int    // as of a Piece
	First, Last int    // from 1, inclusive
	Why         string // it belongs to the selection
	Cannot      string // why it cannot be shown, "" if it can
}

// maxComment is how many lines of comment may stand above what a place means.
const maxComment = 40

// places takes the places that the caller sent: the definition on the first line of code
// of each, or its lines if they define nothing.
func (c *collector) places(places []Place) {
	for i := range places {
		p := &places[i]
		f := p.File
		if f == nil && p.Cannot == "" {
			f = c.file(p.Path)
		}
		if f == nil {
			c.omitPlace(p)
			continue
		}
		f = f.parsed()
		first, last := f.lines(p.Cell, p.First, p.Cell, p.Last)
		if first < 0 || last < first {
			c.omitPlace(p)
			continue
		}
		c.takePlace(f, span{first, last}, p.Why)
	}
}

func (c *collector) takePlace(f *File, s span, why string) {
	at := s.first
	for at < s.last && at < s.first+maxComment && f.indent[at] < 0 {
		at++
	}
	if c.has(f, at) {
		return // such as a name that the selection itself defines
	}
	var found *ref
	for n := range f.defs {
		d := &f.defs[n]
		if int(d.line) == at {
			if c.uses[d.name] != nil {
				c.done[d.name] = true
			}
			if found == nil {
				found = &ref{f, int32(n)}
			}
		}
	}
	if found == nil {
		lines := span{at, min(s.last, at+maxHead)}
		if c.take(f, lines, why) || c.take(f, span{at, at}, why) {
			c.associate(f, at)
		}
		return
	}
	c.takeDef(*found, why, 0)
	if found.def().kind == kindType {
		c.reach(*found, 0)
	}
}

// omitPlace notes that p cannot be shown.
func (c *collector) omitPlace(p *Place) {
	path, cannot := p.Path, p.Cannot
	if p.File != nil {
		path = p.File.Path
	}
	if cannot == "" {
		cannot = completion.WhyPlaceUnread
	}
	c.omit(Omitted{Path: path, Cell: p.Cell, First: p.First, Last: max(p.First, p.Last), Why: p.Why, Cannot: cannot})
}
