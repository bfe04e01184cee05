package document

import (
	"strings"
	"unicode/utf8"

	"go.lsp.dev/protocol"
	"pgregory.net/rapid"
)

// The oracle does everything by walking the whole string.

type span struct{ start, end int } // of a line, without its break

func oracleLines(s string) []span {
	var lines []span
	start := 0
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\r' && i+1 < len(s) && s[i+1] == '\n':
			lines = append(lines, span{start, i})
			i++
			start = i + 1
		case s[i] == '\r' || s[i] == '\n':
			lines = append(lines, span{start, i})
			start = i + 1
		}
	}
	return append(lines, span{start, len(s)})
}

func oracleWidth(r rune, enc Encoding) int {
	switch {
	case enc == UTF8:
		return utf8.RuneLen(r)
	case enc == UTF16 && r > 0xFFFF:
		return 2
	}
	return 1
}

func oracleOffset(s string, pos protocol.Position, enc Encoding) int {
	lines := oracleLines(s)
	if uint64(pos.Line) >= uint64(len(lines)) {
		return len(s)
	}
	line := lines[pos.Line]
	left := uint64(pos.Character)
	for i, r := range s[line.start:line.end] {
		w := uint64(oracleWidth(r, enc))
		if left < w {
			return line.start + i
		}
		left -= w
	}
	return line.end
}

func oraclePosition(s string, off int, enc Encoding) protocol.Position {
	lines := oracleLines(s)
	n := len(lines) - 1
	for lines[n].start > off {
		n--
	}
	var character int
	for i, r := range s[lines[n].start:lines[n].end] {
		if lines[n].start+i+utf8.RuneLen(r) > off {
			break
		}
		character += oracleWidth(r, enc)
	}
	return protocol.Position{Line: uint32(n), Character: uint32(character)}
}

func oracleFloor(s string, off int) int {
	for off < len(s) && !utf8.RuneStart(s[off]) {
		off--
	}
	return off
}

var encodings = []Encoding{UTF8, UTF16, UTF32}

// texts draws pieces that matter at the border of a chunk, some of them long
// enough to fill several.
func texts(maxPieces int) *rapid.Generator[string] {
	piece := rapid.SampledFrom([]string{"a", "\r", "\n", "\r\n", "é", "€", "😀", "\uFFFD", "b c", ""})
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for range rapid.IntRange(0, maxPieces).Draw(t, "pieces") {
			times := 1
			if rapid.IntRange(0, 5).Draw(t, "long") == 0 {
				times = rapid.IntRange(maxChunk/3-2, maxChunk*2).Draw(t, "times")
			}
			b.WriteString(strings.Repeat(piece.Draw(t, "piece"), times))
		}
		return b.String()
	})
}

// checkText fails unless text is s and its tree is sound.
func checkText(t rapid.TB, text *Text, s string) {
	t.Helper()
	if got := text.String(); got != s {
		t.Fatalf("text of %d bytes differs from the %d expected: %.80q, want %.80q", len(got), len(s), got, s)
	}
	if got, want := text.LineCount(), len(oracleLines(s)); got != want {
		t.Fatalf("LineCount = %d, want %d", got, want)
	}
	if text.root == nil {
		return
	}
	if got, want := checkNode(t, text.root, text.root.isLeaf()), measure(s); got != want {
		t.Fatalf("sums = %+v, want %+v", got, want)
	}
}

func checkNode(t rapid.TB, n *node, only bool) sums {
	t.Helper()
	if n.isLeaf() {
		if n.bytes > maxChunk || n.bytes < minChunk && !only || n.height != 0 || !utf8.ValidString(n.text) {
			t.Fatalf("leaf of %d bytes at height %d", n.bytes, n.height)
		}
		if n.sums != measure(n.text) {
			t.Fatalf("leaf's sums = %+v, want %+v", n.sums, measure(n.text))
		}
		return n.sums
	}
	if d := n.left.height - n.right.height; d < -1 || d > 1 || n.height != 1+max(n.left.height, n.right.height) {
		t.Fatalf("heights %d over %d and %d", n.height, n.left.height, n.right.height)
	}
	sum := checkNode(t, n.left, false).plus(checkNode(t, n.right, false))
	if n.sums != sum {
		t.Fatalf("node's sums = %+v, want %+v", n.sums, sum)
	}
	return sum
}

// checkMapper compares every conversion at off and at pos with the oracle.
func checkMapper(t rapid.TB, text *Text, s string, off int, pos protocol.Position) {
	t.Helper()
	for _, enc := range encodings {
		if got, want := text.Offset(pos, enc), oracleOffset(s, pos, enc); got != want {
			t.Fatalf("Offset(%v, %s) = %d, want %d", pos, enc.Kind(), got, want)
		}
		got, want := text.Position(off, enc), oraclePosition(s, off, enc)
		if got != want {
			t.Fatalf("Position(%d, %s) = %v, want %v", off, enc.Kind(), got, want)
		}
		if back, want := text.Offset(got, enc), oracleOffset(s, want, enc); back != want {
			t.Fatalf("Offset(Position(%d), %s) = %d, want %d", off, enc.Kind(), back, want)
		}
	}
	line := int(min(uint64(pos.Line), uint64(text.LineCount()-1)))
	if got, want := (span{text.LineStart(line), text.LineEnd(line)}), oracleLines(s)[line]; got != want {
		t.Fatalf("line %d = %v, want %v", line, got, want)
	}
}
