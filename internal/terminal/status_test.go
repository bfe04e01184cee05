package terminal

import (
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/llmls/llmls/internal/completion"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A tty keeps what was written to it.
type tty struct {
	mu  sync.Mutex
	out strings.Builder
}

func (t *tty) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.out.Write(p)
}

func (t *tty) screen() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return play(t.out.String()).String()
}

func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &tty{}
		s := StartStatus(w, "qwen\x1b[2J", 80)
		expect := func(want string) {
			t.Helper()
			synctest.Wait()
			if want != "" {
				want = "<2>" + want + "<>"
			}
			if got := w.screen(); got != want {
				t.Fatalf("status %q, want %q", got, want)
			}
		}
		pass := func(d time.Duration) { <-time.After(d) } // on the bubble's clock
		expect("waiting for qwen[2J…")
		pass(3 * time.Second)
		expect("waiting for qwen[2J… 3 s")
		s.Retrying(&completion.Retry{Attempt: 2, Wait: 2 * time.Second, Cause: &completion.Error{Kind: completion.RateLimit}})
		expect("rate limited; trying again in 2 s")
		pass(time.Second)
		expect("rate limited; trying again in 1 s")
		pass(time.Second)
		expect("waiting for qwen[2J… 5 s (attempt 2)")
		s.Stop()
		expect("")
		s.Stop()
		s.Retrying(&completion.Retry{Wait: time.Hour})
		pass(time.Minute)
		expect("")
	})
}

func TestStatusKeepsItsLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &tty{}
		s := StartStatus(w, strings.Repeat("模型", 40), 30)
		if n := play(w.out.String()).widest(); n >= 30 {
			t.Errorf("%d columns, want fewer than 30", n)
		}
		s.Stop()
	})
}

func TestReason(t *testing.T) {
	for _, tt := range []struct {
		cause *completion.Error
		want  string
	}{
		{nil, "no answer; trying again in 2 s"},
		{&completion.Error{Kind: completion.Server, Status: 503}, "the endpoint failed (HTTP 503); trying again in 2 s"},
		{&completion.Error{Kind: completion.Server}, "the endpoint failed; trying again in 2 s"},
		{&completion.Error{Kind: completion.Network}, "no connection; trying again in 2 s"},
		{&completion.Error{Kind: completion.Timeout}, "no answer in time; trying again in 2 s"},
		{&completion.Error{Kind: completion.NotAnAPI}, "the attempt failed; trying again in 2 s"},
	} {
		if got := retrying(tt.cause, 1100*time.Millisecond); got != tt.want {
			t.Errorf("retrying = %q, want %q", got, tt.want)
		}
	}
}

func TestLine(t *testing.T) {
	if got, want := Line("a\n\x1b[2J"), "a [2J"; got != want {
		t.Errorf("Line is %q, want %q", got, want)
	}
}

func TestOpenPassesAFileTheExactText(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	a := Open(w, func(string) string { return "" })
	const text = "**a**\x1b[1m\r\n`b"
	if _, err := a.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	got := make([]byte, 100)
	n, err := r.Read(got)
	if err != nil || string(got[:n]) != text {
		t.Errorf("read %q, %v, want %q", got[:n], err, text)
	}
}
