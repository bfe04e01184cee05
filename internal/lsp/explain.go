package lsp

import (
	"context"
	"iter"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/lsp/settings"
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
		question, err := jsontext.AppendUnquote(nil, raw)
		if err != nil {
			return nil, invalidParams("%s: %v", commandAsk, err)
		}
		q.Question = string(question)
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
	if strings.TrimSpace(q.Question) == "" {
		return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailNoQuestion}
	}
	return s.answer(ctx, inv, &q)
}

// answer assembles the prompt from the documents as they stood when the
// command arrived, and runs the answer: to its end if the caller wants the
// text, else in the background.
func (s *Server) answer(ctx context.Context, inv *invocation, q *queryArgs) (any, error) {
	history, known := s.answers.History(q.Conversation)
	if q.Conversation != "" && !known {
		return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailNoConversation}
	}
	turn, err := s.turn(inv.call.view, q)
	if err != nil {
		return nil, err
	}
	options := s.config.get(ctx)
	prompt, err := chat.Assemble(turn, &chat.Talk{
		History: history, SystemPrompt: options.SystemPrompt, Language: options.Language, MaxTokens: options.Context.MaxTokens,
	})
	if err != nil {
		return nil, err
	}
	request := &completion.Request{
		Model: options.Model, Messages: prompt.Messages,
		MaxOutputTokens: options.MaxOutputTokens, Temperature: options.Temperature,
	}
	if q.DryRun {
		return s.dryRun(&options, request, prompt.LeftOut)
	}
	job := &answer.Job{
		Subject:      answer.Subject{URI: q.URI, Key: document.Key(q.URI), Range: q.Range, Question: q.Question, Title: turn.Title()},
		Conversation: q.Conversation, Turn: prompt.User, Request: request,
		Open: func(ctx context.Context) (completion.Model, error) { return s.open(ctx, &options) },
	}
	return s.run(ctx, inv, q.PartialResultToken, job)
}

// run starts job and, if the caller gave a token for the text, stays until it
// ends. Without one the response must not wait: several clients block for a
// command and give up after 10 s.
func (s *Server) run(ctx context.Context, inv *invocation, partial protocol.ProgressToken, job *answer.Job) (any, error) {
	if partial == nil {
		ctx = s.ctx
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
		s.background(func(context.Context) { progress.Create(token, job.Title) })
	}
	if partial != nil {
		return s.answers.Run(ctx, a, job, progress)
	}
	s.background(func(context.Context) { s.showEnd(s.answers.Run(ctx, a, job, progress)) })
	return started{ID: a.ID, Conversation: a.Conversation}, nil
}

// started is the response to a command whose answer goes on in the background.
type started struct {
	ID           string `json:"id"`
	Conversation string `json:"conversation"`
}

// showEnd tells the person why an answer in the background failed or broke off.
func (s *Server) showEnd(result *answer.Result, err error) {
	switch failed := completion.AsError(err); {
	case failed != nil:
		s.show(protocol.MessageTypeError, failed.Sentence())
	case result != nil && result.Message != "" && result.Message != completion.SentenceStopped:
		s.show(protocol.MessageTypeWarning, result.Message)
	}
}

// open gets the model that the settings name, with the key.
func (s *Server) open(ctx context.Context, options *settings.Settings) (completion.Model, error) {
	endpoint, err := s.keys.Endpoint(ctx, options)
	if err != nil {
		return nil, err
	}
	model, err := s.endpoints.Model(endpoint)
	if err != nil {
		return nil, err
	}
	return &keyed{Model: completion.WithRetries(model, options.Retries), keys: s.keys, endpoint: endpoint}, nil
}

// A keyed model looks for its key anew once the endpoint has refused it.
type keyed struct {
	completion.Model
	keys     *settings.KeyFinder
	endpoint openai.Endpoint
}

func (k *keyed) Stream(ctx context.Context, req *completion.Request) iter.Seq2[completion.Event, error] {
	return func(yield func(completion.Event, error) bool) {
		for event, err := range k.Model.Stream(ctx, req) {
			if failed := completion.AsError(err); failed != nil && failed.Kind == completion.Auth {
				k.keys.Forget(k.endpoint)
			}
			if !yield(event, err) {
				return
			}
		}
	}
}

// dryRunResult says what would be sent, byte for byte, and what would not.
type dryRunResult struct {
	URL       string    `json:"url"`
	Body      string    `json:"body"`
	KeySource string    `json:"keySource"`
	LeftOut   []leftOut `json:"leftOut"`
}

type leftOut struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

func (s *Server) dryRun(options *settings.Settings, request *completion.Request, left []chat.LeftOut) (any, error) {
	endpoint, source, err := s.keys.Preview(options)
	if err != nil {
		return nil, err
	}
	url, body, err := s.endpoints.Body(endpoint, request)
	if err != nil {
		return nil, err
	}
	result := dryRunResult{URL: url, Body: string(body), KeySource: source, LeftOut: []leftOut{}}
	for _, l := range left {
		result.LeftOut = append(result.LeftOut, leftOut(l))
	}
	return result, nil
}
