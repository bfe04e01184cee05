package faults

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// unread starts a server whose standard error is a pipe that is full, and that
// nobody reads before read is called, or the test ends.
func unread(t *testing.T, h *process.Home) (s *server, read func() *process.Output) {
	t.Helper()
	pipe := filepath.Join(h.Dir, "stderr")
	h.Through = []string{"sh", "-c", fmt.Sprintf(`mkfifo %[1]s && exec 3<>%[1]s && head -c 64k /dev/zero >%[1]s && exec "$0" "$@" 2>%[1]s`, pipe)}
	s = start(t, h).ready()
	read = func() *process.Output {
		reader, err := os.OpenFile(pipe, os.O_RDWR, 0) // or it waits for a writer
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { reader.Close() })
		said := &process.Output{}
		go func() { _, _ = io.Copy(said, reader) }() // until it is closed
		return said
	}
	return s, read
}

// Answers, requests and the end do not wait for somebody who reads standard
// error, and the log file has what that has not.
func TestNobodyReadsStandardError(t *testing.T) {
	t.Parallel()
	const answers, logged = 50, 1000
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Hello"))
	h := llmls.Home(t, u.URL, "logLevel = \"debug\"\n")
	s, read := unread(t, h)
	t.Cleanup(func() { read() }) // so that a server that hangs ends
	for i := range answers {
		s.StartCommand("llmls.explain", place("partialResultToken", fmt.Sprint(i)))
	}
	const soon = 10 * time.Second // one that waits for a reader waits for ever
	process.Eventually(t, soon, "all are answered", func() bool {
		n := 0
		for _, m := range s.Seen() {
			n += strings.Count(string(m.Result), `"text":"Hello"`)
		}
		return n == answers
	})
	for range logged {
		s.Must(s.Notify("textDocument/didChange", "malformed"))
	}
	s.stillWorks()
	process.Eventually(t, process.Patience, "all is in the file", func() bool {
		log := h.Log(t)
		return strings.Count(log, "a notification was not understood") == logged && strings.Count(log, `"answered"`) == answers
	})
	s.Must(s.Call(s.Context(), "shutdown", nil, nil))
	s.Must(s.Notify("exit", nil))
	s.EndsWithin(lastMoment)
	s.Exits(0)
}

// Whoever read standard error is gone, or a full disk is behind it: the answers come,
// and the log file has what was to be said there.
func TestStandardErrorIsGone(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]string{
		"its reader is gone": `mkfifo p && exec 3<>p && exec "$0" "$@" 2>p 3<&-`, "it is closed": `exec "$0" "$@" 2>&-`, "it is full": `exec "$0" "$@" 2>/dev/full`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			u.Script(completiontest.Answer("Hello"))
			h := llmls.Home(t, u.URL, "logLevel = \"debug\"\n")
			h.WorkDir, h.Through = h.Dir, []string{"sh", "-c", gone}
			s := start(t, h).ready()
			for i := range 3 {
				if r, err := s.explain(fmt.Sprint(i)); err != nil || r.Text != "Hello" {
					t.Errorf("the answer is %q, %v", r.Text, err)
				}
			}
			s.Must(s.Call(s.Context(), "shutdown", nil, nil))
			s.Must(s.Notify("exit", nil))
			s.EndsWithin(lastMoment)
			s.Exits(0)
			if log := h.Log(t); strings.Count(log, `"answered"`) != 3 {
				t.Errorf("the log is %s", log)
			}
		})
	}
}

// What does not fit is dropped, and told once somebody reads again.
func TestDroppedEntriesAreTold(t *testing.T) {
	t.Parallel()
	s, read := unread(t, llmls.Home(t, "http://127.0.0.1:1", ""))
	for range 20_000 { // more than is queued
		s.Must(s.Notify("textDocument/didChange", "malformed"))
	}
	s.stillWorks()
	s.peakBelow(memoryLimit)
	said := read()
	process.Eventually(t, process.Patience, "it is told", func() bool { return strings.Contains(said.String(), `"dropped": `) })
	s.stillWorks()
}
