package openai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
)

func fullPrompt() *completion.Request {
	req, temperature := completiontest.Prompt(), 0.25
	req.MaxOutputTokens, req.Temperature = 100, &temperature
	return req
}

func TestBody(t *testing.T) {
	const messages = `"messages":[{"role":"system","content":"You are terse."},{"role":"user","content":"Why?"}],"stream":true`
	e := Endpoint{BaseURL: "https://example.com/v1", Key: "sk-canary-0123456789"}
	for _, test := range []struct {
		name string
		req  *completion.Request
		want string
	}{
		{"plain", completiontest.Prompt(), `{"model":"scripted",` + messages + `,"stream_options":{"include_usage":true}}`},
		{"all", fullPrompt(), `{"model":"scripted",` + messages + `,"stream_options":{"include_usage":true},"max_tokens":100,"temperature":0.25}`},
		{"nothing", &completion.Request{}, `{"model":"","messages":[],"stream":true,"stream_options":{"include_usage":true}}`},
	} {
		url, body, err := NewClient().Body(e, test.req)
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
	_, body, err := NewClient().Body(Endpoint{BaseURL: "localhost"}, &completion.Request{
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

func TestRequest(t *testing.T) {
	u := completiontest.NewUpstream(t)
	c := testClient(t, u)
	e := Endpoint{BaseURL: u.URL, Key: "sk-canary-0123456789"}
	if o := completiontest.Collect(t, modelFor(t, c, e).Stream(t.Context(), fullPrompt())); o.Err != nil {
		t.Fatal(o.Err)
	}
	r := u.Next()
	if r.Method != http.MethodPost || r.Path != "/v1/chat/completions" {
		t.Errorf("%s %s", r.Method, r.Path)
	}
	_, body, err := c.Body(e, fullPrompt())
	if err != nil || !bytes.Equal(r.Body, body) {
		t.Errorf("sent %s, Body says %s, %v", r.Body, body, err)
	}
	want := http.Header{
		"Accept":         {"text/event-stream"},
		"Authorization":  {"Bearer sk-canary-0123456789"},
		"Content-Type":   {"application/json"},
		"Content-Length": {fmt.Sprint(len(body))},
		"User-Agent":     {"llmls"},
	}
	if diff := cmp.Diff(want, r.Header); diff != "" {
		t.Errorf("header (-want +got)\n%s", diff)
	}
	e.Key = ""
	if o := completiontest.Collect(t, modelFor(t, c, e).Stream(t.Context(), completiontest.Prompt())); o.Err != nil {
		t.Fatal(o.Err)
	}
	if _, sent := u.Next().Header["Authorization"]; sent {
		t.Error("an Authorization header without a key")
	}
}

func TestKeysThatCannotBeSent(t *testing.T) {
	for _, key := range []string{"sk-canary\r\nX-Evil: 1", "sk-canary\n", "sk-canary\x00", "sk-canary\x7f", "sk-canarý", "sk-canary\u200b", "\tsk-canary"} {
		_, err := NewClient().Model(Endpoint{BaseURL: "localhost", Key: key, KeySource: "X"})
		failed := completion.AsError(err)
		if failed == nil || failed.Kind != completion.Config || failed.Reason != completion.BadKey {
			t.Errorf("%q: %v", key, err)
			continue
		}
		if text := failed.Error() + failed.Sentence(); bytes.Contains([]byte(text), []byte("canar")) {
			t.Errorf("the key is in the error: %s", text)
		}
	}
}

const (
	refusesStreamOptions = "Unrecognized request argument supplied: stream_options"
	wantsCompletion      = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
	refusesTemperature   = "Unsupported value: 'temperature' does not support 0.25 with this model. Only the default (1) value is supported."
)

func refusal(message string) []completiontest.Step {
	return []completiontest.Step{completiontest.Error(http.StatusBadRequest, "invalid_request_error", message)}
}

// fields are the optional members of a request's body.
func fields(t *testing.T, r *completiontest.Request) (names []string) {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal(r.Body, &body); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"stream_options", "max_tokens", "max_completion_tokens", "temperature"} {
		if _, ok := body[name]; ok {
			names = append(names, name)
		}
	}
	return names
}

func TestRefusedFieldsAreLeftOutAndRemembered(t *testing.T) {
	u := completiontest.NewUpstream(t)
	u.Scripts(refusal(refusesStreamOptions), refusal(wantsCompletion), refusal(refusesTemperature), []completiontest.Step{completiontest.Answer("Hello")})
	c := testClient(t, u)
	stream := func(e Endpoint, model string) {
		t.Helper()
		req := fullPrompt()
		req.Model = model
		if o := completiontest.Collect(t, modelFor(t, c, e).Stream(t.Context(), req)); o.Err != nil || o.Content != "Hello" || len(o.Retries) > 0 {
			t.Fatalf("got %+v", o)
		}
	}
	e := Endpoint{BaseURL: u.URL}
	stream(e, "a") // learns all three
	stream(e, "a")
	stream(e, "b") // another model of that origin
	want := [][]string{
		{"stream_options", "max_tokens", "temperature"},
		{"max_tokens", "temperature"},
		{"max_completion_tokens", "temperature"},
		{"max_completion_tokens"},
		{"max_completion_tokens"},
		{"max_tokens", "temperature"},
	}
	for i, want := range want {
		if diff := cmp.Diff(want, fields(t, u.Next())); diff != "" {
			t.Errorf("request %d (-want +got)\n%s", i, diff)
		}
	}
	other := completiontest.NewUpstream(t) // another origin
	e.BaseURL = other.URL
	stream(e, "a")
	if diff := cmp.Diff(want[0], fields(t, other.Next())); diff != "" {
		t.Errorf("another origin (-want +got)\n%s", diff)
	}
}

// Requests that run at once learn different things.
func TestRefusalsAddUp(t *testing.T) {
	var r refusals
	target := testTarget()
	r.remember(target, refused{streamOptions: true})
	r.remember(target, refused{maxTokens: true})
	r.remember(target, refused{})
	if got := r.of(target); got != (refused{streamOptions: true, maxTokens: true}) {
		t.Errorf("got %+v", got)
	}
	target.model = "another"
	if got := r.of(target); got != (refused{streamOptions: true}) {
		t.Errorf("another model: got %+v", got)
	}
}

// What is refused for its value is the user's to correct, and what was not sent
// is not the reason.
func TestOtherRefusalsAreErrors(t *testing.T) {
	for name, test := range map[string]struct {
		req      *completion.Request
		script   []completiontest.Step
		attempts int
	}{
		"value of max_tokens":  {fullPrompt(), refusal("max_tokens is too large: 100. This model supports at most 10 completion tokens"), 1},
		"value of temperature": {fullPrompt(), refusal("'temperature' must be less than or equal to 2"), 1},
		"temperature not sent": {completiontest.Prompt(), refusal(refusesTemperature), 1},
		"max_tokens not sent":  {completiontest.Prompt(), refusal(wantsCompletion), 1},
		"another status":       {completiontest.Prompt(), []completiontest.Step{completiontest.Error(http.StatusForbidden, "x", refusesStreamOptions)}, 1},
		"refused all the same": {completiontest.Prompt(), refusal(refusesStreamOptions), 2},
		"all refused, no end":  {fullPrompt(), refusal(refusesStreamOptions + wantsCompletion + refusesTemperature), 4},
	} {
		t.Run(name, func(t *testing.T) {
			u := completiontest.NewUpstream(t)
			u.Script(test.script...)
			c := testClient(t, u)
			e := Endpoint{BaseURL: u.URL}
			o := completiontest.Collect(t, modelFor(t, c, e).Stream(t.Context(), test.req))
			if completion.AsError(o.Err) == nil || len(u.Requests()) != test.attempts {
				t.Errorf("%v after %d attempts, want %d", o.Err, len(u.Requests()), test.attempts)
			}
			if _, body, _ := c.Body(e, test.req); !bytes.Equal(u.Requests()[0].Body, body) {
				t.Errorf("a refusal that helped nothing was remembered: %s", body)
			}
		})
	}
}
