package responses

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/completion/upstream"
)

func TestBody(t *testing.T) {
	const (
		user = `{"type":"message","role":"user","content":"Why?"}`
		rest = `],"store":false,"stream":true`
		head = `{"model":"scripted","instructions":"You are terse.","input":[`
	)
	full, temperature := completiontest.Prompt(), 0.25
	full.MaxOutputTokens, full.Temperature, full.ReasoningEffort = 100, &temperature, "low"
	turns := completiontest.Prompt()
	turns.Messages = append(turns.Messages,
		completion.Message{Role: completion.Assistant, Content: "Because."}, completion.Message{Role: completion.User, Content: "Really?"})
	for _, test := range []struct {
		name    string
		req     *completion.Request
		without upstream.Refused
		want    string
	}{
		{"plain", completiontest.Prompt(), upstream.Refused{}, head + user + rest + `}`},
		{"all", full, upstream.Refused{}, head + user + rest + `,"max_output_tokens":100,"temperature":0.25,"reasoning":{"effort":"low"}}`},
		{"turns", turns, upstream.Refused{}, head + user +
			`,{"type":"message","role":"assistant","content":[{"type":"output_text","text":"Because."}]},{"type":"message","role":"user","content":"Really?"}` + rest + `}`},
		{
			"all refused", full,
			upstream.Refused{System: true, Stream: true, MaxTokens: true, Temperature: true, Effort: true},
			`{"model":"scripted","input":[{"type":"message","role":"user","content":"You are terse.\n\nWhy?"}],"store":false}`,
		},
		{"nothing", &completion.Request{}, upstream.Refused{}, `{"model":"","input":[],"store":false,"stream":true}`},
	} {
		if diff := cmp.Diff(test.want, string(Format{}.Encode(test.req, test.without))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
	}
}

func TestHeader(t *testing.T) {
	if diff := cmp.Diff(map[string]string{"Authorization": "Bearer k"}, Format{}.Header("k")); diff != "" {
		t.Error(diff)
	}
	if h := (Format{}).Header(""); len(h) > 0 {
		t.Errorf("without a key: %v", h)
	}
}
