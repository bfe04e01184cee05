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
	case completion.Refiled:
		o.Reasoning, o.Content = o.Reasoning+o.Content, ""
		return
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

// A Factory makes the Model under test, without retries, for an upstream. It
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

// TestModel is the conformance suite: what every format must do with what
// servers of its wire format send.
func TestModel(t *testing.T, w *Wire, newModel Factory) {
	for name, test := range map[string]func(*testing.T, *Wire, Factory){
		"quirks":                       testQuirks,
		"whole answers":                testAnswer,
		"the end mark alone":           testEndMarkAlone,
		"failures":                     testFailure,
		"failures in other words":      testAnnounced,
		"envelopes":                    testEnvelopes,
		"readable deviations":          testReadable,
		"failures that are told":       testTold,
		"parts that are refused":       testWithout,
		"first delta is not held back": testFirstDelta,
		"later deltas are merged":      testMerging,
		"leaving the loop":             testLeaving,
		"cancelling":                   testCancelling,
		"cancelling before the header": testCancellingEarly,
		"streams at once":              testConcurrency,
	} {
		t.Run(name, func(t *testing.T) { test(t, w, newModel) })
	}
	t.Run("transcripts", func(t *testing.T) { w.Transcripts(t, newModel) })
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

// testFirstDelta sends each chunk only once the client has yielded the one before: a
// client that held one back until the next would block the test.
func testFirstDelta(t *testing.T, w *Wire, newModel Factory) {
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
				send := func(chunks ...Chunk) Step {
					var steps []Step
					for _, c := range chunks {
						steps = append(steps, Send(strings.Replace(framing.frame, "%s", c.Data, 1)))
					}
					return Sequence(steps...)
				}
				u.Script(
					framing.first, send(w.Start...),
					send(w.Delta("a")), Pause("a"),
					send(w.Reasoning("b")), Pause("b"),
					send(w.Delta("c")), Pause("c"),
					send(w.End(completion.FinishStop, completion.Usage{})...),
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

func testMerging(t *testing.T, w *Wire, newModel Factory) {
	upstreams(t, func(t *testing.T, u *Upstream) {
		const chunks = 300 // less than what a socket holds while nobody reads
		u.Script(
			w.Send(w.Start...), w.Send(w.Delta("first ")), Pause("first"),
			Send(strings.Repeat(w.Delta("x").String(), chunks)),
			Pause("rest"), w.Send(w.End(completion.FinishStop, completion.Usage{})...),
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

func testLeaving(t *testing.T, w *Wire, newModel Factory) {
	upstreams(t, func(t *testing.T, u *Upstream) {
		u.Script(w.Send(w.Start...), w.Send(w.Delta("a")), Stall())
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

func testCancelling(t *testing.T, w *Wire, newModel Factory) {
	upstreams(t, func(t *testing.T, u *Upstream) {
		u.Script(w.Send(w.Start...), w.Send(w.Delta("a")), Stall())
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

func testCancellingEarly(t *testing.T, w *Wire, newModel Factory) {
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

func testConcurrency(t *testing.T, w *Wire, newModel Factory) {
	upstreams(t, func(t *testing.T, u *Upstream) {
		const streams = 64
		u.Script(w.Send(w.Start...), w.Send(w.Delta("a")), Pause("all"), w.Send(w.Delta("b")), w.Send(w.End(completion.FinishStop, completion.Usage{})...))
		model := newModel(t, u)
		outcomes := make(chan *Outcome)
		for range streams {
			go func() { outcomes <- Collect(t, model.Stream(t.Context(), Prompt())) }()
		}
		for range streams { // all of them have begun
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

// contains ignores letter case.
func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
