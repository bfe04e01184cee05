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

// Check says that all is well where an explanation gets an answer, and fails with the
// explanation's words where it gets none: also if only a streamed answer is refused,
// with a good status, or holds no word.
func TestCheckFailsWhereAnExplanationFails(t *testing.T) {
	t.Parallel()
	refused := func(words string) steps {
		return steps{completiontest.Event(`{"error":{"message":"` + words + `","type":"invalid_request_error","code":400}}`)}
	}
	answer := steps{completiontest.Answer("Fine.")}
	for name, test := range map[string]struct {
		scripts []steps
		says    string // "" if all is well
	}{
		"a field that can be left out":     {[]steps{refused("stream_options is not supported while streaming"), answer}, ""},
		"a role that can be left out":      {[]steps{refused("System role not supported"), answer}, ""},
		"a value that cannot":              {[]steps{refused("temperature must be between 0 and 0.3 for streamed answers")}, "temperature must be between 0 and 0.3"},
		"an error after the header":        {[]steps{{completiontest.Send(": ok\n\n"), completiontest.Send("event: error\ndata: {\"message\":\"no GPU for streaming\"}\n\n")}}, "no GPU for streaming"},
		"a stream without a word":          {[]steps{{completiontest.Finish("stop"), completiontest.Done()}}, "without a word"},
		"a stream of space":                {[]steps{{completiontest.Delta("\n\n"), completiontest.Finish("stop"), completiontest.Done()}}, "without a word"},
		"a stream of thinking":             {[]steps{{completiontest.Reasoning("Hm."), completiontest.Finish("stop"), completiontest.Done()}}, "only thought"},
		"a stream of something else":       {[]steps{{completiontest.Event(`{"output":{"text":"Fine."}}`)}}, "nothing in its answer is a completion"},
		"a stream that ends before a word": {[]steps{{completiontest.Send(": ok\n\n")}}, "closed the connection before it had answered"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			h := llmls.Home(t, u.URL, calm+"temperature = 0.5\n")
			u.Scripts(test.scripts...)
			c := h.Run(t, "check")
			u.Scripts(test.scripts...)
			_, err := start(t, h).ready().explain("t")
			if test.says == "" {
				c.Exits(0)
				if err != nil {
					t.Errorf("an explanation fails: %v", err)
				}
				return
			}
			c.Exits(1)
			c.Says(test.says)
			if _, sentence, _ := failure(t, err); !strings.Contains(c.Stderr.String(), sentence) {
				t.Errorf("check says\n%s, an explanation\n%s", c.Stderr.String(), sentence)
			}
		})
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
