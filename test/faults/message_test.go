//go:build linux

package faults

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// No message that an editor shows holds a link of somebody else's making: VS
// Code runs the command that [text](command:…) names.
func TestMessagesHaveNoLinks(t *testing.T) {
	t.Parallel()
	const link = "[Fix it](command:workbench.action.terminal.new)"
	u := completiontest.NewUpstream(t)
	s := start(t, llmls.Home(t, u.URL, calm)).ready()
	for _, script := range []steps{
		{completiontest.Error(401, "auth", link)},
		{completiontest.Error(500, "oops", link)},
		{completiontest.Error(400, "bad", link)},
		{completiontest.Error(429, "slow", link)},
		{completiontest.Status(200, "Content-Type", "text/html"), completiontest.Send("<title>" + link + "</title>")},
		{completiontest.Delta("word"), completiontest.Event(`{"error":{"message":"` + link + `"}}`)},
		{completiontest.Event(`{"model":"` + link + `","choices":[{"delta":{"content":"word"},"finish_reason":"stop"}]}`), completiontest.Done()},
	} {
		for _, partial := range []bool{true, false} {
			u.Script(script...)
			params := lsptest.Command("llmls.explain", place())
			if partial {
				params = lsptest.Command("llmls.explain", place("partialResultToken", "t"))
			}
			params["workDoneToken"] = "w"
			_ = s.Call(s.Context(), "workspace/executeCommand", params, nil)
			s.Await("the end", func(m message) bool { return strings.Contains(string(m.Params), `"kind":"end"`) })
		}
	}
	const odd = "file:///p/%5BFix%20it%5D(command:workbench.action.quit)"
	s.Open(odd, "python", document)
	u.Script(completiontest.Answer("word"))
	params := lsptest.Command("llmls.explain", map[string]any{"uri": odd, "range": lsptest.Range(0, 0, 1, 0), "partialResultToken": "t"})
	params["workDoneToken"] = "odd"
	s.Must(s.Call(s.Context(), "workspace/executeCommand", params, nil))
	shown := 0
	for _, m := range s.Seen() {
		texts := []string{string(m.Params), string(m.Result)}
		if m.Error != nil {
			texts = append(texts, m.Error.Message)
		}
		for _, text := range texts {
			shown += strings.Count(text, "Fix it")
			if strings.Contains(text, "](command:") {
				t.Errorf("%s holds a link: %s", m.Method, text)
			}
		}
	}
	if shown == 0 {
		t.Error("nothing was shown at all")
	}
}
