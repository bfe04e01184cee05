package state

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A record is found by the path of its file. Where names of files that differ in
// letter case alone name the same file, any of them will do: editors on Windows send
// drive letters as they like.
func TestName(t *testing.T) {
	home := filepath.Join(t.TempDir(), "Home")
	d := New(func(name string) (string, bool) { return home, name == "XDG_STATE_HOME" })
	path := d.File("answers", "w-AAAAAA.md")
	if name, ok := d.Name("answers", path); !ok || name != "w-AAAAAA.md" {
		t.Errorf("Name(%q) = %q, %v", path, name, ok)
	}
	folder := strings.ToLower(filepath.Dir(path))
	name, ok := d.Name("answers", filepath.Join(folder, "w-AAAAAA.md"))
	if folds := runtime.GOOS == "windows"; ok != folds || ok && name != "w-AAAAAA.md" {
		t.Errorf("in %q: %q, %v", folder, name, ok)
	}
	if name, ok := d.Name("conversations", path); ok {
		t.Errorf("%q is a conversation, %q", path, name)
	}
}
