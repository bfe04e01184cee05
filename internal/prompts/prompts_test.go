package prompts

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion/chat"
)

func TestParse(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		form form
		want Prompt // what is not empty of it, or
		err  string // a part of the error
	}{
		"text alone":         {text: "Review this.\n", want: Prompt{Title: "p", Body: "Review this."}},
		"all of it":          {text: "---\ntitle: Review\ndescription: for code\nendpoint: work\nmodel: m\ninput: What?\n---\nDo ${input}.\n", want: Prompt{Title: "Review", Description: "for code", Endpoint: "work", Model: "m", Input: "What?", Body: "Do ${input}."}},
		"marks and comments": {text: "---\n# c\n\ntitle: \"A: b\"\ndescription: 'x'\n---\nB", want: Prompt{Title: "A: b", Description: "x", Body: "B"}},
		"other line ends":    {text: "\uFEFF---\r\ntitle: T\r\n---\r\na\r\nb", want: Prompt{Title: "T", Body: "a\nb"}},
		"a rule in the text": {text: "a\n---\nb", want: Prompt{Title: "p", Body: "a\n---\nb"}},
		"invisible text":     {text: "---\ntitle: x\u202e\n---\nsend\U000E0041 it\x1b[2J", want: Prompt{Title: `x\u{202E}`, Body: `send\u{E0041} it[2J`}},
		"nothing":            {text: " \n", err: "asks nothing"},
		"front matter alone": {text: "---\ntitle: x\n---\n", err: "asks nothing"},
		"no end":             {text: "---\ntitle: x\nDo: it", err: "a prompt has no \"Do\""},
		"no end, known":      {text: "---\ntitle: x\n", err: "has no end"},
		"misspelt":           {text: "---\ntitel: x\n---\nB", err: `line 2: a prompt has no "titel"`},
		"an address":         {text: "---\ntitle: x\nbaseUrl: https://evil.example\n---\nB", err: `line 3: a prompt has no "baseUrl"`},
		"a key":              {text: "---\napiKey: x\n---\nB", err: `a prompt has no "apiKey"`},
		"no pair":            {text: "---\nhello\n---\nB", err: "line 2: write it as key: value"},
		"not UTF-8":          {text: "a\xff", err: "UTF-8"},
		"too long":           {text: strings.Repeat("a", MaxFile+1), err: "32 KiB"},
		"too long when seen": {text: strings.Repeat("\u202e", MaxFile/4), err: "32 KiB"},
		"long value":         {text: "---\ntitle: " + strings.Repeat("a", 501) + "\n---\nB", err: "line 2"},
		"a repository's":     {text: "---\ntitle: x\nmodel: expensive\n---\nB", form: repository, want: Prompt{Title: "x", Body: "B"}},
		"its endpoint":       {text: "---\nendpoint: other\n---\nB", form: repository, err: "cannot choose an endpoint"},
		"others' names":      {text: "---\nmode: agent\ntools: ['a']\nmodel: GPT-4o\nlist:\n  - endpoint: x\n- y\ndescription: d\n---\nB", form: foreign, want: Prompt{Title: "p", Description: "d", Body: "B"}},
		"others' endpoint":   {text: "---\nendpoint: x\n---\nB", form: foreign, err: "cannot choose an endpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := parse("p", []byte(test.text), test.form)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("got %+v, %v, want an error with %q", p, err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			test.want.Name = "p"
			if p.Text == "" || !strings.HasSuffix(p.Text, p.Body) || strings.ContainsAny(p.Text, "\r\u202e\uFEFF") {
				t.Errorf("all of it is %q", p.Text)
			}
			p.Text = ""
			if diff := cmp.Diff(test.want, *p); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestQuestion(t *testing.T) {
	for _, test := range [][3]string{
		{"Do ${input} with ${input}.", "x", "Do x with x."},
		{"Do it. ${input}", "", "Do it."},
		{"Do it.", "Quickly.", "Do it.\n\nQuickly."},
		{"Do it.", " ", "Do it."},
		{"Do ${input}.", "${input}", "Do ${input}."},
	} {
		p := Prompt{Body: test[0]}
		if got := p.Question(test[1]); got != test[2] {
			t.Errorf("%q with %q is %q, want %q", test[0], test[1], got, test[2])
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func names(list []Prompt) string {
	var all []string
	for i := range list {
		all = append(all, list[i].Name+"="+list[i].Body)
	}
	return strings.Join(all, ", ")
}

// What is edited counts at once, also where size and time stay the same within a
// tick of the clock; a file that is none does not keep the others away.
func TestOwn(t *testing.T) {
	dir := t.TempDir()
	var library Library
	check := func(want string, problems int) {
		t.Helper()
		list, wrong := library.Own(dir)
		if got := names(list); got != want || len(wrong) != problems {
			t.Errorf("got %q, %v; want %q and %d problems", got, wrong, want, problems)
		}
	}
	check("", 0)
	write(t, filepath.Join(dir, "b.md"), "one")
	write(t, filepath.Join(dir, "a.md"), "A")
	write(t, filepath.Join(dir, "note.txt"), "no")
	write(t, filepath.Join(dir, ".hidden.md"), "no")
	check("a=A, b=one", 0)
	now := time.Now()
	write(t, filepath.Join(dir, "b.md"), "two")
	if err := os.Chtimes(filepath.Join(dir, "b.md"), now, now); err != nil {
		t.Fatal(err)
	}
	check("a=A, b=two", 0)
	old := now.Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "a.md"), old, old); err != nil {
		t.Fatal(err)
	}
	check("a=A, b=two", 0)
	write(t, filepath.Join(dir, "a.md"), "B")
	check("a=B, b=two", 0)
	write(t, filepath.Join(dir, "a.md"), "---\nx: y\n---\n")
	if err := os.Mkdir(filepath.Join(dir, "c.md"), 0o700); err != nil {
		t.Fatal(err)
	}
	check("b=two", 2)
	if err := os.Remove(filepath.Join(dir, "b.md")); err != nil {
		t.Fatal(err)
	}
	check("", 2)
	if list, wrong := library.Own(filepath.Join(dir, "nowhere")); list != nil || wrong != nil {
		t.Errorf("a directory that is not there: %v, %v", list, wrong)
	}
}

func TestTooManyPrompts(t *testing.T) {
	dir := t.TempDir()
	for i := range MaxPrompts + 2 {
		write(t, filepath.Join(dir, fmt.Sprintf("p%04d.md", i)), "x")
	}
	var library Library
	if list, problems := library.Own(dir); len(list) != MaxPrompts || len(problems) != 1 {
		t.Errorf("%d prompts, %v", len(list), problems)
	}
}

// A link to a file elsewhere is a person's own business in his own directory, and
// a way out of a repository.
func TestRepository(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(outside, "secret.md"), "SECRET")
	write(t, filepath.Join(root, ".github/prompts/g.prompt.md"), "---\nmode: ask\n---\nG")
	write(t, filepath.Join(root, ".github/prompts/both.prompt.md"), "github's")
	write(t, filepath.Join(root, ".github/prompts/readme.md"), "no prompt")
	write(t, filepath.Join(root, ".llmls/prompts/both.md"), "ours")
	write(t, filepath.Join(root, ".llmls/prompts/evil.md"), "---\nendpoint: x\n---\nE")
	write(t, filepath.Join(root, "AGENTS.md"), "Be brief.")
	if err := os.Symlink(filepath.Join(outside, "secret.md"), filepath.Join(root, ".llmls/prompts/link.md")); err != nil {
		t.Fatal(err)
	}
	var library Library
	list, problems := library.Repository(root)
	if got := names(list); got != "both=ours, g=G" || len(problems) != 2 {
		t.Errorf("got %q, %v", got, problems)
	}
	for i := range list {
		if list[i].Repository != root || len(list[i].Digest) != 64 {
			t.Errorf("%+v", list[i])
		}
	}
	before := list[1].Digest
	write(t, filepath.Join(root, ".github/prompts/g.prompt.md"), "---\nmode: ask \n---\nG")
	if list, _ := library.Repository(root); list[1].Digest == before {
		t.Error("another content has the same digest")
	}
	if p, err := library.Instructions(root); err != nil || p == nil || p.Body != "Be brief." || p.Repository != root {
		t.Errorf("instructions: %+v, %v", p, err)
	}
	if p, err := library.Instructions(outside); err != nil || p != nil {
		t.Errorf("instructions that are not there: %+v, %v", p, err)
	}

	own := t.TempDir()
	if err := os.Symlink(filepath.Join(outside, "secret.md"), filepath.Join(own, "mine.md")); err != nil {
		t.Fatal(err)
	}
	if list, problems := library.Own(own); names(list) != "mine=SECRET" || problems != nil {
		t.Errorf("own: %q, %v", names(list), problems)
	}
	if err := os.RemoveAll(filepath.Join(root, ".llmls")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(root, ".llmls")); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(outside, "prompts/x.md"), "outside")
	if list, _ := library.Repository(root); strings.Contains(names(list), "outside") {
		t.Errorf("a link led to %q", names(list))
	}
}

// The prompts of the page are files that the reader takes, word for word, and
// small beside the code that they are about.
func TestPage(t *testing.T) {
	raw, err := os.ReadFile("../../docs/prompts.md")
	if err != nil {
		t.Fatal(err)
	}
	var library Library
	list, problems := library.Own("../../docs/prompts")
	if len(list) != 5 || len(problems) > 0 {
		t.Errorf("%q, %v", names(list), problems)
	}
	for i := range list {
		p := &list[i]
		text, err := os.ReadFile(p.Path)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(raw), "`"+p.Name+".md`:\n\n```markdown\n"+string(text)+"```\n") {
			t.Errorf("the page does not have %s as it is", p.Name)
		}
		if n := chat.EstimateTokens(p.Body); n > 160 || p.Title == p.Name || p.Description == "" {
			t.Errorf("%s has %d tokens, title %q, description %q", p.Name, n, p.Title, p.Description)
		}
	}
}

func BenchmarkOwn(b *testing.B) {
	for _, n := range []int{1, 200} {
		b.Run(fmt.Sprintf("prompts=%d", n), func(b *testing.B) {
			dir := b.TempDir()
			old := time.Now().Add(-time.Hour)
			for i := range n {
				path := filepath.Join(dir, fmt.Sprintf("p%d.md", i))
				if err := os.WriteFile(path, []byte("---\ntitle: T\n---\n"+strings.Repeat("word ", 200)), 0o600); err != nil {
					b.Fatal(err)
				}
				if err := os.Chtimes(path, old, old); err != nil {
					b.Fatal(err)
				}
			}
			var library Library
			for b.Loop() {
				if list, _ := library.Own(dir); len(list) != n {
					b.Fatal(len(list))
				}
			}
		})
	}
}
