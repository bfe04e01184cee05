package faults

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// A document larger than any that people edit stays within the memory that
// llmls may use, and gives it back. Each byte of it is held several times while
// it is decoded.
func TestBigDocument(t *testing.T) {
	t.Parallel()
	const big, size, lines = "file:///p/big.py", 24 << 20, 64
	s := start(t, llmls.Home(t, "http://127.0.0.1:1", "")).ready()
	for range 3 {
		s.Open(big, "python", strings.Repeat("x = 'é' # "+strings.Repeat("y", lines-12)+"\n", size/lines))
		var dry struct{ Body string }
		s.Must(s.Command("llmls.explain", map[string]any{"uri": big, "range": lsptest.Range(500, 0, 501, 0), "dryRun": true}, &dry))
		if len(dry.Body) < 1000 {
			t.Errorf("the request is %s", dry.Body)
		}
		s.Must(s.Notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": big}}))
	}
	s.peakBelow(200)
}
