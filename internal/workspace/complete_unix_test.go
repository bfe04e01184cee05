//go:build unix

package workspace_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/llmls/llmls/internal/workspace"
)

// A beginning becomes what may be mentioned: nothing that would not be sent, nothing
// outside, no more than a person reads.
func TestComplete(t *testing.T) {
	dir := t.TempDir()
	root := filepath.Join(dir, "root")
	for name, text := range map[string]string{
		"a.go": "package a\n\nfunc First() {}\n\ntype Further struct{}\n", "p/b.go": "package p\n", "p/my notes.md": "x\n", "my dir/c.go": "package c\n",
		".env": "KEY=1\n", "secret.go": "package a\n\nfunc FSecret() {}\n", ".aiignore": "secret.go\n", "z.go": "package a\n\nfunc Fz() {}\n", "Other.txt": "x\n",
	} {
		write(t, filepath.Join(root, name), text)
	}
	write(t, filepath.Join(dir, "outside.go"), "package outside\n")
	if err := os.Symlink("../outside.go", filepath.Join(root, "link.go")); err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		write(t, filepath.Join(root, "many", fmt.Sprintf("%03d.go", i)), "package many\n")
	}
	home := workspace.Location{Options: &workspace.Options{Root: root, Folders: []string{root}}, Path: "a.go"}
	for _, c := range []struct {
		word string
		want []string
	}{
		{"", nil},
		{"#", []string{"#file:", "#symbol:", "#diff"}},
		{"#s", []string{"#symbol:"}},
		{"#x", nil},
		{"#file:o", []string{"#file:Other.txt"}},
		{"#file:", []string{"#file:Other.txt", "#file:a.go", "#file:many/", `#file:"my dir/`, "#file:p/", "#file:z.go"}},
		{"#file:p/", []string{"#file:p/b.go", `#file:"p/my notes.md"`}},
		{`#file:"my dir/`, []string{`#file:"my dir/c.go"`}},
		{"#file:.e", nil},
		{"#file:secret", nil},
		{"#file:li", nil},
		{"#file:../", nil},
		{"#file:/", nil},
		{"#file:gone/", nil},
		{"#symbol:F", []string{"#symbol:First", "#symbol:Further", "#symbol:Fz"}},
		{"#diff:", nil},
	} {
		if got := workspace.Complete(t.Context(), &home, c.word); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.word, got, c.want)
		}
	}
	if n := len(workspace.Complete(t.Context(), &home, "#file:many/")); n != 100 {
		t.Errorf("%d files of many", n)
	}
	if got := workspace.Complete(t.Context(), &workspace.Location{}, "#file:"); got != nil {
		t.Errorf("without a workspace: %q", got)
	}
}
