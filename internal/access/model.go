package access

import (
	"context"
	"iter"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/upstream"
	"github.com/llmls/llmls/internal/settings"
)

// A Consent asks the user whether an endpoint may be used; refused is the error of
// Reason UntrustedHost about it. It returns nil if the user agreed, else refused or
// ctx's cause.
type Consent func(ctx context.Context, refused *completion.Error) error

// attempts is a model that is opened anew for each request: the user's consent may
// be revoked between two attempts.
type attempts struct {
	access   *Access
	settings *settings.Settings
	consent  Consent
}

func (a *attempts) endpoint(ctx context.Context) (upstream.Endpoint, error) {
	endpoint, err := a.access.endpoint(ctx, a.settings)
	refused := completion.AsError(err)
	if a.consent == nil || refused == nil || refused.Reason != completion.UntrustedHost {
		return endpoint, err
	}
	if err := a.consent(ctx, refused); err != nil {
		return upstream.Endpoint{}, err
	}
	return a.access.endpoint(ctx, a.settings)
}

func (a *attempts) Stream(ctx context.Context, req *completion.Request) iter.Seq2[completion.Event, error] {
	return func(yield func(completion.Event, error) bool) {
		endpoint, err := a.endpoint(ctx)
		if err != nil {
			yield(completion.Event{}, err)
			return
		}
		model, err := a.access.client.Model(endpoint)
		if err != nil {
			yield(completion.Event{}, err)
			return
		}
		req, _ = a.access.WithoutKeys(req)
		for event, err := range model.Stream(ctx, req) {
			if failed := completion.AsError(err); failed != nil && failed.Kind == completion.Auth {
				a.access.forget(endpoint)
			}
			if !yield(event, err) {
				return
			}
		}
	}
}

// fallbacks are attempts at a fallback endpoint: they ask for its model instead of
// the request's.
type fallbacks struct{ attempts }

func (f *fallbacks) Stream(ctx context.Context, req *completion.Request) iter.Seq2[completion.Event, error] {
	return f.attempts.Stream(ctx, f.settings.Request(req.Messages))
}

// A redacted model redacts secrets in the errors of an endpoint and in the model
// name that it sends.
type redacted struct {
	completion.Model
	access *Access
}

func (r *redacted) Stream(ctx context.Context, req *completion.Request) iter.Seq2[completion.Event, error] {
	return func(yield func(completion.Event, error) bool) {
		for event, err := range r.Model.Stream(ctx, req) {
			if failed := completion.AsError(err); failed != nil {
				err = r.access.redactError(failed)
			}
			switch event.Kind {
			case completion.Retrying:
				retry := *event.Retry
				retry.Cause = r.access.redactError(retry.Cause)
				event.Retry = &retry
			case completion.Finished:
				event.Finish.Model = r.access.secrets.Redact(event.Finish.Model)
			}
			if !yield(event, err) {
				return
			}
		}
	}
}
