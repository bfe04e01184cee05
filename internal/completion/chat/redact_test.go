package chat

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/related"
	"github.com/llmls/llmls/internal/completion/secrets"
)

// What is replaced in any part of a prompt is told: as many secrets as it lacks.
func TestReplacedSecretsAreTold(t *testing.T) {
	const line = "password = \"hX9kQ2vLmP4t\"\n"
	cells := related.NewNotebook("a.ipynb", "python", []related.Cell{{Number: 1, Text: "b = 1\n"}, {Number: 2, Text: "x\n" + line}, {Number: 3, Text: "print(password)"}})
	const text = "# %% cell 1\nb = 1\n# %% cell 2\n" + line + "# %% cell 3\nprint(password)\n"
	code := func() *Code { return &Code{Path: "a.py", FirstLine: 3, LastLine: 3, Text: "f()\n"} }
	file := func(f Change) *Turn {
		f.Path = "a.py"
		return &Turn{Question: "#diff", Materials: []Material{{Mention: "#diff", Changes: &Changes{Files: []Change{f}}}}}
	}
	conversation := func() *Conversation { return &Conversation{Related: 1000, Secrets: new(secrets.Redactor)} }
	for name, turn := range map[string]*Turn{
		"selection":                  {Code: &Code{Path: "a.py", FirstLine: 3, LastLine: 4, Text: "f()\n" + line}},
		"the rest of a line":         {Code: &Code{Path: "a.py", FirstLine: 3, LastLine: 3, Before: "a\n", Text: "password", After: strings.TrimPrefix(line, "password")}},
		"cells":                      {Code: &Code{Path: "a.ipynb", Cell: 1, LastCell: 3, FirstLine: 1, LastLine: 1, Text: text}},
		"question":                   {Question: "why " + line},
		"block":                      {Code: code(), Block: line},
		"problem":                    {Code: code(), Problem: &Diagnostic{Line: 3, Message: line}},
		"source":                     {Code: code(), Diagnostics: []Diagnostic{{Line: 3, Message: "a", Source: line}}},
		"diagnostic":                 {Code: code(), Diagnostics: []Diagnostic{{Line: 3, Message: line}}},
		"path":                       {Code: &Code{Path: "sk_live_4eC39HqLyjWDarjtT1zdp7dc.py", FirstLine: 3, LastLine: 3, Text: "f()\n"}},
		"mention":                    {Question: "#file:a.py", Materials: []Material{{Mention: "#file:a.py", Path: "a.py", First: 3, Last: 4, Before: "a\nb\n", Text: "f()\n" + line}}},
		"mention of cells":           {Question: "#file:a.ipynb", Materials: []Material{{Mention: "#file:a.ipynb", Path: "a.ipynb", Cell: 1, LastCell: 3, First: 1, Last: 6, Text: text}}},
		"mentioned path":             {Question: "#file:a.py", Materials: []Material{{Mention: "#file:a.py", Path: "sk_live_4eC39HqLyjWDarjtT1zdp7dc.py", First: 1, Last: 1, Text: "f()\n"}}},
		"added":                      file(Change{Was: true, Here: true, Old: "a\n", New: "a\n" + line}),
		"removed":                    file(Change{Was: true, Here: true, Old: "a\n" + line, New: "a\n"}),
		"beside a change":            file(Change{Was: true, Here: true, Old: line + "a\n", New: line + "b\n"}),
		"file that is gone":          file(Change{Was: true, Old: "a\n" + line}),
		"new file without a newline": file(Change{Here: true, New: strings.TrimSpace(line)}),
		"gone without a newline":     file(Change{Was: true, Old: strings.TrimSpace(line)}),
		"neighbouring cell": {Code: &Code{
			Path: "a.ipynb", Cell: 3, FirstLine: 1, LastLine: 1, Text: "print(password)",
			Related: related.Collect(&related.Query{File: cells, Cell: 3, First: 1, Last: 1, Budget: 1000, Tokens: EstimateTokens}),
		}},
	} {
		told(t, name, turn, conversation())
	}
	for name, set := range map[string]func(*Conversation){
		"system prompt": func(c *Conversation) { c.SystemPrompt = line },
		"instructions":  func(c *Conversation) { c.Instructions, c.InstructionsFile = line, "AGENTS.md" },
	} {
		c := conversation()
		set(c)
		told(t, name, &Turn{Code: code()}, c)
	}
}

func told(t *testing.T, name string, turn *Turn, conversation *Conversation) {
	t.Helper()
	p, err := Assemble(turn, conversation)
	if err != nil {
		t.Fatal(name, err)
	}
	replaced := 0
	for _, m := range p.Messages {
		replaced += strings.Count(m.Content, "[redacted: ")
	}
	lines := 0
	for _, left := range p.LeftOut {
		if strings.Contains(left.What, " secret") {
			lines++
		}
	}
	if replaced == 0 || p.Secrets != replaced || lines != 1 {
		t.Errorf("%s: %d replaced, %d told in %v", name, replaced, p.Secrets, p.LeftOut)
	}
}
