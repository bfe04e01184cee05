//go:build linux

package faults

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

const (
	// keyCanary is the key, which must be nowhere but in the request's header.
	keyCanary = "sk-faults-canary-0123456789abcdef"
	// codeCanary stands in every document; no log may hold it.
	codeCanary = "code_canary_5ca1ab1e"

	// uri is the document that the tests ask about.
	uri = "file:///p/total.py"
	// document is its text.
	document = "def " + codeCanary + "():\n    return 1\n"

	// patience turns a hang into a failure; it is no measure of anything.
	patience = 30 * time.Second
)

// llmls is the path of the binary, which is built for each run of the tests.
var llmls string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "llmls-faults-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }() // it lies in the temporary directory
	llmls = filepath.Join(dir, "llmls")
	build := exec.Command("go", "build", "-o", llmls, "../../cmd/llmls")
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

const (
	// calm lets failures come at once, for tests of what they look like.
	calm = "retries = 0\n"
	// impatient is for endpoints that fall silent. Another one may seem so on a
	// busy machine.
	impatient = calm + "[timeouts]\nfirstByte = 0.3\nidle = 0.2\n"
)

// newHome returns an account whose endpoint is baseURL; config is its
// config.toml.
func newHome(t *testing.T, baseURL, config string) *home {
	t.Helper()
	dir := t.TempDir()
	h := &home{dir: dir, env: []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + dir,
		"XDG_CONFIG_HOME=" + filepath.Join(dir, "config"),
		"XDG_STATE_HOME=" + filepath.Join(dir, "state"),
		"OPENAI_BASE_URL=" + baseURL,
		"OPENAI_API_KEY=" + keyCanary,
	}}
	if config != "" {
		h.write(t, "config/llmls/config.toml", config)
	}
	return h
}

// write writes a file of the account and returns its path.
func (h *home) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(h.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// log returns what is in the log files.
func (h *home) log(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(filepath.Join(h.dir, "state"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		t.Error(err)
	}
	return all.String()
}

// A server is a running llmls and its editor.
type server struct {
	*lsptest.Session
	t      *testing.T
	home   *home
	cmd    *exec.Cmd
	wire   *wire
	stderr watched
	ended  chan struct{}
	killed bool // so its last frame may be cut
}

// start runs llmls. It ends with the test, which fails if it does not end, if
// its stdout holds anything but frames, or if it tells a secret.
func (h *home) start(t *testing.T, args ...string) *server {
	t.Helper()
	return h.startCommand(t, exec.Command(llmls, args...))
}

func (h *home) startCommand(t *testing.T, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{t: t, home: h, cmd: cmd, ended: make(chan struct{})}
	cmd.Env = h.env
	cmd.Stderr = &s.stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	// A pipe of our own: exec's would be closed by Wait, with frames in it.
	stdout, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = theirs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = theirs.Close()
	go func() {
		_ = cmd.Wait() // the tests look at the exit code
		close(s.ended)
	}()
	s.wire = &wire{stdin: stdin, stdout: stdout, open: make(chan struct{})}
	s.wire.resume()
	s.Session = lsptest.Attach(t, s.wire, nil)
	t.Cleanup(s.end)
	return s
}

// end is what every test asks of its server in the end.
func (s *server) end() {
	s.wire.resume()
	_ = s.wire.Close() // the test may have done so
	select {
	case <-s.ended:
	case <-time.After(patience):
		s.t.Error("llmls does not end")
		_ = s.cmd.Process.Kill()
		<-s.ended
		s.killed = true
	}
	<-s.Done()
	_ = s.wire.stdout.Close()
	if err := s.Err(); err != nil && !s.killed {
		s.t.Errorf("stdout holds more than frames: %v", err)
	}
	if s.t.Failed() {
		s.t.Logf("exit code %d; stderr:\n%s", s.cmd.ProcessState.ExitCode(), s.stderr.text())
	}
	told := s.stderr.text() + s.home.log(s.t)
	for _, secret := range []string{keyCanary, codeCanary} {
		if i := strings.Index(told, secret); i >= 0 {
			s.t.Errorf("a log holds %s: %s", secret, told[max(0, i-300):i+len(secret)])
		}
	}
	for _, m := range s.Seen() {
		if all := string(m.Params) + string(m.Result); strings.Contains(all, keyCanary) || m.Error != nil && strings.Contains(m.Error.Message+string(m.Error.Data), keyCanary) {
			s.t.Errorf("the editor was sent the key: %s %s %v", m.Method, all, m.Error)
		}
	}
}

// ready does the handshake and opens the document.
func (s *server) ready() *server {
	s.t.Helper()
	s.Initialized("")
	s.Open(uri, "python", document)
	return s
}

// endsWithin waits for the server's end by itself.
func (s *server) endsWithin(limit time.Duration) {
	s.t.Helper()
	select {
	case <-s.ended:
	case <-time.After(limit):
		s.t.Fatalf("still running after %v", limit)
	}
}

func (s *server) exits(code int) {
	s.t.Helper()
	if got := s.cmd.ProcessState.ExitCode(); got != code {
		s.t.Errorf("exit code %d, want %d", got, code)
	}
}

func (s *server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// place is the argument that names the document's first line, and what else
// is given: pairs of name and value.
func place(more ...any) map[string]any {
	argument := map[string]any{"uri": uri, "range": lsptest.Range(0, 0, 1, 0)}
	for i := 0; i+1 < len(more); i += 2 {
		argument[more[i].(string)] = more[i+1]
	}
	return argument
}

// A result is what the contract promises for a whole answer.
type result struct {
	ID           string
	Conversation string
	Text         string
	FinishReason string
	Message      string
}

// explain asks for an explanation, with its text as partial results for token.
func (s *server) explain(token string) (result, error) {
	s.t.Helper()
	var r result
	err := s.Command("llmls.explain", place("partialResultToken", token), &r)
	return r, err
}

// stillWorks fails the test unless the next good request is answered.
func (s *server) stillWorks() {
	s.t.Helper()
	var dry struct{ Body string }
	s.Must(s.Command("llmls.explain", place("dryRun", true), &dry))
	if !strings.Contains(dry.Body, "total.py") {
		s.t.Errorf("a dry run after the fault: %q", dry.Body)
	}
}

// wire is the server's stdin and stdout. What is held is not read, until the
// pipe is full and the server must wait.
type wire struct {
	stdin  io.WriteCloser
	stdout *os.File

	mu   sync.Mutex
	open chan struct{} // closed while the editor reads
}

func (w *wire) Read(p []byte) (int, error) {
	w.mu.Lock()
	open := w.open
	w.mu.Unlock()
	<-open
	return w.stdout.Read(p)
}

func (w *wire) Write(p []byte) (int, error) { return w.stdin.Write(p) }

// Close closes stdin, which ends the server and so stdout.
func (w *wire) Close() error { return w.stdin.Close() }

func (w *wire) hold() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open = make(chan struct{})
}

func (w *wire) resume() {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.open:
	default:
		close(w.open)
	}
}

// A watched holds what a process wrote and may be read while it writes.
type watched struct {
	mu  sync.Mutex
	all strings.Builder
}

func (w *watched) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.Write(p)
}

func (w *watched) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.all.String()
}

// pollInterval is between two looks at something that sends no event.
const pollInterval = 10 * time.Millisecond

// eventually asks until ok holds, and fails the test after limit.
func eventually(t *testing.T, limit time.Duration, what string, ok func() bool) {
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

// failure returns the kind and the sentence of a failed request, and its code.
func failure(t *testing.T, err error) (kind, sentence string, code int) {
	t.Helper()
	var failed *editor.Error
	if !errors.As(err, &failed) {
		t.Fatalf("not the server's error: %v", err)
	}
	if _, rest, ok := strings.Cut(string(failed.Data), `"kind":"`); ok {
		kind, _, _ = strings.Cut(rest, `"`)
	}
	return kind, failed.Message, failed.Code
}
