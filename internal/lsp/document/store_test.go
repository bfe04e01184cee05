package document

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf16"
	"unsafe"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"pgregory.net/rapid"
)

const file = uri.URI("file:///w/a.go")

func open(t *testing.T, s *Store, version int32, text string) {
	t.Helper()
	item := protocol.TextDocumentItem{URI: file, LanguageID: "go", Version: version, Text: text}
	if err := s.Open(&protocol.DidOpenTextDocumentParams{TextDocument: item}); err != nil {
		t.Fatal(err)
	}
}

func changes(version int32, events ...protocol.TextDocumentContentChangeEvent) *protocol.DidChangeTextDocumentParams {
	params := &protocol.DidChangeTextDocumentParams{ContentChanges: events}
	params.TextDocument.URI = file
	params.TextDocument.Version = version
	return params
}

func whole(text string) protocol.TextDocumentContentChangeEvent {
	return &protocol.TextDocumentContentChangeWholeDocument{Text: text}
}

func part(r protocol.Range, text string) protocol.TextDocumentContentChangeEvent {
	return &protocol.TextDocumentContentChangePartial{Range: r, Text: text}
}

func span4(startLine, start, endLine, end uint32) protocol.Range {
	return protocol.Range{
		Start: protocol.Position{Line: startLine, Character: start},
		End:   protocol.Position{Line: endLine, Character: end},
	}
}

func current(t *testing.T, s *Store) *Document {
	t.Helper()
	doc, ok := s.View().Document(file)
	if !ok {
		t.Fatal("the document is not open")
	}
	return doc
}

func TestChange(t *testing.T) {
	for _, c := range []struct {
		name, text string
		events     []protocol.TextDocumentContentChangeEvent
		want       string
	}{
		{"nothing", "ab", nil, "ab"},
		{"insert", "ab", []protocol.TextDocumentContentChangeEvent{part(span4(0, 1, 0, 1), "x")}, "axb"},
		{
			"each change sees the one before", "ab\ncd",
			[]protocol.TextDocumentContentChangeEvent{part(span4(0, 0, 0, 0), "1\n"), part(span4(2, 0, 2, 1), "2"), part(span4(0, 1, 1, 0), "-")},
			"1-ab\n2d",
		},
		{"reversed range", "abcd", []protocol.TextDocumentContentChangeEvent{part(span4(0, 3, 0, 1), "x")}, "axd"},
		{"past the end of the line", "ab\ncd", []protocol.TextDocumentContentChangeEvent{part(span4(0, 99, 0, 99), "x")}, "abx\ncd"},
		{"past the last line", "ab\ncd", []protocol.TextDocumentContentChangeEvent{part(span4(1, 0, 9, 9), "x")}, "ab\nx"},
		{"whole, then a part", "ab", []protocol.TextDocumentContentChangeEvent{whole("xyz"), part(span4(0, 1, 0, 2), "")}, "xz"},
		{"behind an astral letter", "😀b", []protocol.TextDocumentContentChangeEvent{part(span4(0, 2, 0, 3), "x")}, "😀x"},
		{"lone surrogates", "a\xed\xa0\xbdb", []protocol.TextDocumentContentChangeEvent{part(span4(0, 2, 0, 3), "\xed\xb8\x80")}, "a\uFFFD\uFFFD"},
		{"rangeLength lies", "abc", []protocol.TextDocumentContentChangeEvent{
			&protocol.TextDocumentContentChangePartial{Range: span4(0, 1, 0, 2), RangeLength: protocol.NewOptional(uint32(7)), Text: "x"},
		}, "axc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewStore(UTF16)
			open(t, s, 1, c.text)
			if err := s.Change(changes(2, c.events...)); err != nil {
				t.Fatal(err)
			}
			doc := current(t, s)
			if doc.Text.String() != c.want || doc.Version != 2 || doc.Trusted() != nil {
				t.Errorf("%q, version %d, %v; want %q, 2", doc.Text, doc.Version, doc.Trusted(), c.want)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	for _, c := range []struct {
		name     string
		open, by int32
		want     error
	}{
		{"next", 1, 2, nil},
		{"a gap", 1, 9, nil},
		{"the same", 7, 7, nil},
		{"older", 7, 6, ErrStale},
		{"older, from zero", 7, 0, ErrStale},
		{"none", 7, NoVersion, nil},
		{"none before", NoVersion, 3, nil},
		{"negative", -3, -2, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewStore(UTF16)
			open(t, s, c.open, "ab")
			if err := s.Change(changes(c.by, part(span4(0, 1, 0, 1), "x"))); !errors.Is(err, c.want) {
				t.Fatalf("Change = %v, want %v", err, c.want)
			}
			want := "axb"
			if c.want != nil {
				want = ""
			}
			if got := current(t, s).Text.String(); got != want {
				t.Errorf("text = %q, want %q", got, want)
			}
		})
	}
}

func TestDiverged(t *testing.T) {
	insert := part(span4(0, 0, 0, 0), "x")
	for _, c := range []struct {
		name string
		enc  Encoding
		bad  *protocol.DidChangeTextDocumentParams
		want error
	}{
		{"older version", UTF16, changes(4, whole("old")), ErrStale},
		{"unreadable change", UTF16, changes(6, insert, nil, insert), ErrMalformed},
		{"from inside a surrogate pair", UTF16, changes(6, part(span4(0, 1, 0, 2), "")), ErrSplit},
		{"to inside a surrogate pair", UTF16, changes(6, part(span4(0, 0, 0, 1), "")), ErrSplit},
		{"inside a UTF-8 sequence", UTF8, changes(6, part(span4(0, 3, 0, 3), "x")), ErrSplit},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewStore(c.enc)
			open(t, s, 5, "😀 canary")
			for i, params := range []*protocol.DidChangeTextDocumentParams{c.bad, changes(7, insert), changes(8, insert)} {
				err := s.Change(params)
				var diverged *DivergedError
				if !errors.As(err, &diverged) || !errors.Is(err, c.want) || diverged.First != (i == 0) {
					t.Fatalf("change %d: %#v, want %v, told at the first", i, err, c.want)
				}
				if strings.Contains(err.Error()+diverged.Sentence(), "canary") || !strings.Contains(diverged.Sentence(), "a.go") {
					t.Errorf("%q, %q", err, diverged.Sentence())
				}
				doc := current(t, s)
				if doc.Trusted() == nil {
					t.Fatal("the document is trusted")
				}
				if got := doc.Excerpt(span4(0, 0, 9, 0), 9); got != (Excerpt{FirstLine: 1, LastLine: 1, Lines: 1}) {
					t.Fatalf("Excerpt = %+v", got)
				}
			}
			if err := s.Change(changes(9, insert, whole("new"), part(span4(0, 3, 0, 3), "!"))); err != nil {
				t.Fatalf("replace whole: %v", err)
			}
			if doc := current(t, s); doc.Trusted() != nil || doc.Text.String() != "new!" || doc.Version != 9 {
				t.Errorf("%q, version %d, %v", doc.Text, doc.Version, doc.Trusted())
			}
			if err := s.Change(c.bad); err == nil {
				t.Fatal("the change is accepted now")
			}
			open(t, s, 1, "again")
			if doc := current(t, s); doc.Trusted() != nil || doc.Text.String() != "again" {
				t.Errorf("%q, %v", doc.Text, doc.Trusted())
			}
		})
	}
}

func TestChangeOfWhatIsNotOpen(t *testing.T) {
	s := NewStore(UTF16)
	var diverged *DivergedError
	if err := s.Change(changes(1, part(span4(0, 0, 0, 0), "x"))); !errors.As(err, &diverged) || !diverged.First || !errors.Is(err, ErrNotOpen) {
		t.Fatalf("a part: %v", err)
	}
	if current(t, s).Trusted() == nil {
		t.Error("the document is trusted")
	}
	s.Close(file)
	if _, ok := s.View().Document(file); ok {
		t.Error("the document is still known")
	}
	if err := s.Change(changes(1, whole("all of it"))); !errors.Is(err, ErrNotOpen) || errors.As(err, &diverged) {
		t.Fatalf("the whole: %v", err)
	}
	if doc := current(t, s); doc.Trusted() != nil || doc.Text.String() != "all of it" || doc.LanguageID != "go" {
		t.Errorf("%q in %q, %v", doc.Text, doc.LanguageID, doc.Trusted())
	}
	s.Close("file:///w/never-opened")
}

func TestReopen(t *testing.T) {
	s := NewStore(UTF16)
	open(t, s, 9, "old")
	again := &protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{URI: file, LanguageID: "c", Version: 1, Text: "new"}}
	if err := s.Open(again); !errors.Is(err, ErrReopened) {
		t.Errorf("Open = %v", err)
	}
	if doc := current(t, s); doc.Text.String() != "new" || doc.LanguageID != "c" || doc.Version != 1 {
		t.Errorf("%+v", doc)
	}
}

func TestOpenUnderOtherSpelling(t *testing.T) {
	s := NewStore(UTF16)
	const spelled = "file:///C:/a b/x/../c.go"
	item := protocol.TextDocumentItem{URI: spelled, Text: "x"}
	if err := s.Open(&protocol.DidOpenTextDocumentParams{TextDocument: item}); err != nil {
		t.Fatal(err)
	}
	doc, ok := s.View().Document("file:///c%3A/a%20b/c.go")
	if !ok || doc.URI != spelled {
		t.Fatalf("%v, %v", doc, ok)
	}
}

// What a Store keeps may not alias the message, whose memory is used again.
func TestStoreCopies(t *testing.T) {
	message := []byte(`{"textDocument":{"uri":"untitled:a","languageId":"go","version":1,"text":"abc"}}`)
	var params protocol.DidOpenTextDocumentParams
	if err := protocol.Unmarshal(message, &params); err != nil {
		t.Fatal(err)
	}
	s := NewStore(UTF16)
	if err := s.Open(&params); err != nil {
		t.Fatal(err)
	}
	doc, _ := s.View().Document("untitled:a")
	for name, same := range map[string]bool{
		"key":      sameMemory(string(doc.key), string(params.TextDocument.URI)),
		"URI":      sameMemory(string(doc.URI), string(params.TextDocument.URI)),
		"language": sameMemory(doc.LanguageID, string(params.TextDocument.LanguageID)),
		"text":     sameMemory(doc.Text.root.text, params.TextDocument.Text),
	} {
		if same {
			t.Errorf("the %s aliases the message", name)
		}
	}
}

func sameMemory(a, b string) bool { return unsafe.StringData(a) == unsafe.StringData(b) }

// Edits as an editor makes them, in its own encoding, against its own buffer.
func TestChangeFollowsTheEditor(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		enc := rapid.SampledFrom(encodings).Draw(t, "encoding")
		s := NewStore(enc)
		buffer := texts(8).Draw(t, "text")
		item := protocol.TextDocumentItem{URI: file, Version: 1, Text: buffer}
		if err := s.Open(&protocol.DidOpenTextDocumentParams{TextDocument: item}); err != nil {
			t.Fatal(err)
		}
		for version := range int32(rapid.IntRange(1, 12).Draw(t, "notifications")) {
			params := changes(version + 2)
			for range rapid.IntRange(0, 3).Draw(t, "changes") {
				with := texts(2).Draw(t, "with")
				if rapid.IntRange(0, 9).Draw(t, "whole") == 0 {
					buffer = with
					params.ContentChanges = append(params.ContentChanges, whole(with))
					continue
				}
				start := oracleFloor(buffer, rapid.IntRange(0, len(buffer)).Draw(t, "start"))
				end := oracleFloor(buffer, min(len(buffer), start+rapid.IntRange(0, 2*maxChunk).Draw(t, "size")))
				r := protocol.Range{Start: oraclePosition(buffer, start, enc), End: oraclePosition(buffer, end, enc)}
				// A position cannot stand between \r and \n.
				start, end = oracleOffset(buffer, r.Start, enc), oracleOffset(buffer, r.End, enc)
				if rapid.Bool().Draw(t, "reversed") {
					r.Start, r.End = r.End, r.Start
				}
				buffer = buffer[:start] + with + buffer[end:]
				params.ContentChanges = append(params.ContentChanges, part(r, with))
			}
			if err := s.Change(params); err != nil {
				t.Fatal(err)
			}
			doc, _ := s.View().Document(file)
			checkText(t, doc.Text, buffer)
		}
	})
}

// JavaScript's strings are UTF-16: whatever a JavaScript editor does to one,
// our copy must equal it or be known to have diverged.
func TestUTF16EditorNeverDivergesInSilence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		buffer := utf16.Encode([]rune(rapid.StringOf(rapid.SampledFrom([]rune("a😀é🚀"))).Draw(t, "text")))
		s := NewStore(UTF16)
		item := protocol.TextDocumentItem{URI: file, Version: 1, Text: string(utf16.Decode(buffer))}
		if err := s.Open(&protocol.DidOpenTextDocumentParams{TextDocument: item}); err != nil {
			t.Fatal(err)
		}
		for version := range int32(5) {
			start := rapid.IntRange(0, len(buffer)).Draw(t, "start")
			end := rapid.IntRange(start, len(buffer)).Draw(t, "end")
			with := utf16.Encode([]rune(rapid.SampledFrom([]string{"", "x", "😀"}).Draw(t, "with")))
			buffer = append(append(append([]uint16{}, buffer[:start]...), with...), buffer[end:]...)
			err := s.Change(changes(version+2, part(span4(0, uint32(start), 0, uint32(end)), string(utf16.Decode(with)))))
			doc, _ := s.View().Document(file)
			if err == nil && doc.Text.String() != string(utf16.Decode(buffer)) {
				t.Fatalf("%q, the editor has %q", doc.Text, string(utf16.Decode(buffer)))
			}
		}
	})
}

// Documents that share a URI because they have no name are never taken for one
// another.
func TestUnnamed(t *testing.T) {
	s := NewStore(UTF16)
	opened := func(text string) {
		err := s.Open(&protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{URI: "file://", Version: 1, Text: text}})
		if diverged := (*DivergedError)(nil); errors.As(err, &diverged) {
			t.Errorf("the person is bothered: %v", err)
		}
	}
	changed := func(version int32, change protocol.TextDocumentContentChangeEvent) {
		c := changes(version, change)
		c.TextDocument.URI = "file:///"
		if diverged := (*DivergedError)(nil); errors.As(s.Change(c), &diverged) && diverged.First {
			t.Errorf("the person is bothered: %v", diverged)
		}
	}
	refused := func(when string) {
		t.Helper()
		doc, ok := s.View().Document("file://")
		if !ok || !errors.Is(doc.Trusted(), ErrUnnamed) || doc.Text.Len() > 0 {
			t.Errorf("%s: %q, %v", when, doc.Text, doc.Trusted())
		}
	}
	opened("one")
	if doc, _ := s.View().Document("file://"); doc.Trusted() != nil || doc.Text.String() != "one" {
		t.Errorf("alone: %q, %v", doc.Text, doc.Trusted())
	}
	opened("two")
	refused("two of them")
	changed(9, whole("one, changed"))
	changed(2, whole("two, changed"))
	refused("after a change of both")
	s.Close("file://")
	refused("when one was closed")
	changed(3, whole("the other one"))
	refused("after a change of the one that is left")
	opened("three")
	refused("after another was opened")
	s.Close("file:///")
	s.Close("file://")
	opened("four")
	if doc, _ := s.View().Document("file://"); doc.Trusted() != nil || doc.Text.String() != "four" {
		t.Errorf("alone again: %q, %v", doc.Text, doc.Trusted())
	}
}
