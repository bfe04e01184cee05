//go:build unix

package ignore

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// A folder that is given by a link is the outermost one of what is in it, under
// whatever name.
func TestOutermostFolderIsALink(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	inner := filepath.Join(dir, "ws/inner")
	if err := os.MkdirAll(inner, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ws/.aiignore"), []byte("sec.py\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "wl")
	if err := os.Symlink(filepath.Join(dir, "ws"), link); err != nil {
		t.Fatal(err)
	}
	folders := []string{link, inner}
	for range 2 {
		if err := NewChecker(nil).Check(File{Path: filepath.Join(inner, "pkg/sec.py"), Folders: folders, Name: "sec.py"}); err == nil {
			t.Errorf("may be sent with the folders %q", folders)
		}
		slices.Reverse(folders)
	}
}
