package lsp

import (
	"context"
	"sync"
	"time"

	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/access"
	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/settings"
)

// consentTimeout is how long a question stays open. A client that never answers
// must not hold answers for ever, and a person who has not answered after two
// minutes is no longer waiting.
const consentTimeout = 2 * time.Minute

// questions holds the questions that are open, and those that the user answered with no
// in this session. The zero value is ready.
type questions struct {
	mu   sync.Mutex
	open map[terms]*question
	no   map[terms]bool // not to be asked again
}

// terms are what a question is about: with another key, or another content of a
// file, it is another question.
type terms struct{ origin, keySource, keyID string }

// A question is an open question to the user. It is shown once, however many answers
// wait for it.
type question struct {
	done   chan struct{}
	agreed bool // after done
}

// consent asks the user whether an origin may be used that only the editor
// names; refused is the error that says so. It returns nil if the user agreed,
// and if not, refused or ctx's cause. Nothing has been sent to the origin by
// then, and no key was looked for.
func (s *Server) consent(ctx context.Context, refused *completion.Error, options *settings.Settings, progress *answer.Progress) error {
	a := s.access.Agreement(refused.Detail, options)
	q := s.question(terms{a.Origin, a.KeySource, a.KeyID}, completion.ConsentYes, func(ctx context.Context) string { return s.askConsent(ctx, a) })
	if q == nil {
		return refused
	}
	progress.Report(completion.SentenceAwaitingConsent(refused.Detail))
	select {
	case <-q.done:
	case <-ctx.Done(): // others may wait on, and what the user says then is kept
		return context.Cause(ctx)
	}
	if !q.agreed {
		return refused
	}
	progress.Report(answer.NothingYet)
	return nil
}

// question returns the open question about something, which it opens with put if
// need be, or nil if the user has said no. The button called yes is consent, and
// put returns the one that was pressed, "" for none.
func (s *Server) question(about terms, yes string, put func(context.Context) string) *question {
	s.questions.mu.Lock()
	defer s.questions.mu.Unlock()
	if s.questions.no[about] {
		return nil
	}
	if q := s.questions.open[about]; q != nil {
		return q
	}
	if s.questions.open == nil {
		s.questions.open, s.questions.no = map[terms]*question{}, map[terms]bool{}
	}
	q := &question{done: make(chan struct{})}
	s.questions.open[about] = q
	s.background(func(ctx context.Context) {
		said := ""
		defer func() {
			s.questions.mu.Lock()
			defer s.questions.mu.Unlock()
			delete(s.questions.open, about)
			s.questions.no[about] = said == completion.ConsentNo // which all questions have
			q.agreed = said == yes
			close(q.done)
		}()
		said = put(ctx)
	})
	return q
}

// askConsent asks the user about a, stores an agreement, and returns the button that was
// pressed, "" if none was.
func (s *Server) askConsent(ctx context.Context, a access.Agreement) string {
	ctx, cancel := context.WithTimeout(ctx, consentTimeout)
	defer cancel()
	source := a.KeySource
	if source == access.NoKey {
		source = ""
	}
	var pressed *protocol.MessageActionItem
	err := protocol.Call(ctx, s.conn, protocol.MethodWindowShowMessageRequest, &protocol.ShowMessageRequestParams{
		Type: protocol.MessageTypeWarning, Message: completion.QuestionConsent(source, a.Origin),
		Actions: []protocol.MessageActionItem{{Title: completion.ConsentYes}, {Title: completion.ConsentNo}},
	}, &pressed)
	if err != nil || pressed == nil {
		s.log.Warn("asked for consent, but got no answer", zap.String("origin", a.Origin), zap.Error(err))
		return ""
	}
	agreed := pressed.Title == completion.ConsentYes
	s.log.Info("asked for consent", zap.String("origin", a.Origin), zap.Bool("agreed", agreed))
	if agreed {
		if err := s.access.Agree(a); err != nil {
			s.show(protocol.MessageTypeWarning, completion.SentenceNotRemembered(a.Origin, err))
		}
	}
	return pressed.Title
}
