//go:build e2e

package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/test/process"
)

// open starts the server as an editor would, and opens the code.
func open(t *testing.T, home *process.Home) *process.Server {
	t.Helper()
	s := home.Serve(t)
	path, err := filepath.Abs(code)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s.Initialized("", filepath.Dir(path))
	s.Open(lsptest.URI(path), "python", string(text))
	return s
}

// explain starts an explanation whose text comes under token.
func explain(t *testing.T, s *process.Server, token string) *editor.Pending {
	t.Helper()
	path, err := filepath.Abs(code)
	if err != nil {
		t.Fatal(err)
	}
	return s.StartCommand("llmls.explain", map[string]any{
		"uri": lsptest.URI(path), "range": lsptest.Range(0, 0, 3, 0), "partialResultToken": token,
	})
}

// A result is what the server returns for a whole answer.
type result struct {
	Text, FinishReason, Message, Model string

	Usage *struct{ PromptTokens, CompletionTokens int }
}

func awaitText(s *process.Server) {
	s.Await("text", func(m editor.Message) bool { return strings.Contains(string(m.Params), `"kind":"delta"`) })
}

func TestEditorGetsTheAnswerByteForByte(t *testing.T) {
	s := open(t, llmls.Home(t, startLlama(t, "scripted.gguf").url, ""))
	want := script(t, "script.txt")
	var r result
	s.Must(explain(t, s, "t").Wait(s.Context(), &r))
	if got := s.Streamed("t"); got["delta"] != want || r.Text != want || len(got) != 1 {
		t.Errorf("streamed %q\nreturned %q", got, r.Text)
	}
	if r.FinishReason != "stop" || r.Usage == nil || r.Usage.CompletionTokens == 0 || r.Model == "" {
		t.Errorf("ended with %+v", r)
	}
}

func TestEditorGetsReasoningApart(t *testing.T) {
	s := open(t, llmls.Home(t, startLlama(t, "scripted-think.gguf", thinking...).url, ""))
	thought, answer, _ := strings.Cut(script(t, "script-think.txt"), "</think>\n\n")
	var r result
	s.Must(explain(t, s, "t").Wait(s.Context(), &r))
	got := s.Streamed("t")
	if got["delta"] != answer || r.Text != answer {
		t.Errorf("the answer is %q", got["delta"])
	}
	if reasoning := strings.TrimSpace(got["reasoning"]); reasoning == "" || !strings.Contains(thought, reasoning) {
		t.Errorf("the reasoning is %q", reasoning)
	}
}

// This model calls a tool, which it was not offered, inside its reasoning, and
// says nothing else.
func TestEditorIsToldThatThereIsNoAnswer(t *testing.T) {
	s := open(t, llmls.Home(t, startLlama(t, "scripted-tool.gguf", thinking...).url, ""))
	err := explain(t, s, "t").Wait(s.Context(), nil)
	var failed *editor.Error
	if !errors.As(err, &failed) || failed.Code != -32803 || !strings.Contains(failed.Message, "choose another model") {
		t.Errorf("failed with %v", err)
	}
}

func TestEditorCancels(t *testing.T) {
	llama := startLlama(t, "scripted-loop.gguf")
	s := open(t, llmls.Home(t, llama.url, ""))
	pending := explain(t, s, "t")
	awaitText(s)
	if llama.busy(t) != 1 {
		t.Fatal("llama-server is not answering")
	}
	s.Must(pending.Cancel())
	began := time.Now()
	process.Eventually(t, time.Second, "llama-server is idle", func() bool { return llama.busy(t) == 0 })
	var failed *editor.Error
	if err := pending.Wait(s.Context(), nil); !errors.As(err, &failed) || failed.Code != -32800 {
		t.Errorf("ended with %v", err)
	}
	t.Logf("idle after %v", time.Since(began))
}

func TestEditorKeepsWhatArrived(t *testing.T) {
	for name, test := range map[string]struct {
		signal syscall.Signal
		config string
		says   string
	}{
		"killed":  {syscall.SIGKILL, "", "Ask again"},
		"stopped": {syscall.SIGSTOP, "[timeouts]\nidle = 0.5\n", "timeouts.idle"},
	} {
		t.Run(name, func(t *testing.T) {
			llama := startLlama(t, "scripted-loop.gguf")
			s := open(t, llmls.Home(t, llama.url, test.config))
			pending := explain(t, s, "t")
			awaitText(s)
			llama.signal(t, test.signal)
			var r result
			s.Must(pending.Wait(s.Context(), &r))
			beginsLoop(t, r.Text)
			if got := s.Streamed("t")["delta"]; got != r.Text {
				t.Errorf("the text is %q, streamed %q", r.Text, got)
			}
			if r.FinishReason != "incomplete" || !strings.Contains(r.Message, test.says) || !strings.Contains(r.Message, strings.TrimPrefix(llama.url, "http://")) {
				t.Errorf("ended with %s: %s", r.FinishReason, r.Message)
			}
		})
	}
}

// A server that was only held up goes on where it was.
func TestEditorWaitsForTheServer(t *testing.T) {
	llama := startLlama(t, "scripted-loop.gguf")
	s := open(t, llmls.Home(t, llama.url, ""))
	pending := explain(t, s, "t")
	awaitText(s)
	llama.signal(t, syscall.SIGSTOP)
	// What it had sent already comes through. Then nothing does.
	before, same := 0, 0
	process.Eventually(t, process.Patience, "nothing more comes", func() bool {
		now := len(s.Streamed("t")["delta"])
		if same++; now != before {
			before, same = now, 0
		}
		return same == 30 // looks
	})
	llama.signal(t, syscall.SIGCONT)
	process.Eventually(t, process.Patience, "the answer goes on", func() bool { return len(s.Streamed("t")["delta"]) > before })
	s.Must(s.Command("llmls.stop", map[string]any{}, nil))
	var r result
	s.Must(pending.Wait(s.Context(), &r))
	beginsLoop(t, r.Text)
	if r.FinishReason != "incomplete" {
		t.Errorf("ended with %s: %s", r.FinishReason, r.Message)
	}
}

// However the line to a real server is cut, the text is the beginning of its
// answer, and is called complete only if it is.
func TestEditorOnABadLine(t *testing.T) {
	llama := startLlama(t, "scripted.gguf")
	want := script(t, "script.txt")
	p := process.NewProxy(t, llama.url)
	s := open(t, llmls.Home(t, p.URL, "retries = 0\n[timeouts]\nidle = 3\n"))
	for name, passing := range map[string]process.Passing{
		"cut in the header": process.Cut(100), "cut": process.Cut(5000), "reset": process.Reset(5000),
		"half-closed": process.HalfClose(5000), "stopped": process.Stop(5000),
	} {
		p.Passes(passing)
		var r result
		err := explain(t, s, name).Wait(s.Context(), &r)
		if header := strings.Contains(name, "header"); (err != nil) != header {
			t.Errorf("%s: ended with %v", name, err)
		}
		if err == nil && (r.Text == "" || r.Text == want || !strings.HasPrefix(want, openCode(r.Text)) || r.FinishReason != "incomplete") {
			t.Errorf("%s: %q, %s, %s", name, r.Text, r.FinishReason, r.Message)
		}
	}
	p.Passes(process.Drip(50 * time.Microsecond))
	var r result
	s.Must(explain(t, s, "drip").Wait(s.Context(), &r))
	if r.Text != want || r.FinishReason != "stop" {
		t.Errorf("byte by byte: %q, %s", r.Text, r.FinishReason)
	}
}

// The server has fewer slots than there are answers: some wait for it.
func TestEditorAsksEightAtOnce(t *testing.T) {
	s := open(t, llmls.Home(t, startLlama(t, "scripted.gguf", "-np", "4").url, ""))
	want := script(t, "script.txt")
	tokens := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	var pending []*editor.Pending
	for _, token := range tokens {
		pending = append(pending, explain(t, s, token))
	}
	for i, token := range tokens {
		var r result
		s.Must(pending[i].Wait(s.Context(), &r))
		if got := s.Streamed(token)["delta"]; got != want || r.Text != want || r.FinishReason != "stop" {
			t.Errorf("%s: %s, streamed %q", token, r.FinishReason, got)
		}
	}
}
