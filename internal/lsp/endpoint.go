package lsp

import (
	"context"
	"iter"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/completion/safety"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/settings"
)

// open gets the model that the settings name, with the key, once the user has
// agreed to it where that is needed. options are those of the command: what
// changes while the question is open is for the next one.
func (s *Server) open(ctx context.Context, options *settings.Settings, progress *answer.Progress) (completion.Model, error) {
	endpoint, err := s.keys.Endpoint(ctx, options)
	if refused := completion.AsError(err); refused != nil && refused.Reason == completion.UntrustedHost {
		if err := s.consent(ctx, refused, options, progress); err != nil {
			return nil, err
		}
		endpoint, err = s.keys.Endpoint(ctx, options)
	}
	if err != nil {
		return nil, err
	}
	model, err := s.endpoints.Model(endpoint)
	if err != nil {
		return nil, err
	}
	return safety.Answers(&keyed{Model: completion.WithRetries(model, options.Retries), keys: s.keys, endpoint: endpoint}), nil
}

// A keyed model looks for its key anew once the endpoint has refused it, and
// keeps secrets out of what the endpoint says of its failures and its name.
type keyed struct {
	completion.Model
	keys     *settings.KeyFinder
	endpoint openai.Endpoint
}

func (k *keyed) Stream(ctx context.Context, req *completion.Request) iter.Seq2[completion.Event, error] {
	return func(yield func(completion.Event, error) bool) {
		for event, err := range k.Model.Stream(ctx, req) {
			if failed := completion.AsError(err); failed != nil {
				if failed.Kind == completion.Auth {
					k.keys.Forget(k.endpoint)
				}
				err = k.keys.RedactError(failed)
			}
			switch event.Kind {
			case completion.Retrying:
				event.Retry = k.keys.RedactRetry(event.Retry)
			case completion.Finished:
				event.Finish.Model = k.keys.Redactor().Redact(event.Finish.Model)
			}
			if !yield(event, err) {
				return
			}
		}
	}
}

// dryRunResult says what would be sent, byte for byte, and what would not.
type dryRunResult struct {
	URL       string           `json:"url"`
	Body      string           `json:"body"`
	KeySource string           `json:"keySource"`
	LeftOut   []answer.LeftOut `json:"leftOut"`
}

func (s *Server) dryRun(options *settings.Settings, request *completion.Request, left []answer.LeftOut) (any, error) {
	endpoint, source, err := s.keys.Preview(options)
	if err != nil {
		return nil, err
	}
	url, body, err := s.endpoints.Body(endpoint, request)
	if err != nil {
		return nil, err
	}
	return dryRunResult{URL: url, Body: string(body), KeySource: source, LeftOut: append([]answer.LeftOut{}, left...)}, nil
}
