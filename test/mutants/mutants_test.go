package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	m, err := parse("test/mutants/name.patch", `test: -tags vscode ./test/vscode -run '^TestLogic$/^a$' -count=20
--- a/one.go
+++ b/one.go
@@ -1,3 +1,3 @@ func f() {
 before
-old
+new
@@ -7 +7,0 @@
-gone
--- a/two.lua
+++ b/two.lua
@@ -1,2 +1,3 @@
 before
+-- new
 after
`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := m.String(), "name"; got != want {
		t.Errorf("the name is %q, want %q", got, want)
	}
	if got, want := strings.Join(m.test.command("-v"), " "),
		"go test -vet=off -timeout=3m -v -tags vscode -count=20 ./test/vscode -run ^TestLogic$/^a$"; got != want {
		t.Errorf("the command is\n%s, want\n%s", got, want)
	}
	want := []edit{
		{"one.go", "before\nold\n", "before\nnew\n"},
		{"one.go", "gone\n", ""},
		{"two.lua", "before\nafter\n", "before\n-- new\nafter\n"},
	}
	if diff := cmp.Diff(want, m.edits, cmp.AllowUnexported(edit{})); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefuses(t *testing.T) {
	const diff = "--- a/a.go\n+++ b/a.go\n@@ -1 +1 @@\n-old\n+new\n"
	for name, patch := range map[string]string{
		"no test":               diff,
		"a whole package":       "test: ./test/faults\n" + diff,
		"a test among others":   "test: ./test/faults -run 'TestA'\n" + diff,
		"no change":             "test: ./test/faults -run '^TestA$'\n",
		"no file":               "test: ./test/faults -run '^TestA$'\n@@ -1 +1 @@\n-old\n+new\n",
		"a line that was moved": "test: ./test/faults -run '^TestA$'\n" + diff + "loose\n",
	} {
		if _, err := parse("name", patch); err == nil {
			t.Errorf("%s: it is taken for a mutant", name)
		}
	}
}

func TestApply(t *testing.T) {
	for _, test := range []struct{ name, text, old, want string }{
		{"at the beginning", "a\nb\n", "a\n", "new\nb\n"},
		{"at the end", "a\nb\n", "b\n", "a\nnew\n"},
		{"a part of another line is none", "xb\nb\n", "b\n", "xb\nnew\n"},
		{"moved", "1\n2\n3\na\nb\nc\n", "a\nb\n", "1\n2\n3\nnew\nc\n"},
		{"gone", "a\n", "b\n", ""},
		{"twice", "b\na\nb\n", "b\n", ""},
		{"anywhere", "a\n", "", ""},
	} {
		got, err := edit{"file", test.old, "new\n"}.apply(test.text)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: %q, %v; want %q", test.name, got, err, test.want)
		}
	}
}

// The code that a mutant takes away is still there, and so is its test.
func TestPatches(t *testing.T) {
	paths, err := filepath.Glob("*.patch")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no mutants were found: %v", err)
	}
	mutants, err := readAll(paths)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		if _, err := m.test.file("../.."); err != nil {
			t.Errorf("%s: %v", m, err)
		}
		if _, _, err := (tree{"../.."}).edited(m); err != nil {
			t.Errorf("%s %v", m, err)
		}
	}
}

// What is tried in a tree, with a module of one package.
func TestTree(t *testing.T) {
	const code = "package m\n\nfunc half(n int) int {\n\treturn n / 2\n}\n"
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module m\n",
		"m.go":   code,
		"m_test.go": `package m
import "testing"
func TestHalf(t *testing.T) { t.Run("four", func(t *testing.T) { if half(4) != 2 { t.Error("wrong") } }) }
func TestWrong(t *testing.T) { t.Error("always") }
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const line = "\treturn n / 2\n"
	for _, test := range []struct{ name, run, old, new, want string }{
		{"caught", "^TestHalf$", line, "\treturn n\n", ""},
		{"caught by a part", "^TestHalf$/^four$", line, "\treturn n\n", ""},
		{"the defence does nothing", "^TestHalf$", line, "\treturn n >> 1\n", "SURVIVED"},
		{"no code", "^TestHalf$", line, "\treturn x\n", "undefined: x"},
		{"no code for the test", "^TestHalf$", "func half(n int) int {\n", "func third(n int) int {\n", "does not run"},
		{"no line", "^TestHalf$", "x\n", "y\n", "0 times"},
		{"no test", "^TestNone$", line, "\treturn n\n", "there is no TestNone"},
		{"no such part", "^TestHalf$/^five$", line, "\treturn n\n", "is none"},
		{"fails anyway", "^TestWrong$", line, "\treturn n\n", "fails without it"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := &mutant{test.name, gotest{dir: ".", run: test.run}, []edit{{"m.go", test.old, test.new}}}
			var err error
			for _, step := range []func(tree, context.Context, *mutant) error{tree.builds, tree.passes, tree.catches} {
				if err = step(tree{dir}, t.Context(), m); err != nil {
					break
				}
			}
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
			if got, _ := os.ReadFile(filepath.Join(dir, "m.go")); string(got) != code {
				t.Errorf("the mutant was left in the tree:\n%s", got)
			}
		})
	}
}
