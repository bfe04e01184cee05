package document

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// FuzzKey finds a file by its URI: the key of a key is itself, and whatever the
// spelling, what is found lies inside the folder, by a path that leads nowhere
// else.
func FuzzKey(f *testing.F) {
	for _, seed := range []string{
		"file:///w/a.go", "file:///w/../etc/passwd", "file:///w/%2e%2e/etc", "file:///w/..%2fetc", "FILE://localhost/w/a", "file:///W/a",
		"file:////w/a", "file:///w//a", "file:w/a", "untitled:/w/a", "file://server/w/a", "file:///w", "file:///w/", "file:///w/%00", "/w/a", "file:///c%3A/w", "file:///w/a?b#c", "",
	} {
		f.Add(seed)
	}
	var folders Folders
	folders.Set([]protocol.WorkspaceFolder{{URI: "file:///w"}, {URI: "file:///w/inner/"}})
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // the decoder lets none through
		}
		key := Key(uri.URI(text))
		if again := Key(key); again != key {
			t.Fatalf("the key of %q is %q, and its key %q", text, key, again)
		}
		folder, rel, ok := folders.find(key)
		if !ok {
			return
		}
		if !filepath.IsLocal(filepath.FromSlash(rel)) || strings.Contains(rel, "..") && rel != filepath.ToSlash(filepath.Clean(rel)) {
			t.Fatalf("%q leads to %q", text, rel)
		}
		if path := folder.Path() + "/" + rel; !strings.HasPrefix(path, "/w/") || key.Path() != filepath.ToSlash(filepath.Clean(path)) {
			t.Fatalf("%q is found at %q, its key is %q", text, path, key)
		}
		_ = folders.RelPath(uri.URI(text))
	})
}

// FuzzChanges decodes the parameters of a didChange as a plain decoder does,
// one step after the other.
func FuzzChanges(f *testing.F) {
	for _, changes := range []string{
		`[]`, `null`, `5`, `{}`, `[null]`, `[{"text":"x"}]`, `[{"range":null,"text":"x"}]`, `[{"text":"\ud83d"},[],{"range":{},"text":""}]`,
		`[{"range":{"start":{"line":0,"character":1.0},"end":{"line":-1,"character":1e99}},"text":"x"}]`,
	} {
		f.Add(`{"textDocument":{"uri":"file:///a","version":1},"contentChanges":` + changes + `}`)
	}
	f.Add(`{"textDocument":{"uri":"file:///a"}}`)
	f.Fuzz(func(t *testing.T, data string) {
		var wire struct {
			TextDocument struct {
				URI     string
				Version jsontext.Value
			} `json:"textDocument"`
			Changes jsontext.Value `json:"contentChanges"`
		}
		err := unmarshal([]byte(data), &wire)
		got, gotErr := DecodeChange([]byte(data))
		if err != nil {
			if gotErr == nil {
				t.Fatalf("%q: decoded %+v, want %v", data, got, err)
			}
			return
		}
		if gotErr != nil {
			return // it is no document
		}
		var changes []jsontext.Value
		if err := unmarshal(wire.Changes, &changes); err != nil || changes == nil {
			changes = []jsontext.Value{nil}
		}
		var want []protocol.TextDocumentContentChangeEvent
		for _, raw := range changes {
			want = append(want, decodeEvent(raw))
		}
		if diff := cmp.Diff(want, got.ContentChanges); diff != "" {
			t.Fatalf("%q (-want +got)\n%s", data, diff)
		}
		s := NewStore(UTF16)
		_ = s.Open(&protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{URI: got.TextDocument.URI, Text: "a🎉b\nc"}})
		_ = s.Change(got)
		sum := 0
		for doc := range s.docs.all() {
			sum += doc.room()
		}
		if sum != s.size {
			t.Fatalf("%q: the documents take %d, counted as %d", data, sum, s.size)
		}
	})
}
