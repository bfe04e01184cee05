package answer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.uber.org/goleak"

	"github.com/llmls/llmls/internal/completion"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A fakeConn is a connection to a client that records what it is sent and
// answers as it is told to.
type fakeConn struct {
	jsonrpc2.Conn // for the methods that no test needs

	accept func(context.Context) error // answers window/workDoneProgress/create
	broken error                       // what Notify returns

	mu   sync.Mutex
	told []string
}

func (c *fakeConn) Notify(_ context.Context, method string, params any) error {
	raw, ok := params.(*jsonrpc2.RawMessage)
	if !ok {
		b, err := protocol.Marshal(params)
		if err != nil {
			return err
		}
		raw = (*jsonrpc2.RawMessage)(&b)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = append(c.told, strings.TrimPrefix(method, "$/progress")+string(*raw))
	return c.broken
}

func (c *fakeConn) Call(ctx context.Context, _ string, _, _ any) (jsonrpc2.ID, error) {
	return jsonrpc2.ID{}, c.accept(ctx)
}

// work returns the work-done progress so far, as "kind: message" or "kind: title".
func (c *fakeConn) work() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var lines []string
	for _, told := range c.told {
		var p struct {
			Value struct{ Kind, Title, Message string }
		}
		if json.Unmarshal([]byte(told), &p) == nil && p.Value.Kind != "delta" && p.Value.Kind != "reasoning" {
			lines = append(lines, strings.TrimSpace(p.Value.Kind+": "+strings.TrimSpace(p.Value.Title+" "+p.Value.Message)))
		}
	}
	return lines
}

// A model answers with what its function yields.
type model func(ctx context.Context, yield func(completion.Event, error) bool)

func (m model) Stream(ctx context.Context, _ *completion.Request) iter.Seq2[completion.Event, error] {
	return func(yield func(completion.Event, error) bool) { m(ctx, yield) }
}

func delta(text string) completion.Event {
	return completion.Event{Kind: completion.Delta, Text: []byte(text)}
}

func finished(reason completion.FinishReason) completion.Event {
	return completion.Event{Kind: completion.Finished, Finish: &completion.Finish{Reason: reason}}
}

// says answers with text.
func says(text string) model {
	return func(_ context.Context, yield func(completion.Event, error) bool) {
		_ = yield(delta(text), nil) && yield(finished(completion.FinishStop), nil)
	}
}

// gated answers once gate is closed.
func gated(gate <-chan struct{}) model {
	return func(ctx context.Context, yield func(completion.Event, error) bool) {
		select {
		case <-gate:
			_ = yield(delta("x"), nil) && yield(finished(completion.FinishStop), nil)
		case <-ctx.Done():
			yield(completion.Event{}, context.Cause(ctx))
		}
	}
}

func job(order uint64, m model) *Job {
	return &Job{
		Order: order, Request: &completion.Request{Model: "m"},
		Turn: completion.Message{Role: completion.User, Content: fmt.Sprintf("turn %d", order)},
		Open: func(context.Context, *Progress) (completion.Model, error) { return m, nil },
	}
}

// run runs a job to its end, without a client.
func run(t *testing.T, s *Session, j *Job) (*Answer, *Result, error) {
	t.Helper()
	a, ctx, err := s.New(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	result, err := s.Run(ctx, a, j, NewProgress(t.Context(), &fakeConn{}, nil))
	return a, result, err
}

func TestEndings(t *testing.T) {
	network := &completion.Error{Kind: completion.Network, Host: "h", Detail: "connection reset"}
	odd := errors.New("odd")
	tests := []struct {
		name    string
		events  []completion.Event
		err     error // that the model ends with
		cause   error // with which the answer is stopped, after the events
		want    error // nil: a result
		finish  completion.FinishReason
		message string
	}{
		{name: "complete", events: []completion.Event{delta("a"), finished("stop")}, finish: "stop"},
		{name: "length", events: []completion.Event{delta("a"), finished("length")}, finish: "length", message: completion.SentenceLength},
		{name: "filter", events: []completion.Event{delta("a"), finished("content_filter")}, finish: "content_filter", message: completion.SentenceFilter},
		{name: "unknown", events: []completion.Event{delta("a"), finished("unknown")}, finish: "unknown", message: completion.SentenceUnknownEnd},
		{name: "a tool call besides the text", events: []completion.Event{delta("a"), finished("tool_calls")}, finish: "stop"},
		{name: "finished and stopped", events: []completion.Event{delta("a"), finished("stop")}, cause: ErrStopped, finish: "stop"},
		{name: "broken", events: []completion.Event{delta("a")}, err: network, finish: FinishIncomplete, message: network.IncompleteSentence()},
		{name: "broken at once", err: network, want: network, finish: FinishIncomplete, message: network.Sentence()},
		{name: "only thought", events: []completion.Event{{Kind: completion.Reasoning, Text: []byte("hm")}}, err: network, want: network, finish: FinishIncomplete, message: network.Sentence()},
		{name: "stopped", events: []completion.Event{delta("a")}, cause: ErrStopped, finish: FinishIncomplete, message: completion.SentenceStopped},
		{name: "stopped at once", cause: ErrStopped, want: ErrStopped, finish: FinishIncomplete, message: completion.SentenceStopped},
		{name: "shutdown", events: []completion.Event{delta("a")}, cause: ErrShutdown, finish: FinishIncomplete, message: completion.SentenceShutdown},
		{name: "cancelled", events: []completion.Event{delta("a")}, cause: context.Canceled, want: context.Canceled, finish: FinishIncomplete, message: completion.SentenceStopped},
		{name: "odd", events: []completion.Event{delta("a")}, err: odd, finish: FinishIncomplete, message: completion.SentenceFailed(odd)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := NewSession()
			var a *Answer
			j := job(1, func(ctx context.Context, yield func(completion.Event, error) bool) {
				for i, event := range tt.events {
					if tt.cause != nil && i == len(tt.events)-1 && event.Kind == completion.Finished {
						a.Stop(tt.cause)
					}
					if !yield(event, nil) {
						return
					}
				}
				if tt.cause != nil {
					a.Stop(tt.cause)
					yield(completion.Event{}, errors.New("a consequence"))
				} else if tt.err != nil {
					yield(completion.Event{}, tt.err)
				}
			})
			a, ctx, err := s.New(t.Context(), j)
			if err != nil {
				t.Fatal(err)
			}
			conn := &fakeConn{}
			p := NewProgress(t.Context(), conn, nil)
			p.Begin(protocol.String("w"), "T")
			result, err := s.Run(ctx, a, j, p)
			if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) || (result == nil) != (err != nil) {
				t.Errorf("got %v, %v, want %v", result, err, tt.want)
			}
			if whole := a.result(); whole.FinishReason != tt.finish || whole.Message != tt.message {
				t.Errorf("ended with %q, %q", whole.FinishReason, whole.Message)
			}
			end := "end: " + map[completion.FinishReason]string{
				"stop": "m · ", "length": "cut · m · ", "content_filter": "cut · m · ", "unknown": "may be cut · m · ", // and seconds, tokens
				FinishIncomplete: tt.message,
			}[tt.finish]
			if work := conn.work(); len(work) < 2 || !strings.HasPrefix(work[len(work)-1], end) {
				t.Errorf("progress: %q", work)
			}
			if sum := s.Answers(""); len(sum) != 1 || sum[0].Running || sum[0].FinishReason != tt.finish {
				t.Errorf("listed as %+v", sum)
			}
		})
	}
}

// Everything that the caller asked for has been sent when Run returns, in order
// and numbered over both kinds.
func TestText(t *testing.T) {
	s := NewSession()
	j := job(1, func(_ context.Context, yield func(completion.Event, error) bool) {
		for _, event := range []completion.Event{
			{Kind: completion.Reasoning, Text: []byte("hm \"")}, delta("é\n"), delta("\u2028</script>\x00"), finished("stop"),
		} {
			if !yield(event, nil) {
				return
			}
		}
	})
	conn := &fakeConn{}
	a, ctx, err := s.New(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(ctx, a, j, NewProgress(t.Context(), conn, protocol.Integer(7))); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{
		{"kind": "reasoning", "seq": 0.0, "text": "hm \""}, {"kind": "delta", "seq": 1.0, "text": "é\n"}, {"kind": "delta", "seq": 2.0, "text": "\u2028</script>\x00"},
	}
	if len(conn.told) != len(want) {
		t.Fatalf("told %q", conn.told)
	}
	for i, told := range conn.told {
		var got struct {
			Token float64
			Value map[string]any
		}
		if err := json.Unmarshal([]byte(told), &got); err != nil || got.Token != 7 || fmt.Sprint(got.Value) != fmt.Sprint(want[i]) {
			t.Errorf("told %s, %v, want %v", told, err, want[i])
		}
	}
}

// An editor that is gone stops the model.
func TestBrokenConnectionEndsTheAnswer(t *testing.T) {
	conn := &fakeConn{broken: errors.New("broken pipe")}
	s := NewSession()
	left := false
	j := job(1, func(_ context.Context, yield func(completion.Event, error) bool) {
		for yield(delta("x"), nil) {
			if len(conn.told) > 1 {
				t.Fatal("the model is asked for more")
			}
		}
		left = true
	})
	a, ctx, err := s.New(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	result, err := s.Run(ctx, a, j, NewProgress(t.Context(), conn, protocol.Integer(7)))
	if err != nil || result.FinishReason != FinishIncomplete || !strings.Contains(result.Message, "broken pipe") || !left {
		t.Errorf("got %+v, %v", result, err)
	}
}

// Reports show the newest line, at most four times a second, and the client
// decides about tokens of ours.
func TestProgressWhileStreaming(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pieces, pace = 400, 5 * time.Millisecond // two seconds
		s := NewSession()
		j := job(1, func(_ context.Context, yield func(completion.Event, error) bool) {
			for i := range pieces {
				<-time.After(pace)
				if !yield(delta(fmt.Sprintf("piece %d\n", i)), nil) {
					return
				}
			}
			yield(finished("stop"), nil)
		})
		a, ctx, err := s.New(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		conn := &fakeConn{}
		p := NewProgress(t.Context(), conn, nil)
		p.Begin(protocol.String("w"), "T")
		if _, err := s.Run(ctx, a, j, p); err != nil {
			t.Fatal(err)
		}
		work := conn.work()
		reports := len(work) - 2
		if reports < 7 || reports > 9 || work[0] != "begin: T" || !strings.HasPrefix(work[len(work)-1], "end: ") {
			t.Errorf("%d reports: %q", reports, work)
		}
		for _, line := range work[1 : len(work)-1] {
			if !strings.Contains(line, "piece") || strings.Contains(line, "\n") || utf8.RuneCountInString(line) > newestWidth+len("report:  ") {
				t.Errorf("reported %q", line)
			}
		}
	})
}

// While a model pauses, the newest text is what is shown, also if it came soon
// after a report, or before the client agreed to our token.
func TestProgressInAPause(t *testing.T) {
	for name, agrees := range map[string]time.Duration{"agreed before": 0, "agreed in the pause": 5 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := &fakeConn{accept: func(context.Context) error {
					<-time.After(agrees)
					return nil
				}}
				p := NewProgress(t.Context(), conn, nil)
				s := NewSession()
				j := job(1, func(_ context.Context, yield func(completion.Event, error) bool) {
					<-time.After(time.Second)
					if !yield(delta("one "), nil) || !yield(delta("two"), nil) {
						return
					}
					<-time.After(10 * time.Second)
					if work := conn.work(); !strings.HasSuffix(work[len(work)-1], " one two") {
						t.Errorf("in the pause %q is shown", work)
					}
					yield(finished("stop"), nil)
				})
				a, ctx, err := s.New(t.Context(), j)
				if err != nil {
					t.Fatal(err)
				}
				go p.Create(t.Context(), protocol.String("w"), "T")
				if _, err := s.Run(ctx, a, j, p); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func TestTokenOfOurs(t *testing.T) {
	after := func(d time.Duration, err error) func(context.Context) error {
		return func(ctx context.Context) error {
			select {
			case <-time.After(d):
				return err
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	tests := []struct {
		name   string
		accept func(context.Context) error
		want   []string
	}{
		{"accepted before", after(time.Second, nil), []string{"begin: T", "report: attempt 2", "end: done"}},
		{"accepted between", after(3*time.Second, nil), []string{"begin: T attempt 2", "end: done"}},
		{"accepted after the end", after(5*time.Second, nil), []string{"begin: T attempt 2", "end: done"}},
		{"refused", after(time.Second, errors.New("no")), nil},
		{"refused after the end", after(5*time.Second, errors.New("no")), nil},
		{"never answered", after(24*time.Hour, nil), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn := &fakeConn{accept: tt.accept}
				p := NewProgress(t.Context(), conn, nil)
				created := make(chan struct{})
				go func() {
					defer close(created)
					p.Create(t.Context(), protocol.String("llmls-1"), "T")
				}()
				<-time.After(2 * time.Second)
				p.Report("attempt 2")
				<-time.After(2 * time.Second)
				p.End("done")
				began := time.Now()
				<-created
				if took := time.Since(began); took > createTimeout {
					t.Errorf("a client that never answers is waited for: %v", took)
				}
				if got := conn.work(); fmt.Sprint(got) != fmt.Sprint(tt.want) {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		})
	}
}

func TestNewest(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "thinking…",
		" \n\t":                   "thinking…",
		"one\n\n  two\tthree\n":   "one two three",
		strings.Repeat("é", 1000): strings.Repeat("é", newestWidth),
		strings.Repeat("🎉", 500):  strings.Repeat("🎉", newestWidth),
	} {
		a := &Answer{}
		a.text.WriteString(text)
		if got := a.newest(); got != want {
			t.Errorf("%.20q shows as %q, want %q", text, got, want)
		}
	}
}
