package document

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

var sizes = []struct {
	name  string
	bytes int
}{{"100KB", 100 << 10}, {"10MB", 10 << 20}}

// code returns n bytes of lines that look like source, or of one single line.
func code(n int, lineBreak string) string {
	line := "\tif err := s.apply(ctx, change); err != nil { // größer 😀" + lineBreak
	return strings.Repeat(line, n/len(line)+1)[:n]
}

var shapes = []struct{ name, lineBreak string }{{"many", "\n"}, {"one", " "}}

// One keystroke at a random place, through the wire's own types. 10MB may cost
// three times what 100KB costs.
func BenchmarkEdit(b *testing.B) {
	for _, shape := range shapes {
		for _, size := range sizes {
			b.Run("size="+size.name+"/lines="+shape.name, func(b *testing.B) {
				s := NewStore(UTF16)
				item := protocol.TextDocumentItem{URI: file, Text: code(size.bytes, shape.lineBreak)}
				if err := s.Open(&protocol.DidOpenTextDocumentParams{TextDocument: item}); err != nil {
					b.Fatal(err)
				}
				places := randomPositions(textOf(s))
				// Every second keystroke takes back the one before, so that the
				// places stay between characters.
				partial := &protocol.TextDocumentContentChangePartial{}
				params := changes(0, partial)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					at := places[i/2%len(places)]
					partial.Range = protocol.Range{Start: at, End: at}
					partial.Text = "x"
					if i%2 == 1 {
						partial.Range.End.Character++
						partial.Text = ""
					}
					params.TextDocument.Version++
					if err := s.Change(params); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkOffset(b *testing.B) {
	benchmarkMapper(b, func(text *Text, at protocol.Position, _ int) { text.Offset(at, UTF16) })
}

func BenchmarkPosition(b *testing.B) {
	benchmarkMapper(b, func(text *Text, _ protocol.Position, off int) { text.Position(off, UTF16) })
}

func benchmarkMapper(b *testing.B, f func(*Text, protocol.Position, int)) {
	for _, shape := range shapes {
		for _, size := range sizes {
			b.Run("size="+size.name+"/lines="+shape.name, func(b *testing.B) {
				text := NewText(code(size.bytes, shape.lineBreak))
				places := randomPositions(text)
				offsets := make([]int, len(places))
				for i, at := range places {
					offsets[i] = text.Offset(at, UTF16)
				}
				for i := 0; b.Loop(); i++ {
					f(text, places[i%len(places)], offsets[i%len(places)])
				}
			})
		}
	}
}

func randomPositions(text *Text) []protocol.Position {
	random := rand.New(rand.NewPCG(1, 2))
	list := make([]protocol.Position, 4096)
	for i := range list {
		list[i] = text.Position(random.IntN(text.Len()), UTF16)
	}
	return list
}

func BenchmarkOpen10MB(b *testing.B) {
	s := code(10<<20, "\n")
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		NewText(s)
	}
}

// A capture after each edit, which is the worst case: with 1,000 documents.
func BenchmarkView(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := NewStore(UTF16)
			for i := range n {
				item := protocol.TextDocumentItem{URI: uri.URI(fmt.Sprintf("file:///w/%d.go", i)), Text: "package x\n"}
				if err := s.Open(&protocol.DidOpenTextDocumentParams{TextDocument: item}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			for b.Loop() {
				s.view = nil
				s.View()
			}
		})
	}
}

// textOf returns the text of the one that is changed.
func textOf(s *Store) *Text {
	doc, _ := s.docs.get(file)
	return doc.Text
}

// A keystroke costs the same however many documents are open: the server takes a
// View after each.
func BenchmarkEditAmongOthers(b *testing.B) {
	for _, others := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("open=%d", others), func(b *testing.B) {
			s := NewStore(UTF16)
			for n := range others {
				item := protocol.TextDocumentItem{URI: uri.URI(fmt.Sprintf("file:///%d.go", n)), Text: "package p\n"}
				if err := s.Open(&protocol.DidOpenTextDocumentParams{TextDocument: item}); err != nil {
					b.Fatal(err)
				}
			}
			if err := s.Open(&protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{URI: file, Text: "package p\n"}}); err != nil {
				b.Fatal(err)
			}
			partial := &protocol.TextDocumentContentChangePartial{}
			params := changes(0, partial)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				partial.Text, partial.Range.End.Character = "xx"[:1+i%2], 1
				params.TextDocument.Version++
				if err := s.Change(params); err != nil {
					b.Fatal(err)
				}
				s.View()
			}
		})
	}
}
