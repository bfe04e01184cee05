package present

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.lsp.dev/protocol"
	"pgregory.net/rapid"
)

// second starts an editor that has an answer, and a second one to come.
func second(t *testing.T, m manner) (*editor, *stream) {
	t.Helper()
	e := start(t, m, all)
	first := e.explain(2, 3, "", "")
	first.write("Done.")
	first.end()
	settle()
	return e, e.explain(2, 3, "", "")
}

// What the user writes above, below and between stays, and the answer is
// whole.
func TestTypingInTheAnswerFile(t *testing.T) {
	for _, test := range []struct{ name, mark string }{{"above", "# Answers"}, {"below", ""}, {"in an older answer", "Done."}} {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(t *testing.T, m manner) {
				if m.untracked {
					return // it does not tell
				}
				e, s := second(t, m)
				typed, want := "", ""
				for i := range 40 {
					s.write("word\n")
					want += "word\n"
					if i >= 5 && i < 30 {
						e.types(test.mark, string(rune('a'+i%10)))
						typed += string(rune('a' + i%10))
					}
					time.Sleep(37 * time.Millisecond) //nolint:forbidigo // in a bubble
				}
				s.end()
				settle()
				got := e.text()
				if !strings.Contains(got, "#L2)\n\n"+strings.TrimSpace(want)+"\n\n*m*") {
					t.Errorf("the answer is not whole:\n%s", got)
				}
				if !strings.Contains(got, typed) {
					t.Errorf("%q is not in\n%s", typed, got)
				}
			})
		})
	}
}

// What the user destroys of a growing answer comes back; what belongs to the
// user does not.
func TestOnlyTheUnfinishedIsRewritten(t *testing.T) {
	each(t, func(t *testing.T, m manner) {
		if m.untracked {
			return
		}
		e, s := second(t, m)
		s.write("One two three")
		settle()
		e.types("one.", "mine, d")
		e.types("two", "XYZ")
		settle()
		s.write(" four.")
		s.end()
		settle()
		got := e.text()
		if !strings.Contains(got, "\n\nOne two three four.\n\n*m*") || !strings.Contains(got, "\n\nDmine, done.\n\n*m*") ||
			strings.Count(got, "three") != 1 {
			t.Errorf("the file is\n%s", got)
		}
	})
}

// Lines that the user adds above an answer while an edit of it is on its way
// put that edit in the wrong place, and nothing is lost there.
func TestLinesAbove(t *testing.T) {
	for _, m := range []manner{{debounce: 400 * time.Millisecond}, {lag: 280 * time.Millisecond}, {lag: 400 * time.Millisecond}} {
		for _, typed := range []string{"x\n", "one\ntwo\n", strings.Repeat("many\n", 12)} {
			for _, written := range []string{"short ", "a\nb\nc\n", "w\n\n> q\n\n"} {
				synctest.Test(t, func(t *testing.T) {
					e, s := second(t, m)
					s.write(written)
					settle()
					s.write("more")
					time.Sleep(time.Millisecond) //nolint:forbidigo // in a bubble: the edit is applied and not told
					e.types("# Answers", typed)
					s.write(" and more")
					time.Sleep(time.Second) //nolint:forbidigo // in a bubble
					s.write(".")
					s.end()
					settle()
					want := typed + head + "\n\n## 1. Explain total.py:2-3\n\n[total.py:2-3](file:///w/total.py#L2)\n\nDone.\n\n*m*\n\n> \n" +
						"\n## 2. Explain total.py:2-3\n\n[total.py:2-3](file:///w/total.py#L2)\n\n" + written + "more and more.\n\n*m*\n\n> \n"
					if got := e.text(); got != want {
						t.Errorf("the file is\n%s\nwant\n%s", got, want)
					}
				})
			}
		}
	}
}

// A line without an end is written again less and less often.
func TestLongLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, manner{}, all)
		s := e.explain(2, 3, "", "")
		const words = 4000
		for range words {
			s.write("some words ")
			time.Sleep(20 * time.Millisecond) //nolint:forbidigo // in a bubble
		}
		s.end()
		settle()
		if text := strings.TrimSpace(strings.Repeat("some words ", words)); !strings.Contains(e.text(), "\n\n"+text) {
			t.Error("words are missing")
		}
		if n := e.count(protocol.MethodWorkspaceApplyEdit); n > 150 {
			t.Errorf("%d edits", n)
		}
	})
}

// The last line of the file need not have an end.
func TestNoLastLineEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, s := second(t, manner{})
		s.write("Two.")
		s.end()
		settle()
		e.mu.Lock()
		e.edit(e.buffer.Len()-1, e.buffer.Len(), "")
		e.mu.Unlock()
		third := e.explain(2, 3, "", "")
		third.write("Three.")
		third.end()
		settle()
		if got := e.text(); !strings.HasSuffix(got, "\n\nTwo.\n\n*m*\n\n> \n\n## 3. Explain total.py:2-3\n\n[total.py:2-3](file:///w/total.py#L2)\n\nThree.\n\n*m*\n\n> \n") {
			t.Errorf("the file is\n%s", got)
		}
	})
}

// An editor that reports later than the next edit is sent, and a user who writes
// meanwhile: what is written again waits until the editor reports no more changes.
func TestLateEditor(t *testing.T) {
	for pause := 10 * time.Millisecond; pause <= 400*time.Millisecond; pause += 5 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			e := start(t, manner{lag: 280 * time.Millisecond}, all)
			s := e.explain(2, 3, "", "")
			s.write("word\n")
			settle()
			want, typed := "word\n", ""
			for i := range 8 {
				e.types("", string(rune('A'+i)))
				typed += string(rune('A' + i))
				s.write("word\n")
				want += "word\n"
				time.Sleep(pause) //nolint:forbidigo // in a bubble
			}
			s.end()
			settle()
			if got := e.text(); !strings.HasSuffix(got, "#L2)\n\n"+want+"\n*m*\n\n> "+typed+"\n") {
				t.Errorf("a word each %v:\n%s", pause, got)
			}
		})
	}
}

// What the user writes above and below an answer that grows stays in order,
// and the answer comes out whole, for any manner of the editor and any timing.
func TestTypingAnywhereAnytime(t *testing.T) {
	step := rapid.Custom(func(t *rapid.T) step {
		switch rapid.IntRange(0, 3).Draw(t, "step") {
		case 0:
			return step{text: rapid.SampledFrom([]string{"a", "b c ", "\n", "é😀", "## 2. x\n", "> q\n"}).Draw(t, "text")}
		case 1:
			return step{types: true, mark: rapid.SampledFrom([]string{"# Answers", "Done.", ""}).Draw(t, "mark")}
		}
		return step{pause: time.Duration(rapid.IntRange(1, 500).Draw(t, "ms")) * time.Millisecond}
	})
	rapid.Check(t, func(r *rapid.T) {
		m := rapid.SampledFrom([]manner{
			{},
			{debounce: 20 * time.Millisecond},
			{debounce: 150 * time.Millisecond},
			{debounce: 400 * time.Millisecond},
			{lag: 10 * time.Millisecond},
			{lag: 120 * time.Millisecond},
			{lag: 280 * time.Millisecond},
		}).Draw(r, "manner")
		steps := rapid.SliceOfN(step, 1, 25).Draw(r, "steps")
		var w *typist
		synctest.Test(t, func(t *testing.T) {
			w = &typist{editor: start(t, m, all), typed: map[string]string{}}
			first := w.explain(2, 3, "", "")
			first.write("Done.")
			first.end()
			settle()
			w.stream = w.explain(2, 3, "", "")
			for _, step := range steps {
				switch {
				case step.types:
					w.types(step.mark)
				case step.text != "":
					w.answer(step.text)
				default:
					time.Sleep(step.pause) //nolint:forbidigo // in a bubble
				}
			}
			w.answer("end.")
			w.end()
			settle()
		})
		got := w.text()
		if !strings.Contains(got, "#L2)\n\n"+w.written+"\n\n*m*\n\n> ") {
			r.Fatalf("%q is not whole in\n%s", w.written, got)
		}
		for mark, text := range w.typed {
			if !strings.Contains(got, text+mark) {
				r.Fatalf("%q is not in front of %q in\n%s", text, mark, got)
			}
		}
	})
}

// A step is more of the answer, a letter of the user's, or time that passes.
type step struct {
	text  string
	types bool
	mark  string
	pause time.Duration
}

// A typist writes in the answer file while an answer streams into it.
type typist struct {
	*editor
	*stream
	written string            // by the answer
	typed   map[string]string // by the user, in front of a mark
}

func (w *typist) answer(text string) {
	w.write(text)
	w.written += text
}

func (w *typist) types(mark string) {
	if mark == "" && !strings.Contains(w.text(), "## 2. Explain") {
		return // there is nothing yet to write below
	}
	letter := string(rune('A' + len(w.typed[mark])%26))
	w.editor.types(mark, letter)
	w.typed[mark] += letter
}
