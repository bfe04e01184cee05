//go:build linux

package faults

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/test/process"
)

const (
	// uri is the document that the tests ask about.
	uri = "file:///p/total.py"
	// document is its text.
	document = "def " + process.Code + "():\n    return 1\n"
)

type message = editor.Message

// llmls is built for each run of the tests.
var llmls process.Binary

func TestMain(m *testing.M) { os.Exit(llmls.BuildAndRun(m)) }

const (
	// calm lets failures come at once, for tests of what they look like.
	calm = "retries = 0\n"
	// impatient is for endpoints that fall silent. Another one may seem so on a
	// busy machine.
	impatient = calm + "[timeouts]\nfirstByte = 0.3\nidle = 0.2\n"
)

// A server is a running llmls and its editor, with what these tests ask of it.
type server struct {
	*process.Server
	t *testing.T
}

func start(t *testing.T, h *process.Home) *server {
	t.Helper()
	return &server{Server: h.Serve(t), t: t}
}

// ready does the handshake and opens the document.
func (s *server) ready() *server {
	s.t.Helper()
	s.Initialized("")
	s.Open(uri, "python", document)
	return s
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
