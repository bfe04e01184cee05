package safety

import (
	"testing"

	"pgregory.net/rapid"
)

// pieces is what becomes of text that is cut before each of cuts.
func pieces(input string, cuts ...int) []byte {
	var s Sanitizer
	var out []byte
	from := 0
	for _, cut := range append(cuts, len(input)) {
		out = s.Append(out, []byte(input[from:cut]))
		from = cut
	}
	return s.Flush(out)
}

func everyByte(text string) []int {
	var cuts []int
	for i := 1; i < len(text); i++ {
		cuts = append(cuts, i)
	}
	return cuts
}

func checkChunks(t fataler, input string, cut int) {
	want := whole(input)
	for _, cuts := range [][]int{{cut}, everyByte(input)} {
		if got := pieces(input, cuts...); string(got) != string(want) {
			t.Fatalf("cut at %v %q becomes\n%q\nwhole\n%q", cuts, input, got, want)
		}
	}
}

func TestAnyChunkingGivesTheSameText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		input := attack(t, attackTokens)
		checkChunks(t, input, rapid.IntRange(0, len(input)).Draw(t, "cut"))
	})
}
