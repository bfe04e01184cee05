package present

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/lsp/document"
)

// Source is the source of our diagnostics.
const Source = "llmls"

// publish shows the beginning of each answer as an information at its code, if
// the user wants that, and takes it back when the code changes.
func (p *Presenter) publish(ctx context.Context) {
	wanted, view := p.Inline(), p.view.Load()
	if view == nil {
		return
	}
	documents := map[uri.URI][]protocol.Diagnostic{}
	for key := range p.diagnosed { // also documents without answers now
		documents[key] = []protocol.Diagnostic{}
	}
	if wanted {
		for _, doc := range p.documents(view) {
			documents[document.Key(doc.URI)] = p.diagnostics(doc)
		}
	}
	for key, list := range documents {
		said := ""
		for i := range list {
			said += fmt.Sprintf("%v %v\n", list[i].Range, list[i].Message)
		}
		if p.diagnosed[key] == said {
			continue
		}
		p.diagnosed[key] = said
		u := key
		if doc, ok := view.Document(key); ok {
			u = doc.URI
		}
		_ = p.Conn.Notify(ctx, protocol.MethodTextDocumentPublishDiagnostics, &protocol.PublishDiagnosticsParams{URI: u, Diagnostics: list})
		if said == "" {
			delete(p.diagnosed, key)
		}
	}
}

func (p *Presenter) diagnostics(doc *document.Document) []protocol.Diagnostic {
	list := []protocol.Diagnostic{}
	for _, a := range p.at(doc, 0, doc.Text.LineCount()) {
		r := a.Range
		if r.Start == r.End { // an empty range means its line
			r.Start.Character, r.End = 0, doc.Text.Position(doc.Text.LineEnd(a.last), p.Encoding)
		}
		list = append(list, protocol.Diagnostic{
			Range: r, Severity: protocol.DiagnosticSeverityInformation, Source: protocol.NewOptional(Source),
			Message: p.message(a.Shown),
		})
	}
	return list
}

// documents returns the open documents that answers are shown in.
func (p *Presenter) documents(view *document.View) []*document.Document {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []*document.Document
	for _, s := range p.shown {
		if doc, ok := view.Document(s.URI); ok && s.Anchor != nil && !slices.Contains(list, doc) {
			list = append(list, doc)
		}
	}
	return list
}

// message returns what the diagnostic of an answer says.
func (p *Presenter) message(s *Shown) protocol.InlayHintTooltip {
	line := s.paragraph()
	// A text that is cut might have the beginning of a mark without its end.
	if p.Client.MarkdownHint && line != "" && len(line) <= summaryWidth {
		return &protocol.MarkupContent{Kind: protocol.MarkupKindMarkdown, Value: line}
	}
	return protocol.String(s.summary())
}

// summaryWidth is about how much an editor shows of a diagnostic, in bytes.
const summaryWidth = 240

// paragraph returns the first paragraph of the answer, in one line of Markdown.
func (s *Shown) paragraph() string {
	line := ""
	for l := range strings.Lines(s.start()) {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "#") || strings.HasPrefix(l, "```") {
			continue
		}
		if l == "" && line != "" {
			break
		}
		line += " " + l
	}
	return oneLine(line)
}

// start returns the beginning of the answer, in which its first sentences are.
func (s *Shown) start() string {
	text := s.Text()
	return text[:min(len(text), 8*summaryWidth)]
}

// summary returns the first sentences of the answer, in one line without marks.
func (s *Shown) summary() string {
	line := oneLine(strings.NewReplacer("**", "", "`", "").Replace(s.paragraph()))
	if line == "" {
		line = oneLine(s.start())
	}
	if len(line) <= summaryWidth {
		return line
	}
	cut := strings.ToValidUTF8(line[:summaryWidth], "")
	if end := strings.LastIndex(cut, ". "); end > summaryWidth/3 {
		return cut[:end+1]
	}
	if end := strings.LastIndexByte(cut, ' '); end > 0 {
		cut = cut[:end]
	}
	return cut + "…"
}
