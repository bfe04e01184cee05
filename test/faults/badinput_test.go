//go:build linux

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/test/process"
)

// What TestBadInput of internal/lsp sends to a server in its own process.
func TestBadInput(t *testing.T) {
	t.Parallel()
	lsptest.BadInput(t, func(t *testing.T, baseURL string) *lsptest.Session {
		return llmls.Home(t, baseURL, "").Serve(t).Session
	})
}

// A length that cannot be is refused before anything is allocated for it, and
// the log has the reason.
func TestBadLengths(t *testing.T) {
	t.Parallel()
	s := start(t, llmls.Home(t, "http://127.0.0.1:1", "")).ready()
	for _, length := range []string{"-1", "1000000000000", "33554433"} {
		if _, err := fmt.Fprintf(s.Wire, "Content-Length: %s\r\n\r\n", length); err != nil {
			t.Fatal(err)
		}
		s.Await("a refusal", func(m message) bool { return m.Error != nil && m.Error.Code == -32600 })
		s.stillWorks()
	}
	s.Says("the message has 33554433 bytes; the limit is 33554432", "not a positive number")
	s.peakBelow(40)
}

// A body that is cut ends the server, which says why.
func TestBodyThatDoesNotCome(t *testing.T) {
	t.Parallel()
	s := start(t, llmls.Home(t, "http://127.0.0.1:1", "")).ready()
	s.stillWorks()
	if _, err := fmt.Fprintf(s.Wire, "Content-Length: 33554432\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	s.Must(s.Pipes.Close())
	s.EndsWithin(lastMoment)
	s.Exits(1)
	s.Says("unexpected EOF")
}

// Only what is a file, and inside the workspace, is read.
func TestFilesThatAreNotRead(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	h.Write(t, "outside/secret.py", "secret_canary = 1\n")
	h.Write(t, "project/good.py", "good = 1\n")
	dir := filepath.Join(h.Dir, "project")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Symlink(filepath.Join(h.Dir, "outside", "secret.py"), filepath.Join(dir, "link.py")))
	must(os.Symlink("../outside", filepath.Join(dir, "linked")))
	must(os.Symlink("good.py", filepath.Join(dir, "inside.py")))
	must(os.Symlink("loop.py", filepath.Join(dir, "loop.py")))
	must(os.Mkdir(filepath.Join(dir, "directory.py"), 0o700))
	must(syscall.Mkfifo(filepath.Join(dir, "pipe.py"), 0o600))
	must(os.Symlink("/dev/zero", filepath.Join(dir, "device.py")))
	must(os.WriteFile(filepath.Join(dir, "large.py"), make([]byte, 17<<20), 0o600))
	s := start(t, h)
	s.Initialized("", dir)
	s.Open(uri, "python", document)
	for _, bad := range []string{
		"file:///etc/passwd", "file:///dev/zero", "file:///proc/self/environ", "file://localhost/etc/passwd", "FILE:///etc/passwd",
		lsptest.URI(dir) + "/../outside/secret.py", lsptest.URI(dir) + "/%2e%2e/outside/secret.py", lsptest.URI(dir) + "/..%2foutside/secret.py",
		lsptest.URI(dir) + "/link.py", lsptest.URI(dir) + "/linked/secret.py", lsptest.URI(dir) + "/loop.py",
		lsptest.URI(dir) + "/directory.py", lsptest.URI(dir) + "/pipe.py", lsptest.URI(dir) + "/device.py", lsptest.URI(dir) + "/large.py",
		lsptest.URI(dir), lsptest.URI(dir) + "/", lsptest.URI(dir) + "x/good.py", lsptest.URI(dir) + "/none.py",
		"untitled:" + dir + "/good.py", "vscode-remote:" + dir + "/good.py", "https://example.com/good.py", "good.py", "file:good.py", "/etc/passwd", "file://server/share/good.py", "%00", "file:///\x00",
	} {
		_, err := s.dryRun(bad)
		if err == nil {
			t.Errorf("%s was read", bad)
		} else if _, sentence, _ := failure(t, err); strings.Contains(sentence, "canary") || strings.Contains(sentence, "outside/secret") && !strings.Contains(bad, "secret") {
			t.Errorf("%s: %s", bad, sentence)
		} else if strings.HasSuffix(bad, "/pipe.py") && !strings.Contains(sentence, "not a regular file") { // an empty one would be refused, too
			t.Errorf("%s: %s", bad, sentence)
		}
	}
	for _, good := range []string{"/good.py", "/inside.py", "/directory.py/../good.py", "//good.py", "/%67ood.py"} {
		if body, err := s.dryRun(lsptest.URI(dir) + good); err != nil || !strings.Contains(body, "good = 1") {
			t.Errorf("%s: %v", good, err)
		}
	}
	s.stillWorks()
	s.peakBelow(memoryLimit)
}

// An editor that has no settings to tell, or does not say, gets the defaults.
func TestEditorsThatTellNoSettings(t *testing.T) {
	t.Parallel()
	for name, reply := range map[string]func(editor.Message, <-chan struct{}) any{
		"an error":  func(editor.Message, <-chan struct{}) any { return &editor.Error{Code: -32601, Message: "no"} },
		"null":      func(editor.Message, <-chan struct{}) any { return nil },
		"a number":  func(editor.Message, <-chan struct{}) any { return 5 },
		"no list":   func(editor.Message, <-chan struct{}) any { return map[string]any{} },
		"no object": func(editor.Message, <-chan struct{}) any { return []any{5} },
		"nothing":   func(_ editor.Message, over <-chan struct{}) any { <-over; return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			h := llmls.Home(t, u.URL, "")
			over := make(chan struct{})
			t.Cleanup(func() { close(over) })
			h.Reply = func(m editor.Message) any { return reply(m, over) }
			s := start(t, h)
			s.Initialized(`{"workspace":{"configuration":true,"didChangeConfiguration":{"dynamicRegistration":true}}}`)
			s.Open(uri, "python", document)
			if r, err := s.explain("t"); err != nil || r.Text != "Hello" {
				t.Errorf("got %q, %v", r.Text, err)
			}
			s.Must(s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": nil}))
			s.stillWorks()
		})
	}
}

// A killed server leaves whole entries, and the next one goes on behind them.
func TestKilledWhileItLogs(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	for range 5 {
		s := start(t, h).ready()
		logged := len(h.Log(t))
		go func() {
			var err error
			for err == nil {
				err = s.Notify("textDocument/didChange", "malformed") // is logged
			}
		}()
		process.Eventually(t, process.Patience, "it logs", func() bool { return len(h.Log(t)) > logged+10_000 })
		s.Cut = true
		s.Signal(syscall.SIGKILL)
		s.EndsWithin(process.Patience)
	}
	start(t, h).ready().stillWorks()
	for line := range strings.Lines(h.Log(t)) {
		if !strings.HasPrefix(line, "{") || !strings.HasSuffix(line, "}\n") {
			t.Errorf("a torn entry: %q", line)
		}
	}
}
