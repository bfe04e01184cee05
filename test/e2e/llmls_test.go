//go:build e2e

package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// models holds the scripted models and their scripts.
	models = "../llama-server/models"

	// code is what the tests ask about.
	code = "testdata/total.py"

	// canary is a key that must never be printed.
	canary = "sk-e2e-canary-0123456789abcdef"

	// patience is for one command to end, on a machine that is busy with other
	// tests.
	patience = 30 * time.Second
)

// llmls is the path of the binary, which is built for each run of the tests.
var llmls string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "llmls-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }() // it lies in the temporary directory
	llmls = filepath.Join(dir, "llmls")
	build := exec.Command("go", "build", "-trimpath", "-o", llmls, "../../cmd/llmls")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building llmls:", err)
		return 1
	}
	return m.Run()
}

// A home is a user's account of which nothing but what a test puts there is
// known to llmls.
type home struct {
	dir string
	env []string
}

// newHome returns an account whose endpoint is baseURL.
func newHome(t *testing.T, baseURL string) *home {
	t.Helper()
	dir := t.TempDir()
	return &home{dir: dir, env: []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + dir,
		"XDG_CONFIG_HOME=" + filepath.Join(dir, "config"),
		"XDG_STATE_HOME=" + filepath.Join(dir, "state"),
		"OPENAI_BASE_URL=" + baseURL,
		"OPENAI_API_KEY=" + canary,
	}}
}

// config writes the account's config.toml.
func (h *home) config(t *testing.T, text string) {
	t.Helper()
	dir := filepath.Join(h.dir, "config", "llmls")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A command is a running llmls.
type command struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout watched
	stderr watched
	ended  chan struct{}
}

// start runs llmls in this directory with pipes on all three sides. It ends
// with the test.
func (h *home) start(t *testing.T, args ...string) *command {
	t.Helper()
	c := &command{t: t, cmd: exec.Command(llmls, args...), ended: make(chan struct{})}
	c.cmd.Env = h.env
	c.cmd.Stdout, c.cmd.Stderr = &c.stdout, &c.stderr
	var err error
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = c.cmd.Wait() // the tests look at the exit code
		close(c.ended)
	}()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill() // it may have ended
		<-c.ended
		if t.Failed() {
			t.Logf("llmls %s\nexit code %d\nstdout: %q\nstderr: %s", strings.Join(args, " "), c.cmd.ProcessState.ExitCode(), c.stdout.text(), c.stderr.text())
		}
		if strings.Contains(c.stdout.text()+c.stderr.text(), canary) {
			t.Error("the key was printed")
		}
	})
	return c
}

// run is start for a command that reads nothing and ends by itself.
func (h *home) run(t *testing.T, args ...string) *command {
	t.Helper()
	c := h.start(t, args...)
	if err := c.stdin.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		t.Fatal(err)
	}
	c.endsWithin(patience)
	return c
}

// endsWithin waits for the command's end.
func (c *command) endsWithin(limit time.Duration) {
	c.t.Helper()
	select {
	case <-c.ended:
	case <-time.After(limit):
		c.t.Fatalf("still running after %v", limit)
	}
}

// exits fails the test unless the command, which has ended, did so with code.
func (c *command) exits(code int) {
	c.t.Helper()
	if got := c.cmd.ProcessState.ExitCode(); got != code {
		c.t.Errorf("exit code %d, want %d", got, code)
	}
}

// prints fails the test unless stdout holds exactly want.
func (c *command) prints(want string) {
	c.t.Helper()
	if got := c.stdout.text(); got != want {
		c.t.Errorf("stdout: %q\nwant %q", got, want)
	}
}

// says fails the test unless stderr holds each of the words.
func (c *command) says(words ...string) {
	c.t.Helper()
	for _, word := range words {
		if !strings.Contains(c.stderr.text(), word) {
			c.t.Errorf("stderr does not say %q", word)
		}
	}
}

// answering waits until text has arrived on stdout.
func (c *command) answering() {
	c.t.Helper()
	eventually(c.t, patience, "text arrives", func() bool { return c.stdout.text() != "" })
}

func (c *command) signal(sig syscall.Signal) {
	c.t.Helper()
	if err := c.cmd.Process.Signal(sig); err != nil {
		c.t.Fatal(err)
	}
}

// A watched holds what a process wrote and may be read while it writes.
type watched struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buffer.Write(p)
}

func (w *watched) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.buffer.String()
}

// script is the text of a file beside the models.
func script(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(models, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
