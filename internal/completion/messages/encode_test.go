package messages

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/completion/upstream"
)

const mark = `,"cache_control":{"type":"ephemeral"}`

func TestBody(t *testing.T) {
	const (
		system = `"system":[{"type":"text","text":"You are terse."` + mark + `}]`
		user   = `{"role":"user","content":"Why?"}`
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
		{"plain", completiontest.Prompt(), upstream.Refused{}, `{"model":"scripted","max_tokens":8192,` + system + `,"messages":[` + user + `],"stream":true}`},
		{"all", full, upstream.Refused{}, `{"model":"scripted","max_tokens":100,` + system + `,"messages":[` + user +
			`],"stream":true,"temperature":0.25,"output_config":{"effort":"low"}}`},
		{"turns before the last are marked", turns, upstream.Refused{}, `{"model":"scripted","max_tokens":8192,` + system + `,"messages":[` + user +
			`,{"role":"assistant","content":[{"type":"text","text":"Because."` + mark + `}]},{"role":"user","content":"Really?"}],"stream":true}`},
		{"marks refused", turns, upstream.Refused{CacheMarks: true}, `{"model":"scripted","max_tokens":8192,"system":"You are terse.","messages":[` + user +
			`,{"role":"assistant","content":"Because."},{"role":"user","content":"Really?"}],"stream":true}`},
		{
			"all refused", full,
			upstream.Refused{System: true, Stream: true, MaxTokens: true, Temperature: true, Effort: true, CacheMarks: true},
			`{"model":"scripted","max_tokens":100,"messages":[{"role":"user","content":"You are terse.\n\nWhy?"}]}`,
		},
		{"too long by itself", &completion.Request{Model: "m"}, upstream.Refused{Longest: upstream.MaxLongest}, `{"model":"m","max_tokens":1024,"messages":[],"stream":true}`},
		{"no empty turn", &completion.Request{Model: "m", Messages: []completion.Message{{Role: completion.User}, {Role: completion.User, Content: "a"}}}, upstream.Refused{}, `{"model":"m","max_tokens":8192,"messages":[{"role":"user","content":"a"}],"stream":true}`},
	} {
		if diff := cmp.Diff(test.want, string(Format{}.Encode(test.req, test.without))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
	}
}

// What is marked in one request of a conversation is a prefix of the next, and there
// are no more marks than the four that are allowed.
func TestMarkedPartsStay(t *testing.T) {
	req := completiontest.Prompt()
	marked := ""
	for turn := range 6 {
		body := string(Format{}.Encode(req, upstream.Refused{}))
		if n := strings.Count(body, mark); n == 0 || n > 4 {
			t.Errorf("turn %d: %d marks", turn, n)
		}
		plain := strings.ReplaceAll(body, mark, "")
		plain = strings.NewReplacer(`[{"type":"text","text":`, "", `}]},{`, `},{`, `"}],"messages"`, `","messages"`).Replace(plain)
		if !strings.HasPrefix(plain, marked) {
			t.Errorf("turn %d does not begin with what was marked before:\n%s\n%s", turn, marked, plain)
		}
		marked = plain[:strings.LastIndex(plain, `{"role"`)]
		req.Messages = append(req.Messages, completion.Message{Role: completion.Assistant, Content: "Because."}, completion.Message{Role: completion.User, Content: "Really?"})
	}
}

func TestHeader(t *testing.T) {
	want := map[string]string{"Anthropic-Version": "2023-06-01"}
	if diff := cmp.Diff(want, Format{}.Header("")); diff != "" {
		t.Error(diff)
	}
	want["X-Api-Key"] = "k"
	if diff := cmp.Diff(want, Format{}.Header("k")); diff != "" {
		t.Error(diff)
	}
}
