package openai

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/completion/upstream"
)

func TestBody(t *testing.T) {
	const messages = `"messages":[{"role":"system","content":"You are terse."},{"role":"user","content":"Why?"}],"stream":true`
	e := upstream.Endpoint{Format: Format{}, BaseURL: "https://example.com/v1", Key: "sk-canary-0123456789"}
	full, temperature := completiontest.Prompt(), 0.25
	full.MaxOutputTokens, full.Temperature = 100, &temperature
	for _, test := range []struct {
		name string
		req  *completion.Request
		want string
	}{
		{"plain", completiontest.Prompt(), `{"model":"scripted",` + messages + `,"stream_options":{"include_usage":true}}`},
		{"all", full, `{"model":"scripted",` + messages + `,"stream_options":{"include_usage":true},"max_tokens":100,"temperature":0.25}`},
		{"nothing", &completion.Request{}, `{"model":"","messages":[],"stream":true,"stream_options":{"include_usage":true}}`},
	} {
		url, body, err := upstream.NewClient().Body(e, test.req)
		if err != nil || url != "https://example.com/v1/chat/completions" {
			t.Fatal(url, err)
		}
		if diff := cmp.Diff(test.want, string(body)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", test.name, diff)
		}
	}
}

func TestBodyKeepsTheText(t *testing.T) {
	content := "tab\tquote\"back\\slash <html> & \u2028 世界 🌍 \x00\x1f\r\n"
	_, body, err := upstream.NewClient().Body(upstream.Endpoint{Format: Format{}, BaseURL: "localhost"}, &completion.Request{
		Model: `a"b`, Messages: []completion.Message{{Role: completion.User, Content: content + "\xff"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Model    string
		Messages []struct{ Content string }
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if got.Model != `a"b` || got.Messages[0].Content != content+"\ufffd" {
		t.Errorf("got %q, %q", got.Model, got.Messages[0].Content)
	}
	if !bytes.Contains(body, []byte("<html> & ")) {
		t.Errorf("escaped more than JSON wants: %s", body)
	}
}
