package process

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Patience is how long a test waits for one process, on a machine that is busy with
// other tests. It only turns a hang into a failure.
const Patience = 30 * time.Second

// outlived is how long what a process started, such as the daemon of a keyring,
// may hold its output open once it has ended.
const outlived = 5 * time.Second

// A Process is a running llmls: what a Command and a Server have in common.
type Process struct {
	Stderr Output

	t     testing.TB
	home  *Home
	cmd   *exec.Cmd
	ended chan struct{} // closed once it has ended and its exit code is known
}

// prepare returns a process without stdin and stdout, for start.
func (h *Home) prepare(t testing.TB, args []string) *Process {
	line := slices.Concat(h.Through, []string{h.binary}, args)
	p := &Process{t: t, home: h, cmd: exec.Command(line[0], line[1:]...), ended: make(chan struct{})}
	p.cmd.Env, p.cmd.Dir = h.Env, h.WorkDir
	p.cmd.Stderr = &p.Stderr
	p.cmd.WaitDelay = outlived
	return p
}

func (p *Process) start() {
	p.t.Helper()
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // the tests look at the exit code
		close(p.ended)
	}()
}

// ID is the operating system's number of the process.
func (p *Process) ID() int { return p.cmd.Process.Pid }

// Signal sends sig to the process.
func (p *Process) Signal(sig os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(sig); err != nil {
		p.t.Fatal(err)
	}
}

// EndsWithin waits for the process to end by itself, and fails the test after
// limit.
func (p *Process) EndsWithin(limit time.Duration) {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(limit):
		p.t.Fatalf("still running after %v", limit)
	}
}

// Exits fails the test unless the process, which has ended, did so with code.
func (p *Process) Exits(code int) {
	p.t.Helper()
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Errorf("exit code %d, want %d", got, code)
	}
}

// Says fails the test unless stderr holds each of the words.
func (p *Process) Says(words ...string) {
	p.t.Helper()
	for _, word := range words {
		if !strings.Contains(p.Stderr.String(), word) {
			p.t.Errorf("stderr does not say %q", word)
		}
	}
}

// keepsSecrets is what every test asks of its process in the end; stdout is
// what it said to a person or an editor, who know their code. If the test has
// failed it shows what there is to see.
func (p *Process) keepsSecrets(stdout string) {
	p.t.Helper()
	p.hides(Key, "stdout", stdout)
	for _, secret := range []string{Key, Code} {
		p.hides(secret, "stderr", p.Stderr.String())
		p.hides(secret, "a log", p.home.Log(p.t))
	}
	p.hides(Key, "a conversation", p.home.Conversations(p.t))
	if p.t.Failed() {
		p.t.Logf("%s\nexit code %d; stderr:\n%s", p.cmd, p.cmd.ProcessState.ExitCode(), p.Stderr.String())
	}
}

func (p *Process) hides(secret, where, text string) {
	p.t.Helper()
	const context = 300 // bytes, to see where it comes from
	if i := strings.Index(text, secret); i >= 0 {
		p.t.Errorf("%s holds %s: %s", where, secret, text[max(0, i-context):i+len(secret)])
	}
}

// An Output holds what a process has written so far. It may be read while the
// process writes.
type Output struct {
	mu  sync.Mutex
	all strings.Builder
}

func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.Write(p)
}

func (o *Output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.all.String()
}

// pollInterval is between two looks at something that sends no event.
const pollInterval = 10 * time.Millisecond

// Eventually asks until ok holds, and fails the test after limit. It is for
// what sends no event.
func Eventually(t testing.TB, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	again := time.NewTicker(pollInterval)
	defer again.Stop()
	tooLate := time.After(limit)
	for !ok() {
		select {
		case <-again.C:
		case <-tooLate:
			t.Fatalf("waited %v in vain until %s", limit, what)
		}
	}
}
