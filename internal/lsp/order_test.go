package lsp_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// A request sees the documents as they stood when it was sent: after all edits
// before it on the wire, and before all edits behind it. Whoever captures them
// later fails here, for certain with the race detector.
func TestRequestsSeeTheEditsBeforeThem(t *testing.T) {
	const uri, pairs = "file:///p/a.txt", 2000
	s := lsptest.Start(t, lsptest.Options{})
	s.Initialized("")
	s.Open(uri, "plaintext", "edit 1.")
	pending := map[int]*editor.Pending{}
	for version := 2; version < pairs; version++ {
		s.Must(s.Notify("textDocument/didChange", map[string]any{
			"textDocument":   map[string]any{"uri": uri, "version": version},
			"contentChanges": []any{map[string]any{"range": lsptest.Range(0, 0, 0, 100), "text": fmt.Sprintf("edit %d.", version)}},
		}))
		p, err := s.Start("workspace/executeCommand", lsptest.Command("llmls.ask",
			map[string]any{"question": "why?", "uri": uri, "version": version, "dryRun": true}))
		s.Must(err)
		pending[version] = p
	}
	ctx := s.Context()
	for version, p := range pending {
		var result struct{ Body string }
		if err := p.Wait(ctx, &result); err != nil {
			t.Fatalf("after edit %d: %v", version, err)
		}
		if !strings.Contains(result.Body, fmt.Sprintf(`edit %d.`, version)) {
			t.Fatalf("after edit %d: %s", version, result.Body)
		}
	}
}
