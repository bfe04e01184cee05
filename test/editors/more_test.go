//go:build desktop

package editors_test

import "testing"

// more are the editors that all tests drive when they are asked for: beside other tests
// on two cores lsp-mode was seen to show nothing for half a minute.
func more(t *testing.T) []*editor {
	t.Helper()
	return append(cocs(t), lspMode(t))
}
