//go:build linux

package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/test/process"
)

// answering starts an answer that has said one word and then stalls.
func (s *server) answering(u *completiontest.Upstream, token string) *editor.Pending {
	s.t.Helper()
	u.Script(completiontest.Delta("word"), completiontest.Stall())
	pending := s.StartCommand("llmls.explain", place("partialResultToken", token))
	s.Await("a delta", func(m message) bool { return strings.Contains(string(m.Params), `"word"`) })
	return pending
}

// The editor's end of the input is its end, whatever is under way.
func TestInputEnds(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		prepare func(*server, *completiontest.Upstream)
		code    int
	}{
		{"before initialize", func(*server, *completiontest.Upstream) {}, 1},
		{"idle", func(s *server, _ *completiontest.Upstream) { s.ready() }, 1},
		{"after shutdown", func(s *server, _ *completiontest.Upstream) {
			s.ready()
			s.Must(s.Call(s.Context(), "shutdown", nil, nil))
		}, 0},
		{"while an answer runs", func(s *server, u *completiontest.Upstream) { s.ready().answering(u, "t") }, 1},
		{"while an answer runs in the background", func(s *server, u *completiontest.Upstream) {
			s.ready()
			u.Script(completiontest.Stall())
			s.Must(s.Command("llmls.explain", place(), nil))
			u.Next()
		}, 1},
		{"in the middle of a frame", func(s *server, _ *completiontest.Upstream) {
			s.ready()
			if _, err := s.Wire.Write([]byte("Content-Length: 100\r\n\r\n{")); err != nil {
				s.t.Fatal(err)
			}
		}, 1},
		{"while it does not read", func(s *server, u *completiontest.Upstream) {
			s.ready().flooded(u)
		}, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			s := start(t, llmls.Home(t, u.URL, ""))
			test.prepare(s, u)
			s.Cut = strings.Contains(test.name, "not read") // so its last frame is cut
			s.Must(s.Pipes.Close())
			s.EndsWithin(lastMoment)
			s.Exits(test.code)
			for _, r := range u.Requests() {
				r.WaitDone(t)
			}
		})
	}
}

// lastMoment is the second in which llmls must end with its input, and three
// more for a busy machine.
const lastMoment = 4 * time.Second

// An editor that was killed closes nothing if somebody else holds its pipes.
func TestEditorIsKilled(t *testing.T) {
	t.Parallel()
	for _, reading := range []string{"idle", "answering", "not reading"} {
		t.Run(reading, func(t *testing.T) {
			t.Parallel()
			parent := exec.Command("sleep", "600")
			if err := parent.Start(); err != nil {
				t.Fatal(err)
			}
			u := completiontest.NewUpstream(t)
			s := start(t, llmls.Home(t, u.URL, ""))
			_, err := s.Initialize(s.Context(), map[string]any{"processId": parent.Process.Pid, "capabilities": map[string]any{}})
			s.Must(err)
			s.Open(uri, "python", document)
			switch reading {
			case "answering":
				s.answering(u, "t")
			case "not reading":
				s.flooded(u)
				s.Cut = true
			}
			if err := parent.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = parent.Wait()
			s.EndsWithin(5 * time.Second)
			s.Exits(1)
		})
	}
}

func TestTerminated(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		u := completiontest.NewUpstream(t)
		s := start(t, llmls.Home(t, u.URL, "")).ready()
		s.answering(u, "t")
		s.Signal(sig)
		s.EndsWithin(lastMoment)
		s.Exits(1)
		u.Next().WaitDone(t)
	}
}

// An editor that shuts its server down need not read what it still says.
func TestExitWithoutReading(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	s := start(t, llmls.Home(t, u.URL, "")).ready()
	s.flooded(u)
	s.Cut = true
	_, err := s.Start("shutdown", nil)
	s.Must(err)
	s.Must(s.Notify("exit", nil))
	s.EndsWithin(lastMoment)
	s.Exits(0)
	u.Next().WaitDone(t)
}

// Nothing can be said any more, and so nothing is left to do.
func TestOutputIsClosed(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	s := start(t, llmls.Home(t, u.URL, "")).ready()
	s.flooded(u)
	s.Cut = true
	s.Must(s.Pipes.Stdout.Close())
	s.EndsWithin(lastMoment)
	u.Next().WaitDone(t)
}

// A program that is to print the key and does not can be given up, and does
// not outlive the server. It cannot read what the editor says.
func TestKeyCommandHangs(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, "")
	pidFile := filepath.Join(h.Dir, "pid")
	h.Configure(t, fmt.Sprintf("apiKeyCommand = [\"/bin/sh\", \"-c\", \"cat; echo $$ > %[1]s.new; mv %[1]s.new %[1]s; exec sleep 600\"]\n", pidFile))
	s := start(t, h).ready()
	program := func() (pid int) {
		s.t.Helper()
		process.Eventually(t, process.Patience, "the program runs", func() bool {
			text, err := os.ReadFile(pidFile)
			_, scanErr := fmt.Sscan(string(text), &pid)
			return err == nil && scanErr == nil
		})
		s.Must(os.Remove(pidFile))
		return pid
	}
	gone := func(pid int) {
		s.t.Helper()
		process.Eventually(t, process.Patience, "the program is gone", func() bool {
			stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			return err != nil || strings.Contains(string(stat), ") Z ") // dead, and its parent too
		})
	}
	pending := s.StartCommand("llmls.explain", place("partialResultToken", "t"))
	pid := program()
	s.stillWorks()
	s.Must(pending.Cancel())
	if _, _, code := failure(t, pending.Wait(s.Context(), nil)); code != -32800 {
		t.Errorf("code %d", code)
	}
	gone(pid)
	s.Must(s.Command("llmls.explain", place(), nil))
	pid = program()
	s.Must(s.Pipes.Close())
	s.EndsWithin(lastMoment)
	gone(pid)
	if n := len(u.Requests()); n > 0 {
		t.Errorf("%d requests without a key", n)
	}
}

// flooded starts an answer without an end that nobody reads, and returns when
// the endpoint cannot send any more of it.
func (s *server) flooded(u *completiontest.Upstream) *editor.Pending {
	s.t.Helper()
	u.Script(completiontest.Delta("word"), completiontest.Pause("held"), flood())
	pending := s.StartCommand("llmls.explain", place("partialResultToken", "flood"))
	s.Await("a delta", func(m message) bool { return strings.Contains(string(m.Params), `"word"`) })
	s.Pipes.Hold()
	u.Resume("held")
	s.blocked()
	return pending
}

// flood is more text than fits all pipes and buffers on its way, numbered.
func flood() completiontest.Step {
	var pieces []completiontest.Step
	for i := range floodPieces {
		pieces = append(pieces, completiontest.Delta(floodPiece(i)))
	}
	return completiontest.Sequence(append(pieces, completiontest.Finish("stop"), completiontest.Done())...)
}

const floodPieces = 2000

func floodPiece(i int) string { return fmt.Sprintf("%06d", i) + strings.Repeat("é\n\"", 1000) }

// blocked waits until the pipe that nobody reads is full.
func (s *server) blocked() {
	s.t.Helper()
	const almost = 56 << 10 // of 64 KiB: its pages need not be full
	process.Eventually(s.t, process.Patience, "the server waits for its reader", func() bool {
		n := 0
		conn, err := s.Pipes.Stdout.SyscallConn()
		s.Must(err)
		s.Must(conn.Control(func(fd uintptr) { n, err = unix.IoctlGetInt(int(fd), unix.TIOCINQ) }))
		s.Must(err)
		return n >= almost
	})
}

// The editor stops reading: the endpoint is slowed by TCP, memory stays, the
// other direction works, and nothing is lost.
func TestEditorStopsReading(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	s := start(t, llmls.Home(t, u.URL, "")).ready()
	pending := s.flooded(u)
	if got := s.memory("VmRSS"); got > 100<<10 {
		t.Errorf("%d MB while the editor does not read", got>>10)
	}
	// Everything still gets in, though nothing gets out.
	for i := range 100 {
		s.Must(s.Notify("textDocument/didChange", map[string]any{
			"textDocument":   map[string]any{"uri": uri, "version": 2 + i},
			"contentChanges": []any{map[string]any{"text": fmt.Sprintf("x = %d\n", i)}},
		}))
	}
	dry := s.StartCommand("llmls.explain", place("dryRun", true, "version", 101))
	s.Pipes.Resume()
	var r result
	s.Must(pending.Wait(s.Context(), &r))
	var whole strings.Builder
	whole.WriteString("word")
	for i := range floodPieces {
		whole.WriteString(floodPiece(i))
	}
	want := whole.String()
	if r.Text != want || r.FinishReason != "stop" {
		t.Errorf("%d bytes, want %d; %s %s", len(r.Text), len(want), r.FinishReason, r.Message)
	}
	s.wholeText("flood", want)
	var body struct{ Body string }
	s.Must(dry.Wait(s.Context(), &body))
	if !strings.Contains(body.Body, "x = 99") {
		t.Errorf("a change was lost: %s", body.Body)
	}
	s.peakBelow(200)
}

// Stopping reaches the endpoint although the editor does not read.
func TestStopWithoutReading(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"$/cancelRequest", "llmls.stop"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			s := start(t, llmls.Home(t, u.URL, "")).ready()
			pending := s.flooded(u)
			var stop *editor.Pending
			if way == "llmls.stop" {
				stop = s.StartCommand("llmls.stop", map[string]any{})
			} else {
				s.Must(pending.Cancel())
			}
			u.Next().WaitDone(t) // before anybody reads
			s.Pipes.Resume()
			var r result
			err := pending.Wait(s.Context(), &r)
			if stop == nil {
				if _, _, code := failure(t, err); code != -32800 {
					t.Errorf("code %d", code)
				}
				s.stillWorks()
				return
			}
			s.Must(err)
			s.Must(stop.Wait(s.Context(), nil))
			if r.FinishReason != "incomplete" || !strings.HasPrefix(r.Text, "word000000") {
				t.Errorf("%s, %.20q", r.FinishReason, r.Text)
			}
			s.wholeText("flood", r.Text)
			s.stillWorks()
		})
	}
}

// A crash dump, which Go writes to stderr, holds addresses and no text.
func TestDumpTellsNothing(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, "")
	h.Env = append(h.Env, "GOTRACEBACK=all")
	s := start(t, h).ready()
	s.answering(u, "t")
	s.Signal(syscall.SIGQUIT)
	s.EndsWithin(process.Patience)
	if !strings.Contains(s.Stderr.String(), "goroutine") {
		t.Error("no dump")
	}
}
