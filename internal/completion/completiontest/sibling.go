package completiontest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
)

// testReadable has the server deviate in ways that do not depend on the format, and
// expects that nothing of the answer is lost.
func testReadable(t *testing.T, w *Wire, newModel Factory) {
	whole := strings.TrimSpace(loadQuirk(t, w, w.Whole).response.body)
	hello := w.text("Hel", "lo")
	typed := func(kind string) Step { return Status(http.StatusOK, "Content-Type", kind) }
	for name, test := range map[string]struct {
		script             []Step
		content, reasoning string
	}{
		"no content type":           {[]Step{Raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + hello)}, "Hello", ""},
		"no content type, whole":    {[]Step{Raw("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + whole)}, "Hello", ""},
		"plain text":                {[]Step{typed("text/plain; charset=utf-8"), Send(hello)}, "Hello", ""},
		"a page by its type":        {[]Step{typed("text/html"), Send(hello)}, "Hello", ""},
		"JSON by its type":          {[]Step{typed("application/json"), Send(hello)}, "Hello", ""},
		"whole as a stream":         {[]Step{typed("text/event-stream"), Send(whole)}, "Hello", ""},
		"whole, byte by byte":       {[]Step{typed("application/json"), SendBytes(whole, 1)}, "Hello", ""},
		"whole behind white space":  {[]Step{typed("application/json"), Send(strings.Repeat(" \n", 2000)), Send(whole)}, "Hello", ""},
		"a mark at the start":       {[]Step{Send("\ufeff" + hello)}, "Hello", ""},
		"a mark before each event":  {[]Step{Send(strings.ReplaceAll("\n\n"+hello, "\n\n", "\n\n\ufeff"))}, "Hello", ""},
		"a mark before a whole one": {[]Step{typed("application/json"), Send("\ufeff" + whole)}, "Hello", ""},
		"all the text so far":       {[]Step{Send(w.text("The", "The quick", "The quick brown", "The quick brown fox"))}, "The quick brown fox", ""},
		"a real repetition":         {[]Step{Send(w.text("ha", " ha", " ha", "!"))}, "ha ha ha!", ""},
		"only the end of thinking":  {[]Step{Send(w.text("Hm.\n", "</think>\n\n", "Hello"))}, "Hello", "Hm."},
		"thinking in tags":          {[]Step{Send(w.text("<thin", "king>Hm.</thinking>", "Hello"))}, "Hello", "Hm."},
		"thinking in channels":      {[]Step{Send(w.text("<|channel|>analysis<|message|>Hm.<|end|>", "<|start|>assistant<|channel|>final<|message|>Hello"))}, "Hello", "Hm."},
		"a tag in code":             {[]Step{Send(w.text("`</think>`", " ends it."))}, "`</think>` ends it.", ""},
		"no text":                   {[]Step{Send(w.text())}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			u := NewUpstream(t)
			u.Script(test.script...)
			o := Collect(t, newModel(t, u).Stream(t.Context(), Prompt()))
			if o.Err != nil || o.Content != test.content || strings.TrimSpace(o.Reasoning) != test.reasoning || o.Finish.Reason != completion.FinishStop {
				t.Errorf("got %q and %q, %v, finish %+v", o.Content, o.Reasoning, o.Err, o.Finish)
			}
		})
	}
}

// otherFailures returns errors as cloud functions, gateways and providers with formats of
// their own put them among the events of an answer.
func otherFailures() []string {
	return []string{
		`{"errorMessage":"it fell over","errorType":"Runtime.ExitError"}`, // AWS Lambda
		`{"ErrorMessage":"it fell over","ErrorCode":"InternalError"}`,
		`{"error_message":"it fell over"}`,
		`{"Error":{"Message":"it fell over","Code":"InternalError"}}`,
		`{"Response":{"Error":{"Code":"InternalError","Message":"it fell over"},"RequestId":"x"}}`, // Tencent
		`{"exception":"it fell over"}`,
		`{"fault":{"faultstring":"it fell over","detail":{"errorcode":"policies.Failed"}}}`, // Apigee
		`{"header":{"code":10013,"message":"it fell over","sid":"x","status":2}}`,           // Spark
	}
}

// testTold has the server fail in ways that do not depend on the format.
func testTold(t *testing.T, w *Wire, newModel Factory) {
	good := func(body string) []Step {
		return []Step{Status(http.StatusOK, "Content-Type", "application/json"), Send(body)}
	}
	began := Send(strings.TrimSuffix(w.text("Hel"), w.end()))
	type test struct {
		script  []Step
		content string
		kind    completion.Kind
		reason  completion.Reason
		says    string
	}
	tests := map[string]test{
		"an event without data": {[]Step{began, Send("event: error\n\n"), Send(w.end())}, "Hel", completion.Server, "", "did not say which"},
		"a field named error":   {[]Step{began, Send("error: {\"code\":500,\"message\":\"it fell over\"}\n\n"), Send(w.end())}, "Hel", completion.Server, "", "it fell over"},
		"two chunks in one":     {[]Step{began, Send("data: {\"a\":\"b: ping\n\n"), Send(w.Delta("lo").String()), Send(w.end())}, "Hello", completion.Server, completion.Unreadable, "Ask again"},
		"an error as text":      {[]Step{began, Send("data: \"error: it fell over\"\n\n"), Send(w.end())}, "Hel", completion.Server, "", "it fell over"},
		"an error and 200":      {good(`{"error":{"message":"it fell over","code":500}}`), "", completion.Server, "", "it fell over"},
		"a list of errors":      {good(`[{"error":{"message":"it fell over","code":500}}]`), "", completion.Server, "", "it fell over"},
		"a bad key and 400":     {[]Step{Error(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.")}, "", completion.Auth, completion.NoKey, "expired"},
		"a bad key and 200":     {good(`{"base_resp":{"status_code":1004,"status_msg":"login fail"}}`), "", completion.Auth, completion.NoKey, "login fail"},
		"no credit and 200":     {good(`{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}`), "", completion.RateLimit, completion.NoCredit, "billing"},
		"too long":              {[]Step{Error(422, "x", "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.")}, "", completion.BadRequest, completion.ContextTooLong, "Select less"},
		"no such path and 200":  {good(`{"error":"Unexpected endpoint or method. (POST /v1/x)"}`), "", completion.NotFound, completion.WrongPath, "Check baseUrl"},
		"taken, without a body": {[]Step{Status(http.StatusAccepted), Send("")}, "", completion.Server, completion.Pending, "202"},
		"a wait in words":       {[]Step{Error(429, "rate_limit", "Rate limit reached. Please try again in 20s.")}, "", completion.RateLimit, "", "20 seconds"},
		"another API":           {good(`{"id":"x","status":"ready","version":"1.2"}`), "", completion.NotAnAPI, "", "Check baseUrl"},
	}
	for _, failure := range otherFailures() {
		tests[failure] = test{[]Step{began, Send("data: " + failure + "\n\n"), Send(w.end())}, "Hel", completion.Server, "", "it fell over"}
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			u := NewUpstream(t)
			u.Script(test.script...)
			o := Collect(t, newModel(t, u).Stream(t.Context(), Prompt()))
			failed := completion.AsError(o.Err)
			if failed == nil || failed.Kind != test.kind || failed.Reason != test.reason || o.Content != test.content {
				t.Fatalf("got %q, %+v", o.Content, failed)
			}
			if said := failed.Sentence() + "\n" + failed.IncompleteSentence(); !contains(said, test.says) {
				t.Errorf("it says %q, want %q in it", said, test.says)
			}
		})
	}
}

// testWithout has the server refuse a part of the request, and expects another request
// without that part.
func testWithout(t *testing.T, w *Wire, newModel Factory) {
	temperature := 0.5
	for name, refusal := range map[string]Step{
		"temperature": Error(400, "invalid_request_error", "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported."),
		"streaming":   Error(400, "invalid_request_error", "Your organization must be verified to stream this model."),
		"events":      Sequence(Status(http.StatusNotAcceptable, "Content-Type", "text/plain"), Send("Not Acceptable")),
	} {
		t.Run(name, func(t *testing.T) {
			u := NewUpstream(t)
			u.Scripts([]Step{refusal}, []Step{w.Answer("Hel", "lo")})
			req := Prompt()
			req.Temperature = &temperature
			model := newModel(t, u)
			if o := Collect(t, model.Stream(t.Context(), req)); o.Err != nil || o.Content != "Hello" || len(u.Requests()) != 2 {
				t.Fatalf("got %q, %v after %d requests", o.Content, o.Err, len(u.Requests()))
			}
			if o := Collect(t, model.Stream(t.Context(), req)); o.Err != nil || len(u.Requests()) != 3 {
				t.Errorf("%v; %d requests, want it to be remembered", o.Err, len(u.Requests()))
			}
		})
	}
}

// text is the stream of an answer in those pieces.
func (w *Wire) text(deltas ...string) string {
	var b strings.Builder
	for _, c := range w.Start {
		b.WriteString(c.String())
	}
	for _, text := range deltas {
		b.WriteString(w.Delta(text).String())
	}
	return b.String() + w.end()
}

// end is the stream's regular end.
func (w *Wire) end() string {
	var b strings.Builder
	for _, c := range w.End(completion.FinishStop, completion.Usage{}) {
		b.WriteString(c.String())
	}
	return b.String()
}
