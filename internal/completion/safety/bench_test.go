package safety

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestAppendDoesNotAllocate(t *testing.T) {
	for _, text := range []string{
		"plain text, a delta of it. ",
		"中文 👩\u200d💻 é\u202e\x00 ",
		"`vec![1]` ![a](b) <img> [a](http://e.x/b) <http://e.x> `a](b\n\n",
		"vim: -*- Local Variables: kate: a-b (c): well-known, ",
		"- a\n  ```mermaid\n  a\n  ```\n\n> ```go\n> a\n> ```\n\n```go\n\ta < b\n```\n",
	} {
		var s Sanitizer
		var out []byte
		piece := []byte(text)
		out = s.Append(out[:0], piece)
		out = s.Append(make([]byte, 0, 2*cap(out)), piece)
		if n := testing.AllocsPerRun(1000, func() { out = s.Append(out[:0], piece) }); n > 0 {
			t.Errorf("%q: %v allocations", text, n)
		}
	}
}

// The cost of a delta must not grow with what came before it.
func BenchmarkSanitizer(b *testing.B) {
	sample, err := os.ReadFile("testdata/everyday/go.md")
	if err != nil {
		b.Fatal(err)
	}
	for _, text := range []struct{ name, text string }{
		{"plain", strings.Repeat("some plain words of a sentence ", 40)},
		{"everyday", string(sample)},
		{"chinese", strings.Repeat("中文的句子没有空格", 50)},
	} {
		for _, before := range []int{0, 100_000} {
			b.Run(fmt.Sprintf("text=%s/deltas=%d", text.name, before), func(b *testing.B) {
				var s Sanitizer
				source, out := []byte(text.text), make([]byte, 0, 1024)
				at := 0
				delta := func() {
					end := min(at+6, len(source))
					out = s.Append(out[:0], source[at:end])
					at = end % len(source)
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
	}
}
