package faults

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// What a question mentions passes the checks of a file that is asked about, in an
// editor and on the command line; what is refused is an error that names it.
func TestMentionedFilesStay(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", calm)
	const token = "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345"
	main := h.Write(t, "w/main.py", "print(1)\n")
	dir := filepath.Dir(main)
	h.Write(t, "w/.git/HEAD", "")
	h.Write(t, "w/.aiignore", "private/\n")
	h.Write(t, "w/good.py", "TOKEN = '"+token+"'\nlimit = 3\n")
	h.Write(t, "w/.env", "PASSWORD=canary\n")
	rules := h.Write(t, "w/private/rules.py", "def forbidden(): return 'canary'\n")
	outside := h.Write(t, "outside.py", "def elsewhere(): return 'canary'\n")
	for link, target := range map[string]string{"link.py": outside, "name.txt": filepath.Join(dir, ".env")} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, h)
	s.Initialized("", dir)
	s.Open(lsptest.URI(rules), "python", "def forbidden(): return 'canary in a buffer'\n")
	ask := func(question string) (string, error) {
		var dry struct{ Body string }
		err := s.Command("llmls.ask", map[string]any{"question": question, "uri": lsptest.URI(main), "dryRun": true}, &dry)
		return dry.Body, err
	}
	body, err := ask("Is #file:good.py right?")
	s.Must(err)
	if !strings.Contains(body, `limit = 3\n`) || strings.Contains(body, token) {
		t.Errorf("a good file: %q", body)
	}
	for mention, want := range map[string]string{
		"#file:.env": "blocked", "#file:private/rules.py": "blocked", "#file:name.txt": "blocked",
		"#file:link.py": "", "#file:../outside.py": "bad_request", "#file:" + outside: "bad_request",
		"#symbol:forbidden": "bad_request", "#file:private": "", "#file:gone.py": "bad_request",
	} {
		body, err := ask("What is " + mention + "?")
		if err == nil {
			t.Errorf("%s: sends %q", mention, body)
			continue
		}
		if kind, sentence, _ := failure(t, err); want != "" && kind != want || !strings.Contains(sentence, mention) || strings.Contains(sentence, "canary") {
			t.Errorf("%s: %s %q", mention, kind, sentence)
		}
	}
	for _, file := range []string{".env", "private/rules.py", "name.txt"} {
		mention := "#file:" + filepath.Join(dir, file)
		c := h.Run(t, "ask", "--dry-run", "What is "+mention+"?")
		c.Exits(1)
		if out := c.Stdout.String() + c.Stderr.String(); !strings.Contains(out, "was not sent") || strings.Contains(out, "canary") {
			t.Errorf("on the command line %s: %q", file, out)
		}
	}
}

// A question in a comment of a repository brings no file along that the person
// who chose it in a menu did not see named, and none of another folder.
func TestCommentMentions(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", calm)
	long := h.Write(t, "w/long.py", "# ? what does this do, and why is it so slow, and "+strings.Repeat("could it be ", 5)+" #file:notes.txt #symbol:canary\nprint(1)\n")
	other := h.Write(t, "w/other.py", "# ? why #file:mine.txt\nprint(1)\n")
	short := h.Write(t, "w/short.py", "# ? why #file:notes.txt\nprint(1)\n")
	h.Write(t, "w/notes.txt", "canary in the repository\n")
	mine := h.Write(t, "mine/mine.txt", "canary of mine\n")
	s := start(t, h)
	s.Initialized("", filepath.Dir(long), filepath.Dir(mine))
	ask := func(file string) (body string, err error) {
		text, _ := os.ReadFile(file)
		s.Open(lsptest.URI(file), "python", string(text))
		var dry struct{ Body string }
		err = s.Command("llmls.ask", map[string]any{"uri": lsptest.URI(file), "range": lsptest.Range(1, 0, 2, 0), "dryRun": true}, &dry)
		return dry.Body, err
	}
	body, err := ask(long)
	s.Must(err)
	if strings.Contains(body, "canary in the repository") || !strings.Contains(body, "#file:notes.txt") {
		t.Errorf("what the menu does not show: %q", body)
	}
	if body, err := ask(other); err == nil {
		t.Errorf("another folder's file: %q", body)
	}
	body, err = ask(short)
	s.Must(err)
	if !strings.Contains(body, "canary in the repository") {
		t.Errorf("what the menu shows: %q", body)
	}
}

// A file that a question mentioned goes along with what is asked on, and may have
// been forbidden by then.
func TestMentionedFilesAreJudgedAgain(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	file := h.Write(t, "w/notes.txt", "canary\n")
	s := start(t, h)
	s.Initialized("", filepath.Dir(file))
	var first result
	s.Must(s.Command("llmls.ask", map[string]any{"question": "What is #file:notes.txt?", "partialResultToken": 1}, &first))
	again := map[string]any{"question": "Really?", "conversation": first.Conversation, "dryRun": true}
	s.Must(s.Command("llmls.ask", again, nil))
	h.Write(t, "w/.aiignore", "notes.txt\n")
	err := s.Command("llmls.ask", again, nil)
	if err == nil {
		t.Fatal("a forbidden file is sent again")
	}
	if kind, sentence, _ := failure(t, err); kind != "blocked" || !strings.Contains(sentence, "notes.txt") {
		t.Errorf("%s %q", kind, sentence)
	}
}
