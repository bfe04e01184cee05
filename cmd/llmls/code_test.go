package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion/chat"
)

// Nothing of what a cell has put out is among its code.
const notebook = `{"cells":[{"cell_type":"code","source":["x = 1\n","y = 2"],"outputs":[{"data":{"image/png":"iVBORw0KGgo="}}]},` +
	`{"cell_type":"markdown","source":"The *sum*:\n\nof both"},{"cell_type":"code","source":["x + y"],"outputs":[{"text":["3"]}]}],` +
	`"metadata":{"kernelspec":{"language":"julia","name":"julia-1.10"}},"nbformat":4,"nbformat_minor":5}`

func TestReadCode(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"a.go": "one\ntwo\nthree\n", "cut.py": "one\r\ntwo", "odd:7": "odd\n", "empty": "", "latin1.c": "caf\xe9\n",
		"a.ipynb": notebook, "broken.ipynb": notebook[1:],
		"bom.go": "\uFEFFone\n", "mac.c": "one\rtwo\rthree", "script": "#!/usr/bin/env -S python3.12 -u\nx\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	whole := chat.Code{Path: "a.go", Language: "go", FirstLine: 1, LastLine: 3, Lines: 3, Text: "one\ntwo\nthree\n"}
	second := chat.Code{Path: "a.go", Language: "go", FirstLine: 2, LastLine: 2, Lines: 3, Before: "one\n", Text: "two\n", After: "three\n"}
	for arg, want := range map[string]chat.Code{
		"a.go":      whole,
		"a.go:2":    second,
		"a.go:2-2":  second,
		"a.go:1-3":  whole,
		"a.go:1-99": whole, // a range may go past the end
		"cut.py:2":  {Path: "cut.py", Language: "python", FirstLine: 2, LastLine: 2, Lines: 2, Before: "one\r\n", Text: "two"},
		"bom.go":    {Path: "bom.go", Language: "go", FirstLine: 1, LastLine: 1, Lines: 1, Text: "one\n"},
		"mac.c:2":   {Path: "mac.c", Language: "c", FirstLine: 2, LastLine: 2, Lines: 3, Before: "one\n", Text: "two\n", After: "three"},
		"script:2":  {Path: "script", Language: "python", FirstLine: 2, LastLine: 2, Lines: 2, Before: "#!/usr/bin/env -S python3.12 -u\n", Text: "x\n"},
		"a.ipynb:1": {Path: "a.ipynb", Language: "julia", Cell: 1, FirstLine: 1, LastLine: 2, Text: "x = 1\ny = 2"},
		"a.ipynb:2-9": {
			Path: "a.ipynb", Language: "julia", Cell: 2, LastCell: 3, FirstLine: 1, LastLine: 1,
			Text: "# %% [markdown] cell 2\nThe *sum*:\n\nof both\n# %% cell 3\nx + y\n",
		},
		"broken.ipynb:1": {Path: "broken.ipynb", Language: "json", FirstLine: 1, LastLine: 1, Lines: 1, Text: notebook[1:]}, // as it is
		"odd:7":          {Path: "odd:7", FirstLine: 1, LastLine: 1, Lines: 1, Text: "odd\n"},                               // a file of that very name
		"odd:7:1":        {Path: "odd:7", FirstLine: 1, LastLine: 1, Lines: 1, Text: "odd\n"},
	} {
		got, err := readCode(arg)
		if err != nil {
			t.Errorf("%s: %v", arg, err)
		} else if diff := cmp.Diff(want, *got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", arg, diff)
		}
	}
	for arg, want := range map[string]struct {
		says  string
		usage bool
	}{
		"a.go:0":    {"lines count from 1", true},
		"a.ipynb:4": {"a.ipynb has 3 cells", false},
		"a.go:3-2":  {"the first before the last", true},
		"a.go:4":    {"a.go has 3 lines", false},
		"none.go":   {"reading the code: open none.go: ", false},
		"empty":     {"empty is empty", false},
		"latin1.c":  {"not UTF-8", false},
		".":         {"choose a file: . is a directory", false},
	} {
		_, err := readCode(arg)
		if err == nil || !strings.Contains(err.Error(), want.says) || errors.As(err, new(usageError)) != want.usage {
			t.Errorf("%s: %v, want %q", arg, err, want.says)
		}
	}
}

func TestReadCodeRefusesWhatIsTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(path, make([]byte, maxCode+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readCode(path); err == nil || !strings.Contains(err.Error(), "larger than 16 MiB") {
		t.Error(err)
	}
}

func TestShellWord(t *testing.T) {
	for s, want := range map[string]string{
		"qwen3:8b": "qwen3:8b", "models/a_b@1+x.gguf": "models/a_b@1+x.gguf", "": "''",
		"two words": "'two words'", "$(rm -rf ~)": "'$(rm -rf ~)'", "it's": `'it'\''s'`, "a;b": "'a;b'", "日本": "'日本'",
		"a\nb": "'a b'",
	} {
		if got := shellWord(s); got != want {
			t.Errorf("%q became %s, want %s", s, got, want)
		}
	}
}

func TestStartsServer(t *testing.T) {
	for args, want := range map[string]bool{
		"": true, "--stdio": true, "serve": true, "serve --stdio": true, "serve --help": false, "demo": false, "--help": false, "explain serve": false,
	} {
		if got := startsServer(strings.Fields(args)); got != want {
			t.Errorf("%q: %v", args, got)
		}
	}
}

// Neither the directories of a person nor those above his are sent.
func TestShownPath(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{"repo/.git", "repo/sub/deep", "plain/below", "elsewhere"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(d)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ from, path, want string }{
		{"plain", "below/a.go", "below/a.go"},
		{"plain", filepath.Join(dir, "plain", "below", "a.go"), "below/a.go"},
		{"plain", "../elsewhere/a.go", "a.go"},
		{"plain", filepath.Join(dir, "elsewhere", "a.go"), "a.go"},
		{"plain", "../repo/sub/a.go", "sub/a.go"},
		{"repo/sub/deep", "../a.go", "sub/a.go"},
		{"repo/sub", "a.go", "sub/a.go"},
	} {
		t.Chdir(filepath.Join(dir, filepath.FromSlash(tt.from)))
		if got := shownPath(filepath.ToSlash(tt.path)); got != tt.want {
			t.Errorf("%s in %s is shown as %s, want %s", tt.path, tt.from, got, tt.want)
		}
	}
}
