package lsp

import (
	"cmp"
	"context"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/lsp/present"
)

// queryArgs is the argument of llmls.explain and llmls.ask: a question about a
// range of a document, or about the conversation alone.
type queryArgs struct {
	Question           string                 `json:"question,omitzero"`
	URI                uri.URI                `json:"uri,omitzero"`
	Range              *protocol.Range        `json:"range,omitzero"` // nil is the whole document
	Block              string                 `json:"block,omitzero"` // the text of a block of columns in Range, which alone is meant
	Version            *int32                 `json:"version,omitzero"`
	Diagnostic         *protocol.Diagnostic   `json:"diagnostic,omitzero"`
	Conversation       string                 `json:"conversation,omitzero"`
	PartialResultToken protocol.ProgressToken `json:"partialResultToken,omitzero"`
	DryRun             bool                   `json:"dryRun,omitzero"`
	Endpoint           string                 `json:"endpoint,omitzero"` // "" is the one that the settings choose
	Model              string                 `json:"model,omitzero"`    // "" is the endpoint's
	ChooseEndpoint     bool                   `json:"chooseEndpoint,omitzero"`
	Context            contextPlaces          `json:"context,omitzero"`

	shown string `json:"-"` // instead of Question, where that is the text of a prompt
}

// readByCaller reports whether the caller shows the result, or why there is none.
func (q *queryArgs) readByCaller() bool { return q.PartialResultToken != nil || q.DryRun }

// check fails if the token or the URI is too long to be stored.
func (q *queryArgs) check() error {
	if isLong(q.PartialResultToken) {
		return invalidParams("the partialResultToken has more than %d bytes", maxName)
	}
	return known(q.URI)
}

func (s *Server) explain(ctx context.Context, inv *invocation, q *queryArgs) (any, error) {
	if q.Question != "" {
		return nil, invalidParams("%s takes no question; %s does", commandExplain, commandAsk)
	}
	if q.URI == "" && q.Range == nil && q.Conversation != "" {
		q.Question = chat.MoreDetail
		return s.answer(ctx, inv, q)
	}
	if q.URI == "" || q.Range == nil {
		return nil, invalidParams("%s needs a uri and a range, or a conversation", commandExplain)
	}
	return s.answer(ctx, inv, q)
}

func (s *Server) ask(ctx context.Context, inv *invocation, q *queryArgs) (any, error) {
	if q.URI == "" && q.Conversation == "" {
		if seen := s.place.get(); seen.uri != "" {
			q.URI, q.Range = seen.uri, &seen.rng
		}
	}
	if q.Question == "" && q.URI != "" && q.Range != nil {
		q.Question = s.questionAt(inv.call.view, q.URI, *q.Range)
	}
	if strings.TrimSpace(q.Question) == "" && q.PartialResultToken == nil && !q.DryRun && q.URI != "" && q.Range != nil {
		return s.askWhat(ctx, inv, q)
	}
	if strings.TrimSpace(q.Question) == "" {
		return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailNoQuestion}
	}
	return s.answer(ctx, inv, q)
}

// answer has the person choose the endpoint if the caller wants that, and answers.
func (s *Server) answer(ctx context.Context, inv *invocation, q *queryArgs) (any, error) {
	if err := q.check(); err != nil {
		return nil, err
	}
	switch {
	case !q.ChooseEndpoint:
		return s.assembleAndRun(ctx, inv, q)
	case q.PartialResultToken != nil:
		if !s.chooseEndpoint(ctx, q) {
			return nil, answer.ErrStopped
		}
		return s.assembleAndRun(ctx, inv, q)
	}
	s.background(func(ctx context.Context) { // several clients wait for the response and show nothing meanwhile
		if !s.chooseEndpoint(ctx, q) {
			return
		}
		if _, err := s.assembleAndRun(ctx, inv, q); err != nil {
			s.showEnd(nil, err)
		}
	})
	return nil, nil
}

// assembleAndRun assembles the prompt and runs the answer: to its end if the caller
// wants the text, else in the background.
func (s *Server) assembleAndRun(ctx context.Context, inv *invocation, q *queryArgs) (any, error) {
	options, err := s.settingsFor(ctx, q.Endpoint, q.Model)
	if err != nil {
		return nil, err
	}
	s.resume(ctx, q.Conversation)
	// Earlier turns are sent along: what they are about may be forbidden by now.
	documents := append(s.answers.Documents(q.Conversation), q.URI)
	notebooks := homes(inv.call.view, documents)
	if err := s.maySend(ctx, options.Context.Allow, append(documents, notebooks...)...); err != nil {
		return nil, err
	}
	if q.DryRun && q.URI != "" { // or the body would hold a key that is not sent
		s.learnKey(ctx, &options)
	}
	if q.DryRun { // or each of many would wait with its body
		leave, err := s.rehearsal.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
	}
	asked, err := s.prompt(ctx, inv, q, &options)
	if err != nil {
		return nil, err
	}
	var left []answer.LeftOut
	for _, l := range asked.prompt.LeftOut {
		left = append(left, answer.LeftOut(l))
	}
	if q.DryRun {
		s.leave(inv.call)
		return s.dryRun(&options, asked, left)
	}
	job := &answer.Job{
		Subject:  answer.Subject{URI: q.URI, Key: document.Key(q.URI), Range: q.Range, Question: cmp.Or(q.shown, q.Question), Title: asked.turn.Title(), Mentioned: append(asked.mentioned, notebooks...), Related: asked.related},
		Endpoint: options.Endpoint, Conversation: q.Conversation, Order: inv.call.order, Turn: asked.prompt.User, Request: asked.request,
		LeftOut: left, Secrets: asked.prompt.Secrets,
	}
	job.Open = func(ctx context.Context, p *answer.Progress) (completion.Model, error) {
		return s.open(ctx, &options, p, job)
	}
	if q.PartialResultToken == nil || s.client.shows.Content { // else only the caller shows it
		job.Changed = s.presenter.Wake
	}
	if options.History.Enabled {
		asked.days = options.History.Days
	}
	return s.run(ctx, inv, q.PartialResultToken, job, asked)
}

// run starts job and, if the caller gave a token for the text, stays until it
// ends. Without one the response must not wait: several clients block for a
// command and give up after 10 s.
func (s *Server) run(ctx context.Context, inv *invocation, partial protocol.ProgressToken, job *answer.Job, asked *asked) (any, error) {
	if partial == nil {
		ctx = s.ctx //nolint:contextcheck // the answer outlives its request
	}
	a, ctx, err := s.answers.New(ctx, job)
	if err != nil {
		return nil, err
	}
	if asked.days > 0 {
		s.keep(a, asked.days)
		defer s.keeper.Wake()
	}
	if asked.code != nil {
		s.followed.remember(a.Conversation, asked.of, asked.code)
	}
	progress := answer.NewProgress(s.ctx, s.conn, partial)
	switch {
	case inv.token != nil:
		s.answers.Watch(inv.token, a)
		progress.Begin(inv.token, job.Title)
	case s.client.workDoneProgress:
		token := protocol.String("llmls-" + a.ID)
		s.answers.Watch(token, a)
		if leave, ok := s.creating.try(); ok {
			s.background(func(ctx context.Context) {
				defer leave()
				progress.Create(ctx, token, job.Title)
			})
		}
	}
	if partial != nil {
		result, err := s.answers.Run(ctx, a, job, progress)
		s.logEnd(a.ID, result, err)
		return result, err
	}
	s.presenter.Show(&present.Shown{Answer: a, Anchor: asked.anchor, First: asked.first})
	s.background(func(context.Context) {
		var result *answer.Result
		err := answer.ErrPanicked // unless Run returns
		defer func() {
			s.keeper.Wake()
			s.logEnd(a.ID, result, err)
			s.showEnd(result, err)
		}()
		result, err = s.answers.Run(ctx, a, job, progress)
	})
	return started{ID: a.ID, Conversation: a.Conversation}, nil
}

// started is the response to a command whose answer goes on in the background.
type started struct {
	ID           string `json:"id"`
	Conversation string `json:"conversation"`
}

// logEnd logs how an answer ended. Nothing that the endpoint wrote is among it,
// not even a model's name: an endpoint may repeat the prompt anywhere, in any
// form. The person gets its message.
func (s *Server) logEnd(id string, result *answer.Result, err error) {
	log := s.log.With(zap.String("answer", id))
	if result != nil {
		err = result.Cause
	}
	switch failed := completion.AsError(err); {
	case failed != nil:
		log.Warn("an answer failed", zap.String("kind", string(failed.Kind)), zap.String("reason", string(failed.Reason)),
			zap.String("host", failed.Host), zap.Int("status", failed.Status))
	case isCancelled(err):
		log.Info("an answer was stopped")
	case err != nil:
		log.Error("an answer failed", zap.Error(err))
	default:
		log.Info("answered", zap.Int64("firstDeltaMs", result.Timing.FirstDeltaMs), zap.Int64("totalMs", result.Timing.TotalMs))
	}
}

// showEnd tells the person why an answer in the background failed or broke off.
func (s *Server) showEnd(result *answer.Result, err error) {
	switch failed := completion.AsError(err); {
	case failed != nil:
		s.show(protocol.MessageTypeError, failed.Sentence())
	case isCancelled(err):
	case err != nil:
		s.show(protocol.MessageTypeError, completion.SentenceFailed(err))
	case result.Message != "" && result.Message != completion.SentenceStopped:
		s.show(protocol.MessageTypeWarning, result.Message)
	}
}
