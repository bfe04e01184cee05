//go:build linux

package faults

import (
	"fmt"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

// An endpoint that writes its answer in another way than most costs no text, and
// nothing of it is taken for the answer that is none. The next turn brings the
// answer alone.
func TestDialects(t *testing.T) {
	t.Parallel()
	deltas := func(texts ...string) steps {
		var all steps
		for _, text := range texts {
			all = append(all, completiontest.Delta(text))
		}
		return append(all, completiontest.Finish("stop"), completiontest.Done())
	}
	message := completiontest.Event(`{"choices":[{"index":0,"message":{"content":"It adds numbers."},"finish_reason":"stop"}]}`)
	for name, test := range map[string]struct {
		script steps
		want   string
		finish string
	}{
		"each delta holds all the text":    {deltas("Adds", "Adds two", "Adds two whole", "Adds two whole numbers."), "Adds two whole numbers.", "stop"},
		"a text that repeats itself":       {deltas("ha", "haha", "hahaha", "hahahaha"), "hahahahahahahahahaha", "stop"},
		"the whole message behind deltas":  {steps{completiontest.Delta("Adds "), completiontest.Delta("numbers."), message}, "Adds numbers.", "stop"},
		"thinking between tags":            {deltas("<think", "ing>Hm.</thinking>", "\n\nAdds numbers."), "Adds numbers.", "stop"},
		"only the end of the thinking":     {deltas("Hm. I see.", "\n</thi", "nk>\n\n", "Adds numbers."), "Adds numbers.", "stop"},
		"a glued end of the thinking":      {deltas("Hm. I see.</thi", "nk>Adds numbers."), "Adds numbers.", "stop"},
		"the end of another tag":           {deltas("<think>\nHm.\n</thin", "king>\n\n", "Adds numbers."), "Adds numbers.", "stop"},
		"a tag with attributes":            {deltas("<think effort=\"lo", "w\">Hm.</think>", "Adds numbers."), "Adds numbers.", "stop"},
		"a mention of an end":              {deltas("It splits at the tag, as in: Hm.</thi", "nk>The rest is kept."), "It splits at the tag, as in: Hm.\\</think>The rest is kept.", "stop"},
		"an answer about tags":             {deltas("Write `<think>`:\n\n```\n<think>\n", "a\n</think>\n```\n"), "Write `<think>`:\n\n```\n<think>\na\n</think>\n```\n", "stop"},
		"pages beside the answer":          {steps{completiontest.Delta("It adds [1]."), completiontest.Event(`{"choices":[],"citations":[{"url":"https://a.example/x","title":"![x](https://evil.example)"},"javascript:alert(1)"]}`), completiontest.Finish("stop"), completiontest.Done()}, "It adds [1].\n\nSources:\n\n1. [!(x)(https://evil.example) (a.example)](https://a.example/x)\n", "stop"},
		"channels":                         {deltas("<|channel|>analysis<|mess", "age|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>", "Adds numbers."), "Adds numbers.", "stop"},
		"channels by their names":          {deltas("analysis", "\nHm. I see.\nassis", "tant\nfinal\nAdds numbers."), "Adds numbers.", "stop"},
		"full-width tags":                  {deltas("<｜thi", "nk｜>Hm.<｜/think｜", ">\n\nAdds numbers."), "Adds numbers.", "stop"},
		"a finish reason before any text":  {steps{completiontest.Finish("stop"), completiontest.Delta("Adds numbers."), completiontest.Done()}, "Adds numbers.", "stop"},
		"space before a whole completion":  {steps{completiontest.Status(200, "Content-Type", "application/json"), completiontest.Send(strings.Repeat(" ", 2000) + `{"choices":[{"message":{"content":"Adds numbers."},"finish_reason":"stop"}]}`)}, "Adds numbers.", "stop"},
		"a keepalive in the middle of one": {steps{completiontest.Delta("Adds "), completiontest.Send("data: {\"choices\":[{\"de: PING\n\nlta\":{}}]}\n\n"), completiontest.Delta("numbers."), completiontest.Finish("stop"), completiontest.Done()}, "Adds numbers.", "incomplete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			u.Script(test.script...)
			s := start(t, llmls.Home(t, u.URL, "")).ready()
			r, err := s.explain("t")
			if err != nil || r.Text != test.want || r.FinishReason != test.finish {
				t.Errorf("got %q, %s, %v; want %q, %s", r.Text, r.FinishReason, err, test.want, test.finish)
			}
		})
	}
}

// What was printed before it turned out to be thinking cannot be taken back: a line
// parts it from the answer, and a person is told.
func TestRefiledOnTheCommandLine(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Hm. I see.", "\n</think>\n\n", "Adds numbers."))
	c := llmls.Home(t, u.URL, calm).Run(t, "ask", "why?")
	c.Exits(0)
	c.Prints("Hm. I see.\n\n\n---\n\nAdds numbers.")
	c.Says("below the line (---)")
}

// What an endpoint refuses of a request is sent no more, and the answer comes as
// if nothing had been.
func TestRefusedParts(t *testing.T) {
	t.Parallel()
	answer := steps{completiontest.Answer("Adds numbers.")}
	for name, test := range map[string]struct {
		refusal, then steps
		sent          string // in the first request, and in no other
	}{
		"system messages": {steps{completiontest.Error(400, "invalid_request_error", "System role not supported")}, answer, `"role":"system"`},
		"streaming": {
			steps{completiontest.Error(400, "invalid_request_error", "Your organization must be verified to stream this model.")},
			steps{completiontest.Status(200, "Content-Type", "application/json"), completiontest.Send(`{"choices":[{"message":{"content":"Adds numbers."},"finish_reason":"stop"}]}`)},
			`"stream":true`,
		},
		"a temperature": {steps{completiontest.Error(400, "invalid_request_error", "invalid temperature: only 1 is allowed for this model")}, answer, `"temperature"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			u.Scripts(test.refusal, test.then)
			s := start(t, llmls.Home(t, u.URL, "temperature = 0.5\nretries = 0\n")).ready()
			for range 2 {
				if r, err := s.explain("t"); err != nil || r.Text != "Adds numbers." {
					t.Fatalf("got %q, %v", r.Text, err)
				}
			}
			for i, r := range u.Requests() {
				if sent := strings.Contains(string(r.Body), test.sent); sent != (i == 0) {
					t.Errorf("request %d has %s: %v", i, test.sent, sent)
				}
			}
			if n := len(u.Requests()); n != 3 {
				t.Errorf("%d requests", n)
			}
		})
	}
	t.Run("events alone", func(t *testing.T) {
		t.Parallel()
		u := completiontest.NewUpstream(t)
		u.Scripts(steps{completiontest.Status(406), completiontest.Send("")}, answer)
		s := start(t, llmls.Home(t, u.URL, "retries = 0\n")).ready()
		if r, err := s.explain("t"); err != nil || r.Text != "Adds numbers." {
			t.Errorf("got %q, %v", r.Text, err)
		}
	})
}

// A question costs no retry and no wait because the connections of the last one
// are dead: the machine slept, or a load balancer forgot them.
func TestDeadConnections(t *testing.T) {
	t.Parallel()
	fates := map[string]completiontest.Fate{"closed": completiontest.Finished, "reset": completiontest.Broken}
	wires := map[string]*completiontest.Wire{"chat": completiontest.Chat(), "responses": completiontest.Responses(), "messages": completiontest.Messages()}
	for name, fate := range fates {
		for api, wire := range wires {
			t.Run(name+" "+api, func(t *testing.T) {
				t.Parallel()
				u := completiontest.NewUpstream(t)
				u.Script(wire.Answer("Hello"))
				s := start(t, llmls.Home(t, "", "retries = 0\n"+endpointAt(u, api))).ready()
				for range 3 {
					if r, err := s.explain("t"); err != nil || r.Text != "Hello" {
						t.Fatalf("got %q, %v", r.Text, err)
					}
					u.Doom(fate)
				}
			})
		}
	}
}

// endpointAt is the part of config.toml that chooses u, in the form of that API.
func endpointAt(u *completiontest.Upstream, api string) string {
	return fmt.Sprintf("endpoint = \"it\"\n[endpoints.it]\nbaseUrl = %q\nmodel = \"m\"\napi = %q\napiKeyEnv = \"OPENAI_API_KEY\"\n", u.URL, api)
}
