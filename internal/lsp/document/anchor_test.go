package document

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.lsp.dev/protocol"
	"pgregory.net/rapid"
)

// A letter is one that can be distinguished from others like it.
type letter struct {
	char byte
	own  bool // of the lines that are anchored
}

type letters []letter

func (l letters) String() string {
	var b strings.Builder
	for _, x := range l {
		b.WriteByte(x.char)
	}
	return b.String()
}

// own returns the line where the anchored lines start, and whether they are as
// they were: all there, in one piece, and on lines of their own.
func (l letters) own(count int) (line int, intact bool) {
	isOwn := func(x letter) bool { return x.own }
	first := slices.IndexFunc(l, isOwn)
	if first < 0 {
		return 0, false
	}
	last := first
	for last < len(l) && l[last].own {
		last++
	}
	line = strings.Count(l[:first].String(), "\n")
	return line, last-first == count && !slices.ContainsFunc(l[last:], isOwn) &&
		(first == 0 || l[first-1].char == '\n') && (last == len(l) || l[last].char == '\n')
}

// Lines that no edit touched are found where they are now; what is found has
// the text that was anchored, whatever was done.
func TestAnchorFollowsEdits(t *testing.T) {
	text := rapid.StringMatching(`([ab]{0,3}\n){0,6}[ab]{0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		var now letters
		for _, c := range []byte(text.Draw(t, "text")) {
			now = append(now, letter{char: c})
		}
		store := NewStore(UTF16)
		open := func() {
			store.Close(file)
			item := protocol.TextDocumentItem{URI: file, Text: now.String()}
			if err := store.Open(&protocol.DidOpenTextDocumentParams{TextDocument: item}); err != nil {
				t.Fatal(err)
			}
		}
		open()
		doc, _ := store.View().Document(file)
		first := rapid.IntRange(1, doc.Text.LineCount()).Draw(t, "first")
		last := rapid.IntRange(first, doc.Text.LineCount()).Draw(t, "last")
		start, end := doc.Text.LineStart(first-1), doc.Text.LineEnd(last-1)
		for i := start; i < end; i++ {
			now[i].own = true
		}
		own := now[start:end].String()
		anchor := doc.Anchor(first, last)
		older := doc
		lost := false // track of which letters are which
		for range rapid.IntRange(1, 12).Draw(t, "edits") {
			from := rapid.IntRange(0, len(now)).Draw(t, "from")
			to := rapid.IntRange(from, min(len(now), from+4)).Draw(t, "to")
			with := rapid.StringMatching(`[ab\n]{0,4}`).Draw(t, "with")
			before := NewText(now.String())
			var inserted letters
			for _, c := range []byte(with) {
				inserted = append(inserted, letter{char: c})
			}
			r := protocol.Range{Start: before.Position(from, UTF16), End: before.Position(to, UTF16)}
			now = slices.Concat(now[:from], inserted, now[to:])
			event := part(r, with)
			if rapid.IntRange(0, 9).Draw(t, "whole") == 0 {
				event, lost = whole(now.String()), true
			}
			if err := store.Change(changes(0, event)); err != nil {
				t.Fatal(err)
			}
			if rapid.IntRange(0, 9).Draw(t, "reopened") == 0 {
				open()
			} else if rapid.IntRange(0, 2).Draw(t, "skipped") == 0 {
				continue
			}
			doc, _ = store.View().Document(file)
			line, ok := anchor.Line(doc)
			want, intact := now.own(len(own))
			if own != "" && intact && !lost && (!ok || line != want) {
				t.Fatalf("found at %d, %v; it is at %d of %q", line, ok, want, now)
			}
			lost = lost || ok && !intact // other lines with the same text are as good
			if ok {
				last := line + strings.Count(own, "\n")
				if got := doc.Text.Slice(doc.Text.LineStart(line), doc.Text.LineEnd(last)); got != own {
					t.Fatalf("found %q for %q", got, own)
				}
			}
			if line, ok := anchor.Line(older); ok { // an older view has no effect on the anchor
				if got := older.Text.Slice(older.Text.LineStart(line), older.Text.LineEnd(line+strings.Count(own, "\n"))); got != own {
					t.Fatalf("found %q for %q in an older view", got, own)
				}
			}
			older = doc
		}
	})
}

func TestAnchor(t *testing.T) {
	const before = "a\nb1\nb2\nc\n"
	for _, test := range []struct {
		name  string
		edits []protocol.TextDocumentContentChangeEvent
		line  int // -1 if the lines are lost
	}{
		{"a line above", []protocol.TextDocumentContentChangeEvent{part(span4(1, 0, 1, 0), "new\n")}, 2},
		{"a line below", []protocol.TextDocumentContentChangeEvent{part(span4(2, 2, 2, 2), "\nnew")}, 1},
		{"a letter in front", []protocol.TextDocumentContentChangeEvent{part(span4(1, 0, 1, 0), "x")}, -1},
		{"a letter behind", []protocol.TextDocumentContentChangeEvent{part(span4(2, 2, 2, 2), "x")}, -1},
		{"inside, and undone", []protocol.TextDocumentContentChangeEvent{part(span4(1, 1, 1, 2), "x"), part(span4(1, 1, 1, 2), "1")}, 1},
		{"deleted", []protocol.TextDocumentContentChangeEvent{part(span4(1, 0, 3, 0), "")}, -1},
		{"deleted, and undone", []protocol.TextDocumentContentChangeEvent{part(span4(1, 0, 3, 0), ""), part(span4(1, 0, 1, 0), "b1\nb2\n")}, 1},
		{"above, as a whole text", []protocol.TextDocumentContentChangeEvent{whole("new\na\nb1\nb2\nc\n")}, 2},
		{"inside, as a whole text", []protocol.TextDocumentContentChangeEvent{whole("a\nb1\nb3\nc\n")}, -1},
		{"lost track, and sent anew", []protocol.TextDocumentContentChangeEvent{nil, whole(before)}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := NewStore(UTF16)
			open(t, store, 1, before)
			anchor := current(t, store).Anchor(2, 3)
			for _, edit := range test.edits {
				_ = store.Change(changes(1, edit)) // losing track is one of the tests
			}
			line, ok := anchor.Line(current(t, store))
			if ok != (test.line >= 0) || ok && line != test.line {
				t.Errorf("found at %d, %v, want %d", line, ok, test.line)
			}
		})
	}
}

// What is closed and opened again as it was has its lines again; a file that
// changed elsewhere meanwhile has not.
func TestAnchorOutlivesClosing(t *testing.T) {
	store := NewStore(UTF16)
	open(t, store, 1, "a\nb\n")
	anchor := current(t, store).Anchor(2, 2)
	store.Close(file)
	open(t, store, 1, "a\nx\n")
	if line, ok := anchor.Line(current(t, store)); ok {
		t.Errorf("found at %d", line)
	}
	store.Close(file)
	open(t, store, 1, "a\nb\n")
	if line, ok := anchor.Line(current(t, store)); !ok || line != 1 {
		t.Errorf("found at %d, %v", line, ok)
	}
}

// Where the lines of an anchor stood can be told whatever they are by now.
func TestAnchorNow(t *testing.T) {
	for _, test := range []struct {
		name       string
		start, end protocol.Position
		text, want string
		same       bool
	}{
		{"nothing", protocol.Position{}, protocol.Position{}, "", "1-2", true},
		{"above", protocol.Position{}, protocol.Position{}, "x\ny\n", "3-4", true},
		{"inside", protocol.Position{Line: 1, Character: 1}, protocol.Position{Line: 2, Character: 0}, "x\ny\n", "1-3", false},
		{"at the beginning", protocol.Position{Line: 1}, protocol.Position{Line: 1}, "x", "1-2", false},
		{"at the end", protocol.Position{Line: 2, Character: 1}, protocol.Position{Line: 2, Character: 1}, "x\ny", "1-3", false},
		{"below", protocol.Position{Line: 3}, protocol.Position{Line: 3}, "x\n", "1-2", true},
		{"deleted", protocol.Position{Line: 1}, protocol.Position{Line: 3}, "", "gone", false},
	} {
		store := NewStore(UTF16)
		open(t, store, 1, "a\nb\nc\nd\n")
		anchor := current(t, store).Anchor(2, 3)
		if err := store.Change(changes(2, part(protocol.Range{Start: test.start, End: test.end}, test.text))); err != nil {
			t.Fatal(err)
		}
		doc := current(t, store)
		got := "gone"
		if first, last, ok := anchor.Now(doc); ok {
			got = fmt.Sprintf("%d-%d", first, last)
		}
		if _, same := anchor.Line(doc); got != test.want || same != test.same {
			t.Errorf("%s: %s, the same: %v; want %s", test.name, got, same, test.want)
		}
	}
}
