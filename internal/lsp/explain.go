package lsp

import (
	"context"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/lsp/present"
)

// queryArgs is the argument of llmls.explain and llmls.ask: something asked,
// about a range of a document or about nothing but the conversation.
type queryArgs struct {
	Question           string                 `json:"question,omitzero"`
	URI                uri.URI                `json:"uri,omitzero"`
	Range              *protocol.Range        `json:"range,omitzero"` // nil is the whole document
	Version            *int32                 `json:"version,omitzero"`
	Diagnostic         *protocol.Diagnostic   `json:"diagnostic,omitzero"`
	Conversation       string                 `json:"conversation,omitzero"`
	PartialResultToken protocol.ProgressToken `json:"partialResultToken,omitzero"`
	DryRun             bool                   `json:"dryRun,omitzero"`
}

func (s *Server) explain(ctx context.Context, inv *invocation) (any, error) {
	var q queryArgs
	if err := inv.decode(commandExplain, &q); err != nil {
		return nil, err
	}
	if q.URI == "" || q.Range == nil {
		return nil, invalidParams("%s needs a uri and a range", commandExplain)
	}
	if q.Question != "" {
		return nil, invalidParams("%s takes no question; %s does", commandExplain, commandAsk)
	}
	return s.answer(ctx, inv, &q)
}

func (s *Server) ask(ctx context.Context, inv *invocation) (any, error) {
	var q queryArgs
	if raw := inv.argument; raw.Kind() == '"' {
		if err := json.Unmarshal(raw, &q.Question, jsontext.AllowInvalidUTF8(true)); err != nil {
			return nil, invalidParams("%s: %v", commandAsk, err)
		}
	} else if err := inv.decode(commandAsk, &q); err != nil {
		return nil, err
	}
	if q.URI == "" && q.Conversation == "" {
		if seen := s.place.get(); seen.uri != "" {
			q.URI, q.Range = seen.uri, &seen.rng
		}
	}
	if q.Question == "" && q.URI != "" && q.Range != nil {
		q.Question = s.questionAt(inv.call.view, q.URI, *q.Range)
	}
	if strings.TrimSpace(q.Question) == "" && q.PartialResultToken == nil && !q.DryRun && q.URI != "" && q.Range != nil {
		return s.askWhat(inv, &q)
	}
	if strings.TrimSpace(q.Question) == "" {
		return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailNoQuestion}
	}
	return s.answer(ctx, inv, &q)
}

// answer assembles the prompt and runs the answer: to its end if the caller
// wants the text, else in the background.
func (s *Server) answer(ctx context.Context, inv *invocation, q *queryArgs) (any, error) {
	options := s.config.get(ctx)
	if err := s.mayLeave(q.URI, options.Context.Allow); err != nil {
		return nil, err
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
		return s.dryRun(&options, asked.request, left)
	}
	job := &answer.Job{
		Subject:      answer.Subject{URI: q.URI, Key: document.Key(q.URI), Range: q.Range, Question: q.Question, Title: asked.turn.Title()},
		Conversation: q.Conversation, Order: inv.call.order, Turn: asked.prompt.User, Request: asked.request,
		LeftOut: left, Secrets: asked.prompt.Secrets,
		Open: func(ctx context.Context, p *answer.Progress) (completion.Model, error) {
			return s.open(ctx, &options, p)
		},
	}
	if q.PartialResultToken == nil || s.client.shows.Content { // or nobody reads it but the caller
		job.Changed = s.presenter.Wake
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
	progress := answer.NewProgress(s.ctx, s.conn, partial)
	switch {
	case inv.token != nil:
		s.answers.Watch(inv.token, a)
		progress.Begin(inv.token, job.Title)
	case s.client.workDoneProgress:
		token := protocol.String("llmls-" + a.ID)
		s.answers.Watch(token, a)
		s.background(func(ctx context.Context) { progress.Create(ctx, token, job.Title) })
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

// logEnd logs how an answer ended: no text of it and none of the question.
func (s *Server) logEnd(id string, result *answer.Result, err error) {
	log := s.log.With(zap.String("answer", id))
	if result != nil {
		err = result.Cause
	}
	switch failed := completion.AsError(err); {
	case failed != nil:
		log.Warn("an answer failed", zap.String("kind", string(failed.Kind)), zap.String("reason", string(failed.Reason)),
			zap.String("host", failed.Host), zap.Int("status", failed.Status), zap.String("body", failed.Body))
	case isCancelled(err):
		log.Info("an answer was stopped")
	case err != nil:
		log.Error("an answer failed", zap.Error(err))
	default:
		log.Info("answered", zap.String("model", result.Model), zap.Int64("firstDeltaMs", result.Timing.FirstDeltaMs), zap.Int64("totalMs", result.Timing.TotalMs))
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
