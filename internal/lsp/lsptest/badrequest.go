package lsptest

import (
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// A badRequest is an invalid request: the code and a part of the message that it must
// fail with, or a code of 0 if it is accepted.
type badRequest struct {
	name, method, params string
	want                 int
	says                 string
}

// badRequests checks the error of each bad request, and that the next good one
// works.
func badRequests(t *testing.T, start Starter) {
	s := start(t, nowhere)
	s.Initialized("")
	s.Open("file:///p/a.go", "go", "package a\n")
	for _, tt := range append(malformed(), excessive()...) {
		t.Run(tt.name, func(t *testing.T) {
			err := s.Call(s.Context(), tt.method, jsontext.Value(tt.params), nil)
			if got := code(t, err); got != tt.want {
				t.Errorf("code %d, want %d: %v", got, tt.want, err)
			}
			if err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%q does not say %q", err, tt.says)
			}
			s.Must(s.Works())
		})
	}
}

const (
	place    = `"uri":"file:///p/a.go","range":{"start":{"line":0,"character":0},"end":{"line":0,"character":3}}`
	document = `"textDocument":{"uri":"file:///p/a.go"}`
)

// malformed are requests that lack something, or have it in another form.
func malformed() []badRequest {
	return []badRequest{
		{"unknown request", "textDocument/nope", `{}`, -32601, "textDocument/nope"},
		{"unknown request without parameters", "nope", `null`, -32601, "nope"},
		{"unknown $ request", "$/nope", `{}`, -32601, "$/nope"},
		{"no parameters", "textDocument/codeAction", `null`, -32602, "parameters"},
		{"parameters of another type", "textDocument/codeAction", `[1,2]`, -32602, ""},
		{"a mistyped member", "textDocument/codeAction", `{"textDocument":{"uri":5},"range":{},"context":{}}`, -32602, ""},
		{"no place", "textDocument/codeAction", `{"textDocument":{"uri":"file:///p/a.go"},"context":{"diagnostics":[]}}`, -32602, "range"},
		{"half a place", "textDocument/codeAction", `{"textDocument":{"uri":"file:///p/a.go"},"range":{"start":{"line":0,"character":0}},"context":{"diagnostics":[]}}`, -32602, "range.end"},
		{"no context", "textDocument/codeAction", `{` + document + `,"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":3}}}`, -32602, "context"},
		{"a context of null", "textDocument/codeAction", `{` + document + `,"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":3}},"context":null}`, -32602, "context"},
		{"actions for no document", "textDocument/codeAction", `{"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":3}},"context":{"diagnostics":[]}}`, -32602, "textDocument"},
		{"hover nowhere", "textDocument/hover", `{` + document + `}`, -32602, "position"},
		{"hover at half a position", "textDocument/hover", `{` + document + `,"position":{"line":0}}`, -32602, "position.character"},
		{"lenses for no document", "textDocument/codeLens", `{}`, -32602, "textDocument"},
		{"hints without range", "textDocument/inlayHint", `{` + document + `}`, -32602, "range"},
		{"the content of nothing", "workspace/textDocumentContent", `{}`, -32602, "uri"},
		{"no command", "workspace/executeCommand", `{}`, -32602, "llmls.explain"},
		{"unknown command", "workspace/executeCommand", `{"command":"rm -rf"}`, -32602, "llmls.explain"},
		{"explain nothing", "workspace/executeCommand", `{"command":"llmls.explain"}`, -32602, "uri"},
		{"explain a string", "workspace/executeCommand", `{"command":"llmls.explain","arguments":["x"]}`, -32602, "object"},
		{"explain without range", "workspace/executeCommand", `{"command":"llmls.explain","arguments":[{"uri":"file:///p/a.go"}]}`, -32602, "range"},
		{"explain with a range of nonsense", "workspace/executeCommand", `{"command":"llmls.explain","arguments":[{"uri":"file:///p/a.go","range":{"start":{"line":-1,"character":0},"end":{"line":"x"}}}]}`, -32602, ""},
		{"explain half a range", "workspace/executeCommand", `{"command":"llmls.explain","arguments":[{"uri":"file:///p/a.go","range":{"start":{"line":0}}}]}`, -32602, "range.start.character"},
		{"two arguments", "workspace/executeCommand", `{"command":"llmls.stop","arguments":[{},{}]}`, -32602, "one argument"},
		{"misspelt member", "workspace/executeCommand", `{"command":"llmls.explain","arguments":[{` + place + `,"conversationn":"x"}]}`, -32602, "conversationn"},
		{"explain takes no question", "workspace/executeCommand", `{"command":"llmls.explain","arguments":[{` + place + `,"question":"why"}]}`, -32602, "llmls.ask"},
		{"ask nothing", "workspace/executeCommand", `{"command":"llmls.ask","arguments":[{"partialResultToken":1}]}`, -32803, "Pass a question"},
		{"ask an empty string, of which the person is asked", "workspace/executeCommand", `{"command":"llmls.ask","arguments":[""]}`, 0, ""},
		{"unknown conversation", "workspace/executeCommand", `{"command":"llmls.ask","arguments":[{"question":"why","conversation":"nope"}]}`, -32803, "this conversation is not kept"},
		{"another version", "workspace/executeCommand", `{"command":"llmls.explain","arguments":[{` + place + `,"version":99}]}`, -32801, "changed"},
		{"stop what is not there", "workspace/executeCommand", `{"command":"llmls.stop","arguments":[{"id":"nope"}]}`, 0, ""},
		{"stop nothing, as Lua says it", "workspace/executeCommand", `{"command":"llmls.stop","arguments":[[]]}`, 0, ""},
		{"answers to nothing", "workspace/executeCommand", `{"command":"llmls.answers"}`, 0, ""},
		{"a file outside", "workspace/executeCommand", `{"command":"llmls.explain","arguments":[{"uri":"file:///etc/passwd","range":{"start":{"line":0,"character":0},"end":{"line":0,"character":3}}}]}`, -32803, "not in a folder"},
		{"a scheme that is not open", "workspace/executeCommand", `{"command":"llmls.explain","arguments":[{"uri":"untitled:x","range":{"start":{"line":0,"character":0},"end":{"line":0,"character":3}}}]}`, -32803, "Open the file"},
	}
}

// excessive are requests with more of something than the server accepts.
func excessive() []badRequest {
	long := strings.Repeat("x", 10_000)
	return []badRequest{
		{"a URI that is no document's", "textDocument/codeAction", `{"textDocument":{"uri":"file:///` + long + `"},"range":{"start":{"line":0,"character":0},"end":{"line":0,"character":3}},"context":{"diagnostics":[]}}`, -32602, "8192 bytes"},
		{"explain a URI that is no document's", "workspace/executeCommand", `{"command":"llmls.explain","arguments":[{"uri":"file:///` + long + `","range":{"start":{"line":0,"character":0},"end":{"line":0,"character":3}}}]}`, -32602, "8192 bytes"},
		{"a long token", "workspace/executeCommand", `{"command":"llmls.explain","arguments":[{` + place + `,"partialResultToken":"` + long + `"}]}`, -32602, "1024 bytes"},
		{"a long token of progress", "workspace/executeCommand", `{"command":"llmls.explain","workDoneToken":"` + long + `","arguments":[{` + place + `}]}`, -32602, "1024 bytes"},
		{"many values", "workspace/executeCommand", `{"command":"llmls.ask","arguments":[` + strings.Repeat("1,", 100_000) + `1]}`, -32602, "100000 values"},
		{"a book", "workspace/executeCommand", `{"command":"llmls.ask","arguments":["` + strings.Repeat("why ", 1<<20) + `"]}`, -32602, "4 MiB"},
		{"nesting", "textDocument/hover", strings.Repeat(`{"a":`, 300) + "1" + strings.Repeat("}", 300), -32602, ""},
	}
}
