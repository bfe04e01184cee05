package present

import (
	"context"
	"slices"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/document"
)

// Scheme is the URI scheme of the documents whose text the server provides. The
// first element of the path is a conversation; the rest is only a name to show.
// The document answersURI has every answer that the caller does not show itself.
const Scheme = "llmls"

const answersURI uri.URI = Scheme + ":/answers.md"

// maxServed is how many of these documents are kept up to date.
const maxServed = 64

// Content returns the text of an llmls: document as it is now. ok is false if this
// session has no such conversation.
func (p *Presenter) Content(u uri.URI) (text string, ok bool) {
	u = document.Key(u)
	text, ok = p.content(u)
	p.mu.Lock()
	defer p.mu.Unlock()
	if ok && (len(p.served) < maxServed || p.served[u] > 0) {
		p.served[u] = len(text)
	}
	return text, ok
}

func (p *Presenter) content(u uri.URI) (text string, ok bool) {
	scheme, path, _ := strings.Cut(string(u), ":")
	if scheme != Scheme {
		return "", false
	}
	conversation, _, named := strings.Cut(strings.TrimLeft(path, "/"), "/")
	var turns []answer.Summary
	for _, a := range slices.Backward(p.Answers()) {
		if named && a.Conversation == conversation || u == answersURI && p.isShown(a.ID) {
			turns = append(turns, a)
		}
	}
	return Markdown(turns), len(turns) > 0
}

func (p *Presenter) isShown(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.shown, func(s *Shown) bool { return s.ID == id })
}

// refreshContent tells the editor which of the documents it has read have more
// text now, and opens the one with all answers when there is something in it.
func (p *Presenter) refreshContent(ctx context.Context) {
	p.mu.Lock()
	show := len(p.fresh(func(*Shown) bool { return false })) > 0 && !p.file.opened || p.file.wanted
	focus := p.file.wanted
	p.file.opened, p.file.wanted = p.file.opened || show, false
	served := make(map[uri.URI]int, len(p.served))
	for u, length := range p.served {
		served[u] = length
	}
	p.mu.Unlock()
	if show && p.Client.ShowDocument {
		var shown protocol.ShowDocumentResult
		_ = p.call(ctx, protocol.MethodWindowShowDocument, &protocol.ShowDocumentParams{URI: answersURI, TakeFocus: &focus}, &shown)
	}
	for u, length := range served {
		text, ok := p.content(u)
		if ok && len(text) == length {
			continue
		}
		p.mu.Lock()
		p.served[u] = len(text)
		p.mu.Unlock()
		err := p.call(ctx, protocol.MethodWorkspaceTextDocumentContentRefresh, &protocol.TextDocumentContentRefreshParams{URI: u}, nil)
		if err != nil || !ok {
			p.mu.Lock()
			delete(p.served, u)
			p.mu.Unlock()
		}
	}
}
