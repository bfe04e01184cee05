package upstream

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// joined is what comes of deltas.
func joined(deltas []string) string {
	var s snapshots
	var b strings.Builder
	for _, delta := range deltas {
		b.Write(s.take([]byte(delta)))
	}
	b.Write(s.end())
	return b.String()
}

func TestSnapshots(t *testing.T) {
	for _, test := range []struct {
		deltas []string
		want   string
	}{
		{[]string{"The", "The quick", "The quick brown", "The quick brown fox."}, "The quick brown fox."},
		{[]string{"The", "The quick", "The quick brown"}, "The quick brown"},
		{[]string{"H", "He", "Hel", "Hello"}, "Hello"},
		{[]string{"", "a b", "a b c", "a b c", "a b c d", "a b c d e", "a b c d e"}, "a b c d e"},
		{[]string{"A b", "A b \uFFFD", "A b ö", "A b ö c", "A b ö c \uFFFD", "A b ö c é"}, "A b ö c é"},
		{[]string{"One", "One two", "One two three", "One two three four", "One two", " five"}, "One two three four five"},
		{[]string{"Yes", "Yes it", "Yes it is"}, "Yes it is"},
		// Not snapshots.
		{[]string{"ha", "ha", "ha", " ha"}, "hahaha ha"},
		{[]string{"no", "no", "no no", "yes"}, "nonono noyes"},
		{[]string{"1", "18", "183"}, "118183"},
		{[]string{"ha", "ha"}, "haha"},
		{[]string{"ha", " ha"}, "ha ha"},
		{[]string{"ha", "haha", "hahaha", "hahahaha"}, strings.Repeat("ha", 10)},
		{[]string{"ha", "haha", "hahax"}, "hahahahahax"},
		{[]string{"1", "8", "3", "3"}, "1833"},
		{[]string{"1", "18", "33"}, "11833"},
		{[]string{"\n", "\n\n", "\n\n\n", "\n\n\n\n"}, strings.Repeat("\n", 10)},
		{[]string{"\n", "\n  ", "\n  x"}, "\n\n  \n  x"},
		{[]string{" alpha", " alpha\n alpha", " alpha\n alpha alpha\n"}, strings.Repeat(" alpha alpha\n", 3)},
		{[]string{"The", "The quick"}, "TheThe quick"}, // once is no habit
		{[]string{"The", "The quick", "other"}, "TheThe quickother"},
		{[]string{"a\uFFFD", "b"}, "a\uFFFDb"},
		{[]string{"a\uFFFD"}, "a\uFFFD"},
		{[]string{"a"}, "a"},
		{nil, ""},
	} {
		if got := joined(test.deltas); got != test.want {
			t.Errorf("%q: got %q, want %q", test.deltas, got, test.want)
		}
	}
}

// All the text so far, again and again, comes once.
func TestSnapshotsOfAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-zé世]{3,8}`), 5, 20, rapid.ID[string]).Draw(t, "words")
		var deltas []string
		for i := range words {
			deltas = append(deltas, strings.Join(words[:i+1], " "))
			if rapid.Bool().Draw(t, "again") && i > 2 {
				deltas = append(deltas, deltas[len(deltas)-1])
			}
		}
		if got, want := joined(deltas), strings.Join(words, " "); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	})
}

// A text that repeats itself comes whole, however it is cut.
func TestRepetitionsAreKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.StringMatching(`[ab1 \n]{1,6}`).Draw(t, "unit")
		text := rapid.StringMatching(`[ab1 ]{0,3}`).Draw(t, "before") +
			strings.Repeat(unit, rapid.IntRange(1, 20).Draw(t, "times")) + rapid.StringMatching(`[ab1 ]{0,3}`).Draw(t, "behind")
		var deltas []string
		for rest := text; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "cut")
			deltas = append(deltas, rest[:n])
			rest = rest[n:]
		}
		if got := joined(deltas); got != text {
			t.Fatalf("%q: got %q, want %q", deltas, got, text)
		}
	})
}

// repeated is what comes of deltas.
func repeated(deltas []string) string {
	var r repeat
	var b strings.Builder
	for _, delta := range deltas {
		b.Write(r.take([]byte(delta)))
	}
	return b.String()
}

// All the text once more, in one piece at the end, is no part of it.
func TestRepeatAtTheEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-zé世]{4,8} `), 8, 20, rapid.ID[string]).Draw(t, "words")
		text := strings.Join(words, "")
		if got := repeated(append(words, text)); got != text {
			t.Fatalf("got %q, want %q", got, text)
		}
	})
}

// Texts that repeat themselves come whole: where more follows, where the second time
// is cut, and where it is the same line over and over.
func TestRepetitionsAreNoRepeat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[ab1 \n]{1,9}`), 1, 12).Draw(t, "words")
		text := strings.Join(words, "")
		deltas := append(words, text, rapid.SampledFrom([]string{"x", "\n", text}).Draw(t, "more"))
		if got, want := repeated(deltas), strings.Join(deltas, ""); got != want {
			t.Fatalf("%q: got %q", deltas, got)
		}
		line := rapid.StringMatching(`[ab1 ]{1,9}\n`).Draw(t, "line")
		n := rapid.IntRange(3, 12).Draw(t, "times")
		deltas = append(slices.Repeat([]string{line}, n), strings.Repeat(line, n))
		if got, want := repeated(deltas), strings.Join(deltas, ""); got != want {
			t.Fatalf("%q: got %q", deltas, got)
		}
	})
}
