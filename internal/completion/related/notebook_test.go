package related_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/llmls/llmls/internal/completion/related"
)

func TestNotebook(t *testing.T) {
	cells := []related.Cell{
		{Number: 1, Text: "import csv\n%matplotlib inline"},
		{Number: 2, Text: "%%bash\necho \"it's\"\nload=1"},
		{Number: 3, Text: "Don't \"open\" strings: " + strings.Repeat("long ", 200), Other: true},
		{Number: 4, Text: "def load(path):\n    return csv.reader(open(path))\n\nx = \"\"\"open"},
		{Number: 5, Text: "!echo 'open\nlimit = 3"},
		{Number: 6, Text: "y = 1"},
		{Number: 7, Text: "z = 1\n"},
		{Number: 8, Text: "rows = load(csv)\nrows[:limit]", Missing: 4},
		{Number: 9, Text: ""},
		{Number: 10, Text: "far = 1"},
	}
	for _, c := range []struct {
		name                     string
		cell, first, last, cells int
		want                     []string
	}{
		{"names", 8, 5, 6, 0, []string{
			"cell 1: 1-1", // import csv
			"cell 4: 1-1", // def load
			"cell 5: 2-2", // limit
			"cell 6: 1-1", "cell 7: 1-1",
		}},
		{"long text nearby", 4, 4, 4, 0, []string{"cell 2: 1-3", "cell 3: 1-1", "cell 4: 1-3", "cell 5: 1-2"}},
		{"whole cells", 6, 1, 6, 8, []string{"cell 1: 1-1", "cell 4: 1-4", "cell 5: 1-2"}},
		{"behind the end", 10, 1, 400, 0, []string{"cell 8: 5-6"}},
		{"no such cell", 11, 1, 1, 0, nil},
		{"a line that is missing", 8, 4, 4, 0, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := related.Collect(&related.Query{
				File: related.NewNotebook("a.ipynb", "python", cells), Cell: c.cell, First: c.first, LastCell: c.cells, Last: c.last,
				Budget: 1200, Tokens: tokens,
			})
			var got []string
			for _, p := range r.Pieces {
				got = append(got, fmt.Sprintf("cell %d: %d-%d", p.Cell, p.First, p.Last))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("pieces %q, want %q", got, c.want)
			}
		})
	}
}

// TestNotebookHoldsItsRules: pieces are lines of their cells, none twice, none of the
// selection, in order, within the budget.
func TestNotebookHoldsItsRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var cells []related.Cell
		for i := range rapid.IntRange(1, 8).Draw(t, "cells") {
			text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(append(words, "%%bash\n", "%", "!")), 0, 20).Draw(t, "text"), "")
			text = strings.ReplaceAll(text, "\r", "") // which may join with the line end behind a cell
			cells = append(cells, related.Cell{Number: 2*i + 1, Text: text, Missing: rapid.IntRange(0, 2).Draw(t, "missing"), Other: rapid.Bool().Draw(t, "other")})
		}
		lines := func(c related.Cell) []string { return strings.SplitAfter(c.Text+"\n", "\n") }
		at := rapid.IntRange(0, len(cells)-1).Draw(t, "at")
		to := rapid.IntRange(at, len(cells)-1).Draw(t, "to")
		first := rapid.IntRange(1, len(lines(cells[at]))-1).Draw(t, "first") + cells[at].Missing
		last := rapid.IntRange(1, len(lines(cells[to]))-1).Draw(t, "last") + cells[to].Missing
		if at == to && last < first {
			first, last = last, first
		}
		language := rapid.SampledFrom([]string{"python", "sql", "javascript", "r", ""}).Draw(t, "language")
		query := &related.Query{
			File: related.NewNotebook("a.ipynb", language, cells), Cell: cells[at].Number, First: first, LastCell: cells[to].Number, Last: last,
			Budget: rapid.IntRange(0, 300).Draw(t, "budget"), Tokens: tokens,
		}
		r := related.Collect(query)
		spent, before := 0, 0
		for _, p := range r.Pieces {
			i := (p.Cell - 1) / 2
			own := lines(cells[i])
			from, end := p.First-1-cells[i].Missing, p.Last-cells[i].Missing
			if from < 0 || end <= from || end >= len(own) {
				t.Fatalf("piece %+v of %q", p, own)
			}
			if want := strings.Join(own[from:end], ""); p.Text != want {
				t.Fatalf("cell %d, lines %d-%d: %q, want %q", p.Cell, p.First, p.Last, p.Text, want)
			}
			for line := p.First; line <= p.Last; line++ {
				place := p.Cell<<20 + line
				if place <= before || place >= cells[at].Number<<20+first && place <= cells[to].Number<<20+last {
					t.Fatalf("cell %d, line %d is shown twice, or out of order", p.Cell, line)
				}
				before = place
			}
			spent += tokens(p.Text)
		}
		if spent > r.Tokens || r.Tokens > query.Budget {
			t.Fatalf("%d tokens of text, %d are said, %d allowed", spent, r.Tokens, query.Budget)
		}
	})
}
