//go:build unix

package workspace_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/completion/related"
	"github.com/llmls/llmls/internal/workspace"
)

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, options *workspace.Options) *workspace.Files {
	t.Helper()
	files := workspace.Open(t.Context(), options)
	t.Cleanup(files.Close)
	return files
}

// Nothing is read but regular files of text inside the root that may be sent.
func TestFilesRefuses(t *testing.T) {
	dir := t.TempDir()
	root := filepath.Join(dir, "root")
	write(t, filepath.Join(root, "good.go"), "package good\n")
	write(t, filepath.Join(root, ".aiignore"), "private/\n*.gen.go\n")
	write(t, filepath.Join(root, "private/a.go"), "package a\n")
	write(t, filepath.Join(root, "b.gen.go"), "package b\n")
	write(t, filepath.Join(root, ".env"), "KEY=value\n")
	write(t, filepath.Join(root, "binary.go"), "package c\xff\n")
	write(t, filepath.Join(root, "large.go"), strings.Repeat("// large\n", 1<<17))
	write(t, filepath.Join(root, "empty.go"), "")
	write(t, filepath.Join(dir, "outside.go"), "package outside\n")
	for link, target := range map[string]string{"out.go": "../outside.go", "absolute.go": filepath.Join(dir, "outside.go"), "env.go": ".env", "in.go": "good.go"} {
		if err := os.Symlink(target, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(root, "pipe.go"), 0o600); err != nil {
		t.Fatal(err)
	}
	files := open(t, &workspace.Options{Root: root, Folders: []string{root}})
	for _, name := range []string{
		"private/a.go", "b.gen.go", ".env", "binary.go", "large.go", "empty.go", "out.go", "absolute.go", "env.go", "pipe.go",
		"missing.go", "private", ".", "", "../outside.go", "private/../../outside.go", filepath.Join(dir, "outside.go"),
	} {
		if files.File(name) != nil {
			t.Errorf("%q was read", name)
		}
	}
	for _, name := range []string{"good.go", "in.go"} {
		if files.File(name) == nil {
			t.Errorf("%q was not read", name)
		}
	}
	if names := files.Names("../"); names != nil {
		t.Errorf("the directory above has %v", names)
	}
	if names := files.Names("private"); len(names) != 1 || names[0] != "a.go" {
		t.Errorf("private has %v", names)
	}
}

// What an editor has open counts, not what is on the disk; a file that changed
// is read again.
func TestOpenedAndChanged(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, "a.go")
	write(t, file, "package a\n\nfunc F() {}\n")
	shelf := related.NewShelf(1 << 20)
	find := func(opened func(string) (string, bool, bool)) string {
		files := open(t, &workspace.Options{Root: root, Shelf: shelf, Opened: opened})
		r := related.Collect(&related.Query{
			File: related.NewFile("b.go", "", "package a\n\nvar _ = 1\n\n\n\n\nfunc g() {\n\tF()\n}\n"), First: 9, Last: 9, Budget: 1000,
			Tokens: chat.EstimateTokens, Source: files,
		})
		for _, p := range r.Pieces {
			if p.Path == "a.go" {
				return p.Text
			}
		}
		return ""
	}
	if got := find(nil); got != "func F() {}\n" {
		t.Errorf("found %q", got)
	}
	buffer := func(p string) (text string, usable, open bool) {
		return "package a\n\nfunc F(unsaved int) {}\n", true, p == "a.go"
	}
	if got := find(buffer); got != "func F(unsaved int) {}\n" {
		t.Errorf("found %q, want the buffer's", got)
	}
	if got := find(func(string) (string, bool, bool) { return "", false, true }); got != "" {
		t.Errorf("found %q of a buffer that cannot be trusted", got)
	}
	write(t, file, "package a\n\nfunc F(changed int) {}\n")
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(file, later, later); err != nil {
		t.Fatal(err)
	}
	if got := find(nil); got != "func F(changed int) {}\n" {
		t.Errorf("found %q, want what is there now", got)
	}
}

// A directory of a great many files is read as far as the limit.
func TestManyFiles(t *testing.T) {
	root := t.TempDir()
	for i := range 25_000 {
		if err := os.Link(os.Args[0], filepath.Join(root, fmt.Sprintf("f%d.go", i))); err != nil {
			file, err := os.Create(filepath.Join(root, fmt.Sprintf("f%d.go", i)))
			if err != nil {
				t.Fatal(err)
			}
			_ = file.Close()
		}
	}
	files := open(t, &workspace.Options{Root: root})
	if n := len(files.Names(".")); n < 10_000 || n > 21_000 {
		t.Errorf("%d names", n)
	}
}

func TestDone(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "a.go"), "package a\n")
	ctx, cancel := context.WithCancel(t.Context())
	files := workspace.Open(ctx, &workspace.Options{Root: root})
	defer files.Close()
	cancel()
	if files.File("a.go") != nil || files.Names(".") != nil {
		t.Error("a search that is over goes on")
	}
}

// In a directory that does not exist only what an editor has open is there.
func TestNoDirectory(t *testing.T) {
	opened := func(path string) (string, bool, bool) { return "package a\n", true, path == "a.go" }
	files := open(t, &workspace.Options{Root: filepath.Join(t.TempDir(), "gone"), Opened: opened})
	if files.File("a.go") == nil || files.File("b.go") != nil || files.Names(".") != nil {
		t.Error("want a.go, which is open, and nothing else")
	}
}

func TestRootOf(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "repo/.git/HEAD"), "")
	for _, tt := range []struct{ file, here, root, rel string }{
		{"repo/p/a.go", "repo/p", "repo", "p/a.go"},
		{"repo/p/a.go", "elsewhere", "repo", "p/a.go"},
		{"loose/p/a.go", "loose", "loose", "p/a.go"},
		{"loose/p/a.go", "elsewhere", "loose/p", "a.go"},
	} {
		root, rel := workspace.RootOf(filepath.Join(dir, tt.file), filepath.Join(dir, tt.here))
		if root != filepath.Join(dir, tt.root) || rel != tt.rel {
			t.Errorf("%s from %s: %s, %s", tt.file, tt.here, root, rel)
		}
	}
}
