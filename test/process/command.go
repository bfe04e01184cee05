package process

import (
	"errors"
	"io"
	"os"
	"testing"
)

// A Command is a running llmls, and what it printed.
type Command struct {
	*Process
	Stdin  io.WriteCloser
	Stdout Output
}

// Start runs llmls in this directory with pipes on all three sides. It is
// killed at the end of the test, which fails if a secret was printed or logged.
func (h *Home) Start(t testing.TB, args ...string) *Command {
	t.Helper()
	c := &Command{Process: h.prepare(t, args)}
	c.cmd.Stdout = &c.Stdout
	var err error
	if c.Stdin, err = c.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	c.start()
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill() // it may have ended
		<-c.ended
		c.keepsSecrets(c.Stdout.String())
		if t.Failed() {
			t.Logf("stdout: %q", c.Stdout.String())
		}
	})
	return c
}

// Run is Start for a command that reads nothing and ends by itself. It returns
// when it has ended.
func (h *Home) Run(t testing.TB, args ...string) *Command {
	t.Helper()
	c := h.Start(t, args...)
	if err := c.Stdin.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		t.Fatal(err)
	}
	c.EndsWithin(Patience)
	return c
}

// Prints fails the test unless stdout holds exactly want.
func (c *Command) Prints(want string) {
	c.t.Helper()
	if got := c.Stdout.String(); got != want {
		c.t.Errorf("stdout: %q\nwant %q", got, want)
	}
}
