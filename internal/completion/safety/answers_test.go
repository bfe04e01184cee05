package safety

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
)

// A script is a model that yields its events, and then its error if it has one.
type script struct {
	events []completion.Event
	err    error
}

func (s script) Stream(context.Context, *completion.Request) iter.Seq2[completion.Event, error] {
	return func(yield func(completion.Event, error) bool) {
		for _, event := range s.events {
			if !yield(event, nil) {
				return
			}
		}
		if s.err != nil {
			yield(completion.Event{}, s.err)
		}
	}
}

func told(kind completion.EventKind, text string) completion.Event {
	return completion.Event{Kind: kind, Text: []byte(text)}
}

func TestAnswers(t *testing.T) {
	const delta, reasoning = completion.Delta, completion.Reasoning
	for _, tt := range []struct {
		name  string
		model script
		want  []string
	}{
		{
			"what waits comes before the finish",
			script{events: []completion.Event{told(reasoning, "a]"), told(delta, "b "), told(delta, "<"), told(delta, "img>["), told(delta, "x]("), {Kind: completion.Finished}}},
			[]string{"2 a", `1 b `, `1 \<img>[`, "1 x", "2 ]", `1 ]\(`, "4 "},
		},
		{
			"and before an error",
			script{events: []completion.Event{told(delta, "`a](b"), told(reasoning, "👩\u200d")}, err: errors.New("broken")},
			[]string{"1 `a", "2 👩", `2 \u{200D}`, `1 ]\(b`, "broken"},
		},
		{
			"the two are apart",
			script{events: []completion.Event{told(reasoning, "```\n"), told(delta, "![a"), told(reasoning, "![a"), {Kind: completion.Finished}}},
			[]string{"2 ```\n", `1 !\[a`, "2 ![a", "2 \n```", "4 "},
		},
		{
			"the rest passes, nothing is empty",
			script{events: []completion.Event{{Kind: completion.Retrying}, told(delta, "\x00"), told(delta, "a"), {Kind: completion.Finished}}},
			[]string{"3 ", "1 a", "4 "},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for event, err := range Answers(tt.model).Stream(t.Context(), nil) {
				if err != nil {
					got = append(got, err.Error())
					continue
				}
				got = append(got, fmt.Sprintf("%d %s", event.Kind, event.Text))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// An answer is measured as it is passed on, not as it arrived: a soft hyphen of
// two bytes comes as one of eight.
func TestAnswersAreMeasuredSafe(t *testing.T) {
	hyphens := strings.Repeat("\u00ad", 1<<20)
	size, last := 0, error(nil)
	for event, err := range Answers(script{events: []completion.Event{told(completion.Delta, hyphens), told(completion.Delta, "a"), {Kind: completion.Finished}}}).Stream(t.Context(), nil) {
		size += len(event.Text)
		last = err
	}
	var failed *completion.Error
	if !errors.As(last, &failed) || failed.Reason != completion.TooLarge || size > maxAnswer || size < maxAnswer-8*maxPiece {
		t.Errorf("%d bytes, and then %v", size, last)
	}
}

// A consumer that leaves the loop gets no more events.
func TestAnswersCanBeLeft(t *testing.T) {
	model := script{events: []completion.Event{told(completion.Delta, "a]"), told(completion.Delta, "b"), {Kind: completion.Finished}}}
	for leave := 1; leave <= 3; leave++ {
		n := 0
		for _, err := range Answers(model).Stream(t.Context(), nil) {
			if n++; err != nil || n == leave {
				break
			}
		}
		if n != leave {
			t.Errorf("%d events, want %d", n, leave)
		}
	}
}

// What is passed on after each piece: plain text and code wait for nothing.
func TestWhatWaits(t *testing.T) {
	for _, steps := range [][][2]string{
		{{"He", "He"}, {"llo ", "llo "}, {"**b", "**b"}, {"**", "**"}, {"\n", "\n"}, {"- ", "- "}, {"a", "a"}, {" !", " !"}, {"[a", `\[a`}},
		{{"`", "`"}, {"``", "``"}, {"go", "go"}, {"\n", "\n"}, {"<a](b", "<a](b"}, {"\n", "\n"}, {"  ", "  "}, {"\t", "\t"}, {"``", "``"}, {"`", "`"}, {"\n", "\n"}, {"`", "`"}, {"``", "``"}, {"\n", "\n"}, {"<", ""}, {"a", `\<a`}},
		{{"`a", "`a"}, {"[0", "[0"}, {"]", ""}, {" ", "] "}, {"]", ""}, {"(", ""}, {"b`", ""}, {" ", "](b` "}},
		{{"a <", "a "}, {" b", "< b"}, {"<ht", ""}, {"tp://e.x", ""}, {">", "<http://e.x>"}},
		{{"[a", "[a"}, {"]", ""}, {"(ht", ""}, {"tp://e.x", ""}, {")", " (e.x)](http://e.x)"}},
		{{"```", "```"}, {"m", ""}, {"a", ""}, {"d", "mad"}, {"\n", "\n"}},
		{{"a\n   ", "a\n   "}, {" ", ""}, {"a", " a"}, {"\n", "\n"}, {"    ", "   "}, {"`", ""}, {"``", "```"}, {"\n", "\n"}, {" ", ""}, {"a", "   a"}},
		{{"a\n\n  ", "a\n\n  "}, {"  ", " "}, {"<", " <"}, {"b", "b"}, {"](", "]("}},
	} {
		var s Sanitizer
		for i, step := range steps {
			if got := string(s.Append(nil, []byte(step[0]))); got != step[1] {
				t.Errorf("%q: piece %d, %q, gives %q, want %q", steps, i, step[0], got, step[1])
			}
		}
	}
}
