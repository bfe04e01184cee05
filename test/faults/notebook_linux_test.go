package faults

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

type cellItem struct{ uri, text string }

// openNotebook opens a notebook of Python.
func (s *server) openNotebook(uri string, cells ...cellItem) {
	s.t.Helper()
	var list, items []any
	for _, c := range cells {
		list = append(list, map[string]any{"kind": 2, "document": c.uri})
		items = append(items, map[string]any{"uri": c.uri, "languageId": "python", "version": 1, "text": c.text})
	}
	s.Must(s.Notify("notebookDocument/didOpen", map[string]any{
		"notebookDocument":  map[string]any{"uri": uri, "notebookType": "jupyter-notebook", "version": 1, "cells": list},
		"cellTextDocuments": items,
	}))
}

// A notebook that a question mentions is sent as the editor has it, not as it was saved;
// not if one of its cells is forbidden.
func TestMentionedNotebookIsOpen(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	name := h.Write(t, "w/a.ipynb", `{"cells":[{"cell_type":"code","source":"saved = 1"}],"metadata":{},"nbformat":4}`)
	h.Write(t, "w/.aiignore", "kept.*\n")
	folder := filepath.Dir(name)
	s := start(t, h)
	s.Initialized("", folder)
	ask := func(token string) error {
		return s.Command("llmls.ask", map[string]any{"question": "what is in #file:a.ipynb?", "partialResultToken": token}, nil)
	}
	s.Must(ask("closed"))
	if sent := prompt(t, u); !strings.Contains(sent, "saved = 1") {
		t.Errorf("sent %q", sent)
	}
	s.openNotebook("file://"+name, cellItem{"cell:/a#W1", "typed = 1\n"}, cellItem{"cell:/a#W2", "print(typed)\n"})
	s.Must(ask("open"))
	if sent := prompt(t, u); !strings.Contains(sent, "typed = 1\n") || !strings.Contains(sent, "print(typed)") || strings.Contains(sent, "saved = 1") {
		t.Errorf("sent %q", sent)
	}
	s.Must(s.Notify("notebookDocument/didClose", map[string]any{"notebookDocument": map[string]any{"uri": "file://" + name}}))
	s.openNotebook("file://"+name, cellItem{"vscode-notebook-cell:" + folder + "/kept.py#W1", "canary_5ca1ab1e = 1\n"})
	if err := ask("forbidden"); err == nil {
		t.Errorf("sent %q", prompt(t, u))
	}
}

// A cell is judged by its notebook too, also after that is closed, and what stands
// beside the cell that is asked about by its own URI.
func TestCellsOfANotebookThatStays(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	h.Write(t, "w/.aiignore", "kept.*\n")
	folder := filepath.Join(h.Dir, "w")
	s := start(t, h)
	s.Initialized("", folder)
	ask := func(uri, conversation string) error {
		args := map[string]any{"uri": uri, "question": "why?", "partialResultToken": uri + conversation}
		if conversation != "" {
			args = map[string]any{"conversation": conversation, "question": "and?", "partialResultToken": conversation}
		}
		return s.Command("llmls.ask", args, nil)
	}
	s.openNotebook("file://"+folder+"/kept.ipynb", cellItem{"cell:1", "canary_5ca1ab1e = 1\n"})
	refused(t, "a cell without a path", ask("cell:1", ""), "was not sent")
	if n := len(u.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}

	s.openNotebook("file://"+folder+"/fine.ipynb",
		cellItem{"vscode-notebook-cell:" + folder + "/kept.py#W0", "canary_5ca1ab1e = 1\n"},
		cellItem{"cell:/a#" + folder + "/kept.py", "canary_5ca1ab1e = 2\n"},
		cellItem{"cell:/a#W1", "fine = 1\n"}, cellItem{"cell:/a#W2", "print(fine, canary_5ca1ab1e)\n"})
	var result struct{ Conversation string }
	s.Must(s.Command("llmls.ask", map[string]any{"uri": "cell:/a#W2", "question": "why?", "partialResultToken": "fine"}, &result))
	sent := u.Requests()
	if len(sent) != 1 || !strings.Contains(string(sent[0].Body), "fine = 1") || strings.Contains(string(sent[0].Body), "canary_5ca1ab1e = ") {
		t.Errorf("%d requests, the last with %s", len(sent), sent[len(sent)-1].Body)
	}
	s.Must(s.Notify("notebookDocument/didClose", map[string]any{"notebookDocument": map[string]any{"uri": "file://" + folder + "/fine.ipynb"}}))
	h.Write(t, "w/.aiignore", "*.ipynb\n")
	refused(t, "a follow-up", ask("", result.Conversation), "was not sent")
	if n := len(u.Requests()); n != 1 {
		t.Errorf("%d requests were sent", n)
	}
}

// Notebooks of more cells than anybody has, and changes of as many.
func TestNotebookBombs(t *testing.T) {
	t.Parallel()
	const many = 200_000
	list := func(element string) string {
		return "[" + strings.Repeat(element+",", many-1) + element + "]"
	}
	long := strings.Repeat("x", 8000)
	s := start(t, llmls.Home(t, "http://127.0.0.1:1", "")).ready()
	notify := func(method, params string) {
		s.Must(s.Send(`{"jsonrpc":"2.0","method":"notebookDocument/%s","params":%s}`, method, params))
	}
	s.openNotebook("file:///p/a.ipynb", cellItem{"cell:1", "a = 1\n"}, cellItem{"cell:2", "a\n"})
	notify("didOpen", `{"notebookDocument":{"uri":"file:///p/b.ipynb","cells":`+list(`{"kind":2,"document":"cell:3"}`)+`}}`)
	notify("didOpen", `{"notebookDocument":{"uri":"file:///p/c.ipynb","cells":[]},"cellTextDocuments":`+list(`{"uri":"cell:3","text":""}`)+`}`)
	notify("didChange", `{"notebookDocument":{"uri":"file:///p/a.ipynb"},"change":{"cells":{"structure":{"array":{"start":0,"deleteCount":0,"cells":`+list(`{"document":"cell:4"}`)+`}}}}}`)
	notify("didChange", `{"notebookDocument":{"uri":"file:///p/c.ipynb"},"change":{"cells":{"textContent":`+list(`{"document":{"uri":"cell:3"}}`)+`}}}`)
	notify("didChange", `{"notebookDocument":{"uri":"file:///p/c.ipynb"},"change":{"cells":{"data":`+list(`{"document":"cell:4"}`)+`}}}`)
	notify("didClose", `{"notebookDocument":{"uri":"file:///p/c.ipynb"},"cellTextDocuments":`+list(`{"uri":"cell:5"}`)+`}`)
	for n := range 4 {
		cells := make([]string, 3000)
		for i := range cells {
			cells[i] = fmt.Sprintf(`{"kind":2,"document":"cell:/%s%d-%d"}`, long, n, i)
		}
		notify("didOpen", fmt.Sprintf(`{"notebookDocument":{"uri":"file:///p/%d.ipynb","cells":[%s]}}`, n, strings.Join(cells, ",")))
	}
	body, err := s.dryRun("cell:1")
	s.Must(err)
	if !strings.Contains(body, "a = 1") {
		t.Errorf("the request is %.1000s", body)
	}
	s.peakBelow(memoryLimit)
	s.stillWorks()
}

// What is replaced in cells of a notebook on disk is told, in one and in several,
// selected and mentioned.
func TestSecretsInCells(t *testing.T) {
	t.Parallel()
	const key = "plain_words-only-7"
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	h.Env = append(h.Env, "OPENAI_API_KEY="+key)
	for name, secret := range map[string]string{"AWS access key": "AKIAQ3EGRD7XKPNZ5UVT", "password": "hX9kQ2vLmP4t", "your key": key} {
		line, err := json.Marshal(`password = "` + secret + `"`)
		if err != nil {
			t.Fatal(err)
		}
		file := h.Write(t, "w/p.ipynb", `{"nbformat":4,"metadata":{},"cells":[{"cell_type":"code","source":"b = 1\n"},{"cell_type":"code","source":`+string(line)+`}]}`)
		for _, args := range [][]string{{"explain", file}, {"explain", file + ":1-2"}, {"explain", file + ":2"}, {"ask", "-f", file, "why?"}, {"ask", "why #file:" + file + ":1-2?"}, {"ask", "why #file:" + file + ":2?"}} {
			c := h.Run(t, args...)
			c.Says("left out 1 secret (" + name)
			c.Says("· 1 secret left out")
			if sent := prompt(t, u); strings.Contains(sent, secret) || !strings.Contains(sent, "[redacted: "+name+"]") {
				t.Errorf("%s: sent %q", args, sent)
			}
		}
	}
}
