//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// pipes are a server's two ends, as an editor holds them.
type pipes struct {
	io.Reader
	io.WriteCloser
}

// open starts the server as an editor would, and opens the code.
func (h *home) open(t *testing.T) *lsptest.Session {
	t.Helper()
	cmd := exec.Command(llmls)
	cmd.Env = h.env
	var stderr watched
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, theirs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = theirs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	s := lsptest.Attach(t, pipes{stdout, stdin}, nil)
	t.Cleanup(func() {
		_ = s.Close() // ends its input; returns when it has ended
		_ = cmd.Wait()
		stdout.Close()
		if err := s.Err(); err != nil {
			t.Errorf("stdout holds more than frames: %v", err)
		}
		if strings.Contains(stderr.text(), canary) {
			t.Error("the key was printed")
		}
		if t.Failed() {
			t.Logf("stderr: %s", stderr.text())
		}
	})
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
func explain(t *testing.T, s *lsptest.Session, token string) *editor.Pending {
	t.Helper()
	path, err := filepath.Abs(code)
	if err != nil {
		t.Fatal(err)
	}
	pending, err := s.Start("workspace/executeCommand", lsptest.Command("llmls.explain", map[string]any{
		"uri": lsptest.URI(path), "range": lsptest.Range(0, 0, 3, 0), "partialResultToken": token,
	}))
	s.Must(err)
	return pending
}

// A result is what the server returns for a whole answer.
type result struct {
	Text, FinishReason, Message, Model string

	Usage *struct{ PromptTokens, CompletionTokens int }
}

// streamed returns the text that came under token, by its kind, and fails the
// test unless it was numbered from 0.
func streamed(t *testing.T, s *lsptest.Session, token string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	next := 0
	for _, m := range s.Seen() {
		var p struct {
			Token any
			Value struct {
				Kind, Text string
				Seq        int
			}
		}
		if m.Method != "$/progress" || json.Unmarshal(m.Params, &p) != nil || p.Token != token {
			continue
		}
		if p.Value.Seq != next {
			t.Errorf("%s: after %d values came number %d", token, next, p.Value.Seq)
		}
		next++
		texts[p.Value.Kind] += p.Value.Text
	}
	return texts
}

func awaitText(s *lsptest.Session) {
	s.Await("text", func(m editor.Message) bool { return strings.Contains(string(m.Params), `"kind":"delta"`) })
}

func TestEditorGetsTheAnswerByteForByte(t *testing.T) {
	s := newHome(t, startLlama(t, "scripted.gguf").url).open(t)
	want := script(t, "script.txt")
	var r result
	s.Must(explain(t, s, "t").Wait(s.Context(), &r))
	if got := streamed(t, s, "t"); got["delta"] != want || r.Text != want || len(got) != 1 {
		t.Errorf("streamed %q\nreturned %q", got, r.Text)
	}
	if r.FinishReason != "stop" || r.Usage == nil || r.Usage.CompletionTokens == 0 || r.Model == "" {
		t.Errorf("ended with %+v", r)
	}
}

func TestEditorGetsReasoningApart(t *testing.T) {
	s := newHome(t, startLlama(t, "scripted-think.gguf", thinking...).url).open(t)
	thought, answer, _ := strings.Cut(script(t, "script-think.txt"), "</think>\n\n")
	var r result
	s.Must(explain(t, s, "t").Wait(s.Context(), &r))
	got := streamed(t, s, "t")
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
	s := newHome(t, startLlama(t, "scripted-tool.gguf", thinking...).url).open(t)
	err := explain(t, s, "t").Wait(s.Context(), nil)
	var failed *editor.Error
	if !errors.As(err, &failed) || failed.Code != -32803 || !strings.Contains(failed.Message, "choose another model") {
		t.Errorf("failed with %v", err)
	}
}

func TestEditorCancels(t *testing.T) {
	llama := startLlama(t, "scripted-loop.gguf")
	s := newHome(t, llama.url).open(t)
	pending := explain(t, s, "t")
	awaitText(s)
	if llama.busy(t) != 1 {
		t.Fatal("llama-server is not answering")
	}
	s.Must(pending.Cancel())
	began := time.Now()
	eventually(t, time.Second, "llama-server is idle", func() bool { return llama.busy(t) == 0 })
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
			home := newHome(t, llama.url)
			home.config(t, test.config)
			s := home.open(t)
			pending := explain(t, s, "t")
			awaitText(s)
			llama.signal(t, test.signal)
			var r result
			s.Must(pending.Wait(s.Context(), &r))
			piece := script(t, "script.txt")
			if r.Text == "" || !strings.HasPrefix(strings.Repeat(piece, len(r.Text)/len(piece)+1), r.Text) || r.Text != streamed(t, s, "t")["delta"] {
				t.Errorf("the text is %q", r.Text)
			}
			if r.FinishReason != "incomplete" || !strings.Contains(r.Message, test.says) || !strings.Contains(r.Message, strings.TrimPrefix(llama.url, "http://")) {
				t.Errorf("ended with %s: %s", r.FinishReason, r.Message)
			}
		})
	}
}

// The server has fewer slots than there are answers: some wait for it.
func TestEditorAsksEightAtOnce(t *testing.T) {
	s := newHome(t, startLlama(t, "scripted.gguf", "-np", "4").url).open(t)
	want := script(t, "script.txt")
	tokens := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
	var pending []*editor.Pending
	for _, token := range tokens {
		pending = append(pending, explain(t, s, token))
	}
	for i, token := range tokens {
		var r result
		s.Must(pending[i].Wait(s.Context(), &r))
		if got := streamed(t, s, token)["delta"]; got != want || r.Text != want || r.FinishReason != "stop" {
			t.Errorf("%s: %s, streamed %q", token, r.FinishReason, got)
		}
	}
}
