package lsp_test

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// FuzzParams sends parameters of any kind to each method, as a request and as a
// notification. Each request gets one response, and the next good one works.
func FuzzParams(f *testing.F) {
	methods := []string{
		"textDocument/codeAction", "workspace/executeCommand", "textDocument/didOpen", "textDocument/didChange", "textDocument/didClose",
		"workspace/didChangeWorkspaceFolders", "window/workDoneProgress/cancel", "$/cancelRequest", "$/progress",
	}
	const place = `"uri":"untitled:a","range":{"start":{"line":0,"character":0},"end":{"line":0,"character":3}}`
	for method, params := range []string{
		`{"textDocument":{"uri":"untitled:a"},"range":{"start":{"line":0,"character":1},"end":{"line":9,"character":0}},"context":{"only":["quickfix"],"triggerKind":2,"diagnostics":[{` + place + `,"message":{"kind":"markdown","value":"x"},"severity":1}]}}`,
		`{"command":"llmls.explain","arguments":[{` + place + `,"version":1,"dryRun":true,"diagnostic":{` + place + `,"message":"m"}}],"workDoneToken":5}`,
		`{"textDocument":{"uri":"untitled:b","languageId":"go","version":1,"text":"\ud83d"}}`,
		`{"textDocument":{"uri":"untitled:b","version":2},"contentChanges":[{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":1}},"text":"x"}]}`,
		`{"textDocument":{"uri":"untitled:b"}}`, `{"event":{"added":[{"uri":"file:///w","name":"w"}],"removed":[]}}`, `{"token":"t"}`, `{"id":5}`, `{"token":[],"value":{}}`,
	} {
		f.Add(uint8(method), params)
	}
	for _, argument := range []string{
		`{"question":"why","dryRun":true}`, `"why"`, `{"question":"why","uri":"untitled:a","dryRun":true}`, `{"conversation":"x"}`, `[]`, `{}`, `null`, `{"partialResultToken":{}}`,
	} {
		f.Add(uint8(1), `{"command":"llmls.ask","arguments":[`+argument+`]}`)
		f.Add(uint8(1), `{"command":"llmls.stop","arguments":[`+argument+`]}`)
		f.Add(uint8(1), `{"command":"llmls.answers","arguments":[`+argument+`]}`)
	}
	s := lsptest.Start(f, lsptest.Options{
		Log: zap.NewNop(), Env: map[string]string{"OPENAI_BASE_URL": "http://127.0.0.1:1", "LLMLS_RETRIES": "0"},
	})
	s.Initialized("")
	s.Open("untitled:a", "go", "package a // ? why\n")
	f.Fuzz(func(t *testing.T, method uint8, params string) {
		value := jsontext.Value(params)
		lax := []jsontext.Options{jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)}
		if !value.IsValid(lax...) {
			return // no message
		}
		name := methods[int(method)%len(methods)]
		if err := s.Send(`{"jsonrpc":"2.0","method":%q,"params":%s}`, name, params); err != nil {
			t.Fatal(err)
		}
		if err := s.Send(`{"jsonrpc":"2.0","id":"f","method":%q,"params":%s}`, name, params); err != nil {
			t.Fatal(err)
		}
		err := s.Call(t.Context(), "textDocument/codeAction", map[string]any{
			"textDocument": map[string]any{"uri": "untitled:a"}, "range": lsptest.Range(0, 0, 0, 1),
			"context": map[string]any{"diagnostics": []any{}},
		}, nil)
		if err != nil {
			t.Fatalf("after %s %s: %v", name, params, err)
		}
	})
}
