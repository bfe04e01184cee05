package completion

import (
	"context"
	"iter"
)

// A Candidate is one of several endpoints that can answer a request.
type Candidate struct {
	Name      string // of the endpoint
	ModelName string // that it is asked for
	Model     Model
}

// WithFallback returns a Model that asks the first candidate and, if that fails
// before any text with one of the kinds Network, Timeout, Server and RateLimit,
// the others in their order, until one sends text. A Retrying event that names the
// endpoint announces each. If all fail, the error is the first one's, and its Also
// says that the others failed as well.
func WithFallback(candidates ...Candidate) Model { return fallback(candidates) }

type fallback []Candidate

func (f fallback) Stream(ctx context.Context, req *Request) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		var first *Error
		for i := range f {
			failed := f.ask(ctx, i, req, yield)
			if failed == nil {
				return
			}
			if first == nil {
				first = failed
			} else {
				first = first.besides(f[i].Name, failed)
			}
			if i+1 == len(f) {
				break
			}
			next := &Retry{Endpoint: f[i+1].Name, Model: f[i+1].ModelName, Cause: failed}
			if !yield(Event{Kind: Retrying, Retry: next}, nil) {
				return
			}
		}
		yield(Event{}, first)
	}
}

// ask yields the events of a candidate. If that fails before any text, for a reason that
// is the endpoint's own, ask returns the error instead of yielding it; it returns nil if
// the sequence is over.
func (f fallback) ask(ctx context.Context, i int, req *Request, yield func(Event, error) bool) *Error {
	text := false
	for ev, err := range f[i].Model.Stream(ctx, req) {
		failed := AsError(err)
		if failed != nil && !text && len(f) > 1 && (i > 0 || ofEndpoint(failed.Kind)) && ctx.Err() == nil {
			return failed
		}
		text = text || ev.Kind == Delta || ev.Kind == Reasoning
		if !yield(ev, err) || err != nil {
			return nil
		}
	}
	return nil
}

// ofEndpoint reports whether errors of kind k are failures of one endpoint. Other errors,
// about a request that is refused or settings that forbid it, the user has to correct.
func ofEndpoint(k Kind) bool {
	return k == Network || k == Timeout || k == Server || k == RateLimit
}
