//go:build linux

package faults

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// No shell sees the command, so nothing in it is expanded.
func TestKeyCommandHasNoShell(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, calm+"apiKeyCommand = [\"/bin/echo\", \"$HOME;$(id)`id`|*\"]\n")
	h.Run(t, "ask", "why?").Exits(0)
	if got := authorization(t, u); got != "$HOME;$(id)`id`|*" {
		t.Errorf("the key that arrived is %q", got)
	}
}

// Stopping an answer that waits for the command also ends what the command has
// started.
func TestKeyCommandDiesWithItsChildren(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, "")
	script := h.Write(t, "hang", "#!/bin/sh\nsleep 600 &\necho $! > \"$HOME/child\"\nwait\n")
	if err := os.Chmod(script, 0o700); err != nil {
		t.Fatal(err)
	}
	h.Configure(t, calm+"apiKeyCommand = [\""+script+"\"]\n")
	s := start(t, h).ready()
	pending := s.StartCommand("llmls.explain", place("partialResultToken", "t"))
	child := 0
	process.Eventually(t, process.Patience, "the child runs", func() bool {
		text, _ := os.ReadFile(h.Dir + "/child")
		child, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		return child > 0
	})
	s.Must(pending.Cancel())
	if _, _, code := failure(t, pending.Wait(s.Context(), nil)); code != -32800 {
		t.Errorf("code %d", code)
	}
	process.Eventually(t, 5*time.Second, "the child is gone", func() bool {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(child) + "/stat")
		return err != nil || strings.Contains(string(stat), ") Z ") // nobody may be there to bury it
	})
	_ = syscall.Kill(child, syscall.SIGKILL) // if the test failed
	if n := len(u.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}
