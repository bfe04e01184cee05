package document

import (
	"testing"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

func TestKey(t *testing.T) {
	for _, same := range [][]uri.URI{
		{"file:///c%3A/x", "file:///C:/x", "file:///c:/x", "file:///C%3a/x"},
		{"file:///a%20b/%C3%A9", "file:///a b/é", "file:///a%20b/%c3%a9"},
		{"file:///a/b", "file:///a/x/../b", "file:///a/%2e%2e/a/b", "file:///a//b", "file:///a/./b", "file:///a/b/", "file:/a/b", "FILE:///a/b", "file://localhost/a/b"},
		{"file:///etc/passwd", "file:///w/..%2f..%2fetc/passwd", "file:///../../etc/passwd"},
		{"file:///a%25b", "file:///a%b"},
		{"untitled:Untitled-1"},
		{"vscode-notebook-cell:/a.ipynb#W0"},
		{"vscode-notebook-cell:/a.ipynb#W1"},
		{"file://server/share/x", "file://SERVER/share/x"},
		{"git:/a/b?ref"},
		{"file:////x//y"}, // no valid URI: compared as it is
		{""},
	} {
		for _, u := range same {
			if got, want := Key(u), Key(same[0]); got != want {
				t.Errorf("Key(%q) = %q, Key(%q) = %q", u, got, same[0], want)
			}
			if Key(Key(u)) != Key(u) {
				t.Errorf("Key of Key(%q) is another", u)
			}
		}
	}
	if folded := Key("file:///a") == Key("file:///A"); folded != foldsCase {
		t.Errorf("file:///a and file:///A have one key: %v", folded)
	}
	for _, differ := range [][2]uri.URI{
		{"file:///a", "untitled:/a"},
		{"vscode-notebook-cell:/a#W0", "vscode-notebook-cell:/a#W1"},
		{"file://server/x", "file:///x"},
	} {
		if Key(differ[0]) == Key(differ[1]) {
			t.Errorf("%q and %q have one key", differ[0], differ[1])
		}
	}
}

func TestRelPath(t *testing.T) {
	var none, folders Folders
	folders.Set([]protocol.WorkspaceFolder{
		{URI: "file:///w"}, {URI: "file:///w/sub/"}, {URI: "file:///D:/my%20code"}, {URI: "file://server/share"}, {URI: "vscode-remote://x/r"},
	})
	for u, want := range map[uri.URI]string{
		"file:///w/a.go":                "a.go",
		"file:///w/x/y/a%20b.go":        "x/y/a b.go",
		"file:///w/sub/x/a.go":          "x/a.go", // the innermost folder
		"file:///w/sub/../a.go":         "a.go",
		"file:///w":                     "w",
		"file:///ww/a.go":               "a.go",
		"file:///home/me/secret/a.go":   "a.go",
		"file:///w/../etc/passwd":       "passwd",
		"file:///d%3A/my code/é.py":     "é.py",
		"file:///d%3A/my%20code/x/é.py": "x/é.py",
		"file://server/share/x/a.go":    "x/a.go",
		"file://other/share/x/a.go":     "a.go",
		"untitled:Untitled-1":           "Untitled-1",
		"untitled:/w/x/new.go":          "new.go",
		"vscode-remote://x/r/y/a.go":    "a.go",
	} {
		if got := folders.RelPath(u); got != want {
			t.Errorf("RelPath(%q) = %q, want %q", u, got, want)
		}
		if got := none.RelPath(u); got == "" || got[0] == '/' {
			t.Errorf("RelPath(%q) without folders = %q", u, got)
		}
	}
	folders.Change([]protocol.WorkspaceFolder{{URI: "file:///new"}}, []protocol.WorkspaceFolder{{URI: "file:///w/"}})
	for u, want := range map[uri.URI]string{"file:///w/x/a.go": "a.go", "file:///w/sub/x/a.go": "x/a.go", "file:///new/x/a.go": "x/a.go"} {
		if got := folders.RelPath(u); got != want {
			t.Errorf("after Change: RelPath(%q) = %q, want %q", u, got, want)
		}
	}
}

func TestLanguageOf(t *testing.T) {
	for u, want := range map[uri.URI]string{
		"file:///a/x.go": "go", "file:///a/X.PY": "python", "file:///a/x.d.ts": "typescript", "file:///Dockerfile": "dockerfile",
		"file:///GNUmakefile": "makefile", "file:///a.b/none": "", "file:///x.unknown": "", "untitled:new.rs": "rust", "file:///x.h": "c",
	} {
		if got := languageOf(u); got != want {
			t.Errorf("languageOf(%q) = %q, want %q", u, got, want)
		}
	}
}
