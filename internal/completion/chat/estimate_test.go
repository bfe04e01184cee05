package chat

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tiktoken-go/tokenizer"
)

// tokens returns the larger count of the two tokenizers of OpenAI's models.
func tokens(t *testing.T, s string) int {
	t.Helper()
	most := 0
	for _, enc := range []tokenizer.Encoding{tokenizer.Cl100kBase, tokenizer.O200kBase} {
		codec, err := tokenizer.Get(enc)
		if err != nil {
			t.Fatal(err)
		}
		n, err := codec.Count(s)
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, n)
	}
	return most
}

func TestEstimateTokensOnCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/corpus/*.txt")
	if err != nil || len(files) < 25 {
		t.Fatalf("corpus: %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := tokens(t, string(text))
			got := EstimateTokens(string(text))
			ratio := float64(got) / float64(want)
			t.Logf("%d of %d: %.2f", got, want, ratio)
			if ratio < 0.9 || ratio > 1.6 {
				t.Errorf("estimate %d, tokenizer %d: ratio %.2f is outside 0.9 to 1.6", got, want, ratio)
			}
		})
	}
}

func TestEstimateTokensNeverMuchTooLow(t *testing.T) {
	for name, s := range map[string]string{
		"letters without words": strings.Repeat("qzxvkjwpf", 200),
		"capitals":              strings.Repeat("QZXVKJWPF", 200),
		"digits":                strings.Repeat("8675309", 200),
		"mixed signs":           strings.Repeat("{[(<^~|!>)]}", 100),
		"blank lines":           strings.Repeat("\n", 3000),
		"spaces":                strings.Repeat(" ", 3000),
		"tabs":                  strings.Repeat("\t", 3000),
		"rulers":                strings.Repeat("=", 3000),
		"control characters":    strings.Repeat("\x01\x7f", 300),
		"broken UTF-8":          strings.ToValidUTF8(strings.Repeat("\xff\xfe ", 300), "\uFFFD"),
	} {
		t.Run(name, func(t *testing.T) {
			want, got := tokens(t, s), EstimateTokens(s)
			if float64(got) < 0.75*float64(want) {
				t.Errorf("estimate %d, tokenizer %d", got, want)
			}
		})
	}
}

func TestEstimateTokensAllocatesNothing(t *testing.T) {
	s := strings.Repeat("func f(a, b int) string { return \"größer 漢字\" }\n", 50)
	if n := testing.AllocsPerRun(100, func() { EstimateTokens(s) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
	if got := EstimateTokens(""); got != 0 {
		t.Errorf(`EstimateTokens("") = %d, want 0`, got)
	}
}

func BenchmarkEstimateTokens(b *testing.B) {
	s := strings.Repeat("func f(a, b int) string { return \"größer 漢字\" }\n", 2000)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		EstimateTokens(s)
	}
}
