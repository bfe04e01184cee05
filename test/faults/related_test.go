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

// A place that an editor says belongs to the selection is sent only if its file
// would be, whatever its URI; what is left out is named, and the question goes out.
func TestKnownPlacesStay(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	const token = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
	main := h.Write(t, "w/main.py", "def run():\n    helper()\n")
	h.Write(t, "w/.aiignore", "private/\n")
	good := h.Write(t, "w/good.py", "def good_one():\n    pass\n\ndef last(token='"+token+"'): pass\n")
	private := h.Write(t, "w/private/rules.py", "def canary(): return 'on the disk'\n")
	env := h.Write(t, "w/.env", "CANARY=1\n")
	large := h.Write(t, "w/large.py", "def canary(): pass\n"+strings.Repeat("# large\n", 1<<17))
	outside := h.Write(t, "lib/outside.py", "def canary(): return 'outside'\n")
	shown := h.Write(t, "lib/shown.py", "def canary(): return 'the disk'\n")
	opened := h.Write(t, "lib/opened.py", "def canary(): return 'the disk'\n")
	h.Write(t, "lib2/.aiignore", "*\n")
	hidden := h.Write(t, "lib2/hidden.py", "def canary(): pass\n")
	link := filepath.Join(filepath.Dir(main), "link.py")
	if err := os.Symlink(outside, link); err != nil {
		t.Fatal(err)
	}
	second := h.Write(t, "w2/second.py", "def in_second_folder():\n    pass\n")

	s := start(t, h)
	s.Initialized("", filepath.Dir(main), filepath.Dir(second))
	s.Open(lsptest.URI(opened), "python", "def in_a_buffer(): pass\n")
	file := lsptest.URI
	bare := func(uri, text string) map[string]any {
		place := map[string]any{"uri": uri, "range": lsptest.Range(0, 0, 0, 3)}
		if text != "" {
			place["text"] = text
		}
		return place
	}
	at := func(uri string, line int) map[string]any {
		return map[string]any{"uri": uri, "range": lsptest.Range(line, 0, line, 3), "why": "known"}
	}
	const text = "def canary(): pass\n"
	places := []any{
		at(file(good), 0), at(file(good), 3), at(file(second), 0), at(file(opened), 0),
		map[string]any{"uri": file(shown), "range": lsptest.Range(40, 0, 41, 0), "text": "def from_a_text(key='" + token + "'):\n    pass\n"},
		bare("jdt://contents/rt.jar/A.class", "def from_an_archive(): pass\n"),

		at(file(good), 9000), at(file(private), 0), at(file(env), 0), at(file(large), 0), at(file(link), 0), at(file(outside), 0), at(file(filepath.Dir(main)), 0),
		bare(file(private), text), bare(file(env), text), bare(file(hidden), text), bare(file(filepath.Join(filepath.Dir(hidden), ".env")), text),
		bare("git:"+private+"?ref=HEAD", text), bare("vscode-remote://ssh"+private, text), bare("untitled:"+env, text),
		bare("git:/x?%7B%22path%22%3A%22"+env+"%22%7D", text), bare("jdt://contents/rt.jar/B.class", ""),
		bare("file:///"+strings.Repeat("../", 50)+strings.TrimPrefix(private, "/"), text), at("not a uri", 0), at("file:", 0),
	}
	argument := map[string]any{"uri": file(main), "range": lsptest.Range(1, 0, 1, 12), "context": places, "partialResultToken": 1}
	var result struct{ LeftOut []struct{ What, Why string } }
	s.Must(s.Command("llmls.explain", argument, &result))
	sent := prompt(t, u)
	for _, want := range []string{"def good_one():", "def last(token='[redacted: ", "def in_second_folder():", "def in_a_buffer(): pass", "@@ 41", "def from_a_text(key='[redacted: ", "def from_an_archive(): pass"} {
		if !strings.Contains(sent, want) {
			t.Errorf("%q is not in %q", want, sent)
		}
	}
	for _, canary := range []string{"canary", "CANARY", token} {
		if strings.Contains(sent, canary) {
			t.Errorf("%s left in %q", canary, sent)
		}
	}
	if len(result.LeftOut) < 15 {
		t.Errorf("left out: %v", result.LeftOut)
	}

	// Thousands, far apart and in any order, cost no more than the first of them.
	many := []any{at(file(good), 0)}
	for i := range 8000 {
		many = append(many, at(file(shown), (i*7919)%8000*100_000))
	}
	argument["context"] = many
	s.Must(s.Command("llmls.explain", argument, nil))
	if sent := prompt(t, u); !strings.Contains(sent, "def good_one():") {
		t.Errorf("of thousands of places the first is not in %q", sent)
	}
	for _, bad := range []any{[]any{map[string]any{"uri": file(good)}}, []any{1}, "x", []any{map[string]any{"range": lsptest.Range(0, 0, 0, 0)}}, []any{at("file:///"+strings.Repeat("x", 9000), 0)}} {
		argument["context"] = bad
		if _, _, code := failure(t, s.Command("llmls.explain", argument, nil)); code != -32602 {
			t.Errorf("%.80v: code %d", bad, code)
		}
	}
}
