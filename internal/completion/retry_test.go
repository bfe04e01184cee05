package completion

import (
	"context"
	"errors"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// attempts is a model that plays one script for each attempt.
type attempts struct {
	scripts []script
	times   []time.Time
}

type script struct {
	texts []string
	err   error // nil ends with a finish
}

func (a *attempts) Stream(ctx context.Context, _ *Request) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		a.times = append(a.times, time.Now())
		s := a.scripts[0]
		a.scripts = a.scripts[1:]
		for _, text := range s.texts {
			if !yield(Event{Kind: Delta, Text: []byte(text)}, nil) {
				return
			}
		}
		if s.err != nil {
			yield(Event{}, s.err)
			return
		}
		yield(Event{Kind: Finished, Finish: &Finish{Reason: FinishStop}}, nil)
	}
}

func TestRetries(t *testing.T) {
	passing := func(after time.Duration) error {
		return &Error{Kind: RateLimit, Temporary: true, RetryAfter: after}
	}
	good := script{texts: []string{"Hello"}}
	for _, test := range []struct {
		name    string
		scripts []script
		text    string
		failed  bool
		tries   int
		least   time.Duration // the pauses together
		most    time.Duration
	}{
		{"at once", []script{good}, "Hello", false, 1, 0, 0},
		{"second attempt", []script{{err: passing(0)}, good}, "Hello", false, 2, 375 * time.Millisecond, 500 * time.Millisecond},
		{"doubling", []script{{err: passing(0)}, {err: passing(0)}, good}, "Hello", false, 3, 1125 * time.Millisecond, 1500 * time.Millisecond},
		{"no more than asked for", []script{{err: passing(0)}, {err: passing(0)}, {err: passing(0)}}, "", true, 3, 1125 * time.Millisecond, 1500 * time.Millisecond},
		{"as long as the endpoint says", []script{{err: passing(7 * time.Second)}, good}, "Hello", false, 2, 7 * time.Second, 7 * time.Second},
		{"longest wait", []script{{err: passing(30 * time.Second)}, good}, "Hello", false, 2, 30 * time.Second, 30 * time.Second},
		{"too long a wait", []script{{err: passing(31 * time.Second)}}, "", true, 1, 0, 0},
		{"not worth it", []script{{err: &Error{Kind: Auth}}}, "", true, 1, 0, 0},
		{"no *Error", []script{{err: errors.New("x")}}, "", true, 1, 0, 0},
		{"after text", []script{{texts: []string{"Hel"}, err: passing(0)}}, "Hel", true, 1, 0, 0},
		{"after text in the second", []script{{err: passing(0)}, {texts: []string{"Hel"}, err: passing(0)}}, "Hel", true, 2, 375 * time.Millisecond, 500 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &attempts{scripts: test.scripts}
				began := time.Now()
				var text string
				var waits time.Duration
				var last error
				for event, err := range WithRetries(m, 2).Stream(t.Context(), &Request{}) {
					last = err
					text += string(event.Text)
					if event.Kind == Retrying {
						waits += event.Retry.Wait
						if event.Retry.Attempt != len(m.times)+1 || event.Retry.Cause == nil || event.Retry.Sentence() == "" {
							t.Errorf("retry %+v after %d attempts", event.Retry, len(m.times))
						}
					}
				}
				if text != test.text || (last != nil) != test.failed || len(m.times) != test.tries {
					t.Errorf("got %q, %v after %d attempts", text, last, len(m.times))
				}
				if took := time.Since(began); took != waits || took < test.least || took > test.most {
					t.Errorf("it took %s, announced %s, want %s to %s", took, waits, test.least, test.most)
				}
			})
		})
	}
}

func TestRetryIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &attempts{scripts: []script{{err: &Error{Kind: RateLimit, Temporary: true, RetryAfter: 20 * time.Second}}}}
		cause := errors.New("stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		began := time.Now()
		time.AfterFunc(3*time.Second, func() { cancel(cause) })
		var last error
		for _, err := range WithRetries(m, 2).Stream(ctx, &Request{}) {
			last = err
		}
		if took := time.Since(began); !errors.Is(last, cause) || took != 3*time.Second {
			t.Errorf("got %v after %s", last, took)
		}
	})
}

func TestRetryIsLeft(t *testing.T) {
	m := &attempts{scripts: []script{{err: &Error{Kind: Server, Temporary: true}}}}
	for event, err := range WithRetries(m, 2).Stream(t.Context(), &Request{}) {
		if err != nil || event.Kind != Retrying {
			t.Errorf("got %+v, %v", event, err)
		}
		break
	}
	if diff := cmp.Diff(1, len(m.times)); diff != "" {
		t.Error(diff)
	}
}

// While a model is being loaded, attempts go on for as long as the first byte may
// take, and none of them counts as a retry.
func TestLoadingIsWaitedFor(t *testing.T) {
	for name, test := range map[string]struct {
		loading, patience time.Duration
		want              string
	}{
		"a minute":  {time.Minute, 2 * time.Minute, "Hello"},
		"too long":  {time.Hour, 2 * time.Minute, ""},
		"otherwise": {time.Second, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				model := modelFunc(func(yield func(Event, error) bool) {
					if time.Since(began) < test.loading {
						yield(Event{}, &Error{
							Kind: Server, Reason: Loading, Temporary: true, Patience: test.patience,
						})
						return
					}
					_ = yield(Event{Kind: Delta, Text: []byte("Hello")}, nil) &&
						yield(Event{Kind: Finished, Finish: &Finish{Reason: FinishStop}}, nil)
				})
				text, last := "", error(nil)
				for event, err := range WithRetries(model, 0).Stream(t.Context(), &Request{}) {
					text, last = text+string(event.Text), err
				}
				if text != test.want || (last == nil) != (test.want != "") {
					t.Errorf("got %q, %v after %s", text, last, time.Since(began))
				}
				if took := time.Since(began); took > test.patience {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

type modelFunc func(yield func(Event, error) bool)

func (f modelFunc) Stream(context.Context, *Request) iter.Seq2[Event, error] {
	return iter.Seq2[Event, error](f)
}
