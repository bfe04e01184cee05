//go:build linux

package faults

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

// What check sends differs from what an answer sends in the question alone, so
// that an endpoint that refuses one refuses both.
func TestCheckSendsWhatAnAnswerSends(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, calm+"temperature = 0.5\nmaxOutputTokens = 50\nsystemPrompt = 'Be brief.'\n")
	var sent []map[string]any
	for _, line := range [][]string{{"check"}, {"ask", "why?"}} {
		h.Run(t, line...).Exits(0)
		requests := u.Requests()
		var body map[string]any
		if err := json.Unmarshal(requests[len(requests)-1].Body, &body); err != nil {
			t.Fatal(err)
		}
		messages, _ := body["messages"].([]any)
		if len(messages) != 2 {
			t.Fatalf("%q sent %v", line, body)
		}
		body["messages"] = messages[0]
		sent = append(sent, body)
	}
	if !reflect.DeepEqual(sent[0], sent[1]) {
		t.Errorf("check sent %v, an answer %v", sent[0], sent[1])
	}
}

// A check of a model that the endpoint does not know names some that it has.
func TestCheckNamesModels(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Scripts(
		steps{completiontest.Error(404, "not_found_error", "The model `scripted` does not exist")},
		steps{completiontest.Status(200, "Content-Type", "application/json"), completiontest.Send(`{"data":[{"id":"qwen3"},{"id":"gemma3"}]}`)},
	)
	c := llmls.Home(t, u.URL, calm).Run(t, "check")
	c.Exits(1)
	if got := c.Stdout.String(); !strings.Contains(got, "models    qwen3, gemma3\n") {
		t.Errorf("it prints\n%s", got)
	}
}
