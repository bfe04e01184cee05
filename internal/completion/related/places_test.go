package related_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/related"
)

// Places that a caller knows come before what is found, as definitions where they
// are one. Those whose lines are not there are named.
func TestPlaces(t *testing.T) {
	files := tree{
		"a.go":     "package a\n\nfunc run() {\n\tx := guess()\n\tx.go_()\n}\n",
		"far.go":   "package b\n\n// Far is far away.\n// It is long.\ntype Far struct {\n\tA int\n}\n\nfunc (f *Far) go_() {\n\tprintln(1)\n\tprintln(2)\n}\n",
		"notes.md": "one\ntwo\nthree\n",
	}
	outside := related.NewPart("lib.go", "", "// Lib is outside.\nfunc Lib() {\n\tprintln(3)\n}\n", 500)
	for _, c := range []struct {
		name  string
		place related.Place
		want  string // of what is shown of the place's file, "" for nothing
		left  string
	}{
		{"a definition", related.Place{Path: "far.go", First: 9, Last: 9}, "@9-9 func (f *Far) go_() {\n", ""},
		{"with its body", related.Place{Path: "far.go", First: 9, Last: 12}, "@9-9 func (f *Far) go_() {\n", ""},
		{"from its comment", related.Place{Path: "far.go", First: 3, Last: 7}, "@3-3 // Far is far away.\n@5-7 type Far struct {\n\tA int\n}\n@9-9 func (f *Far) go_() {\n", ""},
		{"a language that is not known", related.Place{Path: "notes.md", First: 2, Last: 2}, "@2-2 two\n", ""},
		{"outside", related.Place{File: outside, First: 501, Last: 504}, "@501-502 // Lib is outside.\nfunc Lib() {\n", ""},
		{"in the selection", related.Place{Path: "a.go", First: 4, Last: 4}, "", ""},
		{"behind the end", related.Place{Path: "far.go", First: 900, Last: 901}, "", completion.WhyPlaceUnread},
		{"before the beginning", related.Place{Path: "far.go", First: 0, Last: 1}, "", completion.WhyPlaceUnread},
		{"backwards", related.Place{Path: "far.go", First: 5, Last: 2}, "", completion.WhyPlaceUnread},
		{"in front of a part", related.Place{File: outside, First: 3, Last: 3}, "", completion.WhyPlaceUnread},
		{"no such file", related.Place{Path: "gone.go", First: 1, Last: 1}, "", completion.WhyPlaceUnread},
		{"above the root", related.Place{Path: "../a.go", First: 1, Last: 1}, "", completion.WhyPlaceUnread},
		{"one that cannot be shown", related.Place{Path: "x.go", First: 1, Last: 1, Cannot: "not here"}, "", "not here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.place.Why = "the editor says so"
			got := related.Collect(&related.Query{
				File: related.NewFile("a.go", "", files["a.go"]), First: 4, Last: 5, Budget: 600, Tokens: tokens, Source: files, Places: []related.Place{c.place},
			})
			shown := ""
			for _, p := range got.Pieces {
				if !p.Own {
					shown += "@" + lines(p.First, p.Last) + " " + p.Text
				}
			}
			if shown != c.want {
				t.Errorf("shown:\n%swant:\n%s", shown, c.want)
			}
			left := ""
			for _, o := range got.Omitted {
				left += o.Cannot
			}
			if left != c.left {
				t.Errorf("left out: %q, want %q", left, c.left)
			}
		})
	}
}

// What a caller knows has room before what is found.
func TestPlacesComeFirst(t *testing.T) {
	files := tree{"a.go": "package a\n\nfunc run() {\n\tfirst()\n\tsecond()\n}\n", "b.go": "package a\n\nfunc first() { println() }\n", "c.go": "package a\n\nfunc second() { println() }\n"}
	collect := func(places ...related.Place) (shown []string) {
		r := related.Collect(&related.Query{
			File: related.NewFile("a.go", "", files["a.go"]), First: 4, Last: 5, Budget: 70, Tokens: tokens, Source: files, Places: places,
		})
		for _, p := range r.Pieces {
			if !p.Own {
				shown = append(shown, p.Path)
			}
		}
		return shown
	}
	if got := collect(); !slices.Equal(got, []string{"b.go"}) {
		t.Fatalf("without a place: %v", got)
	}
	if got := collect(related.Place{Path: "c.go", First: 3, Last: 3, Why: "known"}); !slices.Equal(got, []string{"c.go"}) {
		t.Errorf("with a place: %v", got)
	}
}

func lines(first, last int) string { return fmt.Sprintf("%d-%d", first, last) }
