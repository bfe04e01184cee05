package faults

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
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
		{"dry runs of large selections", "workspace/executeCommand", command("llmls.explain", map[string]any{
			"uri": "file:///p/large.py", "range": lsptest.Range(0, 0, 1<<30, 0), "dryRun": true,
		}), 16},
		{"lists of long answers", "workspace/executeCommand", command("llmls.answers", map[string]any{}), 12},
		{"dry runs", "workspace/executeCommand", command("llmls.explain", place("dryRun", true)), 1000},
		{"explanations", "workspace/executeCommand", command("llmls.explain", place()), 2000},
		{"what is unknown", "nope", map[string]any{}, 30_000},
	} {
		t.Run(test.name, func(t *testing.T) {
			u := completiontest.NewUpstream(t)
			u.Script(repeated(6, completiontest.Delta(strings.Repeat("\"\n", megabyte/2))), completiontest.Finish("stop"), completiontest.Done())
			s := start(t, llmls.Home(t, u.URL, "[context]\nmaxTokens = 10000000\n")).ready()
			if test.name == "dry runs of large selections" {
				s.Open("file:///p/large.py", "python", bigText(6<<20))
			}
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
	for _, test := range []struct {
		name, method string
		params       func(n int) any
		times        int

		asks  string        // what the editor is asked,
		most  int           // how often at once,
		until time.Duration // and when the server gives it up
	}{
		{"questions", "workspace/executeCommand", func(int) any {
			return map[string]any{"command": "llmls.ask", "arguments": []any{place()}}
		}, 30_000, "window/showMessageRequest", 8, 0},
		{"endpoints", "workspace/executeCommand", func(int) any {
			return map[string]any{"command": "llmls.explain", "arguments": []any{place("chooseEndpoint", true)}}
		}, 30_000, "window/showMessageRequest", 8, 0},
		{"settings", "workspace/didChangeConfiguration", func(n int) any {
			return map[string]any{"settings": map[string]any{"llmls": map[string]any{fmt.Sprint("modle", n): strings.Repeat("x", 4000)}}}
		}, 30_000, "workspace/configuration", 1, 5 * time.Second},
		{"tokens of progress", "workspace/executeCommand", func(int) any {
			return map[string]any{"command": "llmls.explain", "arguments": []any{place()}}
		}, 1200, "window/workDoneProgress/create", 1024, time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := llmls.Home(t, "http://127.0.0.1:1", calm+otherEndpoint)
			over := make(chan struct{})
			t.Cleanup(func() { close(over) })
			var asked atomic.Int32
			h.Reply = func(m message) any {
				if m.Method == test.asks {
					asked.Add(1)
				}
				<-over
				return nil
			}
			began := time.Now()
			s := start(t, h)
			s.Initialized(capable)
			s.Open(uri, "python", document)
			var all []*editor.Pending
			for n := range test.times {
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
			rounds := 1
			if test.until > 0 {
				rounds += int(time.Since(began) / test.until)
			}
			if n := int(asked.Load()); n == 0 || n > rounds*test.most {
				t.Errorf("the editor was asked %d times", n)
			}
			s.peakBelow(memoryLimit)
		})
	}
}
