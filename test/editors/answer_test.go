package editors_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// frozen is when Eglot would give up a command that it waits for, showing nothing
// until then: 10 s. What is typed stands on the screen well before, or it waited.
const frozen = 8 * time.Second

// While the endpoint has not said a word a person goes on typing, and what is
// typed is what the file then holds.
func TestSilentEndpointBlocksNoScreen(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		s := e.open(t, code)
		s.upstream.Script(completiontest.Pause("first byte"), completiontest.Answer("Adds it up."))
		s.explains()
		s.upstream.WaitPaused("first byte")
		if e.working != nil {
			s.Until("it shows that it works", e.working.MatchString)
		}
		e.types(s, "# typed ")
		if waited := time.Since(s.asked); waited > frozen {
			t.Errorf("what was typed stood on the screen after %v", waited)
		}
		s.saves("# typed " + code)
		s.upstream.Resume("first byte")
		s.idle(1)
		s.reads("Adds it up.")
		e.types(s, "# more ")
		s.saves("# more # typed " + code)
	})
}

// The lines that are selected are the lines that are asked about.
func TestSelectedLines(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		s := e.open(t, code)
		e.selects(s, 2, 4)
		e.menu(s)
		s.looks("menu", "Explain selection", "Ask about selection…")
		e.chooses(s, "Explain selection")
		if prompt := s.prompt(); !strings.Contains(prompt, `total.py`) || !strings.Contains(prompt, `2-4`) {
			t.Errorf("the prompt is %s", prompt)
		}
		s.idle(1)
		s.reads("Hello")
		s.saves(code)
	})
}

// The answer is read while it grows and when it is complete, in the editor, and
// a person types in the code meanwhile.
func TestAnswerGrows(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		s := e.open(t, code)
		s.upstream.Script(completiontest.Delta("Adds up the **numbers** in `xs`:\n\n1. starts at zero,\n"), completiontest.Pause("rest"),
			completiontest.Answer("2. adds each one,\n", "3. returns the sum.\n"))
		s.explains()
		s.upstream.WaitPaused("rest")
		if e.opens != nil {
			e.opens(s)
		}
		s.looks("growing", "starts at zero")
		if e.returns != nil {
			e.returns(s)
		}
		e.types(s, "# typed ")
		s.saves("# typed " + code)
		s.upstream.Resume("rest")
		s.idle(1)
		if e.again != nil {
			e.again(s)
		}
		s.looks("answer", "returns the sum.")
		if e.returns != nil {
			e.returns(s)
		}
		s.saves("# typed " + code)
	})
}

// Whoever writes in the answer while it grows finds both whole: what was written
// and the answer.
func TestTypingInTheAnswer(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		if e.asksOn == nil {
			return
		}
		s := e.openThrough(t, code, func(url string) string {
			p := process.NewProxy(t, url)
			p.Passes(process.Drip(time.Millisecond)) // a word in about 200 ms
			return p.URL
		})
		var words []string
		for i := range 20 {
			words = append(words, fmt.Sprintf("w%d ", i))
		}
		s.upstream.Script(completiontest.Answer(words...))
		s.explains()
		s.Shows("# Answers", "w0 w1")
		s.Press(e.enters...)
		for i := range 10 {
			e.types(s, fmt.Sprintf("mine%d ", 9-i))
		}
		s.idle(1)
		s.Shows("mine0 mine1 mine2 mine3 mine4 mine5 mine6 mine7 mine8 mine9 # Answers", strings.TrimSpace(strings.Join(words, "")))
		s.follows("the answer is complete", func(screen string) bool {
			return strings.Contains(screen, "20 tokens*")
		})
	})
}

// The answer stands at the code, too, wherever else it does.
func TestHover(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		s := e.open(t, code)
		s.upstream.Script(completiontest.Answer("A sum, word by word."))
		s.explains()
		s.idle(1)
		s.reads("A sum, word by word.")
		elsewhere := strings.Count(s.Screen(), "A sum, word by word.")
		e.hovers(s)
		s.Until("the hover shows it", func(screen string) bool {
			if e.hover != "" {
				return strings.Contains(screen, e.hover)
			}
			n := strings.Count(screen, "A sum, word by word.")
			return n > elsewhere || n == 1 && strings.Contains(screen, "*eldoc*") // in the window of the answer
		})
	})
}

// A question below an answer goes on with its conversation, and its answer
// stands below it.
func TestFollowUp(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		if e.asksOn == nil {
			return
		}
		s := e.open(t, code)
		s.upstream.Scripts([]completiontest.Step{completiontest.Answer("First answer.")}, []completiontest.Step{completiontest.Answer("Second answer.")})
		s.explains()
		s.prompt()
		s.idle(1)
		s.Shows("First answer.", "1 token*")
		e.asksOn(s, "and why?")
		prompt := s.prompt()
		for _, part := range []string{"First answer.", "and why?", "for x in xs"} {
			if !strings.Contains(prompt, part) {
				t.Errorf("the prompt has no %q: %s", part, prompt)
			}
		}
		s.idle(2)
		s.follows("the second answer is in the file", func(screen string) bool {
			return strings.Contains(screen, "Second answer.") && strings.Count(screen, "1 token*") > 1
		})
		s.Press(e.bottom...) // the answer may have come in after the last time
		s.looks("conversation", "and why?", "Second answer.")
	})
}

// earlier is the file of a conversation of another day.
const earlier = `# Is it fast?

## Question

<!-- llmls: question {"question":"Is it fast?","title":"Ask about total.py:2-4","time":"2026-10-01T10:00:00Z"} -->

Is it fast?

## Answer

<!-- llmls: answer {"model":"scripted","endpoint":"default"} -->

As the wind.

<!-- llmls: end {"finishReason":"stop","model":"scripted","endpoint":"default"} -->

*scripted · 1.0 s · 3 tokens*

`

// A conversation of another day is listed, read, and gone on with in its own file.
func TestEarlierAnswers(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		if e.finds == nil {
			return
		}
		const name = "state/llmls/conversations/2026-10-01-EARLIR-1.md"
		if e.files == nil {
			e.files = map[string]string{}
		}
		e.files[name] = earlier
		s := e.open(t, code)
		s.upstream.Script(completiontest.Answer("Faster."))
		e.selects(s, 2, 4)
		e.menu(s)
		e.chooses(s, "Show earlier answers")
		s.Shows("EARLIR-1: Is it fast?")
		e.finds(s, "EARLIR")
		e.menu(s)
		e.chooses(s, `Show "Is it fast?"`)
		s.Shows("As the wind.", "3 tokens*")
		s.looks("earlier", "> Is it fast?", "As the wind.")
		s.Press("A")
		s.Type("how fast?")
		s.Shows("> how fast?")
		s.Press("Escape")
		e.menu(s)
		e.chooses(s, "Send")
		if prompt := s.prompt(); !strings.Contains(prompt, "As the wind.") || !strings.Contains(prompt, "how fast?") {
			t.Errorf("the prompt is %s", prompt)
		}
		s.idle(1)
		s.Until("the answer is in the file", func(screen string) bool {
			s.Press(e.bottom...)
			return strings.Contains(screen, "Faster.")
		})
		process.Eventually(t, process.Patience, "its file has both", func() bool {
			raw, err := os.ReadFile(filepath.Join(s.home.Dir, name))
			return err == nil && strings.HasPrefix(string(raw), earlier) && strings.Contains(string(raw), "Faster.")
		})
	})
}

// The file of an earlier run goes on: what is sent below an answer is asked in the
// conversation that is kept of it, and answered there.
func TestAnswerFileOfAnEarlierRun(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		if e.finds == nil {
			return
		}
		s := e.open(t, code)
		s.upstream.Scripts([]completiontest.Step{completiontest.Answer("First answer.")}, []completiontest.Step{completiontest.Answer("Second answer.")})
		s.explains()
		s.prompt()
		s.idle(1)
		s.reads("First answer.", "1 token*")
		s.left = true
		e.leaves(s)
		s.Ends()
		s.edits(s.kept())
		s.Shows("First answer.", "1 token*")
		process.Eventually(t, process.Patience, "llmls has started again", func() bool {
			return strings.Count(s.home.Log(t), `"msg":"initialized"`) > 1
		})
		e.asksOn(s, "and why?")
		prompt := s.prompt()
		for _, part := range []string{"First answer.", "and why?", "for x in xs"} {
			if !strings.Contains(prompt, part) {
				t.Errorf("the prompt has no %q: %s", part, prompt)
			}
		}
		s.idle(2)
		s.follows("the second answer is in the same file", func(screen string) bool {
			return strings.Contains(screen, "First answer.") && strings.Contains(screen, "Second answer.") && strings.Count(screen, "1 token*") > 1
		})
		e.quits(s)
		s.Ends()
	})
}

// An answer is stopped by the action, and by nothing less.
func TestStop(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		s := e.open(t, code)
		s.upstream.Script(completiontest.Delta("Half of "), completiontest.Stall())
		s.explains()
		request := s.upstream.Next()
		s.reads("Half of")
		e.types(s, "# typed ")
		e.selects(s, 2, 4)
		e.menu(s)
		e.chooses(s, "Stop answering")
		request.WaitDone(t)
		s.saves("# typed " + code)
	})
}

// A question in a comment above the selection is asked by its action.
func TestQuestionInAComment(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		const asking = "# ? is it fast\n" + code
		s := e.open(t, asking)
		e.selects(s, 2, 4)
		e.menu(s)
		e.chooses(s, `Ask: "is it fast"`)
		if prompt := s.prompt(); !strings.Contains(prompt, "is it fast") {
			t.Errorf("the prompt is %s", prompt)
		}
		s.idle(1)
		s.reads("Hello")
		s.saves(asking)
	})
}

// A question is typed in a command of the editor.
func TestQuestionByCommand(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		s := e.open(t, code)
		s.explains()
		s.prompt()
		s.idle(1)
		s.reads("Hello")
		e.asks(s, "why so slow?")
		if prompt := s.prompt(); !strings.Contains(prompt, "why so slow?") {
			t.Errorf("the prompt is %s", prompt)
		}
		s.idle(2)
		s.saves(code)
	})
}

// What went wrong stands on the screen, with the next step, and the next key is
// the code's.
func TestFailure(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		s := e.open(t, code)
		s.upstream.Script(completiontest.Error(401, "auth", "no"))
		s.explains()
		s.Shows("refused the key", "Set a valid key in OPENAI_API_KEY")
		e.types(s, "# typed ")
		s.saves("# typed " + code)
	})
}

// A command that fails at once says why on the screen, where a client shows no errors
// of commands, too.
func TestRefusal(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		if e.files == nil {
			e.files = map[string]string{}
		}
		e.files["work/.aiignore"] = "total.py\n"
		s := e.open(t, code)
		s.explains()
		s.Shows("Select other code or")
		if n := len(s.upstream.Requests()); n > 0 {
			t.Errorf("%d requests were sent", n)
		}
	})
}

// A person who leaves the editor is not asked about the file of the answers, and finds
// them there.
func TestLeaving(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		s := e.open(t, code)
		s.upstream.Script(completiontest.Answer("A sum, word by word."))
		s.explains()
		s.idle(1)
		if e.asksOn != nil {
			s.reads("A sum, word by word.", "1 token*")
		} else {
			s.kept()
		}
		s.left = true
		e.leaves(s)
		s.Ends()
		if raw, err := os.ReadFile(s.kept()); err != nil || !strings.Contains(string(raw), "A sum, word by word.\n\n*scripted · ") {
			t.Errorf("the file holds %q, %v", raw, err)
		}
	})
}
