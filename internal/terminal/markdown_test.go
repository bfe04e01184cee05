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

	"github.com/llmls/llmls/internal/completion/safety"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// render returns what NewMarkdown sends for text, cut before each of cuts, which
// lie between characters.
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

func everyRune(text string) []int {
	var cuts []int
	for i := range text {
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
			if diff := cmp.Diff(s.String(), play(render(t, string(sample), width, everyRune(string(sample))...)).String()); diff != "" {
				t.Errorf("screen differs when fed by the character (-whole +characters):\n%s", diff)
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
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := play(render(t, tt.text, 80, everyRune(tt.text)...)).String()
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
		{"😀", "Hello <1>b<>.😀"},
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

// checkSplit makes text safe and feeds that whole, cut once, and by the
// character.
func checkSplit(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, text string, width, cut int,
) {
	var sanitizer safety.Sanitizer
	text = string(sanitizer.Flush(sanitizer.Append(nil, []byte(text))))
	cut = min(cut, len(text))
	for cut < len(text) && !utf8.RuneStart(text[cut]) {
		cut++
	}
	whole := play(render(t, text, width))
	if len(whole.faults) > 0 {
		t.Fatalf("faults: %q", whole.faults)
	}
	for _, cuts := range [][]int{{cut}, everyRune(text)} {
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

func TestSourceIsComplete(t *testing.T) {
	var b bytes.Buffer
	s := NewSource(&b)
	for _, piece := range []string{"**a** é", "", "\n\ttail"} {
		if _, err := s.Write([]byte(piece)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "**a** é\n\ttail\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
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
