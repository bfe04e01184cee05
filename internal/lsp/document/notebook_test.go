package document

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.lsp.dev/uri"
	"pgregory.net/rapid"
)

const book = "file:///w/a.ipynb"

type object = map[string]any

func params(t interface{ Fatal(...any) }, change object) []byte {
	raw, err := json.Marshal(object{"notebookDocument": object{"uri": book, "version": 1}, "change": object{"cells": change}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func opened(t interface{ Fatal(...any) }, cells, documents []any) []byte {
	raw, err := json.Marshal(object{"notebookDocument": object{"uri": book, "cells": cells}, "cellTextDocuments": documents})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func cellURI(id int) string { return fmt.Sprintf("vscode-notebook-cell:/w/a.ipynb#C%d", id) }

func cellJSON(id int, markup bool) object {
	return object{"kind": map[bool]int{true: 1, false: 2}[markup], "document": cellURI(id)}
}

func itemJSON(id int, text string) object {
	return object{"uri": cellURI(id), "languageId": "python", "version": 1, "text": text}
}

// A model of a notebook: its cells in order.
type modelCell struct {
	id     int
	text   string
	markup bool
}

// TestNotebookFollowsEdits compares a notebook with a model after any row of
// changes: cells that are added, removed, moved, rewritten, and of another kind.
func TestNotebookFollowsEdits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := NewStore(UTF16)
		var model []modelCell
		next, version := 0, 1
		fresh := func(label string) (list []modelCell, cells, items []any) {
			for range rapid.IntRange(0, 4).Draw(t, label) {
				c := modelCell{next, rapid.SampledFrom([]string{"", "a", "a = 1\n", "é\nb"}).Draw(t, "text"), rapid.Bool().Draw(t, "markup")}
				next++
				list, cells, items = append(list, c), append(cells, cellJSON(c.id, c.markup)), append(items, itemJSON(c.id, c.text))
			}
			return list, cells, items
		}
		added, cells, items := fresh("at first")
		model = added
		if err := s.OpenNotebook(opened(t, cells, items)); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 8).Draw(t, "steps") {
			var earlier *View
			before := slices.Clone(model)
			earlier = s.View()
			change := object{}
			if rapid.Bool().Draw(t, "structure") {
				start := rapid.IntRange(0, len(model)).Draw(t, "start")
				count := rapid.IntRange(0, len(model)-start).Draw(t, "count")
				added, cells, items := fresh("added")
				var closed []any
				for _, c := range model[start : start+count] {
					if rapid.Bool().Draw(t, "moved") { // it comes again, still open
						added, cells = append(added, c), append(cells, cellJSON(c.id, c.markup))
						continue
					}
					closed = append(closed, object{"uri": cellURI(c.id)})
				}
				change["structure"] = object{"array": object{"start": start, "deleteCount": count, "cells": cells}, "didOpen": items, "didClose": closed}
				model = slices.Concat(model[:start], added, model[start+count:])
			}
			if len(model) > 0 && rapid.Bool().Draw(t, "edit") {
				i := rapid.IntRange(0, len(model)-1).Draw(t, "which")
				version++
				change["textContent"] = []any{object{
					"document": object{"uri": cellURI(model[i].id), "version": version},
					"changes":  []any{object{"range": span4(0, 0, 0, 0), "text": "x"}},
				}}
				model = slices.Clone(model)
				model[i].text = "x" + model[i].text
			}
			if len(model) > 0 && rapid.Bool().Draw(t, "kind") {
				i := rapid.IntRange(0, len(model)-1).Draw(t, "which")
				model = slices.Clone(model)
				model[i].markup = !model[i].markup
				change["data"] = []any{cellJSON(model[i].id, model[i].markup)}
			}
			if err := s.ChangeNotebook(params(t, change)); err != nil {
				t.Fatal(err)
			}
			compareCells(t, s.View(), model)
			compareCells(t, earlier, before)
		}
		if err := s.CloseNotebook(opened(t, nil, nil)); err != nil {
			t.Fatal(err)
		}
		compareCells(t, s.View(), nil)
		if s.size != 0 {
			t.Fatalf("%d bytes are said to be left", s.size)
		}
	})
}

// compareCells fails unless v has the cells of model, seen from each of them.
func compareCells(t *rapid.T, v *View, model []modelCell) {
	for i, c := range model {
		n, number, ok := v.Notebook(uri.URI(cellURI(c.id)))
		if !ok || number != i+1 || n.URI != book || v.Home(uri.URI(cellURI(c.id))) != book {
			t.Fatalf("cell %d is %v, number %d of %v", i+1, ok, number, n)
		}
		var got []modelCell
		for _, x := range v.Cells(n, number, 1<<20) {
			if x.Number != len(got)+1 {
				t.Fatalf("cell %d has number %d", len(got)+1, x.Number)
			}
			got = append(got, modelCell{model[len(got)].id, x.Document.Text.String(), x.Markup})
		}
		if !slices.Equal(got, model) {
			t.Fatalf("cells %v, want %v", got, model)
		}
	}
	if len(model) == 0 && len(v.notebooks) > 0 && len(v.notebooks[book].cells) > 0 {
		t.Fatalf("cells are left: %v", v.notebooks)
	}
}

// TestBadNotebooks: what cannot be told leaves documents without neighbours, or that
// are not trusted, and never an order that is wrong.
func TestBadNotebooks(t *testing.T) {
	cells := []any{cellJSON(1, false), cellJSON(2, false)}
	items := []any{itemJSON(1, "a"), itemJSON(2, "b")}
	many := make([]any, maxCells+1)
	for i := range many {
		many[i] = cellJSON(i, false)
	}
	for name, c := range map[string]struct {
		raw     string
		change  object
		ordered bool // the order is known afterwards
		trusted bool // the texts are
	}{
		"nothing":         {change: object{}, ordered: true, trusted: true},
		"a negative":      {change: object{"structure": object{"array": object{"start": -1, "deleteCount": 0}}}, trusted: true},
		"behind the end":  {change: object{"structure": object{"array": object{"start": 3, "deleteCount": 0}}}, trusted: true},
		"more than all":   {change: object{"structure": object{"array": object{"start": 1, "deleteCount": 1 << 53}}}, trusted: true},
		"no number":       {change: object{"structure": object{"array": object{"deleteCount": 1}}}, trusted: true},
		"no array":        {change: object{"structure": object{}}, trusted: true},
		"a nameless cell": {change: object{"structure": object{"array": object{"start": 0, "deleteCount": 0, "cells": []any{object{"kind": 2}}}}}, trusted: true},
		"too many cells":  {change: object{"structure": object{"array": object{"start": 0, "deleteCount": 0, "cells": many}}}, trusted: true},
		"no list":         {change: object{"textContent": object{}}, ordered: true},
		"too many texts":  {change: object{"textContent": make([]any, maxCells+1)}, ordered: true},
		"odd text":        {change: object{"textContent": []any{object{"document": object{"uri": cellURI(1)}, "changes": "x"}, object{"document": object{"uri": cellURI(2)}}}}, ordered: true},
		"no JSON":         {raw: `{"notebookDocument"`, ordered: true},
		"too deep":        {raw: strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000), ordered: true},
		"no name":         {raw: `{}`, ordered: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewStore(UTF16)
			if err := s.OpenNotebook(opened(t, cells, items)); err != nil {
				t.Fatal(err)
			}
			raw := []byte(c.raw)
			if c.raw == "" {
				raw = params(t, c.change)
			}
			err := s.ChangeNotebook(raw)
			var diverged *DivergedError
			if told := errors.As(err, &diverged) && diverged.First; told == c.trusted {
				t.Errorf("error %v", err)
			}
			if _, _, ordered := s.View().Notebook(uri.URI(cellURI(2))); ordered != c.ordered {
				t.Errorf("the order is known: %v", ordered)
			}
			for id := 1; id <= 2; id++ {
				if doc, open := s.View().Document(uri.URI(cellURI(id))); !open || (doc.Trusted() == nil) != c.trusted {
					t.Errorf("cell %d: open %v, %v", id, open, doc.Trusted())
				}
			}
		})
	}
}

func TestNotebookLimits(t *testing.T) {
	s := NewStore(UTF16)
	for i := range maxNotebooks + 10 {
		raw, err := json.Marshal(object{"notebookDocument": object{"uri": fmt.Sprintf("file:///%d.ipynb", i), "cells": []any{object{"kind": 2, "document": fmt.Sprintf("cell:/%d", i)}}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.OpenNotebook(raw); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.notebooks); n != maxNotebooks {
		t.Errorf("%d notebooks", n)
	}
	// Names of cells take the memory that documents may take, and no more.
	long := strings.Repeat("x", MaxURI-100)
	for i := range 3 {
		var cells []any
		for n := range 5000 {
			cells = append(cells, object{"kind": 2, "document": fmt.Sprintf("cell:/%s%d-%d", long, i, n)})
		}
		raw, err := json.Marshal(object{"notebookDocument": object{"uri": fmt.Sprintf("file:///%d.ipynb", i), "cells": cells}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.OpenNotebook(raw); err != nil {
			t.Fatal(err)
		}
	}
	if s.size > maxText+maxTextless {
		t.Errorf("%d bytes", s.size)
	}
	// Neighbours on each side have a limit of their own.
	s = NewStore(UTF16)
	var cells, items []any
	for i := range 9 {
		cells, items = append(cells, cellJSON(i, false)), append(items, itemJSON(i, "0123456789"))
	}
	if err := s.OpenNotebook(opened(t, cells, items)); err != nil {
		t.Fatal(err)
	}
	n, number, _ := s.View().Notebook(uri.URI(cellURI(4)))
	var numbers []int
	for _, c := range s.View().Cells(n, number, 25) {
		numbers = append(numbers, c.Number)
	}
	if !slices.Equal(numbers, []int{3, 4, 5, 6, 7}) {
		t.Errorf("cells %v", numbers)
	}
}
