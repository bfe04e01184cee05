package present

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/lsp/document"
)

// restart returns an editor whose answer file is that of e, at another server.
func (e *editor) restart(t *testing.T) *editor {
	next := start(t, e.manner, all)
	next.mu.Lock()
	next.dir, next.name, next.buffer, next.open = e.dir, e.name, e.buffer, true
	next.mu.Unlock()
	next.openDocument(e.name, e.spelled(e.buffer.String()))
	return next
}

// question returns the question that is offered where what stands in the file.
func (e *editor) question(u uri.URI, what string) (Follow, bool) {
	doc := e.document(u)
	at := strings.Index(doc.Text.String(), what)
	if at < 0 {
		e.t.Fatalf("%q is not in %q", what, doc.Text)
	}
	pos := doc.Text.Position(at, e.presenter.Encoding)
	return e.presenter.Question(doc, protocol.Range{Start: pos, End: pos})
}

// twoAnswers has two answers in the file, the first with a follow-up.
func twoAnswers(t *testing.T, m manner) (e *editor, first, second string) {
	e = start(t, m, all)
	a := e.explain(2, 3, "", "")
	a.write("Adds up.\n\n> a quotation\n\n## 2. Not a section")
	a.end()
	settle()
	e.types("", "why?")
	settle()
	b := e.explain(0, 0, "why?", a.Conversation)
	b.write("Because.")
	b.end()
	settle()
	c := e.explain(3, 3, "", "")
	c.write("Returns.")
	c.end()
	settle()
	return e, a.Conversation, c.Conversation
}

// A question in the answer file of another run goes on with the conversation that
// stands above it, in the same file.
func TestFileOfAnotherRun(t *testing.T) {
	for name, m := range manners {
		if m.untracked {
			continue // it tells of no file
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				old, first, second := twoAnswers(t, m)
				before := old.text()
				e := old.restart(t)
				if _, ok := e.question(e.name, "Returns."); ok {
					t.Error("a question is offered where none was written")
				}
				e.types("", "and if it is empty?")
				settle()
				got, ok := e.question(e.name, "and if")
				if want := (Follow{Question: "and if it is empty?", Conversation: second}); !ok || got != want {
					t.Fatalf("offered %+v, %v", got, ok)
				}
				s := e.explain(0, 0, got.Question, second)
				s.write("Zero")
				settle()
				s.write(".")
				s.end()
				settle()
				want := strings.TrimSuffix(before, "\n") + "and if it is empty?\n\nZero.\n\n*m*\n\n> \n"
				if got := e.text(); got != want {
					t.Errorf("the file is\n%s\nwant\n%s", got, want)
				}
				e.types("\n\n## 2. Explain", "and so on?")
				settle()
				if got, ok = e.question(e.name, "and so on?"); !ok || got.Conversation != first || got.Question != "and so on?" {
					t.Errorf("offered %+v, %v", got, ok)
				}
				next := e.explain(2, 3, "", "")
				next.write("Sums.")
				next.end()
				settle()
				if got := e.text(); !strings.Contains(got, "\n\n## 3. Explain total.py:2-3\n") || e.count(protocol.MethodWindowShowDocument) > 0 {
					t.Errorf("the next answer has no place in it: %s", got)
				}
			})
		})
	}
}

// The answer in a file of another run waits until those of this run are complete.
func TestFileOfAnotherRunWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, _, second := twoAnswers(t, manner{})
		e := old.restart(t)
		other := e.name
		e.types("", "why so?")
		settle()
		if _, ok := e.question(other, "why so?"); !ok {
			t.Fatal("nothing is offered")
		}
		e.mu.Lock() // this run has a file of its own meanwhile
		e.others = map[uri.URI]*document.Text{other: e.buffer}
		e.name, e.buffer, e.open = "", nil, false
		e.mu.Unlock()
		running := e.explain(2, 3, "", "")
		running.write("Slowly ")
		settle()
		s := e.explain(0, 0, "why so?", second)
		s.write("Thus.")
		s.end()
		settle()
		running.write("so.\n")
		settle()
		if got := e.text(); !strings.Contains(got, "Slowly so.") || e.name == other {
			t.Errorf("the file is\n%s", got)
		}
		running.end()
		settle()
		if got := e.text(); !strings.HasSuffix(got, "> why so?\n\nThus.\n\n*m*\n\n> \n") || e.name != other {
			t.Errorf("the other file is\n%s", got)
		}
	})
}

// What a file says of itself counts for nothing: not in another place, and not
// without what llmls noted of it.
func TestForgedFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, _, _ := twoAnswers(t, manner{})
		e := old.restart(t)
		text := strings.TrimSuffix(e.buffer.String(), "\n") + "why so?\n"
		for _, path := range []string{
			filepath.Join(e.dir, "llmls", filepath.Base(e.name.FsPath())),
			filepath.Join(e.dir, "llmls", "answers", "below", filepath.Base(e.name.FsPath())),
			filepath.Join(e.dir, "llmls", "conversations", filepath.Base(e.name.FsPath())),
			"/w/llmls/answers/" + filepath.Base(e.name.FsPath()),
		} {
			u := uri.File(path)
			e.openDocument(u, text)
			if got, ok := e.question(u, "why so?"); ok {
				t.Errorf("in %s offered %+v", path, got)
			}
		}
		u := uri.File(filepath.Join(e.dir, "llmls", fileKind, "w-AAAAAA.md"))
		e.openDocument(u, text)
		if got, ok := e.question(u, "why so?"); !ok || got.Conversation != "w-AAAAAA.md" || got.About != nil {
			t.Errorf("of a file that nothing is known of: %+v, %v", got, ok)
		}
		noted := filepath.Join(e.dir, "llmls", sectionsKind, "w-AAAAAA.md")
		for _, odd := range []string{"", "{}", "[1]", "null", `[{"heading":1}]`, strings.Repeat(" ", 100<<10)} {
			if err := os.WriteFile(noted, []byte(odd), 0o600); err != nil {
				t.Fatal(err)
			}
			if got, ok := e.question(u, "why so?"); !ok || got.Conversation != "w-AAAAAA.md" {
				t.Errorf("with %.20q noted: %+v, %v", odd, got, ok)
			}
		}
	})
}

// A file that was cut or torn anywhere is still one.
func TestTornFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, first, second := twoAnswers(t, manner{})
		e := old.restart(t)
		text := e.buffer.String()
		ask := func(text string) (Follow, bool) {
			e.openDocument(e.name, text)
			return e.question(e.name, text[strings.LastIndex(text, "\n")+1:])
		}
		for i := range text {
			for _, torn := range []string{text[:i], text[i:], text[:i] + text[min(len(text), i+20):]} {
				if got, ok := ask(torn); ok && got.Conversation != first && got.Conversation != second && got.Conversation != filepath.Base(e.name.FsPath()) {
					t.Errorf("%+v is offered in %q", got, torn)
				}
			}
		}
	})
}

// What is noted of a file names no code, and goes with the file.
func TestNotedSections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, first, second := twoAnswers(t, manner{})
		noted := filepath.Join(e.dir, "llmls", sectionsKind, filepath.Base(e.name.FsPath()))
		raw, err := os.ReadFile(noted)
		if err != nil || !strings.Contains(string(raw), first) || !strings.Contains(string(raw), second) || strings.Contains(string(raw), "total") {
			t.Errorf("noted is %s, %v", raw, err)
		}
		if err := os.Remove(e.name.FsPath()); err != nil {
			t.Fatal(err)
		}
		next := start(t, manner{}, all)
		next.mu.Lock()
		next.dir = e.dir
		next.mu.Unlock()
		s := next.explain(2, 3, "", "")
		s.write("Once more.")
		settle()
		if _, err := os.Stat(noted); err == nil {
			t.Error("it is there without its file")
		}
	})
}
