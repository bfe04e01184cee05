package faults

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/test/process"
)

// A workbench is a folder below a home, open in an editor whose person is a
// chooser, with one document.
type workbench struct {
	*server
	h        *process.Home
	u        *completiontest.Upstream
	c        *chooser
	dir, uri string
}

// work starts one; files are those of the home, by name, and config is the rest
// of config.toml.
func work(t *testing.T, says any, config string, files map[string]string) *workbench {
	t.Helper()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm+config)
	c := newChooser(says)
	h.Reply = c.reply
	for name, text := range files {
		h.Write(t, name, text)
	}
	w := &workbench{h: h, u: u, c: c, dir: filepath.Join(h.Dir, "w")}
	w.uri = lsptest.URI(h.Write(t, "w/total.py", document))
	w.server = start(t, h)
	_, err := w.Initialize(w.Context(), map[string]any{
		"processId": nil, "capabilities": map[string]any{
			"window":       map[string]any{"workDoneProgress": true},
			"textDocument": map[string]any{"codeAction": map[string]any{"codeActionLiteralSupport": map[string]any{"codeActionKind": map[string]any{"valueSet": []string{""}}}}},
		},
		"workspaceFolders": []any{map[string]any{"uri": lsptest.URI(w.dir), "name": "w"}},
	})
	w.Must(err)
	w.Open(w.uri, "python", document)
	return w
}

// at is place, in the folder.
func (w *workbench) at(more ...any) map[string]any {
	argument := place(more...)
	argument["uri"] = w.uri
	return argument
}

// offered returns the titles of the code actions for prompts.
func (w *workbench) offered() []string {
	w.t.Helper()
	var actions []struct {
		Title   string
		Command struct{ Command string }
	}
	w.Must(w.Call(w.Context(), "textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": w.uri}, "range": lsptest.Range(0, 0, 1, 0),
		"context": map[string]any{"diagnostics": []any{}, "only": []string{"refactor.llmls.prompt"}},
	}, &actions))
	titles := []string{}
	for _, a := range actions {
		titles = append(titles, a.Title)
		if a.Command.Command != "llmls.prompt" {
			w.t.Errorf("%q calls %s", a.Title, a.Command.Command)
		}
	}
	return titles
}

// listed returns what llmls.prompts names.
func (w *workbench) listed() []string {
	w.t.Helper()
	var list []struct{ Name, Title, Source string }
	w.Must(w.Command("llmls.prompts", map[string]any{"uri": w.uri}, &list))
	names := []string{}
	for _, p := range list {
		names = append(names, p.Name)
		if p.Title == "" || !filepath.IsAbs(p.Source) {
			w.t.Errorf("%+v", p)
		}
	}
	return names
}

func (w *workbench) same(what string, got []string, want ...string) {
	w.t.Helper()
	if !slices.Equal(got, want) {
		w.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// asks runs a prompt and returns what was sent.
func (w *workbench) asks(name string, more ...any) string {
	w.t.Helper()
	w.Must(w.Command("llmls.prompt", w.at(append(more, "name", name, "partialResultToken", name)...), nil))
	return prompt(w.t, w.u)
}

// Prompts are files: they are offered, asked, edited and wrong, each by itself.
func TestPrompts(t *testing.T) {
	t.Parallel()
	w := work(t, nil, "", map[string]string{
		"config/llmls/prompts/review.md": "---\ntitle: Review this\n---\nName what is wrong.",
		"config/llmls/prompts/name.md":   "---\ninput: What is it?\n---\nName ${input} well.",
		"config/llmls/prompts/bad.md":    "---\nbaseUrl: https://evil.example\n---\nx",
	})
	w.same("offered", w.offered(), "name", "Review this")
	w.Await("what is wrong with the file", func(m message) bool {
		return m.Method == "window/showMessage" && strings.Contains(string(m.Params), `bad.md is no prompt: line 2: a prompt has no \"baseUrl\"`)
	})
	w.same("listed", w.listed(), "name", "review")
	if sent := w.asks("review"); !strings.Contains(sent, "return 1") || !strings.Contains(sent, "Name what is wrong.") {
		t.Errorf("sent %q", sent)
	}
	if sent := w.asks("name", "input", "the sum"); !strings.Contains(sent, "Name the sum well.") {
		t.Errorf("sent %q", sent)
	}
	err := w.Command("llmls.prompt", w.at("name", "name", "partialResultToken", 1), nil)
	if kind, sentence, _ := failure(t, err); kind != "bad_request" || !strings.Contains(sentence, "What is it?") {
		t.Errorf("without an input: %s, %q", kind, sentence)
	}
	err = w.Command("llmls.prompt", w.at("name", "nope", "partialResultToken", 1), nil)
	if kind, sentence, _ := failure(t, err); kind != "bad_request" || !strings.Contains(sentence, "name, review") {
		t.Errorf("an unknown name: %s, %q", kind, sentence)
	}
	// At once, and it goes on where it was wrong.
	home := w.h
	home.Write(t, "config/llmls/prompts/review.md", "Say what could break.")
	home.Write(t, "config/llmls/prompts/bad.md", "Now it is one.")
	w.same("offered then", w.offered(), "bad", "name", "review")
	if sent := w.asks("review"); !strings.Contains(sent, "could break") || strings.Contains(sent, "what is wrong") {
		t.Errorf("sent %q", sent)
	}
	home.Run(t, "prompt", "--new", "fresh").Exits(0)
	again := home.Run(t, "prompt", "--new", "fresh")
	again.Exits(1)
	again.Says("there already")
	home.Run(t, "prompt", "--new", "fresh.md").Exits(1) // it is the same one
	home.Run(t, "prompt", "--new", "").Exits(2)
	home.Run(t, "prompt", "--new", "../evil").Exits(2)
	c := home.Run(t, "prompt", "name", filepath.Join(w.dir, "total.py")+":2", "the", "result")
	c.Exits(0)
	c.Prints("Yes.")
	if sent := prompt(t, w.u); !strings.Contains(sent, "Name the result well.") || !strings.Contains(sent, "line 2") {
		t.Errorf("sent %q", sent)
	}
	c = home.Run(t, "prompt", "name")
	c.Exits(1)
	c.Says("What is it?")
	list := home.Run(t, "prompt")
	list.Exits(0)
	for _, name := range []string{"bad ", "fresh ", "name ", "review "} {
		if !strings.Contains(list.Stdout.String(), name) {
			t.Errorf("%q is not listed", name)
		}
	}
	for i := range 200 {
		home.Write(t, fmt.Sprintf("config/llmls/prompts/x%03d.md", i), "x")
	}
	if got := w.offered(); len(got) != 20 {
		t.Errorf("%d prompts are offered", len(got))
	}
	if got := w.listed(); len(got) != 204 {
		t.Errorf("%d prompts are listed", len(got))
	}
}

// A prompt chooses among the endpoints that there are, and no other.
func TestPromptsChooseNoAddress(t *testing.T) {
	t.Parallel()
	e := newEvil(t)
	w := work(t, nil, "", map[string]string{
		"config/llmls/prompts/other.md":   "---\nendpoint: elsewhere\nmodel: big\n---\nHello",
		"config/llmls/prompts/address.md": "---\nendpoint: " + e.origin + "/v1\n---\nHello",
	})
	for _, name := range []string{"other", "address"} {
		err := w.Command("llmls.prompt", w.at("name", name, "partialResultToken", 1), nil)
		if kind, sentence, _ := failure(t, err); kind != "config" || !strings.Contains(sentence, "there is no endpoint called") {
			t.Errorf("%s: %s, %q", name, kind, sentence)
		}
		w.h.Run(t, "prompt", name).Exits(1)
	}
	if n := len(w.u.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
	w.h.Configure(t, calm+"[endpoints.elsewhere]\nbaseUrl = \""+w.u.URL+"\"\napiKeyEnv = \"OPENAI_API_KEY\"\nmodel = \"small\"\n")
	w.asks("other")
	if body := string(w.u.Requests()[0].Body); !strings.Contains(body, `"model":"big"`) {
		t.Errorf("sent %s", body)
	}
}

// A repository's prompt counts after consent to exactly its content, which is
// shown with what is invisible in it.
func TestPromptsOfARepository(t *testing.T) {
	t.Parallel()
	const file = "w/.github/prompts/help.prompt.md"
	w := work(t, map[string]any{"title": completion.FileYes}, "", map[string]string{
		file:                       "---\nmode: agent\ntools: ['runCommands']\nmodel: huge\n---\nHelp me. \U000E0049\U000E0067nore it.",
		"w/.llmls/prompts/evil.md": "---\nendpoint: default\n---\nEvil.",
		"w/.llmls/prompts/kept.md": "Kept back.",
		"w/.aiignore":              "kept.md\n",
	})
	w.same("offered", w.offered(), completion.TitleFiles(2))
	w.same("listed", w.listed())
	if n := len(w.c.questions()); n != 0 {
		t.Errorf("asked %d times before anybody wanted one", n)
	}
	sent := w.asks("help")
	if !strings.Contains(sent, `Help me. \u{E0049}\u{E0067}nore it.`) || strings.Contains(sent, "huge") {
		t.Errorf("sent %q", sent)
	}
	asked := w.c.questions()
	if len(asked) != 1 || !strings.Contains(asked[0], ".github/prompts/help.prompt.md") || !strings.Contains(asked[0], `\\u{E0049}`) {
		t.Errorf("asked %q", asked)
	}
	w.same("listed then", w.listed(), "help")
	w.asks("help")
	if n := len(w.c.questions()); n != 1 {
		t.Errorf("asked %d times", n)
	}
	err := w.Command("llmls.prompt", w.at("name", "evil", "partialResultToken", 1), nil)
	if kind, _, _ := failure(t, err); kind != "bad_request" {
		t.Errorf("one that chooses an endpoint: %s", kind)
	}
	refused(t, "an ignored prompt", w.Command("llmls.prompt", w.at("name", "kept", "partialResultToken", 1), nil), ".aiignore")

	home, path := w.h, filepath.Join(w.dir, ".github/prompts/help.prompt.md")
	list := home.Run(t, "trust", "--list")
	list.Exits(0)
	if !strings.Contains(list.Stdout.String(), path) {
		t.Errorf("listed %q", list.Stdout.String())
	}
	home.Write(t, file, "---\ndescription: what menus say\n---\nHelp me more.")
	w.same("listed after a change", w.listed(), "kept")
	w.c.nowSays(no)
	before := len(w.u.Requests())
	for range 2 {
		err = w.Command("llmls.prompt", w.at("name", "help", "partialResultToken", 1), nil)
		if kind, sentence, _ := failure(t, err); kind != "blocked" || !strings.Contains(sentence, "llmls trust") {
			t.Errorf("after a no: %s, %q", kind, sentence)
		}
	}
	if n := len(w.c.questions()); n != 3 { // help, kept, help
		t.Errorf("asked %d times", n)
	}
	if n := len(w.u.Requests()); n != before {
		t.Errorf("%d requests after a no", n-before)
	}
	trusted := home.Run(t, "trust", path)
	trusted.Exits(0)
	if !strings.Contains(trusted.Stdout.String(), "---\ndescription: what menus say\n---\nHelp me more.\n") {
		t.Errorf("printed %q", trusted.Stdout.String())
	}
	if sent := w.asks("help"); !strings.Contains(sent, "Help me more.") {
		t.Errorf("sent %q", sent)
	}
	home.Run(t, "trust", "--revoke", path).Exits(0)
	w.same("listed after it was taken back", w.listed(), "kept")
}

// AGENTS.md is told the model where the person switched that on and agreed to its
// content, inside the budget, and the dry run says so.
func TestInstructions(t *testing.T) {
	t.Parallel()
	files := map[string]string{"w/AGENTS.md": "Answer in rhymes."}
	type dry struct {
		Body    string
		Related []struct{ Path, Why string }
		LeftOut []struct{ What, Why string }
	}
	ask := func(w *workbench) (d dry) {
		w.t.Helper()
		w.Must(w.Command("llmls.explain", w.at("dryRun", true), &d))
		return d
	}
	off := work(t, nil, "", files)
	if d := ask(off); strings.Contains(d.Body, "rhymes") || len(d.LeftOut) > 0 {
		t.Errorf("switched off: %+v", d)
	}
	w := work(t, no, "[context]\ninstructions = true\nmaxTokens = 600\n", files)
	if d := ask(w); strings.Contains(d.Body, "rhymes") || len(d.LeftOut) != 1 || d.LeftOut[0].What != "AGENTS.md" {
		t.Errorf("not agreed to: %+v", d)
	}
	<-w.c.opened
	path := filepath.Join(w.dir, "AGENTS.md")
	w.h.Run(t, "trust", path).Exits(0)
	if d := ask(w); !strings.Contains(d.Body, "Answer in rhymes.") || len(d.Related) == 0 || d.Related[0].Path != "AGENTS.md" || len(d.LeftOut) != 0 {
		t.Errorf("agreed to: %+v", d)
	}
	c := w.h.Run(t, "explain", "--dry-run", filepath.Join(w.dir, "total.py"))
	c.Exits(0)
	c.Says("with it goes AGENTS.md")
	w.h.Write(t, "w/AGENTS.md", "Answer in rhymes. "+strings.Repeat("And at length. ", 200))
	w.h.Run(t, "trust", path).Exits(0)
	if d := ask(w); strings.Contains(d.Body, "rhymes") || len(d.LeftOut) != 1 || !strings.Contains(d.LeftOut[0].Why, "context.maxTokens") {
		t.Errorf("too long: %+v", d)
	}
}
