package document

import (
	"strings"
	"testing"
	"unicode/utf8"

	"go.lsp.dev/protocol"
	"pgregory.net/rapid"
)

func TestNewTextIsValid(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "a\r\nb", "a\r\nb"},
		{"each bad byte", "a\xff\xfeb", "a\uFFFD\uFFFDb"},
		{"cut sequence", "a\xe2\x82", "a\uFFFD\uFFFD"},
		{"lone surrogate", "a\xed\xa0\x80b\xed\xbf\xbf", "a\uFFFDb\uFFFD"},
		{"astral", "😀", "😀"},
		{"byte-order mark", "\uFEFFa", "\uFEFFa"},
	} {
		if got := NewText(c.in).String(); got != c.want {
			t.Errorf("%s: NewText(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
		if got := NewText("xy").Replace(1, 1, c.in).String(); got != "x"+c.want+"y" {
			t.Errorf("%s: Replace with %q gives %q", c.name, c.in, got)
		}
	}
}

func TestLines(t *testing.T) {
	for _, c := range []struct {
		text  string
		lines []string
	}{
		{"", []string{""}},
		{"a", []string{"a"}},
		{"a\n", []string{"a", ""}},
		{"\n\n", []string{"", "", ""}},
		{"a\r\nb\rc\nd", []string{"a", "b", "c", "d"}},
		{"\r\n", []string{"", ""}},
		{"\n\r", []string{"", "", ""}},
		{"\r\r\n\n", []string{"", "", "", ""}},
		{"a\u2028b\vc\fd\u0085e", []string{"a\u2028b\vc\fd\u0085e"}}, // no line breaks in LSP
	} {
		text := NewText(c.text)
		var got []string
		for line := range text.LineCount() {
			got = append(got, text.Slice(text.LineStart(line), text.LineEnd(line)))
		}
		if strings.Join(got, "|") != strings.Join(c.lines, "|") {
			t.Errorf("%q has the lines %q, want %q", c.text, got, c.lines)
		}
	}
}

// An edit may make or break a \r\n anywhere, also between two leaves.
func TestCRLFAcrossEdits(t *testing.T) {
	for _, size := range []int{0, 1, minChunk, maxChunk - 1, maxChunk, maxChunk + 1, 3 * maxChunk} {
		fill := strings.Repeat("x", size)
		for _, c := range []struct {
			before     string
			start, end int // from the end of fill
			with       string
		}{
			{"\r\n", 1, 1, "y"},
			{"\ry\n", 1, 2, ""},
			{"\r", 1, 1, "\n"},
			{"\n", 0, 0, "\r"},
			{"\r\n", 0, 1, ""},
			{"\r\n", 1, 2, ""},
			{"\r\n", 1, 1, "\r"},
			{"\r\n", 1, 1, "\n"},
			{"\r" + fill + "\n", 1, 1 + size, ""},
			{"\r\n", 1, 1, fill},
		} {
			s := fill + c.before + fill
			got := NewText(s).Replace(size+c.start, size+c.end, c.with)
			want := s[:size+c.start] + c.with + s[size+c.end:]
			checkText(t, got, want)
			for _, off := range []int{size, size + c.start, size + c.start + len(c.with), len(want)} {
				pos := oraclePosition(want, off, UTF16)
				checkMapper(t, got, want, off, pos)
			}
		}
	}
}

func TestSliceRoundsDownToRunes(t *testing.T) {
	text := NewText("a😀b")
	for _, c := range []struct {
		start, end int
		want       string
	}{
		{0, 6, "a😀b"}, {1, 5, "😀"}, {1, 3, ""}, {2, 5, "😀"}, {3, 6, "😀b"}, {0, 4, "a"}, {6, 6, ""},
	} {
		if got := text.Slice(c.start, c.end); got != c.want {
			t.Errorf("Slice(%d, %d) = %q, want %q", c.start, c.end, got, c.want)
		}
	}
}

func TestOutOfRangePanics(t *testing.T) {
	text := NewText("ab\nc")
	for name, f := range map[string]func(){
		"Slice past the end":     func() { text.Slice(0, 5) },
		"Slice reversed":         func() { text.Slice(2, 1) },
		"Replace before":         func() { text.Replace(-1, 0, "") },
		"LineStart past the end": func() { text.LineStart(2) },
		"LineEnd before":         func() { text.LineEnd(-1) },
		"Position past the end":  func() { text.Position(5, UTF8) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("did not panic")
				}
			}()
			f()
		})
	}
}

// Cutting between characters moves a border by up to three bytes, which may not
// cost a leaf more on one side.
func TestBuildIsBalanced(t *testing.T) {
	for _, letter := range []string{"a", "é", "€", "😀"} {
		for chunks := 1; chunks <= 40; chunks++ {
			for around := -6; around <= 6; around++ {
				size := chunks*maxChunk*3/4 + around
				for lead := range len(letter) {
					s := strings.Repeat("x", lead) + strings.Repeat(letter, (size-lead)/len(letter))
					s += strings.Repeat("x", size-len(s))
					checkText(t, NewText(s), s)
				}
			}
		}
	}
}

// Random edits, against a slice of bytes that is edited the simple way. Earlier
// texts must not change.
func TestReplaceEqualsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model := texts(12).Draw(t, "text")
		text := NewText(model)
		type version struct {
			text  *Text
			model string
		}
		var history []version
		for range rapid.IntRange(1, 25).Draw(t, "edits") {
			history = append(history, version{text, model})
			start := rapid.IntRange(0, len(model)).Draw(t, "start")
			size := rapid.OneOf(rapid.IntRange(0, 4), rapid.IntRange(0, 3*maxChunk)).Draw(t, "size")
			end := min(start+size, len(model))
			with := texts(3).Draw(t, "with")
			text = text.Replace(start, end, with)
			model = model[:oracleFloor(model, start)] + with + model[oracleFloor(model, end):]
			checkText(t, text, model)
			from := rapid.IntRange(0, len(model)).Draw(t, "from")
			to := rapid.IntRange(from, len(model)).Draw(t, "to")
			if got, want := text.Slice(from, to), model[oracleFloor(model, from):oracleFloor(model, to)]; got != want {
				t.Fatalf("Slice(%d, %d) = %.80q, want %.80q", from, to, got, want)
			}
		}
		for _, v := range history {
			checkText(t, v.text, v.model)
		}
	})
}

// Typing at one place for a long time must not let the tree degenerate.
func TestTypingKeepsTheTreeShallow(t *testing.T) {
	const letters = 300_000
	text := NewText("")
	for i := range letters {
		text = text.Replace(i/2, i/2, "x")
	}
	checkText(t, text, strings.Repeat("x", letters))
	if text.root.height > 14 { // 1.44 log2(600 leaves)
		t.Errorf("height = %d", text.root.height)
	}
	for text.Len() > 0 {
		text = text.Replace(text.Len()/2, min(text.Len()/2+7, text.Len()), "")
		if text.Len() < 7 {
			text = text.Replace(0, text.Len(), "")
		}
	}
	checkText(t, text, "")
}

func FuzzEdits(f *testing.F) {
	f.Add("a\r\nb", "\n", uint16(2), uint16(1), uint16(maxChunk))
	f.Add("😀\r", "é", uint16(1), uint16(4), uint16(1))
	f.Fuzz(func(t *testing.T, s, with string, start, size, times uint16) {
		if len(s) > 64 {
			s = s[:64]
		}
		model := toValid(strings.Repeat(s, int(times)%maxChunk+1))
		text := NewText(model)
		for range 4 {
			from := int(start) * 31 % (len(model) + 1)
			to := min(from+int(size), len(model))
			text = text.Replace(from, to, with)
			model = model[:oracleFloor(model, from)] + toValid(with) + model[oracleFloor(model, to):]
			start += size + 1
		}
		if !utf8.ValidString(model) {
			t.Fatal("the text is not valid UTF-8")
		}
		checkText(t, text, model)
		checkMapper(t, text, model, int(start)%(len(model)+1), protocol.Position{Line: uint32(size), Character: uint32(start)})
	})
}

func TestEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := texts(6).Draw(t, "a"), texts(6).Draw(t, "b")
		text := NewText(a)
		cut := oracleFloor(a, rapid.IntRange(0, len(a)).Draw(t, "cut"))
		if same := NewText(a[cut:]).Replace(0, 0, a[:cut]); !text.Equal(same) {
			t.Fatalf("%.80q is not equal to itself, put together", a)
		}
		if got := text.Equal(NewText(b)); got != (a == b) {
			t.Fatalf("Equal(%.80q, %.80q) = %v", a, b, got)
		}
	})
}
