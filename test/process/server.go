package process

import (
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// A Server is llmls as a language server, and its editor.
type Server struct {
	*lsptest.Session
	*Process
	Pipes *Pipes

	// Cut is set by a test that ends the server while it writes: its last frame
	// need not be whole.
	Cut bool
}

// Serve runs llmls as an editor would. At the end of the test its stdin is
// closed, and the test fails if it does not end then, if stdout held anything
// but frames, or if it printed a secret.
func (h *Home) Serve(t testing.TB, args ...string) *Server {
	t.Helper()
	s := &Server{Process: h.prepare(t, args)}
	stdin, err := s.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	// A pipe of our own: exec's would be closed by Wait, with frames in it.
	stdout, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stdout = theirs
	s.start()
	theirs.Close()
	s.Pipes = &Pipes{Stdout: stdout, stdin: stdin, open: make(chan struct{})}
	s.Pipes.Resume()
	s.Session = lsptest.Attach(t, s.Pipes, h.Reply)
	t.Cleanup(s.end)
	return s
}

func (s *Server) end() {
	s.Pipes.Resume()
	_ = s.Pipes.Close() // the test may have done so
	select {
	case <-s.ended:
	case <-time.After(Patience):
		s.t.Error("llmls does not end")
		_ = s.cmd.Process.Kill()
		<-s.ended
		s.Cut = true
	}
	<-s.Done()
	s.Pipes.Stdout.Close()
	if err := s.Err(); err != nil && !s.Cut {
		s.t.Errorf("stdout holds more than frames: %v", err)
	}
	var said strings.Builder
	for _, m := range s.Seen() {
		said.WriteString(m.Method + " " + string(m.Params) + string(m.Result) + "\n")
		if m.Error != nil {
			said.WriteString(m.Error.Message + string(m.Error.Data) + "\n")
		}
	}
	s.keepsSecrets(said.String())
}

// Pipes are the editor's ends of a server's stdin and stdout. What is held is
// not read, until the pipe is full and the server must wait.
type Pipes struct {
	Stdout *os.File

	stdin io.WriteCloser
	mu    sync.Mutex
	open  chan struct{} // closed while the editor reads
}

func (p *Pipes) Read(b []byte) (int, error) {
	p.mu.Lock()
	open := p.open
	p.mu.Unlock()
	<-open
	return p.Stdout.Read(b)
}

func (p *Pipes) Write(b []byte) (int, error) { return p.stdin.Write(b) }

// Close closes stdin, which ends the server and so stdout.
func (p *Pipes) Close() error { return p.stdin.Close() }

// Hold makes the editor stop reading after the read that is under way.
func (p *Pipes) Hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = make(chan struct{})
}

// Resume makes the editor read again.
func (p *Pipes) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.open:
	default:
		close(p.open)
	}
}
