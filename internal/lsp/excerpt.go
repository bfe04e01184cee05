package lsp

import (
	"errors"
	"slices"
	"sync"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/lsp/document"
)

// turn reads the code that a query is about.
func (s *Server) turn(view *document.View, q *queryArgs) (*chat.Turn, error) {
	turn := &chat.Turn{Question: q.Question}
	if q.URI == "" {
		return turn, nil
	}
	doc, err := s.document(view, q.URI)
	if err != nil {
		return nil, err
	}
	if q.Version != nil && doc.Version != document.NoVersion && *q.Version != doc.Version {
		return nil, errContentModified
	}
	excerpt := doc.All()
	if q.Range != nil {
		excerpt = doc.Excerpt(*q.Range, chat.WindowLines)
	}
	turn.Code = &chat.Code{
		Path: s.folders.RelPath(q.URI), Language: doc.LanguageID,
		FirstLine: excerpt.FirstLine, LastLine: excerpt.LastLine,
		Text: excerpt.Text, Before: excerpt.Before, After: excerpt.After,
	}
	if q.Diagnostic != nil {
		problem := toDiagnostic(q.Diagnostic)
		turn.Problem = &problem
	}
	turn.Diagnostics = s.place.problems(q)
	return turn, nil
}

// document returns an open document, or reads the file if it belongs to the
// workspace.
func (s *Server) document(view *document.View, u uri.URI) (*document.Document, error) {
	if doc, ok := view.Document(u); ok {
		var diverged *document.DivergedError
		if errors.As(doc.Trusted(), &diverged) {
			return nil, &completion.Error{Kind: completion.BadRequest, Detail: diverged.Sentence(), Err: diverged}
		}
		return doc, nil
	}
	doc, err := s.folders.ReadFile(u, s.client.encoding)
	if err != nil {
		return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailUnreadable(err), Err: err}
	}
	return doc, nil
}

func toDiagnostic(d *protocol.Diagnostic) chat.Diagnostic {
	source, _ := d.Source.Get()
	return chat.Diagnostic{
		Severity: chat.Severity(d.Severity), Line: int(d.Range.Start.Line) + 1,
		Message: diagnosticMessage(d), Source: source,
	}
}

// A place is where the user was last seen: the range of the last code-action
// request, and the diagnostics that came with it. A bare question is about it.
// Safe for concurrent use.
type place struct {
	mu   sync.Mutex
	last seen
}

type seen struct {
	uri         uri.URI // "" if the user was not seen yet
	rng         protocol.Range
	diagnostics []protocol.Diagnostic
}

func (p *place) set(last seen) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = last
}

func (p *place) get() seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// problems returns the diagnostics that the client showed in the range of q,
// when it is the one the user was last seen at: a command carries none itself.
func (p *place) problems(q *queryArgs) []chat.Diagnostic {
	last := p.get()
	if q.URI != last.uri || q.Range == nil || *q.Range != last.rng {
		return nil
	}
	var list []chat.Diagnostic
	for d := range slices.Values(last.diagnostics) {
		list = append(list, toDiagnostic(&d))
	}
	return list
}
