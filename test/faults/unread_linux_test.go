package faults

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/test/process"
)

// settles waits until the server's memory does not change any more.
func (s *server) settles() {
	s.t.Helper()
	before, same := 0, 0
	process.Eventually(s.t, process.Patience, "memory is what it was", func() bool {
		now := s.memory("VmRSS")
		if same++; now != before {
			before, same = now, 0
		}
		return same == 50 // looks
	})
}

// capable is what an editor says that asks the person, and has settings to tell.
const capable = `{"window":{"workDoneProgress":true},"workspace":{"configuration":true}}`

// otherEndpoint is a config.toml with more than one endpoint.
const otherEndpoint = "[endpoints.other]\nbaseUrl = \"http://127.0.0.1:1\"\nmodel = \"m\"\n"

// An editor asks and asks, and does not read what it is answered. It gets one
// result at a time, is not read any more when it has asked too much, and in the end
// has a response for each request.
func TestEditorThatAsksAndDoesNotRead(t *testing.T) {
	t.Parallel()
	at := map[string]any{"textDocument": map[string]any{"uri": uri}, "position": map[string]any{"line": 0, "character": 0}}
	command := func(name string, argument any) map[string]any {
		return map[string]any{"command": name, "arguments": []any{argument}}
	}
	for _, test := range []struct {
		name, method string
		params       any
		times        int
	}{
		{"hovers over long answers", "textDocument/hover", at, 12},
		{"lists of long answers", "workspace/executeCommand", command("llmls.answers", map[string]any{}), 12},
		{"dry runs", "workspace/executeCommand", command("llmls.explain", place("dryRun", true)), 1000},
		{"explanations", "workspace/executeCommand", command("llmls.explain", place()), 2000},
		{"what is unknown", "nope", map[string]any{}, 30_000},
	} {
		t.Run(test.name, func(t *testing.T) {
			u := completiontest.NewUpstream(t)
			u.Script(repeated(6, completiontest.Delta(strings.Repeat("\"\n", megabyte/2))), completiontest.Finish("stop"), completiontest.Done())
			s := start(t, llmls.Home(t, u.URL, "")).ready()
			s.Must(s.Command("llmls.explain", place(), nil)) // it is shown in hovers
			_, err := s.explain("t")
			s.Must(err)
			u.Script(completiontest.Answer("Hello"))
			s.Pipes.Hold()
			asked := make(chan *editor.Pending, test.times)
			go func() {
				defer close(asked)
				for range test.times {
					if p, err := s.Start(test.method, test.params); err == nil {
						asked <- p
					}
				}
			}()
			s.blocked()
			s.settles()
			s.peakBelow(memoryLimit)
			s.Pipes.Resume()
			answered := 0
			for p := range asked {
				_ = p.Wait(s.Context(), nil) // an error or not
				answered++
			}
			if answered != test.times {
				t.Errorf("%d of %d were answered", answered, test.times)
			}
			s.stillWorks()
			s.peakBelow(memoryLimit)
		})
	}
}

// An editor reads all, and answers nothing that it is asked. What waits for it has
// an end.
func TestEditorThatAnswersNothing(t *testing.T) {
	t.Parallel()
	const times = 30_000
	for _, test := range []struct {
		name, method string
		params       func(n int) any
	}{
		{"questions", "workspace/executeCommand", func(int) any {
			return map[string]any{"command": "llmls.ask", "arguments": []any{place()}}
		}},
		{"endpoints", "workspace/executeCommand", func(int) any {
			return map[string]any{"command": "llmls.explain", "arguments": []any{place("chooseEndpoint", true)}}
		}},
		{"settings", "workspace/didChangeConfiguration", func(n int) any {
			return map[string]any{"settings": map[string]any{"llmls": map[string]any{fmt.Sprint("modle", n): strings.Repeat("x", 4000)}}}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := llmls.Home(t, "http://127.0.0.1:1", otherEndpoint)
			over := make(chan struct{})
			t.Cleanup(func() { close(over) })
			var asked atomic.Int32
			h.Reply = func(m message) any {
				if m.Method == "window/showMessageRequest" {
					asked.Add(1)
				}
				<-over
				return nil
			}
			s := start(t, h)
			s.Initialized(capable)
			s.Open(uri, "python", document)
			var all []*editor.Pending
			for n := range times {
				if test.method == "workspace/executeCommand" {
					p, err := s.Start(test.method, test.params(n))
					s.Must(err)
					all = append(all, p)
				} else {
					s.Must(s.Notify(test.method, test.params(n)))
				}
			}
			for _, p := range all {
				_ = p.Wait(s.Context(), nil) // or it is refused: there are many
			}
			s.stillWorks()
			if n := asked.Load(); n > 8 {
				t.Errorf("%d questions are open", n)
			}
			s.peakBelow(memoryLimit)
		})
	}
}
