package chat

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/related"
	"github.com/llmls/llmls/internal/completion/secrets"
)

// What stands in a notebook is named by its cell, in the prompt, in titles and in
// what is said of secrets.
func TestCellsAreNamed(t *testing.T) {
	file := related.NewNotebook("a.ipynb", "python", []related.Cell{
		{Number: 1, Text: "x = 1\npassword = \"correct-horse-7\"\ny = 2"},
		{Number: 2, Text: "y = 1"},
		{Number: 3, Text: "print(y, password)"},
	})
	found := related.Collect(&related.Query{File: file, Cell: 3, First: 1, Last: 1, Budget: 1000, Tokens: EstimateTokens})
	code := &Code{Path: "a.ipynb", Language: "python", Cell: 3, FirstLine: 1, LastLine: 1, Text: "print(y, ", After: "password)", Related: found}
	turn := &Turn{Code: code}
	p, err := Assemble(turn, &Conversation{Related: 1000, Secrets: new(secrets.Redactor)})
	if err != nil {
		t.Fatal(err)
	}
	text := p.User.Content
	for _, want := range []string{"@@ cell 1, 1-3\nx = 1\n", "@@ cell 2, 1\ny = 1\n@@ cell 3, 1\nprint(y, password)", "`a.ipynb`, cell 3, line 1, columns 1-9:"} {
		if !strings.Contains(text, want) {
			t.Errorf("the prompt lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "correct-horse") {
		t.Errorf("a secret is in the prompt:\n%s", text)
	}
	if len(p.LeftOut) != 1 || !strings.Contains(p.LeftOut[0].What, "a.ipynb, cell 1, line 2") {
		t.Errorf("left out: %q", p.LeftOut)
	}
	for _, c := range []struct{ got, want string }{
		{turn.Title(), "Explain a.ipynb, cell 3:1"},
		{(&Turn{Code: code, Question: "?"}).Title(), "Ask about a.ipynb, cell 3:1"},
		{(&Turn{Code: code, Problem: &Diagnostic{Line: 1}}).Title(), "Explain problem in a.ipynb, cell 3:1"},
		{(&Turn{Code: &Code{Path: "a.ipynb", Cell: 2, LastCell: 4, FirstLine: 1, LastLine: 1}}).Title(), "Explain a.ipynb, cells 2-4"},
		{p.Related[0].Place(), "a.ipynb, cell 1, lines 1-3"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
