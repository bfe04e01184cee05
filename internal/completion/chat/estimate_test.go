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
	return max(count(t, tokenizer.Cl100kBase, s), count(t, tokenizer.O200kBase, s))
}

func count(t *testing.T, enc tokenizer.Encoding, s string) int {
	t.Helper()
	codec, err := tokenizer.Get(enc)
	if err != nil {
		t.Fatal(err)
	}
	n, err := codec.Count(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The languages of code and of people for which an estimate was once too low. Scripts
// of which o200k knows more than cl100k are compared with that alone.
func TestEstimateTokensIsNotUnderO200k(t *testing.T) {
	texts := map[string]string{
		"Kannada": "ಎಲ್ಲಾ ಮಾನವರೂ ಸ್ವತಂತ್ರರಾಗಿಯೇ ಹುಟ್ಟಿದ್ದಾರೆ ಹಾಗೂ ಘನತೆ ಮತ್ತು ಹಕ್ಕುಗಳಲ್ಲಿ ಸಮಾನರಾಗಿದ್ದಾರೆ.",
		"Lao":     "ມະນຸດທຸກຄົນເກີດມາມີກຽດສັກສີ, ສິດທິ, ເສລີພາບ ແລະຄວາມສະເໝີພາບເທົ່າທຽມກັນ.",
		"Tibetan": "འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང༌།",
		"Amharic": "የሰው፡ልጅ፡ሁሉ፡ሲወለድ፡ነጻና፡በክብርና፡በመብትም፡እኩልነት፡ያለው፡ነው።",
		"Burmese": "လူတိုင်းသည် တူညီ လွတ်လပ်သော ဂုဏ်သိက္ခာဖြင့် လည်းကောင်း၊",
		"Khmer":   "មនុស្សទាំងអស់ កើតមកមានសេរីភាព និងសមភាព ក្នុងផ្នែកសេចក្ដីថ្លៃថ្នូរនិងសិទ្ធិ។",
	}
	for _, name := range []string{"ledger.hs", "lists.hs", "orders.sql", "balance.sql", "deploy.yaml", "parse.go", "index.ts", "gdb.py", "libinit.c", "make.sh", "bogo.json", "compile.md", "min.js"} {
		text, err := os.ReadFile(filepath.Join("testdata", "corpus", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(text)
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			want, got := count(t, tokenizer.O200kBase, text), EstimateTokens(text)
			t.Logf("%.2f", float64(got)/float64(want))
			if float64(got) < 0.95*float64(want) {
				t.Errorf("estimate %d, o200k %d: %.2f", got, want, float64(got)/float64(want))
			}
		})
	}
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
