package lsp_test

import (
	"testing"

	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// TestBadInput of test/faults sends the same to a server in a process of its
// own.
func TestBadInput(t *testing.T) {
	lsptest.BadInput(t, func(t *testing.T, baseURL string) *lsptest.Session {
		return lsptest.Start(t, lsptest.Options{Env: map[string]string{"OPENAI_BASE_URL": baseURL}})
	})
}
