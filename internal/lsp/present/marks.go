package present

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"go.lsp.dev/protocol"

	"github.com/llmls/llmls/internal/lsp/document"
)

// markWidth keeps what stands between or behind lines of code short, in runes.
const markWidth = 80

// Lenses returns a line above each code that has an answer; command shows it.
func (p *Presenter) Lenses(doc *document.Document, command string) []protocol.CodeLens {
	lenses := []protocol.CodeLens{}
	for _, a := range p.at(doc, 0, doc.Text.LineCount()) {
		at := protocol.Position{Line: uint32(a.first)}
		lenses = append(lenses, protocol.CodeLens{
			Range:   protocol.Range{Start: at, End: at},
			Command: protocol.Command{Title: a.mark(), Command: command},
		})
	}
	return lenses
}

// Hints returns a hint behind the first line of each code in r that has an
// answer.
func (p *Presenter) Hints(doc *document.Document, r protocol.Range) []protocol.InlayHint {
	hints := []protocol.InlayHint{}
	for _, a := range p.at(doc, int(r.Start.Line), int(min(r.End.Line, uint32(doc.Text.LineCount())))) {
		hints = append(hints, protocol.InlayHint{
			Position: doc.Text.Position(doc.Text.LineEnd(a.first), p.Encoding),
			Label:    protocol.String(a.mark()), PaddingLeft: new(true),
		})
	}
	return hints
}

// mark is the beginning of the answer.
func (s *Shown) mark() string {
	line := s.summary()
	if utf8.RuneCountInString(line) > markWidth {
		line = string([]rune(line)[:markWidth-1]) + "…"
	}
	return Source + ": " + line
}

// refreshMarks has the editor ask for lenses and hints anew when they have changed.
func (p *Presenter) refreshMarks(ctx context.Context) {
	view := p.view.Load()
	if view == nil || !p.Client.LensRefresh && !p.Client.HintRefresh {
		return
	}
	var b strings.Builder
	for _, doc := range p.documents(view) {
		for _, a := range p.at(doc, 0, doc.Text.LineCount()) {
			fmt.Fprintln(&b, a.ID, a.first, a.mark())
		}
	}
	if b.String() == p.marked {
		return
	}
	p.marked = b.String()
	if p.Client.LensRefresh {
		_ = p.call(ctx, protocol.MethodWorkspaceCodeLensRefresh, nil, nil)
	}
	if p.Client.HintRefresh {
		_ = p.call(ctx, protocol.MethodWorkspaceInlayHintRefresh, nil, nil)
	}
}
