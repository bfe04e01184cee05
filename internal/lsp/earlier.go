package lsp

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/safety"
	"github.com/llmls/llmls/internal/conversations"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/lsp/present"
)

// earlierTurns returns the turns of a conversation as its file has them, the latest
// first. The person may have edited the file: its text is sanitised as answers are.
func (s *Server) earlierTurns(id string) ([]answer.Summary, error) {
	c, err := s.keeper.Store.Load(id)
	if errors.Is(err, conversations.ErrNone) {
		return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailNotKept(id)}
	}
	if err != nil {
		return nil, err
	}
	list := []answer.Summary{}
	for i := range c.Turns {
		t := &c.Turns[i]
		turn := answer.Summary{
			ID: fmt.Sprintf("%s/%d", id, i+1), Conversation: id, URI: uri.URI(t.URI), Range: lspRange(t.Range),
			Question: s.harmless(t.Shown), Text: s.harmless(t.Answer.Text), FinishReason: completion.FinishReason(t.Finish),
			Title: t.Title, Footer: s.harmless(t.Footer),
		}
		if turn.FinishReason == "" { // the process ended during the answer
			turn.FinishReason = answer.FinishIncomplete
		}
		if t.Shown == "" && t.Title == "" { // the comments are gone
			turn.Question = s.harmless(t.Question.Text)
		}
		list = append(list, turn)
	}
	slices.Reverse(list)
	return list, nil
}

func (s *Server) harmless(text string) string {
	var z safety.Sanitizer
	return s.access.Redactor().Redact(string(z.Flush(z.Append(nil, []byte(text)))))
}

// forgetArgs is the argument of llmls.forget: exactly one member counts.
type forgetArgs struct {
	Conversation string `json:"conversation,omitzero"`
	Workspace    bool   `json:"workspace,omitzero"` // those about documents in the folders that are open
	All          bool   `json:"all,omitzero"`
}

// forgotten is the result of llmls.forget.
type forgotten struct {
	Conversations []string `json:"conversations"` // that are gone
}

// forget removes conversations for good: their files, and what the server remembers of
// them. An answer that is still growing is not written any more.
func (s *Server) forget(ctx context.Context, _ *invocation, args *forgetArgs) (any, error) {
	count := 0
	for _, given := range []bool{args.Conversation != "", args.Workspace, args.All} {
		if given {
			count++
		}
	}
	if count != 1 {
		return nil, invalidParams("%s needs a conversation, or workspace, or all", commandForget)
	}
	inside := s.inside()
	matches := func(id string, documents []string) bool {
		return args.All || args.Workspace && inside(documents) || args.Conversation != "" && id == args.Conversation
	}
	gone := map[string]bool{}
	for _, a := range s.answers.Answers("") {
		if matches(a.Conversation, a.Documents) {
			gone[a.Conversation] = true
		}
	}
	s.keeper.Drop(func(id string) bool { return gone[id] })
	_, err := s.keeper.Store.Remove(ctx, func(f *conversations.Info) bool {
		match := gone[f.ID] || matches(f.ID, f.Documents)
		if match {
			gone[f.ID] = true
		}
		return match
	})
	if err != nil {
		return nil, err
	}
	s.answers.Forget(func(id string) bool { return gone[id] })
	return forgotten{slices.AppendSeq([]string{}, maps.Keys(gone))}, nil
}

// maxListed is how many conversations the answer file lists; a search finds others.
const maxListed = 100

// earlierArgs is the argument of llmls.earlier.
type earlierArgs struct {
	Query        string `json:"query,omitzero"`        // words that each stand in those that are listed
	Conversation string `json:"conversation,omitzero"` // is shown, instead of a list
}

// showEarlier puts a list of conversations, or one of them, into the answer file. It
// returns before the files are read: several clients show nothing until a command returns.
func (s *Server) showEarlier(_ context.Context, _ *invocation, args *earlierArgs) (any, error) {
	s.background(func(ctx context.Context) {
		var shown bool
		var err error
		if args.Conversation != "" {
			shown, err = s.openEarlier(args.Conversation)
		} else {
			shown, err = s.listEarlier(ctx, args.Query)
		}
		switch {
		case err != nil:
			s.showEnd(nil, err)
		case !shown:
			s.show(protocol.MessageTypeInfo, completion.SentenceNoPlaceForEarlier)
		}
	})
	return nil, nil
}

func (s *Server) openEarlier(id string) (shown bool, err error) {
	turns, err := s.earlierTurns(id)
	if err != nil {
		return false, err
	}
	slices.Reverse(turns)
	return s.presenter.ShowEarlier(turns), nil
}

func (s *Server) listEarlier(ctx context.Context, query string) (shown bool, err error) {
	found, err := s.keeper.Store.List(ctx, query, "")
	if err != nil {
		return false, err
	}
	var lines []present.Listed
	for i := range found[:min(len(found), maxListed)] {
		f := &found[i]
		lines = append(lines, present.Listed{Conversation: f.ID, When: f.When, Title: s.harmless(f.Title)})
	}
	return s.presenter.List(lines, query, len(found)), nil
}

// offerEarlier adds the actions for conversations of earlier runs.
func (s *Server) offerEarlier(doc *document.Document, r protocol.Range, add func(protocol.CodeActionKind, string, string, any)) {
	if !s.earlier.Load() {
		return
	}
	if doc != nil {
		if id, title, ok := s.presenter.ListedAt(doc, r); ok {
			add(kindEarlier, `Show "`+shorten(title)+`"`, commandEarlier, earlierArgs{Conversation: id})
		} else if id, ok := s.keeper.Store.IDOf(doc.URI.FsPath()); ok && doc.URI.IsFile() {
			add(kindEarlier, "Continue this conversation", commandEarlier, earlierArgs{Conversation: id})
		}
	}
	add(kindEarlier, "Show earlier answers", commandEarlier, earlierArgs{})
}
