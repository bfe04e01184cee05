package lsp_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// code returns the JSON-RPC error code in err, 0 for nil.
func code(t *testing.T, err error) int {
	t.Helper()
	var failed *editor.Error
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	if failed == nil {
		return 0
	}
	return failed.Code
}

func TestLifecycle(t *testing.T) {
	s := lsptest.Start(t, lsptest.Options{})
	ctx := s.Context()
	if got := code(t, s.Call(ctx, "textDocument/codeAction", nil, nil)); got != -32002 {
		t.Errorf("a request before initialize: %d", got)
	}
	s.Must(s.Notify("textDocument/didOpen", nil)) // dropped
	if got := code(t, s.Call(ctx, "initialize", nil, nil)); got != -32602 {
		t.Errorf("initialize without parameters: %d", got)
	}
	s.Initialized("")
	if got := code(t, s.Call(ctx, "initialize", map[string]any{"capabilities": map[string]any{}}, nil)); got != -32600 {
		t.Errorf("a second initialize: %d", got)
	}
	if got := code(t, s.Call(ctx, "shutdown", nil, nil)); got != 0 {
		t.Errorf("shutdown: %d", got)
	}
	for _, method := range []string{"shutdown", "textDocument/codeAction", "initialize"} {
		if got := code(t, s.Call(ctx, method, map[string]any{}, nil)); got != -32600 {
			t.Errorf("%s after shutdown: %d", method, got)
		}
	}
	s.Must(s.Notify("exit", nil))
	if got := s.Exit(); got != 0 {
		t.Errorf("exit after shutdown: %d", got)
	}
}

func TestExitCodes(t *testing.T) {
	tests := []struct {
		name string
		end  func(*lsptest.Session)
		want int
	}{
		{"exit without shutdown", func(s *lsptest.Session) { s.Must(s.Notify("exit", nil)) }, 1},
		{"end of input", func(s *lsptest.Session) { s.Must(s.Close()) }, 1},
		{"end of input while an answer runs", func(s *lsptest.Session) {
			s.Open("file:///p/a.go", "go", "package a\n")
			s.StartCommand("llmls.explain", map[string]any{
				"uri": "file:///p/a.go", "range": lsptest.Range(0, 0, 0, 3), "partialResultToken": 1,
			})
			s.AwaitMethod("$/progress")
			s.Must(s.Close())
		}, 1},
		{"end of input after shutdown", func(s *lsptest.Session) {
			s.Must(s.Call(s.Context(), "shutdown", nil, nil))
			s.Must(s.Close())
		}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := completiontest.NewUpstream(t)
			u.Script(completiontest.Delta("a"), completiontest.Stall())
			s := lsptest.Start(t, lsptest.Options{Env: map[string]string{"OPENAI_BASE_URL": u.URL}})
			s.Initialized("")
			tt.end(s)
			if got := s.Exit(); got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
		})
	}
}

// The parent's death is noticed even though the input stays open.
func TestParentDies(t *testing.T) {
	t.Parallel()
	for _, reaped := range []bool{true, false} {
		parent := exec.Command("sleep", "600")
		if err := parent.Start(); err != nil {
			t.Fatal(err)
		}
		s := lsptest.Start(t, lsptest.Options{})
		if _, err := s.Initialize(s.Context(), map[string]any{"processId": parent.Process.Pid, "capabilities": map[string]any{}}); err != nil {
			t.Fatal(err)
		}
		if err := parent.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if reaped {
			_ = parent.Wait()
		}
		if got := s.Exit(); got != 1 {
			t.Errorf("exit code %d", got)
		}
		if !reaped {
			_ = parent.Wait()
		}
	}
}

// A request that waits for an answer gets the text so far before shutdown itself is
// answered: a client may take nothing in after that.
func TestShutdownIsAnsweredLast(t *testing.T) {
	const grace = 500 * time.Millisecond // for what still runs, after which shutdown is answered all the same
	late := 0
	for range 60 { // by chance it may be the last
		u := completiontest.NewUpstream(t)
		u.Script(completiontest.Delta(strings.Repeat("much ", 1<<12)), completiontest.Stall())
		s := lsptest.Start(t, lsptest.Options{Env: map[string]string{"OPENAI_BASE_URL": u.URL}})
		s.Initialized("")
		s.Open(doc, "go", "package a\n")
		answer := s.StartCommand("llmls.explain", map[string]any{"uri": doc, "range": lsptest.Range(0, 0, 1, 0), "partialResultToken": "t"})
		s.AwaitMethod("$/progress")
		began := time.Now()
		shutdown, err := s.Start("shutdown", nil)
		s.Must(err)
		for _, want := range []*editor.Pending{answer, shutdown} {
			got := s.Await("a response", func(m editor.Message) bool { return m.Method == "" })
			if string(got.ID) == want.ID {
				continue
			}
			if late++; time.Since(began) < grace || late > 30 {
				t.Fatalf("the response to %s came, and not to %s", got.ID, want.ID)
			}
		}
	}
}

// What real clients send at initialize is understood, and answered with the
// encoding they prefer.
func TestClients(t *testing.T) {
	want := map[string]string{"coc": "utf-16", "emacs-eglot": "utf-32", "helix": "utf-8", "neovim": "utf-8", "vscode": "utf-16"}
	for client, encoding := range want {
		t.Run(client, func(t *testing.T) {
			params := recorded(t, client)
			s := lsptest.Start(t, lsptest.Options{})
			result, err := s.Initialize(s.Context(), params)
			if err != nil {
				t.Fatal(err)
			}
			var got struct {
				Capabilities struct {
					PositionEncoding string
					TextDocumentSync struct {
						OpenClose bool
						Change    int
					}
					CodeActionProvider struct {
						ResolveProvider bool
						CodeActionKinds []string
					}
					ExecuteCommandProvider struct{ Commands []string }
				}
				ServerInfo struct{ Name, Version string }
			}
			if err := json.Unmarshal(result, &got); err != nil {
				t.Fatal(err)
			}
			c := got.Capabilities
			if c.PositionEncoding != encoding || !c.TextDocumentSync.OpenClose || c.TextDocumentSync.Change != 2 ||
				c.CodeActionProvider.ResolveProvider || len(c.CodeActionProvider.CodeActionKinds) != 11 ||
				len(c.ExecuteCommandProvider.Commands) != 14 || got.ServerInfo.Name != "llmls" || got.ServerInfo.Version != "test" {
				t.Errorf("initialize was answered with %s", result)
			}
			s.Open("file:///p/a.go", "go", "package a\n")
			var actions []struct{ Title string }
			s.Must(s.Call(s.Context(), "textDocument/codeAction", map[string]any{
				"textDocument": map[string]any{"uri": "file:///p/a.go"}, "range": lsptest.Range(0, 0, 0, 0),
				"context": map[string]any{"diagnostics": []any{}},
			}, &actions))
			if len(actions) != 2 || actions[0].Title != "Explain line" || actions[1].Title != "Ask about line…" {
				t.Errorf("actions: %v", actions)
			}
		})
	}
}

// recorded returns what a real client sent at initialize, without the process that
// it named, which is long gone.
func recorded(t *testing.T, client string) map[string]any {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "clients", client+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var params map[string]any
	if err := json.Unmarshal(raw, &params); err != nil {
		t.Fatal(err)
	}
	params["processId"] = nil
	return params
}

// coc.nvim declares workspace/textDocumentContent but reads such a document only once:
// it gets the answer file. In Vim it shows no errors of commands: a message says why.
func TestCoc(t *testing.T) {
	u := completiontest.NewUpstream(t)
	s := lsptest.Start(t, lsptest.Options{Env: map[string]string{"OPENAI_BASE_URL": u.URL, "OPENAI_API_KEY": "sk-canary-0123456789"}})
	_, err := s.Initialize(s.Context(), recorded(t, "coc"))
	s.Must(err)
	about := func(uri string) map[string]any {
		return map[string]any{"uri": uri, "range": lsptest.Range(0, 0, 0, 9)}
	}
	if err := s.Command("llmls.explain", about("file:///p/none.go"), nil); code(t, err) != -32803 {
		t.Fatalf("an unknown file: %v", err)
	}
	s.AwaitMethod("window/showMessage")
	s.Open("file:///p/a.go", "go", "package a\n")
	s.Must(s.Command("llmls.explain", about("file:///p/a.go"), nil))
	if shown := s.AwaitMethod("window/showDocument"); !strings.Contains(string(shown.Params), `"uri":"file:///`) {
		t.Errorf("shown is %s", shown.Params)
	}
}
