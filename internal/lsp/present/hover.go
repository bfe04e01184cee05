package present

import (
	"strings"

	"go.lsp.dev/protocol"

	"github.com/llmls/llmls/internal/completion/safety"
	"github.com/llmls/llmls/internal/lsp/document"
)

// Hover returns the answers about the line of pos in full, the newest first,
// also while they grow, or nil.
func (p *Presenter) Hover(doc *document.Document, pos protocol.Position) *protocol.Hover {
	at := p.at(doc, int(pos.Line), int(pos.Line))
	if len(at) == 0 {
		return nil
	}
	var texts []string
	for _, a := range at {
		ending := a.Ending() // first: behind it the text is whole
		text := strings.TrimRight(a.Text(), "\n")
		if ending == "" {
			texts = append(texts, safety.Closed(text)+" …")
		} else {
			texts = append(texts, finished(text, ending))
		}
	}
	contents := &protocol.MarkupContent{Kind: protocol.MarkupKindPlainText, Value: strings.Join(texts, "\n\n---\n\n")}
	if p.Client.Markdown {
		contents.Kind = protocol.MarkupKindMarkdown
	}
	return &protocol.Hover{Contents: contents, Range: &at[0].Range}
}
