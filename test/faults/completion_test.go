package faults

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/llmls/llmls/test/process"
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

// Behind FILE: a shell completes the lines of what the file defines, with its name;
// what cannot be read, or would wait for a writer, is left to the shell.
func TestCompletionOfLines(t *testing.T) {
	t.Parallel()
	home := llmls.Home(t, "http://127.0.0.1:9/v1", "")
	for name, text := range map[string]string{
		"code.go":  "package a\n\n// T is one.\ntype T struct {\n\tn int\n}\n\nfunc (t *T) Sum() int {\n\treturn t.n\n}\n\nvar x = 1\n\nfunc main() {}\n",
		"odd.py":   "def a\u202e():\n    pass\n",
		"data.bin": "\x00\xff",
		"empty.go": "",
	} {
		if err := os.WriteFile(filepath.Join(home.Dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, all := filepath.Join(home.Dir, "code.go"), ""
	for _, line := range []string{":3-6\tT", ":8-10\tT.Sum", ":14-14\tmain"} {
		all += code + line + "\n"
	}
	for _, command := range [][]string{{"explain"}, {"ask", "--file"}} {
		complete := func(word string) *process.Command {
			return home.Run(t, append(append([]string{"__complete"}, command...), word)...)
		}
		complete(code + ":").Prints(all + ":36\n")
		complete(code + ":8").Prints(code + ":8-10\tT.Sum\n:36\n")
		complete(filepath.Join(home.Dir, "odd.py") + ":").Prints(filepath.Join(home.Dir, "odd.py") + ":1-2\ta\\u{202E}\n:36\n")
		complete(code + ":9").Prints(":36\n")
		complete(filepath.Join(home.Dir, "none.go") + ":").Prints(":0\n")
		complete(home.Dir + ":").Prints(":0\n")
		complete(filepath.Join(home.Dir, "data.bin") + ":").Prints(":4\n")
		complete(filepath.Join(home.Dir, "empty.go") + ":").Prints(":4\n")
	}
	home.Run(t, "__complete", "explain", "--diff", "").Prints(":4\n")
}
