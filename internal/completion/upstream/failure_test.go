package upstream

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/llmls/llmls/internal/completion"
)

func testTarget() *target {
	return &target{
		base: &url.URL{Scheme: "https", Host: "api.example.com", Path: "/v1"},
		url:  &url.URL{Scheme: "https", Host: "api.example.com", Path: "/v1/chat/completions"},
		host: "api.example.com", key: "sk-canary-0123456789", keySource: "OPENAI_API_KEY", model: "m",
	}
}

func failureIn(t testing.TB, body string) *failure {
	t.Helper()
	var f *failure
	if !errors.As(FailureIn([]byte(body)), &f) {
		t.Fatalf("%s: no failure", body)
	}
	return f
}

func TestFailureMessage(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":{"message":"a","type":"b","code":"c"}}`:                             "a",
		`{"error":{"message":null,"code":"c"}}`:                                       "c",
		`{"error":"a"}`:                                                               "a",
		`{"error":["a","b"]}`:                                                         "a",
		`[{"error":{"code":400,"message":"a","status":"INVALID_ARGUMENT"}}]`:          "a",
		`{"code":1301,"message":"a"}`:                                                 "a",
		`{"code":"x","msg":"a"}`:                                                      "a",
		`{"detail":"a"}`:                                                              "a",
		`{"detail":{"error":{"message":"a"}}}`:                                        "a",
		`{"detail":[{"loc":["body","x",0],"msg":"a"}]}`:                               "body.x.0: a",
		`{"errors":[{"message":"a"}]}`:                                                "a",
		`{"error_msg":"a","error_code":17}`:                                           "a",
		`{"error":"invalid_token","error_description":"a"}`:                           "a",
		`{"timestamp":"t","status":404,"error":"Not Found","message":"a","path":"p"}`: "a",
		`{"status":404,"error":"Not Found","path":"p"}`:                               "Not Found",
		`{"error":{"message":"{\"error\":{\"message\":\"a\"}}"}}`:                     "a",
		`{"error":{"message":"{not json"}}`:                                           "{not json",
		`{"error":{"message":"Provider returned error","code":429,"metadata":{"raw":"{\"error\":\"a\"}","provider_name":"p"}}}`: "Provider returned error: a",
		`{"error":{"message":"Provider returned error","metadata":{"raw":"a"}}}`:                                                "Provider returned error: a",
		`"a"`:                        "a",
		`a plain text`:               "a plain text",
		`{"x":1}`:                    `{"x":1}`,
		`{"error":{"x":1}}`:          `{"error":{"x":1}}`,
		`{"error":{"message":"a"}`:   `{"error":{"message":"a"}`,
		``:                           "",
		`{"error":{"message":"模型"}}`: "模型",
	} {
		if got := failureIn(t, body).message; got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

func TestBodyFailure(t *testing.T) {
	for body, want := range map[string]string{
		"event: error\ndata: {\"message\":\"a\"}\n\n":                      "a",
		": x\n\ndata: {\"error\":{\"message\":\"a\"}}\n\ndata: [DONE]\n\n": "a",
		"data: [DONE]\n\ndata: {\"error\":\"a\"}":                          "a",
		"<html><head><TITLE>502 Bad Gateway</TITLE></head>":                "a page with the title 502 Bad Gateway",
		"<html><body>hi": "a web page",
		"<?xml version=\"1.0\"?><Error><Message>Access Denied</Message>": "a page with the title Access Denied",
		"<html><h1 class=x>Oops</h1>":                                    "a page with the title Oops",
		"no healthy upstream":                                            "no healthy upstream",
		"error: nothing":                                                 "error: nothing",
	} {
		if got := bodyFailure([]byte(body)).message; got != want {
			t.Errorf("%q: got %q, want %q", body, got, want)
		}
	}
}

func TestClassify(t *testing.T) {
	type class struct {
		kind      completion.Kind
		reason    completion.Reason
		temporary bool
	}
	for _, test := range []struct {
		status int
		body   string
		want   class
	}{
		{401, `{"error":{"message":"Incorrect API key provided"}}`, class{completion.Auth, "", false}},
		{403, `{"error":{"message":"Country not supported"}}`, class{completion.Auth, "", false}},
		{400, `[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]`, class{completion.Auth, "", false}},
		{404, `404 page not found`, class{completion.NotFound, completion.WrongPath, false}},
		{405, ``, class{completion.NotFound, "", false}},
		{404, "{\"error\":{\"message\":\"The model `x` does not exist\",\"code\":\"model_not_found\"}}", class{completion.NotFound, "", false}},
		{503, `{"error":{"message":"当前分组 default 下对于模型 x 无可用渠道","code":"model_not_found"}}`, class{completion.NotFound, "", false}},
		{400, `{"error":{"message":"x is not a valid model ID","code":400}}`, class{completion.NotFound, "", false}},
		{429, `{"error":{"message":"Rate limit reached"}}`, class{completion.RateLimit, "", true}},
		{429, `{"error":{"message":"This request would exceed your organization's rate limit of 30,000 input tokens per minute"}}`, class{completion.RateLimit, "", true}},
		{429, `{"error":{"message":"You exceeded your current quota, please check your plan","code":"insufficient_quota"}}`, class{completion.RateLimit, completion.NoCredit, false}},
		{429, `{"error":{"message":"You exceeded your current quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"x","retryDelay":"20s"}]}}`, class{completion.RateLimit, "", true}},
		{402, `{"error":{"message":"Insufficient Balance"}}`, class{completion.RateLimit, completion.NoCredit, false}},
		{402, ``, class{completion.RateLimit, completion.NoCredit, false}},
		{400, `{"error":{"message":"This model's maximum context length is 8192 tokens","code":"context_length_exceeded"}}`, class{completion.BadRequest, completion.ContextTooLong, false}},
		{400, `{"error":{"code":400,"message":"the request exceeds the available context size. try increasing the context size","type":"exceed_context_size_error"}}`, class{completion.BadRequest, completion.ContextTooLong, false}},
		{413, `<html><title>413 Request Entity Too Large</title>`, class{completion.BadRequest, completion.ContextTooLong, false}},
		{400, `{"error":{"message":"max_tokens is too large"}}`, class{completion.BadRequest, "", false}},
		{422, `{"detail":"x"}`, class{completion.BadRequest, "", false}},
		{418, ``, class{completion.BadRequest, "", false}},
		{408, ``, class{completion.Timeout, "", true}},
		{504, `<html>`, class{completion.Timeout, "", true}},
		{524, ``, class{completion.Timeout, "", true}},
		{409, ``, class{completion.Server, "", true}},
		{425, ``, class{completion.Server, "", true}},
		{500, `{"error":"x"}`, class{completion.Server, "", true}},
		{501, ``, class{completion.Server, "", false}},
		{502, `<html>`, class{completion.Server, "", true}},
		{503, `{"error":{"message":"Loading model","code":503}}`, class{completion.Server, completion.Loading, true}},
		{503, ``, class{completion.Server, completion.Overloaded, true}},
		{529, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`, class{completion.Server, completion.Overloaded, true}},
		{0, `{"error":{"code":429,"message":"x"}}`, class{completion.RateLimit, "", true}},
		{0, `{"error":{"code":"502","message":"x"}}`, class{completion.Server, "", true}},
		{0, `{"error":{"type":"overloaded_error","message":"x"}}`, class{completion.Server, completion.Overloaded, true}},
		{0, `{"error":{"type":"rate_limit_error","message":"x"}}`, class{completion.RateLimit, "", true}},
		{0, `{"error":{"type":"authentication_error","message":"x"}}`, class{completion.Auth, "", false}},
		{0, `{"error":{"type":"invalid_request_error","message":"x"}}`, class{completion.BadRequest, "", false}},
		{0, `{"error":{"type":"server_error","message":"x"}}`, class{completion.Server, "", true}},
		{0, `{"error":"thinking_budget is not supported"}`, class{completion.BadRequest, "", false}},
		{0, `{"error":"x"}`, class{completion.Server, "", false}},
	} {
		e := testTarget().failed(test.status, nil, bodyFailure([]byte(test.body)))
		if got := (class{e.Kind, e.Reason, e.Temporary}); got != test.want {
			t.Errorf("%d %s: got %+v, want %+v", test.status, test.body, got, test.want)
		}
		if e.Sentence() == "" || e.Host != "api.example.com" {
			t.Errorf("%d: %+v", test.status, e)
		}
	}
}

func TestErrorNamesWhatHelps(t *testing.T) {
	target := testTarget()
	if e := target.failed(401, nil, &failure{}); e.KeySource != "OPENAI_API_KEY" || e.Reason != "" {
		t.Errorf("with a key: %+v", e)
	}
	if e := target.failed(404, nil, &failure{}); e.Model != "m" {
		t.Errorf("not found: %+v", e)
	}
	target.key = ""
	if e := target.failed(401, nil, &failure{}); e.Reason != completion.NoKey {
		t.Errorf("without a key: %+v", e)
	}
}

func TestDetailIsOneShortLineWithoutSecrets(t *testing.T) {
	target := testTarget()
	target.url.RawQuery = "api-key=secret%2Fin%2Fquery&version=2024-10-21"
	for text, want := range map[string]string{
		"key sk-canary-0123456789 is bad":                  "key [key] is bad",
		"sk-canary-0123456789sk-canary-0123456789":         "[key][key]",
		"secret/in/query, secret%2Fin%2Fquery":             "[key], [key]",
		"version 2024-10-21":                               "version 2024-10-21",
		" a\r\n\tb\u2028c  ":                               "a b c",
		"a\x00\x1b[31mb\u202e\u200b\U000E0041c":            "a[31mbc",
		"a\xffb":                                           "ab",
		strings.Repeat("é", 301):                           strings.Repeat("é", 300) + "…",
		strings.Repeat("é", 300):                           strings.Repeat("é", 300),
		strings.Repeat("x", 290) + " sk-canary-0123456789": strings.Repeat("x", 290) + " [key]",
	} {
		if got := target.detail(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	target.key = "x" // a placeholder must not garble every message
	if got := target.detail("example"); got != "example" {
		t.Errorf("got %q", got)
	}
}

var now = time.Date(2025, 11, 22, 18, 0, 0, 0, time.UTC)

// Of a gateway's message of several lines, a person gets the line with the cause.
func TestHeadline(t *testing.T) {
	for message, want := range map[string]string{
		"first line\nsecond": "first line",
		"Traceback (most recent call last):\n  File \"/app/x.py\", line 3, in y\n    raise X()\nlitellm.APIError: boom\n": "litellm.APIError: boom",
		"panic: index out of range\n\ngoroutine 1 [running]:\nmain.main()":                                                "panic: index out of range",
		"java.lang.IllegalStateException: boom\n\tat a.b.C.d(C.java:3)":                                                   "java.lang.IllegalStateException: boom",
		"2 faults:\n  model: field required\n  x: y":                                                                      "2 faults: model: field required",
		`litellm.BadRequestError: OpenAIException - {'error': {'message': 'boom', 'type': 'x'}}`:                          "boom",
		`Error code: 429 - {"error": {"code": "x", "message": "it's late"}}`:                                              "it's late",
		`400: {'message': "it's late", 'code': 1}`:                                                                        "it's late",
		"{\n  \"a\": 1\n}": "{ \"a\": 1 }",
		"":                 "",
	} {
		if e := testTarget().failed(500, nil, &failure{message: message}); e.Detail != want {
			t.Errorf("%q: %q, want %q", message, e.Detail, want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	for _, test := range []struct {
		name, value string
		want        time.Duration
	}{
		{"Retry-After", "1", time.Second},
		{"Retry-After", "0.25", 250 * time.Millisecond},
		{"Retry-After", "0", 0},
		{"Retry-After", "-5", 0},
		{"Retry-After", "NaN", 0},
		{"Retry-After", "Inf", 0},
		{"Retry-After", "1e300", 0},
		{"Retry-After", "soon", 0},
		{"Retry-After", "Sat, 22 Nov 2025 18:00:20 GMT", 20 * time.Second},
		{"Retry-After", "Saturday, 22-Nov-25 18:00:20 GMT", 20 * time.Second},
		{"Retry-After", "Sat, 22 Nov 2025 17:00:00 GMT", 0},
		{"Retry-After", "Sat, 22 Nov 2036 17:00:00 GMT", 0},
		{"Retry-After-Ms", "1500", 1500 * time.Millisecond},
		{"X-RateLimit-Reset-Requests", "6m0s", 6 * time.Minute},
		{"X-RateLimit-Reset-Tokens", "7.66s", 7660 * time.Millisecond},
		{"X-RateLimit-Reset-Tokens", "12ms", 12 * time.Millisecond},
		{"X-RateLimit-Reset", "1763834410", 10 * time.Second},
		{"X-RateLimit-Reset", "1763834410000", 10 * time.Second},
		{"X-RateLimit-Reset", "30", 30 * time.Second},
		{"X-RateLimit-Reset", "never", 0},
		{"Retry-After", "100000", 100000 * time.Second},
		{"Retry-After", "7200s", 2 * time.Hour},
		{"Retry-After", "Mon, 24 Nov 2025 18:00:00 GMT", 48 * time.Hour},
		{"Retry-After", "4000000", 0},
		{"X-RateLimit-Reset-After", "7200", 2 * time.Hour},
		{"RateLimit-Reset", "7200", 2 * time.Hour},
		{"RateLimit", "limit=10, remaining=0, reset=7200", 2 * time.Hour},
		{"RateLimit", `"minute";r=3;t=20, "day";r=0;t=7200`, 2 * time.Hour},
		{"RateLimit", `"day";r=5;t=7200`, 0},
		{"RateLimit", "limit=10, remaining=5, reset=7200", 0},
		{"X-Other", "30", 0},
	} {
		h := http.Header{}
		h.Set(test.name, test.value)
		if got := (&failure{}).wait(h, now); got != test.want {
			t.Errorf("%s: %s: got %s, want %s", test.name, test.value, got, test.want)
		}
	}
	if got := resetWait(http.Header{"Ratelimit-Reset": {"60"}, "Ratelimit-Remaining": {"9"}}, now); got != 0 {
		t.Errorf("a limit of which something remains: got %s", got)
	}
	h := http.Header{"Retry-After": {"9"}, "Retry-After-Ms": {"100"}, "X-Ratelimit-Reset-Requests": {"8s"}}
	if got := retryAfter(h, now); got != 100*time.Millisecond {
		t.Errorf("the most exact one: got %s", got)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, seed := range []string{"1", "0.5", "Sat, 22 Nov 2025 18:00:20 GMT", "6m0s", "1763834410", "-1", "1e18", "NaN"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, name := range []string{"Retry-After", "Retry-After-Ms", "X-Ratelimit-Reset"} {
			if got := retryAfter(http.Header{name: {value}}, now); got < 0 || got > longestRetry {
				t.Fatalf("%s: %q gives %s", name, value, got)
			}
		}
	})
}

func FuzzErrorBody(f *testing.F) {
	for _, seed := range []string{
		`{"error":{"message":"sk-canary-0123456789","code":429}}`, "event: error\ndata: {}\n\n", "<html><title>x</title>", `{"detail":[{"loc":["a"],"msg":"b"}]}`,
		`{"error":"{\"error\":\"{}\"}"}`, "\xff\x00", `[[[]]]`, "<TİTLE>x</title>",
	} {
		f.Add([]byte(seed), 400)
	}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		e := testTarget().failed(status, nil, bodyFailure(body))
		if e.Kind == "" || strings.Contains(e.Detail, "sk-canary-0123456789") || strings.ContainsAny(e.Detail, "\r\n\x1b\x00") {
			t.Fatalf("%+v", e)
		}
		if n := utf8.RuneCountInString(e.Detail); n > maxDetail+2 || !utf8.ValidString(e.Detail) {
			t.Fatalf("a detail of %d runes: %q", n, e.Detail)
		}
		if status := e.Status; e.Sentence() == "" || strings.Contains(e.Sentence(), "\n") {
			t.Fatalf("%d: %q", status, e.Sentence())
		}
		(Refused{}).learn(completiontestPrompt(), status, wording(body))
	})
}

func completiontestPrompt() *completion.Request {
	temperature := 0.5
	return &completion.Request{Model: "m", MaxOutputTokens: 100, Temperature: &temperature}
}
