package messages

import (
	"testing"
	"unicode/utf8"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/completion/jsonwalk"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// FuzzEvent decodes two events, or whole answers, one after the other: what comes of
// them is text, and a call is not one without a name, an id or arguments.
func FuzzEvent(f *testing.F) {
	for _, seed := range completiontest.Messages().Values(f) {
		f.Add("", seed, seed)
	}
	f.Fuzz(func(t *testing.T, kind string, a, b []byte) {
		answer := upstream.NewAnswer(func(event completion.Event, _ error) bool {
			if event.Kind != completion.Refiled && (len(event.Text) == 0 || !utf8.Valid(event.Text)) {
				t.Fatalf("text %q", event.Text)
			}
			return true
		})
		d := Format{}.NewDecoder(answer)
		for _, data := range [][]byte{a, b} {
			for rest := data; ; {
				value, after, err := jsonwalk.Cut(rest)
				if err != nil {
					break
				}
				_ = d.Decode([]byte(kind), value) // whether it is a failure does not matter here
				rest = after
			}
			answer.Flush()
		}
		d.Rest(answer.Kept())
		for _, call := range answer.Summary().ToolCalls {
			if call == (completion.ToolCall{}) {
				t.Fatal("a phantom call")
			}
		}
	})
}
