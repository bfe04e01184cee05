package completion

import (
	"context"
	"iter"
	"math/rand/v2"
	"time"
)

const (
	// firstPause is the pause before the second attempt. It doubles after that.
	firstPause = 500 * time.Millisecond
	// longestPause is the longest Retry-After that a person is made to sit
	// through; beyond it the answer fails at once and says when to try again.
	longestPause = 30 * time.Second
	// loadingPause is the longest pause while a model is being loaded: the person
	// waits for the moment at which it is there.
	loadingPause = 3 * time.Second
)

// WithRetries returns a Model that sends a request again, at most retries
// times, if m failed in a way that may pass (Error.Temporary) before any text
// arrived. While the model is being loaded it goes on for as long as
// Error.Patience says, and that does not count as a retry. It never sends again
// after text has arrived: the person would see the beginning twice.
//
// A Retrying event announces each further attempt. The pause before it is what
// the endpoint asked for, up to 30 s, else half a second, doubling, with
// jitter; cancelling the context ends it.
func WithRetries(m Model, retries int) Model {
	return &retrying{model: m, retries: retries}
}

type retrying struct {
	model   Model
	retries int
}

func (r *retrying) Stream(ctx context.Context, req *Request) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		began, used := time.Now(), 0
		for attempt := 1; ; attempt++ {
			var wait time.Duration // computed once, so that the pause is the announced one
			left := r.retries - used
			failed := r.attempt(ctx, req, func(e *Error) bool {
				wait = pause(e, attempt)
				if e.Reason == Loading {
					return time.Since(began)+wait < e.Patience
				}
				return left > 0
			}, yield)
			if failed == nil {
				return
			}
			if failed.Reason != Loading {
				used++
			}
			retry := &Retry{Attempt: attempt + 1, Wait: wait, Cause: failed}
			if !yield(Event{Kind: Retrying, Retry: retry}, nil) {
				return
			}
			if err := sleep(ctx, wait); err != nil {
				yield(Event{}, err)
				return
			}
		}
	}
}

// attempt yields the events of one attempt. If that fails and again agrees to
// another, it returns the error instead of yielding it; it returns nil if the
// sequence is over.
func (r *retrying) attempt(ctx context.Context, req *Request, again func(*Error) bool, yield func(Event, error) bool) *Error {
	text := false
	for ev, err := range r.model.Stream(ctx, req) {
		if failed := AsError(err); failed != nil && !text && curable(failed) && again(failed) && ctx.Err() == nil {
			return failed
		}
		text = text || ev.Kind == Delta || ev.Kind == Reasoning
		if !yield(ev, err) || err != nil {
			return nil
		}
	}
	return nil
}

func curable(e *Error) bool {
	return e.Temporary && e.RetryAfter <= longestPause
}

// pause is how long to wait after the attempt with that number. The jitter, up
// to a quarter less, keeps many answers that failed together from coming back
// together.
func pause(e *Error, attempt int) time.Duration {
	if e.RetryAfter > 0 {
		return e.RetryAfter
	}
	longest := longestPause
	if e.Reason == Loading {
		longest = loadingPause
	}
	d := min(firstPause<<min(attempt-1, 10), longest)
	return d - rand.N(d/4)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
