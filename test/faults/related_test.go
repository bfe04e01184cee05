package faults

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// Code that is sent beside the selection comes from no file that would not be
// sent itself, and what looks like a secret in it is replaced: in an editor and
// on the command line, from the disk and from a buffer.
func TestRelatedFilesStay(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	const token = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
	main := h.Write(t, "w/main.py", strings.Join([]string{
		"from good import helper, TOKEN", "from private.rules import forbidden", "from outside import elsewhere", "", "", "", "",
		"def run():", "    helper(TOKEN)", "    forbidden()", "    elsewhere()", "",
	}, "\n"))
	h.Write(t, "w/.git/HEAD", "")
	h.Write(t, "w/.aiignore", "private/\n")
	h.Write(t, "w/good.py", "def helper(token):\n    pass\n\nTOKEN = '"+token+"'\n")
	rules := h.Write(t, "w/private/rules.py", "def forbidden(): return 'canary on the disk'\n")
	outside := h.Write(t, "outside.py", "def elsewhere(): return 'canary outside'\n")
	if err := os.Symlink(outside, filepath.Join(filepath.Dir(main), "outside.py")); err != nil {
		t.Fatal(err)
	}
	judge := func(how, sent string) {
		t.Helper()
		if !strings.Contains(sent, "def helper(token):\n") || !strings.Contains(sent, "TOKEN = '[redacted: ") {
			t.Errorf("%s: no related code in %q", how, sent)
		}
		for _, canary := range []string{"canary", token} {
			if strings.Contains(sent, canary) {
				t.Errorf("%s: %s left in %q", how, canary, sent)
			}
		}
	}
	h.Run(t, "explain", main+":8-11")
	judge("on the command line", prompt(t, u))

	s := start(t, h)
	s.Initialized("", filepath.Dir(main))
	argument := map[string]any{"uri": lsptest.URI(main), "range": lsptest.Range(7, 0, 11, 0), "partialResultToken": 1}
	s.Must(s.Command("llmls.explain", argument, nil))
	judge("in an editor", prompt(t, u))
	s.Open(lsptest.URI(rules), "python", "def forbidden(): return 'canary in a buffer'\n")
	s.Must(s.Command("llmls.explain", argument, nil))
	judge("with it open", prompt(t, u))
}
