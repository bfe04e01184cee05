package openai

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/llmls/llmls/internal/completion"
)

// written collects what a writer gives out.
type written struct {
	writer
	content, reasoning string
}

func newWritten() *written {
	w := &written{}
	w.yield = func(event completion.Event, err error) bool {
		if event.Kind == completion.Reasoning {
			w.reasoning += string(event.Text)
		} else {
			w.content += string(event.Text)
		}
		return true
	}
	return w
}

var thinking = []struct{ text, content, reasoning string }{
	{"Hello", "Hello", ""},
	{"<think>a</think>b", "b", "a"},
	{"<think>\na\n</think>\n\nb", "b", "a\n"},
	{" \n<think>a</think>b", "b", "a"},
	{"<think></think>b", "b", ""},
	{"<think>\n\n</think>\n\nb", "b", ""},
	{"<think>a", "", "a"},
	{"<think>a</thin", "", "a</thin"},
	{"<think>a</think>", "", "a"},
	{"<think>a <b </ </think <<//think></think>b</think>", "b</think>", "a <b </ </think <<//think>"},
	{"<think>a</think>    indented", "    indented", "a"},
	{"<think>a</think><think>b</think>", "<think>b</think>", "a"},
	{"<thinking>a", "<thinking>a", ""},
	{"<think", "<think", ""},
	{"<", "<", ""},
	{"  \n", "  \n", ""},
	{"  x<think>a</think>", "  x<think>a</think>", ""},
	{"", "", ""},
}

func TestThinking(t *testing.T) {
	for _, test := range thinking {
		w := newWritten()
		w.writeContent([]byte(strings.ReplaceAll(test.text, "\n", `\n`)))
		w.finishText()
		if w.content != test.content || w.reasoning != test.reasoning {
			t.Errorf("%q: got %q and %q, want %q and %q", test.text, w.content, w.reasoning, test.content, test.reasoning)
		}
	}
}

// Tags may be cut anywhere, and a flush may come between any two pieces.
func TestThinkingInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		test := rapid.SampledFrom(thinking).Draw(t, "text")
		w := newWritten()
		for rest := test.text; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			w.writeContent([]byte(strings.ReplaceAll(rest[:n], "\n", `\n`)))
			if rapid.Bool().Draw(t, "flush") {
				w.flush()
			}
			rest = rest[n:]
		}
		w.finishText()
		if w.content != test.content || w.reasoning != test.reasoning {
			t.Fatalf("%q: got %q and %q, want %q and %q", test.text, w.content, w.reasoning, test.content, test.reasoning)
		}
	})
}

// What can be decided is given out at once: only the possible start of a tag
// waits.
func TestThinkingHoldsBackOnlyWhatIsUndecided(t *testing.T) {
	w := newWritten()
	for _, step := range []struct{ piece, content, reasoning string }{
		{"<thi", "", ""},
		{"nk>ab", "", "ab"},
		{"c<", "", "abc"},
		{"d</thin", "", "abc<d"},
		{"k>e<", "e<", "abc<d"},
	} {
		w.writeContent([]byte(step.piece))
		w.flush()
		if w.content != step.content || w.reasoning != step.reasoning {
			t.Errorf("after %q: got %q and %q, want %q and %q", step.piece, w.content, w.reasoning, step.content, step.reasoning)
		}
	}
	w = newWritten()
	w.writeContent([]byte("<b"))
	w.flush()
	if w.content != "<b" {
		t.Errorf("held back %q", w.held)
	}
}

// A server that streams the thinking apart means a tag in the answer.
func TestThinkingApartLeavesTagsAlone(t *testing.T) {
	w := newWritten()
	w.writeReasoning([]byte("a"))
	w.writeContent([]byte("<think>b"))
	w.finishText()
	if w.content != "<think>b" || w.reasoning != "a" {
		t.Errorf("got %q and %q", w.content, w.reasoning)
	}
}
