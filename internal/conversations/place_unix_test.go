//go:build unix

package conversations

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// A document is found by whatever names its file: other escapes, a link, another
// spelling of this machine; and not by a path that only begins with the same letters.
func TestAbout(t *testing.T) {
	dir := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(dir, "c++", "in"), 0o700))
	must(t, os.Symlink("c++", filepath.Join(dir, "link")))
	at := func(name string) string {
		return (&url.URL{Scheme: "file", Path: filepath.ToSlash(dir) + name}).String()
	}
	for _, test := range []struct {
		place, document string
		want            bool
	}{
		{at("/c++"), at("/c++/s.py"), true},
		{at("/c++"), "file://" + dir + "/c%2B%2B/s.py", true},
		{"file://" + dir + "/c%2b%2b/s.py", at("/c++/s.py"), true},
		{at("/c++/"), at("/c++//in/./x/../s.py"), true},
		{at("/c++"), "file://localhost" + dir + "/c++/s.py", true},
		{"FILE://LOCALHOST" + dir + "/c++", at("/c++/s.py"), true},
		{at("/c++"), at("/link/gone/s.py"), true},
		{at("/link"), at("/c++/in/s.py"), true},
		{at("/link"), at("/link/s.py"), true},
		{at("/c++"), "vscode-notebook-cell:" + dir + "/c%2B%2B/n.ipynb#W0", true},
		{"file:///", at("/c++/s.py"), true},
		{at("/c++"), at("/c++x/s.py"), false},
		{at("/c++/s.py"), at("/c++/s.pyc"), false},
		{at("/c++/s.py"), at("/c++"), false},
		{at("/c++"), "file://elsewhere" + dir + "/c++/s.py", false},
		{"vscode-remote://wsl+u/w", "vscode-remote://wsl%2Bu/w/a%2B.py", true},
		{"untitled:Untitled-1", "untitled:Untitled-1", true},
		{"untitled:Untitled-1", "untitled:Untitled-2", false},
		{at("/c++"), "%", false},
		{at("/c++"), "", false},
	} {
		if got := About(test.place)([]string{"file:///other", test.document}); got != test.want {
			t.Errorf("%q is about %q: %t", test.document, test.place, got)
		}
	}
	if About()([]string{at("/c++")}) {
		t.Error("no place is one")
	}
}
