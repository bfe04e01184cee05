package faults

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/test/process"
)

// What a repository calls its directories does nothing in a log but be read:
// somebody opens it in an editor.
func TestModelinesInTheLog(t *testing.T) {
	t.Parallel()
	const name = "x vim: ft=c: -*- kate: Local Variables:"
	h := llmls.Home(t, completiontest.NewUpstream(t).URL, calm)
	noted := h.Write(t, "w/"+name+"/a.py", "fine = 1\n")
	h.Write(t, "w/"+name+"/.aiignore", "b\\c\n") // a rule that is worth a note
	s := start(t, h)
	s.Initialized(`{}`, filepath.Join(h.Dir, "w"))
	s.Must(s.Command("llmls.explain", map[string]any{"uri": lsptest.URI(noted), "range": lsptest.Range(0, 0, 1, 0), "dryRun": true}, nil))
	for what, log := range map[string]func() string{"the log": func() string { return h.Log(t) }, "standard error": s.Stderr.String} {
		process.Eventually(t, process.Patience, what+" names the directory", func() bool { return strings.Contains(log(), "Local Variables") })
		if err := completiontest.Modeline(log()); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}
