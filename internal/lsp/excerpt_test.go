package lsp_test

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// A carriage return alone ends a line, as LSP says: what is asked about is the same
// as with line feeds, to the byte, wherever it begins and ends.
func TestCarriageReturnsAlone(t *testing.T) {
	t.Parallel()
	const text = "def one():\n    return 1\n\ndef two():\n    # ? why two\n    return one() + 1\n\nprint(two(), 'x')\n"
	s := lsptest.Start(t, lsptest.Options{Env: map[string]string{"OPENAI_BASE_URL": "http://127.0.0.1:1", "OPENAI_API_KEY": "sk-test-000000"}})
	s.Initialized("")
	for name, spelt := range map[string]string{
		"mac":   strings.ReplaceAll(text, "\n", "\r"),
		"mixed": strings.Replace(strings.ReplaceAll(text, "\n", "\r"), "1\r", "1\n", 1),
	} {
		for _, r := range [][4]int{{0, 0, 8, 0}, {5, 11, 5, 14}, {3, 0, 6, 0}, {0, 4, 5, 6}, {7, 6, 7, 9}, {4, 4, 4, 4}, {1, 0, 1, 12}} {
			var bodies [2]string
			for i, text := range []string{text, spelt} {
				s.Must(s.Notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": "untitled:a.py"}}))
				s.Open("untitled:a.py", "python", text)
				var dry struct{ Body string }
				s.Must(s.Command("llmls.ask", map[string]any{
					"uri": "untitled:a.py", "range": lsptest.Range(r[0], r[1], r[2], r[3]), "question": "how?", "dryRun": true,
				}, &dry))
				bodies[i] = dry.Body
			}
			if bodies[0] != bodies[1] {
				t.Errorf("%s, %v:\n%s\ninstead of\n%s", name, r, bodies[1], bodies[0])
			}
		}
	}
}
