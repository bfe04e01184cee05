package faults

import (
	"fmt"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// Messages wait for an editor that does not read, and only so many.
func TestMessagesThatNobodyReads(t *testing.T) {
	t.Parallel()
	const times = 2000
	s := start(t, llmls.Home(t, "http://127.0.0.1:1", calm)).ready()
	s.Pipes.Hold()
	asked := make(chan *editor.Pending, times)
	go func() {
		defer close(asked)
		for range times {
			if p, err := s.Start("workspace/executeCommand", lsptest.Command("llmls.explain", place())); err == nil {
				asked <- p
			}
		}
	}()
	s.blocked()
	s.settles() // each has failed, and a message says so
	s.Pipes.Resume()
	for p := range asked {
		_ = p.Wait(s.Context(), nil) // an error or not
	}
	s.Must(s.Call(s.Context(), "shutdown", nil, nil)) // after all that was shown
	told := 0
	for _, m := range s.Seen() {
		if m.Method == "window/showMessage" {
			told++
		}
	}
	// 64 wait; a pipe holds 64 KiB, and others come when it is read again.
	if told == 0 || told > times/2 {
		t.Errorf("%d messages for %d answers", told, times)
	}
	s.peakBelow(memoryLimit)
}

// A list of more text than one result may have is refused, until there is less.
func TestResultsHaveALimit(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	long := repeated(7, completiontest.Delta(strings.Repeat("x", megabyte)))
	u.Script(long, completiontest.Finish("stop"), completiontest.Done())
	s := start(t, llmls.Home(t, u.URL, "history = false\n")).ready()
	for i := range 2 {
		_, err := s.explain(fmt.Sprint(i))
		s.Must(err)
	}
	list := func() error { return s.Command("llmls.answers", map[string]any{}, nil) }
	s.Must(list())
	u.Script(long, completiontest.Delta("the last word"), completiontest.Stall())
	running := s.StartCommand("llmls.explain", place("partialResultToken", "t"))
	s.Await("the whole text", func(m message) bool { return strings.Contains(string(m.Params), "the last word") })
	err := list()
	if err == nil {
		t.Fatal("a list of 21 MiB")
	}
	if kind, sentence, _ := failure(t, err); kind != "busy" || !strings.Contains(sentence, "16 MiB") {
		t.Errorf("failed with %s, %q", kind, sentence)
	}
	s.Must(s.Command("llmls.stop", map[string]any{}, nil))
	s.Must(running.Wait(s.Context(), nil))
	s.Must(list())
	s.peakBelow(memoryLimit)
}

// What is forgotten of a conversation is gone: its turns are neither kept nor sent.
func TestTurnsAreForgotten(t *testing.T) {
	t.Parallel()
	const remembered = 200
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Hello"))
	s := start(t, llmls.Home(t, u.URL, "history = false\n[context]\nmaxTokens = 1000000\n")).ready()
	var r result
	question := func(n int) string { return fmt.Sprintf("What is number %d?", n) }
	for n := range remembered + 10 {
		s.Must(s.Command("llmls.ask", map[string]any{"question": question(n), "conversation": r.Conversation, "uri": uri, "range": place()["range"], "partialResultToken": n}, &r))
	}
	sent := prompt(t, u)
	if strings.Contains(sent, question(0)) || strings.Contains(sent, question(5)) || !strings.Contains(sent, question(100)) || !strings.Contains(sent, question(remembered+9)) {
		t.Errorf("sent %.2000s", sent)
	}
	s.stillWorks()
}
