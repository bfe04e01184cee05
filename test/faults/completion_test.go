package faults

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// A shell completes endpoints and models from config.toml alone: nothing is asked
// and no program is started for a Tab.
func TestCompletionAsksNobody(t *testing.T) {
	t.Parallel()
	upstream := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("asked for %s", r.URL)
	}))
	t.Cleanup(upstream.Close)
	home := llmls.Home(t, upstream.URL, "")
	home.Configure(t, `model = "a"
apiKeyCommand = ["touch", "`+home.Dir+`/ran"]
[endpoints.work]
baseUrl = "https://gateway.example.com/v1"
model = "qwen3-coder"
[endpoints.local]
baseUrl = "http://127.0.0.1:11434/v1"
model = "a"
`)
	home.Run(t, "__complete", "ask", "--model", "").Prints("a\nqwen3-coder\n:4\n")
	home.Run(t, "__complete", "ask", "--endpoint", "").Prints("default\nlocal\nwork\n:4\n")
	if _, err := os.Lstat(filepath.Join(home.Dir, "ran")); err == nil {
		t.Error("the program that knows the key was started")
	}
}
