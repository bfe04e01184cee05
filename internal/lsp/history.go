package lsp

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/conversations"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/document"
)

// newKeeper returns the Keeper of this server.
func (s *Server) newKeeper() *conversations.Keeper {
	return &conversations.Keeper{
		Store: &conversations.Store{State: s.records, Redact: s.access.Redactor().Redact},
		Start: func(run func(context.Context)) {
			s.kept.Add(1)
			s.background(func(context.Context) {
				defer s.kept.Done()
				run(s.keeping) //nolint:contextcheck // it ends with the server, too
			})
		},
		Patience: lockPatience,
		Apart: func(from, to string) {
			s.log.Warn("kept an answer apart from its conversation", zap.String("conversation", from), zap.String("apart", to))
			s.show(protocol.MessageTypeWarning, completion.SentenceKeptApart(from, to))
		},
		Failed: func(err error) {
			s.log.Warn("could not keep a conversation", zap.Error(err))
			reason := err // without the name of the file, so that a full disk is reported once, not once for each file
			if failed, ok := errors.AsType[*fs.PathError](err); ok {
				reason = failed.Err
			}
			if len(s.unkept.fresh([]string{reason.Error()})) > 0 {
				s.show(protocol.MessageTypeWarning, completion.SentenceNotKept(err))
			}
		},
	}
}

// lockPatience is how long the last answers wait for another process that writes in
// their conversation: less than shutdown may take.
const lockPatience = shutdownGrace / 2

// settleKept has the keeper write all that is left, and waits for that until ctx ends.
func (s *Server) settleKept(ctx context.Context) {
	s.endKeeping()
	done := make(chan struct{})
	go func() {
		s.kept.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// keep writes what a says into the file of its conversation while it grows.
func (s *Server) keep(a *answer.Answer, days int) {
	question := conversations.Question{Shown: a.Question, Title: a.Title, URI: string(a.URI), Range: fileRange(a.Range), Time: time.Now()}
	for _, u := range a.Mentioned {
		question.Documents = append(question.Documents, string(u))
	}
	for _, u := range a.Related {
		question.Related = append(question.Related, string(u))
	}
	s.keeper.Keep(a.Conversation, days, func() conversations.Growing {
		r := a.Record()
		question.Text = r.Turn.Content
		return conversations.Growing{
			New: a.ID == a.Conversation, Question: question, Thought: r.Thought, Done: r.Ending != "",
			Answer: conversations.Answer{Model: r.Model, Endpoint: r.Endpoint, Finish: string(r.Finish), Footer: r.Ending, Text: r.Text},
		}
	})
}

func fileRange(r *protocol.Range) *conversations.Range {
	if r == nil {
		return nil
	}
	return &conversations.Range{Start: conversations.Position(r.Start), End: conversations.Position(r.End)}
}

func lspRange(r *conversations.Range) *protocol.Range {
	if r == nil {
		return nil
	}
	return &protocol.Range{Start: protocol.Position(r.Start), End: protocol.Position(r.End)}
}

// resumeTimeout is how long a question waits for what another process may have
// added to its conversation.
const resumeTimeout = time.Second

// resume takes over a conversation as its file has it: of an earlier run, or
// continued by another process.
func (s *Server) resume(ctx context.Context, id string) {
	if id == "" {
		return
	}
	_, known := s.answers.History(id)
	done := make(chan struct{})
	s.background(func(context.Context) {
		defer close(done)
		c, err := s.keeper.Store.Load(id)
		if err != nil {
			return // it is unknown, then
		}
		var subject answer.Subject
		if len(c.Turns) > 0 {
			first := &c.Turns[0]
			subject = answer.Subject{URI: uri.URI(first.URI), Key: document.Key(uri.URI(first.URI)), Range: lspRange(first.Range)}
		}
		for _, u := range c.Sent() {
			subject.Mentioned = append(subject.Mentioned, uri.URI(u))
		}
		s.answers.Adopt(id, c.Messages(), subject)
	})
	var late <-chan time.Time
	if known {
		late = time.After(resumeTimeout)
	}
	select {
	case <-done:
	case <-late:
	case <-ctx.Done():
	}
}

// historyArgs is the argument of llmls.history.
type historyArgs struct {
	Query string  `json:"query,omitzero"` // words that each stand in it
	URI   uri.URI `json:"uri,omitzero"`   // the document that it is about; "" for any
	// Workspace wants only those about documents in the folders that are open.
	Workspace bool `json:"workspace,omitzero"`
}

// historyInfo is one entry of the list of conversations.
type historyInfo struct {
	Conversation string          `json:"conversation"`
	Title        string          `json:"title"`
	URI          uri.URI         `json:"uri,omitzero"`
	Range        *protocol.Range `json:"range,omitzero"`
	When         string          `json:"when"` // in UTC, as RFC 3339 has it
	Turns        int             `json:"turns"`
	Model        string          `json:"model"`
	Source       string          `json:"source"` // the path of its file
}

func (s *Server) history(ctx context.Context, _ *invocation, args *historyArgs) (any, error) {
	if err := known(args.URI); err != nil {
		return nil, err
	}
	s.keeper.Store.Sweep(s.config.now().History.Days)
	found, err := s.keeper.Store.List(ctx, args.Query, string(args.URI))
	if err != nil {
		return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailNoHistory(err), Err: err}
	}
	inside := s.inside()
	list := []historyInfo{}
	for i := range found {
		f := &found[i]
		if args.Workspace && !inside(f.Documents) {
			continue
		}
		list = append(list, historyInfo{
			Conversation: f.ID, Title: f.Title, URI: uri.URI(f.URI), Range: lspRange(f.Range), When: f.When.UTC().Format(time.RFC3339),
			Turns: f.Turns, Model: f.Model, Source: f.Path,
		})
	}
	return list, nil
}

// inside returns a function that reports whether one of the documents is in a folder that
// is open.
func (s *Server) inside() func(documents []string) bool {
	var places []string
	for _, path := range s.folders.Paths() {
		places = append(places, string(uri.File(path)))
	}
	return conversations.About(places...)
}
