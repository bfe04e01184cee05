package related

import (
	"fmt"
	"strings"

	"github.com/llmls/llmls/internal/completion/jsonwalk"
)

// A Notebook is a file of Jupyter's: its cells without their outputs, which are no
// code and may be megabytes.
type Notebook struct {
	Language string // as LSP names it
	Cells    []Cell
}

// ReadNotebook reads a notebook in Jupyter's format 4. ok is false for any other text.
func ReadNotebook(path, text string) (n *Notebook, ok bool) {
	if !strings.HasSuffix(strings.ToLower(path), ".ipynb") {
		return nil, false
	}
	raw, rest, err := jsonwalk.Cut([]byte(text))
	list := jsonwalk.Member(raw, "cells")
	if err != nil || strings.TrimSpace(string(rest)) != "" || len(list) == 0 || list[0] != '[' {
		return nil, false
	}
	n = &Notebook{Language: "python"}
	meta := jsonwalk.Member(raw, "metadata")
	for _, m := range [][2]string{{"kernelspec", "language"}, {"language_info", "name"}} {
		if name := jsonwalk.String(jsonwalk.Member(jsonwalk.Member(meta, m[0]), m[1])); name != "" {
			n.Language = strings.ToLower(name)
		}
	}
	for cell := range jsonwalk.Elements(list) {
		source := jsonwalk.Member(cell, "source")
		var text strings.Builder
		text.WriteString(jsonwalk.String(source)) // of a list, nothing
		for line := range jsonwalk.Elements(source) {
			text.WriteString(jsonwalk.String(line))
		}
		kind := jsonwalk.String(jsonwalk.Member(cell, "cell_type"))
		n.Cells = append(n.Cells, Cell{Number: len(n.Cells) + 1, Text: text.String(), Other: kind != "code"})
	}
	return n, len(n.Cells) > 0
}

// Text returns the cells from first to last, counted from 1: one as it is, several
// each below a line with its number, as editors write notebooks as code.
func (n *Notebook) Text(first, last int) string {
	if first == last {
		return n.Cells[first-1].Text
	}
	sign := "#"
	switch n.Language {
	case "javascript", "typescript", "java", "scala", "kotlin", "c", "cpp", "c++", "csharp", "c#", "fsharp", "f#", "rust", "go", "swift":
		sign = "//"
	}
	var b strings.Builder
	for i := range n.Cells[first-1 : last] {
		c := &n.Cells[first-1+i]
		what := ""
		if c.Other {
			what = "[markdown] "
		}
		fmt.Fprintf(&b, "%s %%%% %scell %d\n%s", sign, what, c.Number, c.Text)
		if !strings.HasSuffix(c.Text, "\n") {
			b.WriteString("\n")
		}
	}
	return b.String()
}
