package document

import (
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// A Document is one version of a document that is open in the editor or was read
// from disk. It never changes.
type Document struct {
	URI        uri.URI
	LanguageID string // as the editor names it, or guessed from the file's name
	Version    int32  // NoVersion if it has none
	Text       *Text  // empty while the copy cannot be trusted

	key      uri.URI // of an open document
	enc      Encoding
	diverged error // why the copy cannot be trusted
	history  *step // of an open document: the step of its history that this is
}

// Trusted returns nil if the text is what the editor shows, and a
// *DivergedError if it may not be. Such a document has no text, so that nothing
// wrong is ever excerpted from it, until it is opened again or replaced whole.
func (d *Document) Trusted() error {
	if d.diverged == nil {
		return nil
	}
	return &DivergedError{URI: d.URI, Err: d.diverged}
}

// An Excerpt is a piece of a document and what stands around it: Before, Text
// and After follow one another without a gap.
type Excerpt struct {
	Text                string
	Before, After       string
	FirstLine, LastLine int // of Text, counted from 1
	Lines               int // of the document, without the empty one behind its last line break
}

// maxAround bounds Before and After in bytes, each. No prompt has room for
// more, and a document may be one line of 10 MB.
const maxAround = 64 << 10

// All returns the whole text.
func (d *Document) All() Excerpt {
	return d.excerpt(0, d.Text.Len(), 0)
}

// Excerpt returns the text in r, in the negotiated encoding, with at most
// around lines and 64 KiB on each side, besides the rest of the line where r
// starts or ends inside one. An empty range means its line, without the line
// break; a reversed one is turned; positions are clamped as by Text.Offset.
func (d *Document) Excerpt(r protocol.Range, around int) Excerpt {
	start, end := d.offsets(r)
	return d.excerpt(start, end, around)
}

// Beginning is Excerpt of no more than the first limit bytes of r.
func (d *Document) Beginning(r protocol.Range, around, limit int) Excerpt {
	start, end := d.offsets(r)
	return d.excerpt(start, min(end, start+limit), around)
}

// Around returns the text from the start of line first, with whole lines and at
// most limit bytes in front of it, to limit bytes behind line last, and how many
// lines are missing in front of it. Lines count from 1.
func (d *Document) Around(first, last, limit int) (text string, missing int) {
	t := d.Text
	from, to := t.LineStart(first-1), t.LineEnd(last-1)
	if line := t.at(max(0, from-limit)).breaks; line > 0 {
		missing = min(line+1, first-1)
	}
	return t.Slice(t.LineStart(missing), min(to+limit, t.Len())), missing
}

// Lines returns the lines of r, counted from 1, as Excerpt has them.
func (d *Document) Lines(r protocol.Range) (first, last int) { return d.lines(d.offsets(r)) }

func (d *Document) offsets(r protocol.Range) (start, end int) {
	start, end = d.Text.Offset(r.Start, d.enc), d.Text.Offset(r.End, d.enc)
	if start > end {
		start, end = end, start
	}
	if start == end {
		line := d.Text.at(start).breaks
		start, end = d.Text.LineStart(line), d.Text.LineEnd(line)
	}
	return start, end
}

func (d *Document) excerpt(start, end, around int) Excerpt {
	t := d.Text
	first, last := d.lines(start, end)
	from := max(t.LineStart(max(first-1-around, 0)), t.ceil(start-maxAround))
	to := t.Len()
	if next := last + around; next < t.LineCount() {
		to = t.LineStart(next)
	}
	to = min(to, end+maxAround) // Slice rounds it down to the start of a rune
	lines := t.LineCount()
	if lines > 1 && t.LineStart(lines-1) == t.Len() {
		lines--
	}
	return Excerpt{
		Text: t.Slice(start, end), Before: t.Slice(from, start), After: t.Slice(end, max(to, end)),
		FirstLine: first, LastLine: last, Lines: lines,
	}
}

// lines returns the lines of [start, end), counted from 1.
func (d *Document) lines(start, end int) (first, last int) {
	first, last = d.Text.at(start).breaks, d.Text.at(end).breaks
	if end > start && end == d.Text.LineStart(last) {
		last-- // whole lines are selected up to the start of the next one
	}
	return first + 1, max(first, last) + 1
}
