package upstream_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// These tests run on synctest's clock, over pipes: its goroutines must not wait
// for real sockets.

const (
	testFirstByte = 100 * time.Second
	testIdle      = 50 * time.Second
)

// pipeServer serves over pipes and returns a client that dials them.
func pipeServer(t *testing.T, handler http.HandlerFunc) *upstream.Client {
	listener := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(listener) }()
	c := upstream.NewClient()
	upstream.TransportOf(c).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		select {
		case listener.conns <- theirs:
			return ours, nil
		case <-listener.closed:
			return nil, net.ErrClosed
		}
	}
	t.Cleanup(func() {
		c.Close()
		_ = server.Close()
	})
	return c
}

type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	close(l.closed)
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// A beat is what a server sends after a pause.
type beat struct {
	after time.Duration
	text  string
}

func play(beats []beat, hold bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		for _, b := range beats {
			select {
			case <-time.After(b.after):
			case <-r.Context().Done():
				return
			}
			_, _ = io.WriteString(w, b.text)
			_ = http.NewResponseController(w).Flush()
		}
		if hold {
			<-r.Context().Done()
		}
	}
}

const (
	helData  = `data: {"choices":[{"delta":{"content":"Hel"}}]}` + "\n\n"
	loData   = `data: {"choices":[{"delta":{"content":"lo"}}]}` + "\n\n"
	stopData = `data: {"choices":[{"delta":{},"finish_reason":"stop"}]}` + "\n\n"
	doneData = "data: [DONE]\n\n"
	ping     = ": ping\n\n"
)

func repeat(n int, b beat) (all []beat) {
	for range n {
		all = append(all, b)
	}
	return all
}

func TestSilence(t *testing.T) {
	for _, test := range []struct {
		name   string
		beats  []beat
		hold   bool
		reason completion.Reason // "" for a whole answer
		waited time.Duration
		after  time.Duration // when the stream ends
	}{
		{"an answer in time", []beat{{testFirstByte - 1, ""}, {0, helData}, {testIdle - 1, loData + stopData + doneData}}, false, "", 0, testFirstByte + testIdle - 2},
		{"no header", []beat{{time.Hour, ""}}, false, completion.FirstByte, testFirstByte, testFirstByte},
		{"a header, then no byte", []beat{{0, ""}, {time.Hour, ""}}, false, completion.FirstByte, testFirstByte, testFirstByte},
		{"a late header, then no byte", []beat{{testFirstByte - time.Second, ""}, {time.Hour, ""}}, false, completion.Idle, testIdle, testFirstByte + testIdle - time.Second},
		{"silence in the middle", []beat{{0, helData}, {time.Hour, loData}}, false, completion.Idle, testIdle, testIdle},
		{"silence within a line", []beat{{0, helData}, {0, loData[:20]}, {time.Hour, ""}}, false, completion.Idle, testIdle, testIdle},
		{"comments are life", append(append([]beat{{0, helData}}, repeat(5, beat{testIdle - 1, ping})...), beat{0, loData + stopData + doneData}), false, "", 0, 5 * (testIdle - 1)},
		{"parts of a line are life", append([]beat{{0, helData}, {testIdle - 1, loData[:9]}, {testIdle - 1, loData[9:]}}, beat{0, stopData + doneData}), false, "", 0, 2 * (testIdle - 1)},
		{"comments for ever are not", repeat(1000, beat{time.Second, ping}), false, completion.Idle, upstream.MaxNoContent, time.Second + upstream.MaxNoContent},
		{"empty chunks for ever are not", repeat(1000, beat{time.Second, "data: {\"choices\":[{\"delta\":{\"content\":\"\"}}]}\n\n"}), false, completion.Idle, upstream.MaxNoContent, time.Second + upstream.MaxNoContent},
		{"text for long is", append(repeat(60, beat{40 * time.Second, "data: {\"choices\":[{\"delta\":{\"content\":\" \"}}]}\n\n"}), beat{0, stopData}), false, "", 0, 2400 * time.Second},
		{"finished before the first text", []beat{{0, stopData}, {2 * upstream.FinishGrace, helData + loData + doneData}}, false, "", 0, 2 * upstream.FinishGrace},
		{"finished, then held open", []beat{{0, helData + loData + stopData}}, true, "", 0, upstream.FinishGrace},
		{"finished with the last text, then held open", []beat{{0, helData + `data: {"choices":[{"delta":{"content":"lo"},"finish_reason":"stop"}]}` + "\n\n"}}, true, "", 0, testIdle},
		{"finished, usage late", []beat{{0, helData + loData + stopData}, {upstream.FinishGrace - 1, `data: {"usage":{"prompt_tokens":1}}` + "\n\n"}}, false, "", 0, upstream.FinishGrace - 1},
		{"end mark, then held open", []beat{{0, helData + loData + stopData + doneData}}, true, "", 0, upstream.DrainGrace},
		{"finished all along, then silent", []beat{
			{0, `data: {"choices":[{"delta":{"content":"Hel"},"finish_reason":"stop"}]}` + "\n\n"},
			{0, `data: {"choices":[{"delta":{"content":"lo"},"finish_reason":"stop"}]}` + "\n\n"},
		}, true, completion.Idle, testIdle, testIdle},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := pipeServer(t, play(test.beats, test.hold))
				m := modelFor(t, c, upstream.Endpoint{Format: openai.Format{}, BaseURL: "localhost", FirstByte: testFirstByte, Idle: testIdle})
				began := time.Now()
				o := completiontest.Collect(t, m.Stream(t.Context(), completiontest.Prompt()))
				if took := time.Since(began); took.Round(time.Second) != test.after.Round(time.Second) {
					t.Errorf("it ended after %s, want %s", took, test.after)
				}
				failed := completion.AsError(o.Err)
				switch {
				case test.reason == "" && o.Err != nil:
					t.Errorf("error %v (%+v)", o.Err, failed)
				case test.reason != "" && (failed == nil || failed.Kind != completion.Timeout || failed.Reason != test.reason || failed.Waited != test.waited || failed.Temporary):
					t.Errorf("error %+v, want %s after %s", failed, test.reason, test.waited)
				}
			})
		})
	}
}

func TestNoLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := pipeServer(t, play([]beat{{time.Hour, helData}, {9 * time.Minute, loData + stopData + doneData}}, false))
		o := completiontest.Collect(t, modelFor(t, c, at("localhost")).Stream(t.Context(), completiontest.Prompt()))
		if o.Err != nil || o.Content != "Hello" {
			t.Errorf("got %q, %v", o.Content, o.Err)
		}
	})
}

// A reader that takes an hour for an event does not make the server late.
func TestSlowReaderTripsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := pipeServer(t, play([]beat{{0, helData}, {time.Second, loData}, {time.Second, stopData + doneData}}, false))
		m := modelFor(t, c, upstream.Endpoint{Format: openai.Format{}, BaseURL: "localhost", FirstByte: testFirstByte, Idle: testIdle})
		for event, err := range m.Stream(t.Context(), completiontest.Prompt()) {
			if err != nil {
				t.Fatalf("%v at %+v", err, event)
			}
			<-time.After(time.Hour)
		}
	})
}

// The reader leaves the loop at the finish, as the server does, and the end of
// the body comes a moment after the end mark. The connection must serve again.
func TestEndOfTheBodyIsAwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := pipeServer(t, play([]beat{{0, helData + stopData + doneData}, {upstream.DrainGrace / 2, ping}}, false))
		dials := 0
		dial := upstream.TransportOf(c).DialContext
		upstream.TransportOf(c).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			dials++
			return dial(ctx, network, address)
		}
		m := modelFor(t, c, upstream.Endpoint{Format: openai.Format{}, BaseURL: "localhost", Idle: testIdle})
		for range 2 {
			for event, err := range m.Stream(t.Context(), completiontest.Prompt()) {
				if err != nil {
					t.Fatal(err)
				}
				if event.Kind == completion.Finished {
					break
				}
			}
			synctest.Wait() // until the transport has put the connection back
		}
		if dials != 1 {
			t.Errorf("%d connections", dials)
		}
	})
}

// An error body that stalls must not hold its status back.
func TestErrorBodyThatStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := pipeServer(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, `{"error":"slow down"`)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		})
		m := modelFor(t, c, upstream.Endpoint{Format: openai.Format{}, BaseURL: "localhost", FirstByte: testFirstByte, Idle: testIdle})
		began := time.Now()
		o := completiontest.Collect(t, m.Stream(t.Context(), completiontest.Prompt()))
		if took := time.Since(began); took > upstream.ErrorGrace {
			t.Errorf("it took %s", took)
		}
		if failed := completion.AsError(o.Err); failed == nil || failed.Status != http.StatusTooManyRequests || errors.Is(o.Err, context.Canceled) {
			t.Errorf("got %v", o.Err)
		}
	})
}
