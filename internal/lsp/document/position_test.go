package document

import (
	"math"
	"testing"

	"go.lsp.dev/protocol"
	"pgregory.net/rapid"
)

func TestNegotiate(t *testing.T) {
	type kinds = []protocol.PositionEncodingKind
	for _, c := range []struct {
		name    string
		offered kinds
		want    protocol.PositionEncodingKind
	}{
		{"nothing", nil, "utf-16"},
		{"Neovim", kinds{"utf-8", "utf-16", "utf-32"}, "utf-8"},
		{"Eglot", kinds{"utf-32", "utf-8", "utf-16"}, "utf-32"},
		{"VS Code", kinds{"utf-16"}, "utf-16"},
		{"unknown first", kinds{"utf-7", "utf-8"}, "utf-8"},
		{"only unknown", kinds{"utf-7", ""}, "utf-16"},
	} {
		if got := Negotiate(c.offered).Kind(); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if new(Encoding).Kind() != protocol.PositionEncodingKindUTF16 {
		t.Error("the zero Encoding is not UTF-16")
	}
}

func TestOffset(t *testing.T) {
	const text = "aé€😀z\r\nb\rc\n"
	for _, c := range []struct {
		name               string
		line, character    uint32
		utf8, utf16, utf32 int
	}{
		{"start", 0, 0, 0, 0, 0},
		{"one", 0, 1, 1, 1, 1},
		{"inside é in UTF-8", 0, 2, 1, 3, 3},
		{"before 😀", 0, 3, 3, 6, 6},
		{"inside 😀 in UTF-16", 0, 4, 3, 6, 10},
		{"behind 😀", 0, 5, 3, 10, 11},
		{"end of the line", 0, 6, 6, 11, 11},
		{"past the end of the line", 0, 99, 11, 11, 11},
		{"largest character", 0, math.MaxUint32, 11, 11, 11},
		{"behind \\r\\n", 1, 0, 13, 13, 13},
		{"past b", 1, 9, 14, 14, 14},
		{"behind \\r", 2, 1, 16, 16, 16},
		{"last line", 3, 0, 17, 17, 17},
		{"past the last line", 4, 0, 17, 17, 17},
		{"largest position", math.MaxUint32, math.MaxUint32, 17, 17, 17},
	} {
		pos := protocol.Position{Line: c.line, Character: c.character}
		for enc, want := range map[Encoding]int{UTF8: c.utf8, UTF16: c.utf16, UTF32: c.utf32} {
			if got := NewText(text).Offset(pos, enc); got != want {
				t.Errorf("%s: Offset in %s = %d, want %d", c.name, enc.Kind(), got, want)
			}
		}
	}
}

func TestMapperEqualsOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := texts(20).Draw(t, "text")
		text := NewText(s)
		for range 20 {
			off := rapid.IntRange(0, len(s)).Draw(t, "offset")
			line := rapid.IntRange(0, text.LineCount()).Draw(t, "line")
			character := rapid.OneOf(rapid.IntRange(0, 10), rapid.IntRange(0, 9*maxChunk)).Draw(t, "character")
			checkMapper(t, text, s, off, protocol.Position{Line: uint32(line), Character: uint32(character)})
		}
	})
}

func FuzzMapper(f *testing.F) {
	f.Add("a\r\nb😀\rc", 3, uint32(1), uint32(2))
	f.Fuzz(func(t *testing.T, s string, off int, line, character uint32) {
		s = toValid(s)
		checkMapper(t, NewText(s), s, int(uint(off)%uint(len(s)+1)), protocol.Position{Line: line, Character: character})
	})
}
