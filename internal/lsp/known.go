package lsp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/related"
	"github.com/llmls/llmls/internal/ignore"
	"github.com/llmls/llmls/internal/lsp/document"
)

// A contextPlace is code that the caller knows to belong to what is asked, such as
// the definition of a name in it.
type contextPlace struct {
	URI   uri.URI        `json:"uri"`
	Range protocol.Range `json:"range"`
	Why   string         `json:"why,omitzero"`
	Text  string         `json:"text,omitzero"` // the lines of Range, needed for a file outside of the workspace
}

// contextPlaces are the first of them, as many as are used.
type contextPlaces = few[contextPlace]

// UnmarshalJSON implements json.Unmarshaler.
func (p *contextPlace) UnmarshalJSON(raw []byte) error {
	if path := missing(raw, "uri "+needsRange); path != "" {
		return fmt.Errorf("a place needs %s", path)
	}
	type plain contextPlace
	if err := protocol.Unmarshal(raw, (*plain)(p)); err != nil {
		return err //nolint:wrapcheck // the decoder says where
	}
	return known(p.URI)
}

const (
	// maxWhy bounds the reason of a place in bytes.
	maxWhy = 80
	// farthest is how many lines may lie between two places of a file of which only
	// their texts are known.
	farthest = 20_000
)

// known returns the places that the caller sent, for the search. Each file that they name
// passes the same checks as a file that is asked about.
func (w *search) known() []related.Place {
	var list []related.Place
	checker := ignore.NewChecker(w.allow)
	defer func() { w.s.tellRules(checker.Notes()) }()
	loose := map[uri.URI]*loose{}
	for i := range w.places {
		p := &w.places[i]
		first, last := lineSpan(p.Range)
		place := related.Place{
			Path: w.s.folders.RelPath(p.URI), First: first + 1, Last: last + 1, Why: why(p.Why),
		}
		folder, rel, inFolder := w.s.folders.Locate(p.URI)
		key := document.Key(p.URI)
		switch {
		case key == document.Key(w.asked):
			place.Path, place.Cell = w.path, w.cell
		case w.cell > 0 && w.view.Home(p.URI) == w.view.Home(w.asked):
			_, place.Cell, _ = w.view.Notebook(p.URI)
			place.Path = w.path
		case inFolder && folder == w.folder:
			place.Path = rel
		case inFolder:
			if place.File = w.below(folder).File(rel); place.File == nil {
				place.Cannot = completion.WhyPlaceUnread
			}
		default:
			if loose[key] == nil {
				loose[key] = w.loose(checker, p.URI)
			}
			place.Cannot = loose[key].add(p.Text, first, len(list))
		}
		list = append(list, place)
	}
	for _, l := range loose {
		l.finish(list)
	}
	return list
}

func why(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s[:min(len(s), maxWhy)], "")), " ")
	return cmp.Or(s, completion.WhyPlace)
}

// A loose file is in no folder of the workspace. Its text is that of the open document
// or, if it is not open, the parts that the caller sent.
type loose struct {
	path   string
	doc    *document.Document
	cannot string // why nothing of it is shown
	parts  []part
}

// A part is some lines of a loose file, for one place.
type part struct {
	first int // from 0
	text  string
	place int
}

func (w *search) loose(checker *ignore.Checker, u uri.URI) *loose {
	l := &loose{path: w.s.folders.RelPath(u)}
	if w.ctx.Err() != nil || w.s.checkSend(checker, w.s.folders.Paths(), u) != nil {
		l.cannot = completion.WhyPlaceUnread
		return l
	}
	if doc, open := w.view.Document(u); open {
		if l.doc = doc; doc.Trusted() != nil {
			l.cannot = completion.WhyPlaceUnread
		}
	}
	return l
}

// add notes a place, or returns why it cannot be shown.
func (l *loose) add(text string, first, place int) (cannot string) {
	switch {
	case l.cannot != "":
		return l.cannot
	case l.doc == nil && text == "":
		return completion.WhyPlaceOutside
	}
	l.parts = append(l.parts, part{first, text, place})
	return ""
}

// finish gives the places of l their file. Where only parts of it are known, it has
// empty lines between them.
func (l *loose) finish(list []related.Place) {
	if len(l.parts) == 0 {
		return
	}
	slices.SortStableFunc(l.parts, func(a, b part) int { return a.first - b.first })
	first, end := l.parts[0].first, l.parts[0].first
	var text strings.Builder
	var inside []int
	for _, p := range l.parts {
		if p.first > end+farthest {
			list[p.place].Cannot = completion.WhyPlaceUnread
			continue
		}
		inside = append(inside, p.place)
		for ; end < p.first; end++ {
			text.WriteByte('\n')
		}
		at := p.first
		for line := range strings.Lines(p.text) {
			if at == end {
				text.WriteString(strings.TrimRight(line, "\r\n") + "\n")
				end++
			}
			at++
		}
	}
	file := related.NewPart(l.path, "", text.String(), first)
	if l.doc != nil {
		whole, _ := l.doc.Around(1, 1, searchAround)
		file = related.NewPart(l.path, l.doc.LanguageID, whole, 0)
	}
	for _, i := range inside {
		list[i].File = file
	}
}
