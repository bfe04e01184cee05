package lsp

import (
	"context"
	"errors"
	"strings"
	"sync"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/lsp/ignore"
	"github.com/llmls/llmls/internal/lsp/settings"
)

// A turnstile lets one request pass at a time: what each holds for a moment,
// copies of a text, must not be there a thousand times.
type turnstile chan struct{}

func newTurnstile() turnstile { return make(turnstile, 1) }

// enter waits for its turn. It returns the function that gives it up, or ctx's
// cause.
func (t turnstile) enter(ctx context.Context) (leave func(), err error) {
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// asked is what a command asks, ready to be sent.
type asked struct {
	turn    *chat.Turn
	prompt  *settings.Prompt
	request *completion.Request
	anchor  *document.Anchor // of its code, if that is a part of an open document
	first   int              // the first line of it, from 1
}

// prompt assembles what to ask, from the documents as they stood when the
// command arrived, and lets go of them: an answer may wait for minutes. Who
// wants a file waits only for others who do, because a disk may hang.
func (s *Server) prompt(ctx context.Context, inv *invocation, q *queryArgs, options *settings.Settings) (*asked, error) {
	history, known := s.answers.History(q.Conversation)
	if q.Conversation != "" && !known {
		return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailNoConversation}
	}
	if _, open := inv.call.view.Document(q.URI); q.URI != "" && !open {
		leave, err := s.reading.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
	}
	doc, err := s.document(inv.call.view, q.URI)
	inv.call.view = nil
	if err != nil {
		return nil, err
	}
	leave, err := s.assembly.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	a := &asked{}
	if a.turn, err = s.turn(doc, q); err != nil {
		return nil, err
	}
	if code := a.turn.Code; code != nil && q.Range != nil {
		a.anchor, a.first = doc.Anchor(code.FirstLine, code.LastLine), code.FirstLine
	}
	a.prompt, a.request, err = s.keys.Request(options, a.turn, history)
	return a, err
}

// turn is what a query asks about doc, which is nil if it is about none.
func (s *Server) turn(doc *document.Document, q *queryArgs) (*chat.Turn, error) {
	turn := &chat.Turn{Question: q.Question}
	if doc == nil {
		return turn, nil
	}
	if q.Version != nil && doc.Version != document.NoVersion && *q.Version != doc.Version {
		return nil, errContentModified
	}
	excerpt := doc.All()
	if q.Range != nil {
		excerpt = doc.Excerpt(*q.Range, contextLines)
	}
	if len(excerpt.Text) > maxSelection {
		return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailSelectionTooLarge}
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

// maxSelection bounds the code of one prompt in bytes, four times what the
// largest models take: a prompt is copied several times on its way.
const maxSelection = 8 << 20

// contextLines is how many lines around a selection are read: more than chat
// sends, because a selection inside a private key can only be told by the lines
// that begin or end it. One of 16,384 bits has 198.
const contextLines = 256

// mayLeave fails with a *completion.Error of kind Blocked if nothing of the
// document u may be sent, open or not.
func (s *Server) mayLeave(u uri.URI, allow []string) error {
	key := document.Key(u)
	switch {
	case u == "":
		return nil
	case !key.IsFile():
		return ignore.CheckName(key.Path(), allow)
	}
	return ignore.Check(ignore.File{Path: key.FsPath(), Folder: s.folders.Folder(u), Name: s.folders.RelPath(u)}, allow)
}

// document returns an open document, or reads the file if it belongs to the
// workspace. It is nil if u is "".
func (s *Server) document(view *document.View, u uri.URI) (*document.Document, error) {
	if u == "" {
		return nil, nil
	}
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

// maxMessage bounds the message of a diagnostic that is remembered, in bytes: a
// prompt has no room for more.
const maxMessage = 4 << 10

// toDiagnostics returns copies that keep no message of the client alive.
func toDiagnostics(list []protocol.Diagnostic) []chat.Diagnostic {
	var short []chat.Diagnostic
	for i := range list {
		d := toDiagnostic(&list[i])
		d.Message, d.Source = beginning(d.Message), beginning(d.Source)
		short = append(short, d)
	}
	return short
}

func beginning(s string) string {
	return strings.Clone(strings.ToValidUTF8(s[:min(len(s), maxMessage)], ""))
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
	diagnostics []chat.Diagnostic
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
	return last.diagnostics
}
