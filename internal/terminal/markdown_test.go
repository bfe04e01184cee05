package terminal

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// render returns what NewMarkdown sends for text, cut before each of cuts.
func render(t interface{ Fatal(...any) }, text string, width int, cuts ...int) string {
	var b bytes.Buffer
	m := NewMarkdown(&b, width)
	from := 0
	for _, cut := range append(cuts, len(text)) {
		if n, err := m.Write([]byte(text[from:cut])); err != nil || n != cut-from {
			t.Fatal(n, err)
		}
		from = cut
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func everyByte(text string) []int {
	var cuts []int
	for i := 1; i < len(text); i++ {
		cuts = append(cuts, i)
	}
	return cuts
}

func TestMarkdownGolden(t *testing.T) {
	sample, err := os.ReadFile("testdata/sample.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{40, 80} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			s := play(render(t, string(sample), width))
			if len(s.faults) > 0 {
				t.Errorf("faults: %q", s.faults)
			}
			file := filepath.Join("testdata", fmt.Sprintf("sample-%d.golden", width))
			if *update {
				if err := os.WriteFile(file, []byte(s.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), s.String()); diff != "" {
				t.Errorf("screen (-want +got; rewrite with -update):\n%s", diff)
			}
			if diff := cmp.Diff(s.String(), play(render(t, string(sample), width, everyByte(string(sample))...)).String()); diff != "" {
				t.Errorf("screen differs when fed by the byte (-whole +bytes):\n%s", diff)
			}
		})
	}
}

func TestMarkdownLines(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"heading", "## A *b*", "<1>A <1;3>b<>"},
		{"no heading", "#tag and # sign", "#tag and # sign"},
		{"bold", "a **b** c", "a <1>b<> c"},
		{"italic", "a *b* _c_ d", "a <3>b c<> d"},
		{"both", "***a*** b", "<1;3>a<> b"},
		{"nested", "**a *b* c**", "<1>a <1;3>b <1>c<>"},
		{"closed before punctuation", "**a**, _b_.", "<1>a<>, <3>b<>."},
		{"wide neighbours", "中**文**中", "中<1>文<>中"},
		{"snake", "snake_case_name _x_y_", "snake_case_name <3>x_y<>"},
		{"dunder", "__init__ and a__b", "__init__ and a__b"},
		{"arithmetic", "2*3*4 2**3**4 a * b f(x)*y", "2*3*4 2**3**4 a * b f(x)*y"},
		{"globs", "*.go **/*.go */", "*.go **/*.go */"},
		{"pointer", "int *p = q", "int *p = q"},
		{"unclosed", "**a `b _c", "**a `b _c"},
		{"unclosed at the end", "a ` ", "a  `"},
		{"code", "`a*b*` `_`", "<36>a*b* _<>"},
		{"ticks in code", "``a`b``", "<36>a`b<>"},
		{"escapes", `\*a\* C:\dir \\`, `*a* C:\dir \`},
		{"link", "see [a b](http://x/(y)) z", "see a b <2>(http://x/(y))<> z"},
		{"no link", "a[0] [x] [y", "a[0] [x] [y"},
		{"rule", "***", "<2>" + strings.Repeat("─", 40) + "<>"},
		{"fence", "```go\n**a**\n```\n*b*", "<2>```go<>\n**a**\n<2>```<>\n<3>b<>"},
		{"longer fence", "````\n```\n````", "<2>````<>\n```\n<2>````<>"},
		{"code in ticks", "```a``` b", "<2>```a<> b"},
		{"quote ends a fence", "> ```\n> a\nb", "<2>│ ```<>\n<2>│<> a\nb"},
		{"table", "| **a** |", "| **a** |"},
		{"not a list", "-a 1.b 3", "-a 1.b 3"},
		{"lists", "- a\n12) b", "• a\n12) b"},
		{"CRLF", "a\r\nb", "a\nb"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := play(render(t, tt.text, 80, everyByte(tt.text)...)).String()
			if want := tt.want + "\n"; got != want {
				t.Errorf("screen %q, want %q", got, want)
			}
		})
	}
}

func TestMarkdownShowsTextAtOnce(t *testing.T) {
	var b bytes.Buffer
	m := NewMarkdown(&b, 80)
	for _, step := range []struct{ delta, want string }{
		{"H", "H"},
		{"ello", "Hello"},
		{" **", "Hello"},
		{"b", "Hello <1>b<>"},
		{"*", "Hello <1>b<>"},
		{"*", "Hello <1>b<>"},
		{".", "Hello <1>b<>."},
		{"\xf0\x9f", "Hello <1>b<>."},
		{"\x98\x80", "Hello <1>b<>.😀"},
		{"\n", "Hello <1>b<>.😀\n"},
		{"``", "Hello <1>b<>.😀\n"},
		{"`g", "Hello <1>b<>.😀\n<2>```g<>"},
	} {
		if _, err := m.Write([]byte(step.delta)); err != nil {
			t.Fatal(err)
		}
		if got := play(b.String()).String(); got != step.want {
			t.Fatalf("after %q the screen is %q, want %q", step.delta, got, step.want)
		}
	}
}

// markdown draws texts that are dense with markers and awkward characters.
var markdown = rapid.OneOf(rapid.StringOfN(awkward, 0, 20, -1), rapid.StringOfN(awkward, 40, 300, -1))

var awkward = rapid.OneOf(
	rapid.RuneFrom([]rune("ab1 \n\n**__``[]()#->|~\\.\t")),
	rapid.RuneFrom([]rune("é漢字、🚀👩\u200d💻🏽🇩🇪\u0301\ufe0f\u202e\x1b\x07\r")),
	rapid.Rune(),
)

func TestMarkdownSameScreenForAnySplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := markdown.Draw(t, "text")
		width := rapid.SampledFrom([]int{0, 4, 12, 40}).Draw(t, "width")
		checkSplit(t, text, width, rapid.IntRange(0, len(text)).Draw(t, "cut"))
	})
}

func FuzzMarkdown(f *testing.F) {
	sample, err := os.ReadFile("testdata/sample.md")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(sample), 40, 100)
	f.Add("> ```\n\x1b[2J\xff**[a](b", 12, 9)
	f.Fuzz(func(t *testing.T, text string, width, cut int) {
		checkSplit(t, text, max(0, width%100), max(0, cut%(len(text)+1)))
	})
}

// checkSplit feeds text whole, cut once, and by the byte.
func checkSplit(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, text string, width, cut int,
) {
	whole := play(render(t, text, width))
	if len(whole.faults) > 0 {
		t.Fatalf("faults: %q", whole.faults)
	}
	for _, cuts := range [][]int{{cut}, everyByte(text)} {
		s := play(render(t, text, width, cuts...))
		if len(s.faults) > 0 {
			t.Fatalf("faults: %q", s.faults)
		}
		if got, want := s.String(), whole.String(); got != want {
			t.Fatalf("cut at %v the screen is\n%q\nwhole it is\n%q", cuts, got, want)
		}
	}
}

// Prose keeps to the margin, whatever it holds.
func TestMarkdownKeepsTheMargin(t *testing.T) {
	word := rapid.StringOf(rapid.RuneFrom([]rune("abcdefghijk*_`[]().,漢字🚀")))
	rapid.Check(t, func(t *rapid.T) {
		text := "x " + strings.Join(rapid.SliceOfN(word, 5, 40).Draw(t, "words"), " ")
		for _, width := range []int{12, 40} {
			s := play(render(t, text, width))
			if n := s.widest(); n >= width {
				t.Fatalf("%d columns, want fewer than %d:\n%s", n, width, s)
			}
		}
	})
}

func TestSourceIsSafeAndComplete(t *testing.T) {
	var b bytes.Buffer
	s := NewSource(&b)
	for _, c := range []byte("**a** \x1b]0;x\x07 \u202e\u009b é\xff\n\ttail") {
		if _, err := s.Write([]byte{c}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want := "**a** ␛]0;x␇ <U+202E><U+009B> é\uFFFD\n\ttail\n"
	if got := b.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFilter(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"plain", "a\tb\nc", "a\tb\nc"},
		{"controls", "\x00\x1b\x7f\r\u0085", "␀␛␡<U+0085>"},
		{"bidi", "a\u202eb\u2066c\u200f", "a<U+202E>b<U+2066>c<U+200F>"},
		{"tags", "a\U000e0041", "a<U+E0041>"},
		{"zero width", "a\u200bb\u200d\ufeff\u2060", "a<U+200B>b<U+200D><U+FEFF><U+2060>"},
		{"emoji joined", "👩\u200d💻 ❤\ufe0f\u200d🔥", "👩\u200d💻 ❤\ufe0f\u200d🔥"},
		{"emoji and a dangling joiner", "👩\u200dx👩\u200d", "👩<U+200D>x👩<U+200D>"},
		{"selectors that hide data", "x\ufe0fx\ufe01\U000e0100", "x<U+FE0F>x<U+FE01><U+E0100>"},
		{"keycap", "1\ufe0f\u20e3", "1\ufe0f\u20e3"},
		{"persian", "می\u200cخواهم", "می\u200cخواهم"},
		{"stacked marks", "a" + strings.Repeat("\u0301", 9), "a" + strings.Repeat("\u0301", 8) + "<U+0301>"},
		{"separators and fillers", "\u2028\u3164", "<U+2028><U+3164>"},
		{"broken UTF-8", "\xf0\x9f", "\uFFFD\uFFFD"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for size := 1; size <= len(tt.text); size++ {
				var got []byte
				f := filter{emit: func(r rune) { got = utf8.AppendRune(got, r) }}
				for from := 0; from < len(tt.text); from += size {
					f.feed([]byte(tt.text[from:min(from+size, len(tt.text))]))
				}
				f.flush()
				if string(got) != tt.want {
					t.Fatalf("by %d bytes: %q, want %q", size, got, tt.want)
				}
			}
		})
	}
}

// The cost of a delta must not grow with what came before it.
func BenchmarkMarkdownDelta(b *testing.B) {
	sample, err := os.ReadFile("testdata/sample.md")
	if err != nil {
		b.Fatal(err)
	}
	for _, before := range []int{0, 1_000, 20_000} {
		b.Run(fmt.Sprintf("after %d deltas", before), func(b *testing.B) {
			m := NewMarkdown(discard{}, 80)
			at := 0
			delta := func() {
				end := min(at+5, len(sample))
				if _, err := m.Write(sample[at:end]); err != nil {
					b.Fatal(err)
				}
				at = end % len(sample)
			}
			for range before {
				delta()
			}
			b.ReportAllocs()
			for b.Loop() {
				delta()
			}
		})
	}
	b.Run("within one endless line", func(b *testing.B) {
		m := NewMarkdown(discard{}, 80)
		word := []byte("word ")
		b.ReportAllocs()
		for b.Loop() {
			if _, err := m.Write(word); err != nil {
				b.Fatal(err)
			}
		}
	})
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
