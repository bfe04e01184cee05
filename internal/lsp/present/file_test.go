package present

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.lsp.dev/protocol"

	"github.com/llmls/llmls/internal/lsp/document"
)

func TestAnswerFile(t *testing.T) {
	each(t, func(t *testing.T, m manner) {
		e := start(t, m, all)
		s := e.explain(2, 3, "", "")
		settle()
		if e.count(protocol.MethodWindowShowDocument) > 0 {
			t.Error("a file without an answer was shown")
		}
		s.write("Adds ")
		settle()
		want := head + "\n\n## 1. Explain total.py:2-3\n\n[total.py:2-3](file:///w/total.py#L2)\n\nAdds "
		if got := e.text(); got != want+"\n\n> \n" {
			t.Errorf("while it grows: %q", got)
		}
		other := e.explain(3, 3, "why 😀?\nand how", "")
		other.write("Because.")
		s.write("up.\n")
		settle()
		s.end()
		other.end()
		settle()
		want += "up.\n\n*m*\n\n> \n\n## 2. Explain total.py:2-3\n\n[total.py:3](file:///w/total.py#L3)\n\n" +
			"> why 😀?\n> and how\n\nBecause.\n\n*m*\n\n> \n"
		if got := e.text(); got != want {
			t.Errorf("the file is\n%s\nwant\n%s", got, want)
		}
		if n := e.count(protocol.MethodWindowShowDocument); n != 1 {
			t.Errorf("it was shown %d times", n)
		}
		if got := e.saved(); got != head+"\n" {
			t.Errorf("on the disk is %q", got)
		}
	})
}

// What turns out to be thinking goes out of the file again, wherever the answer
// stands then, and the hover has the answer alone.
func TestRefiledInTheAnswerFile(t *testing.T) {
	each(t, func(t *testing.T, m manner) {
		e := start(t, m, all)
		s, short := e.explain(2, 3, "", ""), e.explain(2, 3, "", "")
		s.write("Hm. Let me\nsee 😀, they may\n")
		short.write("Hm.")
		settle()
		if got := e.text(); !strings.Contains(got, "Hm. Let me\nsee") {
			t.Errorf("the file is\n%s", got)
		}
		s.refile()
		short.refile()
		short.write("Longer than what it stands for.")
		settle()
		s.write("Adds up.\n")
		settle()
		s.end()
		short.end()
		settle()
		want := head + "\n\n## 1. Explain total.py:2-3\n\n[total.py:2-3](file:///w/total.py#L2)\n\nAdds up.\n\n*m*\n\n> \n\n" +
			"## 2. Explain total.py:2-3\n\n[total.py:2-3](file:///w/total.py#L2)\n\nLonger than what it stands for.\n\n*m*\n\n> \n"
		if got := e.text(); got != want {
			t.Errorf("the file is\n%s\nwant\n%s", got, want)
		}
		if hover := e.presenter.Hover(e.document(code), protocol.Position{Line: 1}); strings.Contains(fmt.Sprint(hover), "Hm.") {
			t.Errorf("hover: %v", hover)
		}
	})
}

// Answers that begin while others grow each have their place.
func TestManyAnswersAtOnce(t *testing.T) {
	each(t, func(t *testing.T, m manner) {
		e := start(t, m, all)
		var streams []*stream
		for range 5 {
			for i, s := range append(streams, e.explain(2, 3, "", "")) {
				s.write(strings.Repeat("x", i+1))
				streams = append(streams[:i], s)
			}
			time.Sleep(70 * time.Millisecond) //nolint:forbidigo // in a bubble
		}
		for _, s := range streams {
			s.end()
		}
		settle()
		got := e.text()
		for i := range streams {
			if want := "#L2)\n\n" + strings.Repeat("x", (i+1)*(5-i)) + "\n\n*m*\n\n> \n"; !strings.Contains(got, want) {
				t.Errorf("%q is not in\n%s", want, got)
			}
		}
	})
}

// Deltas are merged to ten edits a second, and what they cost does not depend on
// how long the answer is.
func TestAnswerFileIsCalm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, manner{}, all)
		s := e.explain(2, 3, "", "")
		for range 1000 {
			s.write("word ")
			time.Sleep(time.Millisecond) //nolint:forbidigo // in a bubble
		}
		s.end()
		settle()
		if n := e.count(protocol.MethodWorkspaceApplyEdit); n < 9 || n > 12 {
			t.Errorf("%d edits in a second", n)
		}
		if !strings.Contains(e.text(), "\n\n"+strings.TrimSpace(strings.Repeat("word ", 1000))) {
			t.Error("words are missing")
		}
	})
}

func TestFollowUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, manner{}, all)
		first := e.explain(2, 3, "", "")
		first.write("Adds up.")
		first.end()
		other := e.explain(3, 3, "", "")
		other.write("Returns.")
		other.end()
		settle()
		at := func(mark string) (Follow, bool) {
			doc := e.document(e.name)
			pos := doc.Text.Position(strings.Index(doc.Text.String(), mark), document.UTF16)
			return e.presenter.Question(doc, protocol.Range{Start: pos, End: pos})
		}
		if f, ok := at("Adds"); ok {
			t.Errorf("nothing was asked, and it is %+v", f)
		}
		e.types("\n\n## 2.", "why\n> not  max?")
		e.types("", "how?")
		for mark, want := range map[string]Follow{
			"not  max": {Question: "why not max?", Conversation: first.Conversation},
			"Adds":     {Question: "why not max?", Conversation: first.Conversation},
			"how?":     {Question: "how?", Conversation: other.Conversation},
		} {
			if f, ok := at(mark); !ok || f != want {
				t.Errorf("at %q: %+v, %v", mark, f, ok)
			}
		}
		if f, ok := e.presenter.Question(e.document(code), protocol.Range{}); ok {
			t.Errorf("in the code: %+v", f)
		}
		s := e.explain(0, 0, "how?", other.Conversation)
		s.write("Like this.")
		s.end()
		s = e.explain(0, 0, "why not max?", first.Conversation)
		s.write("It is no sum.")
		s.end()
		settle()
		got := e.text()
		if !strings.Contains(got, "\n\n> how?\n\nLike this.\n\n*m*") ||
			!strings.Contains(got, "> \n\n## 3. Answer question\n\n[total.py:2-3](file:///w/total.py#L2)\n\n> why not max?\n\nIt is no sum.\n\n*m*") {
			t.Errorf("the file is\n%s", got)
		}
	})
}

func TestPlaceForAQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, manner{}, all)
		about := &Asked{URI: code, Title: "Ask about total.py:2", Anchor: e.document(code).Anchor(2, 2), First: 2}
		if !e.presenter.Ask(about) {
			t.Fatal("there is no place")
		}
		settle()
		e.types("", "why?")
		doc := e.document(e.name)
		end := doc.Text.Position(doc.Text.Len()-1, document.UTF16)
		f, ok := e.presenter.Question(doc, protocol.Range{Start: end, End: end})
		if !ok || f.Question != "why?" || f.About != about {
			t.Fatalf("got %+v, %v", f, ok)
		}
		s := e.explain(2, 2, "why?", "")
		s.write("Because.")
		s.end()
		settle()
		if got := e.text(); !strings.HasSuffix(got, "\n\n> why?\n\nBecause.\n\n*m*\n\n> \n") {
			t.Errorf("the file is\n%s", got)
		}
	})
}

// The file can be closed at any time; the next answer brings it back with all
// that was in it.
func TestClosedAnswerFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, manner{}, all)
		s := e.explain(2, 3, "", "")
		s.write("One ")
		settle()
		e.close()
		s.write("two.")
		s.end()
		settle()
		if !strings.Contains(e.saved(), "\n\nOne two.\n\n*m*") {
			t.Errorf("on the disk is\n%s", e.saved())
		}
		e.presenter.Open()
		settle()
		if !strings.Contains(e.text(), "\n\nOne two.\n\n*m*") {
			t.Errorf("in the editor is\n%s", e.text())
		}
		s = e.explain(2, 3, "", "")
		s.write("Three.")
		s.end()
		settle()
		if got := e.text(); !strings.Contains(got, "One two.") || !strings.Contains(got, "Three.\n\n*m*") {
			t.Errorf("in the editor is\n%s", got)
		}
	})
}

// Closing the file at any moment, also while an edit is on its way and the
// user writes, loses nothing of the answer.
func TestClosingAnytime(t *testing.T) {
	for delay := time.Duration(0); delay < 500*time.Millisecond; delay += 20 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			e := start(t, manner{lag: 120 * time.Millisecond}, all)
			s := e.explain(2, 3, "", "")
			want := ""
			for i := range 12 {
				s.write("word ")
				want += "word "
				if i > 4 {
					e.types("# Answers", "x")
				}
				time.Sleep(30 * time.Millisecond) //nolint:forbidigo // in a bubble
			}
			time.Sleep(delay) //nolint:forbidigo // in a bubble
			e.close()
			s.write("end.")
			s.end()
			settle()
			e.presenter.Open()
			settle()
			if got := e.text(); !strings.Contains(got, "\n\n"+want+"end.\n\n*m*") {
				t.Errorf("closed after %v, and opened again:\n%s", delay, got)
			}
		})
	}
}

// Files that were never saved do not pile up; saved ones stay.
func TestOldAnswerFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, manner{}, all)
		long := time.Now().Add(-2 * unsaved)
		for name, old := range map[string]bool{"old.md": true, "new.md": false} {
			for _, text := range []string{head + "\n", "mine"} {
				if err := e.presenter.State.Write(fileKind, text[:1]+name, []byte(text)); err != nil {
					t.Fatal(err)
				}
				if old {
					if err := os.Chtimes(e.presenter.State.File(fileKind, text[:1]+name), long, long); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		s := e.explain(2, 3, "", "")
		s.write("One.")
		s.end()
		settle()
		names, err := e.presenter.State.List(fileKind)
		if err != nil || len(names) != 4 || slices.Contains(names, "#old.md") {
			t.Errorf("left are %q, %v", names, err)
		}
	})
}

// An editor that shows no file, or does not let it be edited, has it on the
// disk, and the person knows where.
func TestNoFileInTheEditor(t *testing.T) {
	for name, test := range map[string]struct {
		manner
		client Client
	}{
		"no showDocument":  {client: Client{ApplyEdit: true}},
		"no applyEdit":     {client: Client{ShowDocument: true}},
		"it fails to open": {manner: manner{noFile: true}, client: all},
		"it refuses edits": {manner: manner{refuses: true}, client: all},
		"nothing at all":   {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := start(t, test.manner, test.client)
				for range 2 {
					s := e.explain(2, 3, "", "")
					s.write("One ")
					settle()
					s.write("two.")
					s.end()
					settle()
				}
				if strings.Count(e.saved(), "\n\nOne two.\n\n*m*") != 2 {
					t.Errorf("on the disk is\n%s", e.saved())
				}
				e.mu.Lock()
				defer e.mu.Unlock()
				if len(e.told) != 1 || !strings.Contains(e.told[0], e.dir) {
					t.Errorf("the person was told %q", e.told)
				}
			})
		})
	}
}
