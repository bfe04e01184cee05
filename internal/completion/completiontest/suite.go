package completiontest

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
)

// An Outcome is all that a Stream yielded.
type Outcome struct {
	Content   string
	Reasoning string
	Deltas    int // how many Delta events there were
	Retries   []completion.Retry
	Finish    *completion.Finish // nil unless the answer is complete
	Err       error
}

// Collect runs a Stream to its end and fails the test if the events break the
// promises of completion.Model.
func Collect(t testing.TB, events iter.Seq2[completion.Event, error]) *Outcome {
	t.Helper()
	var o Outcome
	for event, err := range events {
		switch {
		case o.Err != nil:
			t.Errorf("an event after the error %v", o.Err)
		case o.Finish != nil:
			t.Error("an event after the finish")
		}
		if err != nil {
			o.Err = err
			continue
		}
		o.add(t, event)
	}
	if o.Err == nil && o.Finish == nil {
		t.Error("the stream ended with neither a finish nor an error")
	}
	return &o
}

func (o *Outcome) add(t testing.TB, event completion.Event) {
	t.Helper()
	switch event.Kind {
	case completion.Delta:
		o.Content += string(event.Text)
		o.Deltas++
	case completion.Reasoning:
		o.Reasoning += string(event.Text)
	case completion.Retrying:
		if o.Content+o.Reasoning != "" {
			t.Error("a retry after text")
		}
		o.Retries = append(o.Retries, *event.Retry)
		return
	case completion.Finished:
		if event.Finish == nil || event.Finish.Reason == "" {
			t.Errorf("a finish without a reason: %+v", event.Finish)
			return
		}
		o.Finish = event.Finish
		return
	default:
		t.Errorf("an event of unknown kind %d", event.Kind)
	}
	if len(event.Text) == 0 || !utf8.Valid(event.Text) {
		t.Errorf("the text %q is empty or no UTF-8", event.Text)
	}
}

// A Factory makes the adapter under test, without retries, for an upstream. It
// trusts u.Roots() if u speaks TLS. Its timeouts are too long to matter.
type Factory func(t testing.TB, u *Upstream) completion.Model

// Prompt is the request that the suite sends.
func Prompt() *completion.Request {
	return &completion.Request{
		Model: "scripted",
		Messages: []completion.Message{
			{Role: completion.System, Content: "You are terse."},
			{Role: completion.User, Content: "Why?"},
		},
	}
}

// TestModel is the conformance suite: what every adapter of chat completions
// must do with what servers send.
func TestModel(t *testing.T, newModel Factory) {
	t.Run("quirks", func(t *testing.T) { testQuirks(t, newModel) })
	t.Run("transcripts", func(t *testing.T) { testTranscripts(t, newModel) })
	t.Run("first delta is not held back", func(t *testing.T) { testFirstDelta(t, newModel) })
	t.Run("later deltas are merged", func(t *testing.T) { testMerging(t, newModel) })
	t.Run("leaving the loop", func(t *testing.T) { testLeaving(t, newModel) })
	t.Run("cancelling", func(t *testing.T) { testCancelling(t, newModel) })
	t.Run("cancelling before the header", func(t *testing.T) { testCancellingEarly(t, newModel) })
	t.Run("streams at once", func(t *testing.T) { testConcurrency(t, newModel) })
}

// upstreams runs a test over HTTP/1.1 and over HTTP/2.
func upstreams(t *testing.T, test func(t *testing.T, u *Upstream)) {
	t.Run("HTTP/1.1", func(t *testing.T) {
		t.Parallel()
		test(t, NewUpstream(t))
	})
	t.Run("HTTP/2", func(t *testing.T) {
		t.Parallel()
		test(t, NewTLSUpstream(t))
	})
}

// testFirstDelta sends each chunk only when the client has given out the one
// before: if it held one back until the next, neither side would move.
func testFirstDelta(t *testing.T, newModel Factory) {
	finish := `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
	for name, framing := range map[string]struct {
		first Step
		frame string // around a chunk
	}{
		"LF":             {Sequence(), "data: %s\n\n"},
		"CR":             {Sequence(), "data: %s\r\r"},
		"CRLF":           {Sequence(), "data: %s\r\n\r\n"},
		"no blank lines": {Sequence(), "data: %s\n"},
		"NDJSON":         {Status(http.StatusOK, "Content-Type", "application/x-ndjson"), "%s\n"},
		"gzip":           {Gzip(), "data: %s\n\n"},
	} {
		t.Run(name, func(t *testing.T) {
			upstreams(t, func(t *testing.T, u *Upstream) {
				send := func(data string) Step { return Send(strings.Replace(framing.frame, "%s", data, 1)) }
				u.Script(
					framing.first,
					send(chunk(`{"content":"a"}`)), Pause("a"),
					send(chunk(`{"reasoning_content":"b"}`)), Pause("b"),
					send(chunk(`{"content":"c"}`)), Pause("c"),
					send(finish),
				)
				var got []string
				for event, err := range newModel(t, u).Stream(t.Context(), Prompt()) {
					if err != nil {
						t.Fatal(err)
					}
					if len(event.Text) > 0 {
						got = append(got, string(event.Text))
						u.Resume(string(event.Text))
					}
				}
				if diff := cmp.Diff([]string{"a", "b", "c"}, got); diff != "" {
					t.Errorf("deltas (-want +got)\n%s", diff)
				}
			})
		})
	}
}

func testMerging(t *testing.T, newModel Factory) {
	upstreams(t, func(t *testing.T, u *Upstream) {
		const chunks = 300 // less than what a socket holds while nobody reads
		u.Script(
			Delta("first "), Pause("first"),
			Send(strings.Repeat("data: "+chunk(`{"content":"x"}`)+"\n\n", chunks)),
			Pause("rest"), Finish("stop"), Done(),
		)
		text, deltas := "", 0
		for event, err := range newModel(t, u).Stream(t.Context(), Prompt()) {
			if err != nil {
				t.Fatal(err)
			}
			if event.Kind != completion.Delta {
				continue
			}
			text += string(event.Text)
			if deltas++; deltas == 1 {
				u.Resume("first")
				u.WaitPaused("first")
				u.WaitPaused("rest") // everything has arrived while we were here
				u.Resume("rest")
			}
		}
		if want := "first " + strings.Repeat("x", chunks); text != want {
			t.Errorf("got %d bytes of text, want %d", len(text), len(want))
		}
		if deltas > chunks/4 {
			t.Errorf("%d chunks that had arrived came as %d deltas", chunks, deltas)
		}
	})
}

func testLeaving(t *testing.T, newModel Factory) {
	upstreams(t, func(t *testing.T, u *Upstream) {
		u.Script(Delta("a"), Stall())
		over := make(chan struct{})
		go func() {
			defer close(over)
			for _, err := range newModel(t, u).Stream(t.Context(), Prompt()) {
				if err != nil {
					t.Error(err)
				}
				break
			}
		}()
		select {
		case <-over:
		case <-time.After(patience):
			t.Fatal("Stream does not return")
		}
		u.Next().WaitDone(t)
	})
}

func testCancelling(t *testing.T, newModel Factory) {
	upstreams(t, func(t *testing.T, u *Upstream) {
		u.Script(Delta("a"), Stall())
		cause := errors.New("the reader has had enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		var last error
		for _, err := range newModel(t, u).Stream(ctx, Prompt()) {
			last = err
			cancel(cause)
		}
		if !errors.Is(last, cause) {
			t.Errorf("got the error %v, want the cause", last)
		}
		u.Next().WaitDone(t)
	})
}

func testCancellingEarly(t *testing.T, newModel Factory) {
	upstreams(t, func(t *testing.T, u *Upstream) {
		u.Script(Stall())
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		over := make(chan error, 1)
		go func() {
			var last error
			for _, err := range newModel(t, u).Stream(ctx, Prompt()) {
				last = err
			}
			over <- last
		}()
		r := u.Next()
		cancel()
		if err := <-over; !errors.Is(err, context.Canceled) {
			t.Errorf("got the error %v, want context.Canceled", err)
		}
		r.WaitDone(t)
	})
}

func testConcurrency(t *testing.T, newModel Factory) {
	upstreams(t, func(t *testing.T, u *Upstream) {
		const streams = 64
		u.Script(Delta("a"), Pause("all"), Answer("b"))
		model := newModel(t, u)
		outcomes := make(chan *Outcome)
		for range streams {
			go func() { outcomes <- Collect(t, model.Stream(t.Context(), Prompt())) }()
		}
		for range streams { // all of them are under way
			u.WaitPaused("all")
		}
		for range streams {
			u.Resume("all")
		}
		for range streams {
			if o := <-outcomes; o.Content != "ab" || o.Err != nil {
				t.Errorf("got %q, %v", o.Content, o.Err)
			}
		}
	})
}

// within fails the test if f takes longer than a limit that stands for "at
// once, give or take a busy machine".
func within(t *testing.T, limit time.Duration, f func()) {
	t.Helper()
	began := time.Now()
	f()
	if took := time.Since(began); took > limit {
		t.Errorf("it took %s, more than %s", took, limit)
	}
}
