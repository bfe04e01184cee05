package document

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.lsp.dev/protocol"
	"pgregory.net/rapid"
)

func TestExcerpt(t *testing.T) {
	const text = "one\ntwo\r\nthree\n\nfive 😀 x\n"
	for _, c := range []struct {
		name   string
		r      protocol.Range
		around int
		want   Excerpt
	}{
		{"inside a line", span4(2, 1, 2, 3), 1, Excerpt{"hr", "two\r\nt", "ee\n\n", 3, 3, 5}},
		{"whole lines", span4(1, 0, 3, 0), 1, Excerpt{"two\r\nthree\n", "one\n", "\n", 2, 3, 5}},
		{"one whole line", span4(2, 0, 3, 0), 0, Excerpt{"three\n", "", "", 3, 3, 5}},
		{"a line break", span4(0, 3, 1, 0), 0, Excerpt{"\n", "one", "", 1, 1, 5}},
		{"several lines", span4(0, 1, 1, 2), 5, Excerpt{"ne\ntw", "o", "o\r\nthree\n\nfive 😀 x\n", 1, 2, 5}},
		{"empty: the line", span4(1, 2, 1, 2), 1, Excerpt{"two", "one\n", "\r\nthree\n", 2, 2, 5}},
		{"empty at the end of \\r\\n", span4(1, 9, 1, 9), 0, Excerpt{"two", "", "\r\n", 2, 2, 5}},
		{"empty line", span4(3, 0, 3, 0), 1, Excerpt{"", "three\n", "\nfive 😀 x\n", 4, 4, 5}},
		{"reversed", span4(2, 3, 2, 1), 0, Excerpt{"hr", "t", "ee\n", 3, 3, 5}},
		{"astral", span4(4, 5, 4, 7), 0, Excerpt{"😀", "five ", " x\n", 5, 5, 5}},
		{"inside a pair", span4(4, 5, 4, 6), 0, Excerpt{"five 😀 x", "", "\n", 5, 5, 5}},
		{"past the end", span4(9, 0, 9, 9), 1, Excerpt{"", "five 😀 x\n", "", 6, 6, 5}},
		{"to past the end", span4(4, 0, 99, 0), 0, Excerpt{"five 😀 x\n", "", "", 5, 5, 5}},
		{"everything", span4(0, 0, 99, 0), 3, Excerpt{text, "", "", 1, 5, 5}},
	} {
		doc := &Document{Text: NewText(text)}
		if diff := cmp.Diff(c.want, doc.Excerpt(c.r, c.around)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestAll(t *testing.T) {
	for text, last := range map[string]int{"": 1, "a": 1, "a\n": 1, "a\nb": 2, "\n\n": 2} {
		doc := &Document{Text: NewText(text)}
		if diff := cmp.Diff(Excerpt{Text: text, FirstLine: 1, LastLine: last, Lines: last}, doc.All()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestExcerptOfOneLongLine(t *testing.T) {
	line := strings.Repeat("😀", 1<<20)
	doc := &Document{Text: NewText("x" + line + "x"), enc: UTF32}
	got := doc.Excerpt(span4(0, 1<<19, 0, 1<<19+1), 100)
	if got.Text != "😀" {
		t.Errorf("Text = %q", got.Text)
	}
	for side, s := range map[string]string{"Before": got.Before, "After": got.After} {
		if len(s) > maxAround || len(s) < maxAround-utf8.UTFMax || !utf8.ValidString(s) {
			t.Errorf("%s has %d bytes, valid %v", side, len(s), utf8.ValidString(s))
		}
	}
}

// Before, Text and After are one contiguous piece of the document.
func TestExcerptIsContiguous(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := texts(15).Draw(t, "text")
		position := rapid.Custom(func(t *rapid.T) protocol.Position {
			return oraclePosition(s, rapid.IntRange(0, len(s)).Draw(t, "offset"), UTF16)
		})
		r := protocol.Range{Start: position.Draw(t, "start"), End: position.Draw(t, "end")}
		got := (&Document{Text: NewText(s)}).Excerpt(r, rapid.IntRange(0, 5).Draw(t, "around"))
		start, end := oracleOffset(s, r.Start, UTF16), oracleOffset(s, r.End, UTF16)
		if start > end {
			start, end = end, start
		}
		if start == end {
			line := oracleLines(s)[oraclePosition(s, start, UTF16).Line]
			start, end = line.start, line.end
		}
		if got.Text != s[start:end] || !strings.HasSuffix(s[:start], got.Before) || !strings.HasPrefix(s[end:], got.After) {
			t.Fatalf("%+v of %q", got, s)
		}
		first, last := oraclePosition(s, start, UTF16), oraclePosition(s, end, UTF16)
		if last.Character == 0 && end > start {
			last.Line--
		}
		if got.FirstLine != int(first.Line)+1 || got.LastLine != int(last.Line)+1 {
			t.Fatalf("lines %d-%d, want %d-%d", got.FirstLine, got.LastLine, first.Line+1, last.Line+1)
		}
	})
}
