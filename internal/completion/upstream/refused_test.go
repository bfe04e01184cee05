package upstream_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/completion/messages"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/completion/responses"
	"github.com/llmls/llmls/internal/completion/upstream"
)

func fullPrompt() *completion.Request {
	req, temperature := completiontest.Prompt(), 0.25
	req.MaxOutputTokens, req.Temperature = 100, &temperature
	return req
}

func TestRequest(t *testing.T) {
	u := completiontest.NewUpstream(t)
	c := testClient(t, u)
	e := withKey(u.URL, "sk-canary-0123456789")
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
		_, err := upstream.NewClient().Model(upstream.Endpoint{Format: openai.Format{}, BaseURL: "localhost", Key: key, KeySource: "X"})
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

func withEffort() *completion.Request {
	req := completiontest.Prompt()
	req.ReasoningEffort = "low"
	return req
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
	stream := func(e upstream.Endpoint, model string) {
		t.Helper()
		req := fullPrompt()
		req.Model = model
		if o := completiontest.Collect(t, modelFor(t, c, e).Stream(t.Context(), req)); o.Err != nil || o.Content != "Hello" || len(o.Retries) > 0 {
			t.Fatalf("got %+v", o)
		}
	}
	e := at(u.URL)
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

// A refusal may come inside a good response, as an event or as an object: before any
// text it is cured like any other, and remembered once there was an answer.
func TestRefusedInsideAStream(t *testing.T) {
	object := []completiontest.Step{
		completiontest.Status(http.StatusOK, "Content-Type", "application/json"),
		completiontest.Send(`{"error":{"message":"` + refusesTemperature + `","code":400}}`),
	}
	event := []completiontest.Step{completiontest.Event(`{"choices":[{"delta":{"role":"assistant"}}]}`), completiontest.Event(`{"error":{"message":"` + refusesTemperature + `"}}`)}
	for name, refused := range map[string][]completiontest.Step{"event": event, "object": object} {
		t.Run(name, func(t *testing.T) {
			u := completiontest.NewUpstream(t)
			u.Scripts(refused, refusal(wantsCompletion), []completiontest.Step{completiontest.Answer("Hello")})
			m := modelFor(t, testClient(t, u), at(u.URL))
			for range 2 {
				o := completiontest.Collect(t, m.Stream(t.Context(), fullPrompt()))
				if o.Err != nil || o.Content != "Hello" || o.Finish.Usage == nil {
					t.Fatalf("got %q, %v", o.Content, o.Err)
				}
			}
			for i, want := range [][]string{
				{"stream_options", "max_tokens", "temperature"},
				{"stream_options", "max_tokens"},
				{"stream_options", "max_completion_tokens"},
				{"stream_options", "max_completion_tokens"},
			} {
				if diff := cmp.Diff(want, fields(t, u.Next())); diff != "" {
					t.Errorf("request %d (-want +got)\n%s", i, diff)
				}
			}
		})
	}
}

func TestRefusedInsideAStreamInVain(t *testing.T) {
	failure := completiontest.Event(`{"error":{"message":"` + refusesTemperature + `"}}`)
	for name, test := range map[string]struct {
		script   []completiontest.Step
		attempts int
	}{
		"behind text":       {[]completiontest.Step{completiontest.Delta("Hel"), failure}, 1},
		"behind thinking":   {[]completiontest.Step{completiontest.Reasoning("Hm"), failure}, 1},
		"all the same":      {[]completiontest.Step{failure}, 2},
		"a server's status": {[]completiontest.Step{completiontest.Event(`{"error":{"message":"` + refusesTemperature + `","code":502}}`)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			u := completiontest.NewUpstream(t)
			u.Script(test.script...)
			c := testClient(t, u)
			o := completiontest.Collect(t, modelFor(t, c, at(u.URL)).Stream(t.Context(), fullPrompt()))
			if completion.AsError(o.Err) == nil || len(u.Requests()) != test.attempts {
				t.Errorf("%v after %d requests, want %d", o.Err, len(u.Requests()), test.attempts)
			}
			if _, body, _ := c.Body(at(u.URL), fullPrompt()); !bytes.Equal(u.Requests()[0].Body, body) {
				t.Errorf("a refusal that helped nothing was remembered: %s", body)
			}
		})
	}
}

// What the other formats send of their own accord, or because the user set it, is left
// out in the same way.
func TestRefusedByOtherFormats(t *testing.T) {
	effort := fullPrompt()
	effort.ReasoningEffort = "low"
	for _, test := range []struct {
		format  upstream.Format
		wire    *completiontest.Wire
		req     *completion.Request
		refusal string
		without string // what the second request does not hold
		with    string // but does
	}{
		{openai.Format{}, completiontest.Chat(), effort, "Unrecognized request argument supplied: reasoning_effort", `"reasoning_effort"`, `"temperature"`},
		{responses.Format{}, completiontest.Responses(), effort, "Unsupported parameter: 'reasoning.effort' is not supported with this model.", `"reasoning"`, `"store":false`},
		{responses.Format{}, completiontest.Responses(), effort, "Unsupported parameter: 'temperature' is not supported with this model.", `"temperature"`, `"store":false`},
		{responses.Format{}, completiontest.Responses(), effort, "Unsupported parameter: max_output_tokens", `"max_output_tokens"`, `"store":false`},
		{responses.Format{}, completiontest.Responses(), effort, "Unsupported parameter: instructions", `"instructions"`, `You are terse.`},
		{responses.Format{}, completiontest.Responses(), effort, "System messages are not supported", `"instructions"`, `You are terse.`},
		{responses.Format{}, completiontest.Responses(), effort, "Your organization must be verified to stream this model.", `"stream"`, `"store":false`},
		{messages.Format{}, completiontest.Messages(), effort, "output_config: Extra inputs are not permitted", `"output_config"`, `"cache_control"`},
		{messages.Format{}, completiontest.Messages(), effort, "system.0.cache_control: Extra inputs are not permitted", `"cache_control"`, `"output_config"`},
		{messages.Format{}, completiontest.Messages(), effort, "system: Input should be a valid string", `"cache_control"`, `"system":"You are terse."`},
		{messages.Format{}, completiontest.Messages(), effort, "`temperature` is deprecated for this model.", `"temperature"`, `"cache_control"`},
		{messages.Format{}, completiontest.Messages(), completiontest.Prompt(), "max_tokens: 8192 > 4096, which is the maximum allowed number of output tokens for scripted", `"max_tokens":8192`, `"max_tokens":4096`},
	} {
		t.Run(test.refusal, func(t *testing.T) {
			for name, refused := range map[string][]completiontest.Step{
				"status": refusal(test.refusal),
				"stream": {test.wire.Send(test.wire.Start...), completiontest.Send("event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":" + fmt.Sprintf("%q", test.refusal) + "}}\n\n")},
			} {
				u := completiontest.NewUpstream(t)
				u.Scripts(refused, []completiontest.Step{test.wire.Answer("Hello")})
				e := at(u.URL)
				e.Format = test.format
				m := modelFor(t, testClient(t, u), e)
				for range 2 {
					if o := completiontest.Collect(t, m.Stream(t.Context(), test.req)); o.Err != nil || o.Content != "Hello" {
						t.Fatalf("%s: got %q, %v", name, o.Content, o.Err)
					}
				}
				for i, r := range u.Requests() {
					if got := bytes.Contains(r.Body, []byte(test.without)); got != (i == 0) || i > 0 && !bytes.Contains(r.Body, []byte(test.with)) {
						t.Errorf("%s: request %d is %s", name, i, r.Body)
					}
				}
				if n := len(u.Requests()); n != 3 {
					t.Errorf("%s: %d requests", name, n)
				}
			}
		})
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
		"range of temperature": {fullPrompt(), refusal("temperature must be between 0 and 1"), 1},
		"top of temperature":   {fullPrompt(), refusal("temperature must be 10 or less"), 1},
		"a busy system":        {fullPrompt(), refusal("The system is busy; this is not supported"), 1},
		"temperature not sent": {completiontest.Prompt(), refusal(refusesTemperature), 1},
		"another effort":       {withEffort(), refusal("Unsupported value: 'reasoning_effort' does not support 'low'. Supported values are: 'medium'."), 1},
		"marks not sent":       {completiontest.Prompt(), refusal("cache_control: Extra inputs are not permitted"), 1},
		"max_tokens not sent":  {completiontest.Prompt(), refusal(wantsCompletion), 1},
		"another status":       {completiontest.Prompt(), []completiontest.Step{completiontest.Error(http.StatusUnauthorized, "x", refusesStreamOptions)}, 1},
		"refused all the same": {completiontest.Prompt(), refusal(refusesStreamOptions), 2},
		"all refused, no end":  {fullPrompt(), refusal(refusesStreamOptions + wantsCompletion + refusesTemperature), 4},
	} {
		t.Run(name, func(t *testing.T) {
			u := completiontest.NewUpstream(t)
			u.Script(test.script...)
			c := testClient(t, u)
			e := at(u.URL)
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

// What a second request cures is sent again at once, as part of the same attempt,
// and known from then on for that model.
func TestCuredByAnotherRequest(t *testing.T) {
	system := func(r *completiontest.Request) bool { return bytes.Contains(r.Body, []byte(`"role":"system"`)) }
	stream := func(r *completiontest.Request) bool { return bytes.Contains(r.Body, []byte(`"stream":true`)) }
	temperature := func(r *completiontest.Request) bool { return bytes.Contains(r.Body, []byte(`"temperature"`)) }
	eventsOnly := func(r *completiontest.Request) bool { return r.Header.Get("Accept") == "text/event-stream" }
	refuse := func(status int, text string) []completiontest.Step {
		return []completiontest.Step{completiontest.Error(status, "invalid_request_error", text)}
	}
	whole := []completiontest.Step{
		completiontest.Status(200, "Content-Type", "application/json"),
		completiontest.Send(`{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}`),
	}
	answer := []completiontest.Step{completiontest.Answer("Hello")}
	for _, test := range []struct {
		refused []completiontest.Step
		sent    func(*completiontest.Request) bool
		then    []completiontest.Step
	}{
		{refuse(400, "Unsupported value: 'messages[0].role' does not support 'system' with this model."), system, answer},
		{refuse(400, "Developer instruction is not enabled for models/gemma-3-27b-it"), system, answer},
		{refuse(400, "System role not supported"), system, answer},
		{refuse(500, "Jinja Exception: System role not supported"), system, answer},
		{refuse(400, "Conversation roles must alternate user/assistant/user/assistant/..."), system, answer},
		{refuse(422, "messages.0.role: Input should be 'user' or 'assistant'"), system, answer},
		{refuse(400, "unexpected role 'system'"), system, answer},
		{refuse(400, "该模型不支持 system 角色"), system, answer},
		{[]completiontest.Step{completiontest.Status(400), completiontest.Send(`{"error":{"message":"\u4e0d\u652f\u6301system\u89d2\u8272"}}`)}, system, answer},
		{refuse(400, "Your organization must be verified to stream this model."), stream, whole},
		{refuse(403, "Streaming is not supported for this model"), stream, whole},
		{[]completiontest.Step{completiontest.Status(400, "Content-Type", "application/json"), completiontest.Send(`{"error":{"message":"Unsupported value.","param":"stream","code":"unsupported_value"}}`)}, stream, whole},
		{refuse(400, "Expected role to be user or assistant, got system"), system, answer},
		{[]completiontest.Step{completiontest.Status(422, "Content-Type", "application/json"), completiontest.Send(`{"detail":[{"type":"enum","loc":["body","messages",0,"role"],"msg":"Input should be 'user' or 'assistant'","input":"system"}]}`)}, system, answer},
		{[]completiontest.Step{completiontest.Status(422, "Content-Type", "application/json"), completiontest.Send(`{"detail":[{"type":"extra_forbidden","loc":["body","stream"],"msg":"Extra inputs are not permitted"}]}`)}, stream, whole},
		{[]completiontest.Step{completiontest.Status(422, "Content-Type", "application/json"), completiontest.Send(`{"detail":[{"type":"extra_forbidden","loc":["body","temperature"],"msg":"Extra inputs are not permitted"}]}`)}, temperature, answer},
		{[]completiontest.Step{completiontest.Status(406), completiontest.Send("")}, eventsOnly, answer},
		{refuse(400, "invalid temperature: only 1 is allowed for this model"), temperature, answer},
		{refuse(400, "Unsupported value: 'temperature' does not support 0.25 with this model. Only the default (1) value is supported."), temperature, answer},
		{refuse(400, "temperature must be 1 when thinking is enabled"), temperature, answer},
		{refuse(400, "temperature: this model only supports the value 1"), temperature, answer},
		{refuse(400, "`temperature` may only be set to 1 when thinking is enabled; only value 1.0 is supported"), temperature, answer},
	} {
		u := completiontest.NewUpstream(t)
		u.Scripts(test.refused, test.then)
		m := modelFor(t, testClient(t, u), at(u.URL))
		for range 2 {
			o := completiontest.Collect(t, m.Stream(t.Context(), fullPrompt()))
			if o.Err != nil || o.Content != "Hello" {
				t.Errorf("got %q, %v", o.Content, o.Err)
			}
		}
		var sent []bool
		for _, r := range u.Requests() {
			sent = append(sent, test.sent(r))
		}
		if diff := cmp.Diff([]bool{true, false, false}, sent); diff != "" {
			t.Errorf("what was refused was sent (-want +got)\n%s", diff)
		}
		for _, r := range u.Requests() { // nothing of the prompt is lost
			if !bytes.Contains(r.Body, []byte("You are terse.")) || !bytes.Contains(r.Body, []byte("Why?")) {
				t.Errorf("sent %s", r.Body)
			}
		}
	}
}
