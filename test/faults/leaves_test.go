//go:build linux

package faults

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/test/process"
)

// prompt is the text of the last request that came: all its messages.
func prompt(t *testing.T, u *completiontest.Upstream) string {
	t.Helper()
	requests := u.Requests()
	if len(requests) == 0 {
		t.Fatal("nothing was sent")
	}
	var body struct{ Messages []struct{ Content string } }
	if err := json.Unmarshal(requests[len(requests)-1].Body, &body); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, m := range body.Messages {
		all.WriteString(m.Content + "\n")
	}
	return all.String()
}

// refused fails the test unless err says that nothing was sent, and why.
func refused(t *testing.T, what string, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: it was sent", what)
		return
	}
	kind, sentence, _ := failure(t, err)
	for _, word := range append(says, "context.allow") {
		if kind != "blocked" || !strings.Contains(sentence, word) {
			t.Errorf("%s: %s, %q does not say %q", what, kind, sentence, word)
		}
	}
}

// Files that hold secrets or that an ignore file names stay: open or on the
// disk, by their own name or through a link, on the command line too. The
// repository may say what it likes.
func TestFilesStay(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	files := map[string]string{ // and what is said of them
		".env": "often hold secrets", "deploy/Prod.ENV": "often hold secrets", "keys/server.pem": "*.pem", "db.sql": "line 2 of .aiignore", "sub/a.csv": "line 1 of sub/.cursorignore",
		"sub/deep/x.py": "sub/deep/.aiexclude", "notes.txt": "a link to .env", "linked/deep/y.py": "deep/.aiexclude", "broken/z.py": "larger than 256 KiB",
	}
	for name := range files {
		if name != "notes.txt" && !strings.HasPrefix(name, "linked/") {
			h.Write(t, "w/"+name, "canary_5ca1ab1e = 1\n")
		}
	}
	h.Write(t, "w/sub/deep/y.py", "canary_5ca1ab1e = 1\n")
	h.Write(t, "w/fine.py", "fine = 1\n")
	h.Write(t, "w/.aiignore", "!.env\n*.sql\n!*.pem\n")
	h.Write(t, "w/sub/.cursorignore", "*.csv\n!.env\n")
	h.Write(t, "w/sub/deep/.aiexclude", "*\n")
	h.Write(t, "w/broken/.aiignore", strings.Repeat("# nothing\n", 30000))
	for link, target := range map[string]string{"notes.txt": ".env", "linked": "sub"} {
		if err := os.Symlink(target, filepath.Join(h.Dir, "w", link)); err != nil {
			t.Fatal(err)
		}
	}
	s := start(t, h)
	folder := filepath.Join(h.Dir, "w")
	s.Initialized("", folder)
	for name, says := range files {
		file := filepath.Join(folder, name)
		about := func(more ...any) map[string]any {
			argument := place(more...)
			argument["uri"] = lsptest.URI(file)
			return argument
		}
		diagnostic := map[string]any{"range": lsptest.Range(0, 0, 1, 0), "message": "canary_5ca1ab1e"}
		refused(t, name, s.Command("llmls.explain", about("partialResultToken", name), nil), says)
		s.Open(lsptest.URI(file), "plaintext", "canary_5ca1ab1e = 1\n")
		refused(t, name+", open", s.Command("llmls.explain", about("partialResultToken", name), nil), says)
		refused(t, name+", its problem", s.Command("llmls.explain", about("partialResultToken", name, "diagnostic", diagnostic), nil), says)
		refused(t, name+", asked about", s.Command("llmls.ask", about("question", "why?"), nil), says)
		refused(t, name+", dry", s.Command("llmls.explain", about("dryRun", true), nil), says)
		for _, line := range [][]string{{"explain", file}, {"ask", "-f", file + ":1", "why?"}, {"explain", "--dry-run", file}} {
			c := h.Run(t, line...)
			c.Exits(1)
			c.Prints("")
			c.Says("was not sent", "context.allow", filepath.Base(says[strings.LastIndexByte(says, ' ')+1:]))
		}
	}
	// What has no file is judged by its name.
	s.Open("untitled:/x/.env", "plaintext", "canary_5ca1ab1e = 1\n")
	refused(t, "untitled", s.Command("llmls.ask", map[string]any{"uri": "untitled:/x/.env", "question": "why?"}, nil), "often hold secrets")
	s.Open("untitled:.env", "plaintext", "canary_5ca1ab1e = 1\n")
	refused(t, "untitled", s.Command("llmls.ask", map[string]any{"uri": "untitled:.env", "question": "why?"}, nil), "often hold secrets")
	if n := len(u.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	s.Must(s.Command("llmls.ask", map[string]any{"uri": lsptest.URI(filepath.Join(folder, "fine.py")), "question": "why?", "partialResultToken": 1}, nil))
	if sent := prompt(t, u); !strings.Contains(sent, "fine = 1") {
		t.Errorf("sent %q", sent)
	}
}

// A folder of the workspace below another is not rid of the outer one's rules.
func TestOutermostFolderForbids(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	h.Write(t, "w/.aiignore", "inner/*.sql\n")
	file := h.Write(t, "w/inner/a.sql", "canary_5ca1ab1e = 1\n")
	s := start(t, h)
	s.Initialized("", filepath.Dir(file), filepath.Join(h.Dir, "w"))
	s.Open(lsptest.URI(file), "sql", "canary_5ca1ab1e = 1\n")
	refused(t, "inner", s.Command("llmls.ask", map[string]any{"uri": lsptest.URI(file), "question": "why?", "partialResultToken": 1}, nil), "line 1 of .aiignore")
}

// How an ignore file was saved, and in which letters it names a file, does not
// matter.
func TestWrittenOtherwise(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	folder := filepath.Join(h.Dir, "w")
	utf16 := func(mark string, low, high int) string {
		out := mark
		for _, c := range "*.sql\r\n" {
			pair := [2]byte{}
			pair[low], pair[high] = byte(c), 0
			out += string(pair[:])
		}
		return out
	}
	for dir, rules := range map[string]string{
		"letters":   "\u00e4rger.*\n",
		"composed":  "a\u0308rger.*\n",
		"little":    utf16("\xff\xfe", 0, 1),
		"big":       utf16("\xfe\xff", 1, 0),
		"unmarked":  utf16("", 0, 1),
		"ebcdic":    "\x5c\x4b\xa2\x98\x93\x15",
		"utf-8 bom": "\ufeff*.sql\n",
	} {
		name := "a.sql"
		if dir == "letters" || dir == "composed" {
			name = "\u00c4RGER.txt"
		}
		h.Write(t, "w/"+dir+"/.aiignore", rules)
		h.Write(t, "w/"+dir+"/"+name, "canary_5ca1ab1e = 1\n")
	}
	s := start(t, h)
	s.Initialized("", folder)
	err := filepath.WalkDir(folder, func(file string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != ".aiignore" {
			refused(t, file, s.Command("llmls.ask", map[string]any{"uri": lsptest.URI(file), "question": "why?", "partialResultToken": file}, nil), "was not sent")
		}
		return err
	})
	if n := len(u.Requests()); err != nil || n != 0 {
		t.Errorf("%d requests were sent, %v", n, err)
	}
	for _, dir := range []string{"little", "big"} { // whose rules are read, and name other files
		file := h.Write(t, "w/"+dir+"/fine.py", "fine = 1\n")
		s.Must(s.Command("llmls.ask", map[string]any{"uri": lsptest.URI(file), "question": "why?", "partialResultToken": file}, nil))
	}
}

// A follow-up sends earlier turns along: a file that was forbidden since the
// first question does not leave again with the second, whether that names it,
// another or none.
func TestEarlierTurnsStay(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	file := h.Write(t, "w/a.sql", "canary_5ca1ab1e = 1\n")
	fine := h.Write(t, "w/fine.py", "fine = 1\n")
	s := start(t, h)
	s.Initialized("", filepath.Dir(file))
	var first struct{ Conversation string }
	s.Must(s.Command("llmls.ask", map[string]any{"uri": lsptest.URI(file), "question": "why?", "partialResultToken": 1}, &first))
	again := func(more ...string) map[string]any {
		argument := map[string]any{"conversation": first.Conversation, "question": "and then?", "partialResultToken": 2}
		for _, name := range more {
			argument["uri"] = lsptest.URI(name)
		}
		return argument
	}
	s.Must(s.Command("llmls.ask", again(), nil))
	s.Must(s.Command("llmls.ask", again(fine), nil))
	sent := len(u.Requests())
	h.Write(t, "w/.aiignore", "*.sql\n")
	for _, argument := range []map[string]any{again(), again(fine), again(file)} {
		refused(t, "a follow-up", s.Command("llmls.ask", argument, nil), "line 1 of .aiignore")
		argument["dryRun"] = true
		refused(t, "a follow-up, dry", s.Command("llmls.ask", argument, nil), "line 1 of .aiignore")
	}
	if n := len(u.Requests()); n != sent {
		t.Errorf("%d requests were sent", n-sent)
	}
}

// A file of which only related code was sent is checked again, too, and so is a document
// that is no file; by another server and on the command line as well.
func TestEarlierRelatedCodeStays(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	h.Write(t, "w/secrets.py", "def canary_5ca1ab1e(x):\n    return x\n")
	file := h.Write(t, "w/a.py", "from secrets import canary_5ca1ab1e\n\ndef f(x):\n    return canary_5ca1ab1e(x)\n")
	code := map[string]any{"start": map[string]any{"line": 2, "character": 0}, "end": map[string]any{"line": 4, "character": 0}}
	cell := "vscode-notebook-cell:" + strings.TrimPrefix(lsptest.URI(h.Write(t, "w/b.sql", "")), "file:") + "#W1"
	s := start(t, h)
	s.Initialized("", filepath.Dir(file))
	s.Open(cell, "sql", "SELECT 1;\n")
	var ids []string
	for _, subject := range []map[string]any{{"uri": lsptest.URI(file), "range": code}, {"uri": cell}} {
		var r struct{ Conversation string }
		subject["question"], subject["partialResultToken"] = "why?", 1
		s.Must(s.Command("llmls.ask", subject, &r))
		ids = append(ids, r.Conversation)
	}
	if first := u.Requests()[0]; !strings.Contains(string(first.Body), "def canary_5ca1ab1e") {
		t.Fatalf("sent %s", first.Body)
	}
	c := h.Run(t, "ask", "-f", file+":3-4", "why?")
	c.Exits(0)
	process.Eventually(t, process.Patience, "all are kept", func() bool { return strings.Count(h.Conversations(t), `"finishReason":"stop"`) == 3 })
	if list := s.history(map[string]any{"uri": lsptest.URI(filepath.Join(filepath.Dir(file), "secrets.py"))}); len(list) > 0 {
		t.Errorf("about the other file are listed %+v", list)
	}
	for _, one := range s.history(map[string]any{}) {
		ids = append(ids, one.Conversation)
	}
	sent := len(u.Requests())
	h.Write(t, "w/.aiignore", "secrets.py\n*.sql\n")
	next := start(t, h)
	next.Initialized("", filepath.Dir(file))
	for _, id := range ids {
		for _, server := range []*server{s, next} {
			refused(t, "a follow-up", server.Command("llmls.ask", map[string]any{"conversation": id, "question": "and then?", "partialResultToken": 2}, nil), ".aiignore")
		}
		c := h.Run(t, "ask", "--continue", id, "and then?")
		c.Exits(1)
		c.Says(".aiignore")
	}
	if n := len(u.Requests()); n != sent {
		t.Errorf("%d requests were sent", n-sent)
	}
}

// The user's config.toml lets a file through, without its secrets. What an
// editor says of it is refused.
func TestAllowIsTheUsers(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm+"[context]\nallow = ['**/w/.env', '*.sql']\n")
	env := h.Write(t, "w/.env", "NAME=ada\nDB_PASSWORD=tr0ub4dor3xy\n")
	sql := h.Write(t, "w/a.sql", "SELECT 1;\n")
	pem := h.Write(t, "w/a.pem", "canary_5ca1ab1e\n")
	h.Write(t, "w/.aiignore", "*.sql\n")
	s := start(t, h)
	s.Initialized("", filepath.Dir(env))
	explain := func(file string) error {
		return s.Command("llmls.ask", map[string]any{"uri": lsptest.URI(file), "question": "why?", "partialResultToken": file}, nil)
	}
	s.Must(explain(env))
	if sent := prompt(t, u); !strings.Contains(sent, "NAME=ada\nDB_PASSWORD=[redacted: password]\n") {
		t.Errorf("sent %q", sent)
	}
	s.Must(explain(sql))
	refused(t, "not allowed", explain(pem), "*.pem")
	s.Must(s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"llmls": map[string]any{"context": map[string]any{"allow": []string{"*"}}}}}))
	s.Await("the refusal", func(m editor.Message) bool {
		return m.Method == "window/showMessage" && strings.Contains(string(m.Params), "context.allow") && strings.Contains(string(m.Params), "config.toml")
	})
	refused(t, "allowed by the editor", explain(pem), "*.pem")
	h.Run(t, "explain", sql).Exits(0)
	h.Run(t, "explain", pem).Exits(1)
}
