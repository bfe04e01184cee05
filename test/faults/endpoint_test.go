//go:build linux

package faults

import (
	"strings"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/test/process"
)

type steps = []completiontest.Step

// What fails before any text is an error with a kind and a sentence that ends
// in the next step.
func TestFailureBeforeText(t *testing.T) {
	t.Parallel()
	page := "<html><head><title>Sign in</title></head><body>Please sign in</body></html>"
	tests := []struct {
		name   string
		script steps
		kind   string
		status int
		says   []string
	}{
		{"wrong key", steps{completiontest.Error(401, "invalid_request_error", "Incorrect API key provided: "+process.Key)}, "auth", 401, []string{"OPENAI_API_KEY", "[key]"}},
		{"forbidden", steps{completiontest.Error(403, "forbidden", "model not allowed")}, "auth", 403, []string{"model not allowed"}},
		{"no such model", steps{completiontest.Error(404, "not_found", "no such model")}, "not_found", 404, []string{"gpt-4o-mini", "baseUrl"}},
		{"too many requests", steps{completiontest.Error(429, "rate_limit_exceeded", "slow down")}, "rate_limit", 429, []string{"slow down", "try again"}},
		{"no credit", steps{completiontest.Error(429, "insufficient_quota", "You exceeded your current quota")}, "rate_limit", 429, []string{"billing"}},
		{"internal error", steps{completiontest.Error(500, "server_error", "oops")}, "server", 500, []string{"oops", "Try again"}},
		{"bad gateway", steps{completiontest.Status(502, "Content-Type", "text/html"), completiontest.Send(page)}, "server", 502, []string{"502"}},
		{"overloaded", steps{completiontest.Error(503, "overloaded_error", "busy")}, "server", 503, []string{"Try again"}},
		{"context too long", steps{completiontest.Error(400, "invalid_request_error", "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.")}, "bad_request", 400, []string{"too long", "context.maxTokens"}},
		{"error object with status 200", steps{completiontest.Send(`{"error":{"message":"no channel for this model","type":"new_api_error"}}`)}, "", 0, []string{"no channel for this model"}},
		{"error event with status 200", steps{completiontest.Event(`{"error":{"message":"upstream died, key ` + process.Key + `","code":500}}`)}, "server", 0, []string{"upstream died"}},
		{"page with status 200", steps{completiontest.Status(200, "Content-Type", "text/html"), completiontest.Send(page)}, "not_an_api", 0, []string{"Sign in", "baseUrl"}},
		{"nothing with status 200", steps{completiontest.Send("")}, "network", 0, []string{"Try again"}},
		{"redirect", steps{completiontest.Status(307, "Location", "https://evil.example/v1/chat/completions")}, "not_an_api", 307, []string{"evil.example", "baseUrl"}},
		{"redirect to another path here", steps{completiontest.Status(308, "Location", "/api/v1/chat/completions")}, "not_an_api", 308, []string{"/api/v1 "}},
		{"a firewall", steps{completiontest.Status(403, "Content-Type", "text/html", "Cf-Mitigated", "challenge"), completiontest.Send(page)}, "not_an_api", 403, []string{"firewall"}},
		{"a wrong path with status 200", steps{completiontest.Status(200, "Content-Type", "application/json"), completiontest.Send(`{"error":"Unexpected endpoint or method. (POST /api/chat/completions)"}`)}, "not_found", 0, []string{"Check baseUrl", "/v1"}},
		{"taken, but no answer", steps{completiontest.Status(202, "Content-Type", "application/json"), completiontest.Send("")}, "server", 202, []string{"202", "Try again"}},
		{"a status beside no answer", steps{completiontest.Status(200, "Content-Type", "application/json"), completiontest.Send(`{"choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}`)}, "rate_limit", 0, []string{"billing"}},
		{"an expired key under another status", steps{completiontest.Error(400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.")}, "auth", 400, []string{"OPENAI_API_KEY"}},
		{"a prompt over the limit per minute", steps{completiontest.Error(429, "tokens", "Tokens per min (TPM): Limit 30000, Requested 31538.")}, "bad_request", 429, []string{"Select less"}},
		{"an error event without data", steps{completiontest.Send("event: error\nid: 1\n\n")}, "server", 0, []string{"did not say which"}},
		{"an error line", steps{completiontest.Send("error: {\"message\":\"slot died\"}\n\n")}, "server", 0, []string{"slot died"}},
		{"nothing but thinking", steps{completiontest.Reasoning("Hm."), completiontest.Finish("stop"), completiontest.Done()}, "server", 0, []string{"only thought"}},
		{"an answer without a word", steps{completiontest.Finish("stop"), completiontest.Done()}, "server", 0, []string{"without a word"}},
		{"another protocol", steps{completiontest.Raw("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")}, "not_an_api", 101, []string{"baseUrl", "101"}},
		{"no HTTP", steps{completiontest.Raw("SSH-2.0-OpenSSH_9.2p1\r\n")}, "not_an_api", 0, []string{"baseUrl"}},
		{"header bomb", steps{completiontest.Raw("HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Bomb: "+strings.Repeat("x", 1000)+"\r\n", 4000))}, "not_an_api", 0, []string{"baseUrl"}},
		{"closed at once", steps{completiontest.Raw("")}, "network", 0, []string{"ry again"}},
		{"reset at once", steps{completiontest.Reset()}, "network", 0, []string{"ry again"}},
		{"cut in the header", steps{completiontest.Raw("HTTP/1.1 200 OK\r\nContent-Ty")}, "network", 0, []string{"ry again"}},
		{"silent before the header", steps{completiontest.Pause("never")}, "timeout", 0, []string{"300ms", "timeouts.firstByte"}},
		{"silent after the header", steps{completiontest.Send(""), completiontest.Stall()}, "timeout", 0, []string{"300ms", "timeouts.firstByte"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			u.Script(test.script...)
			config := calm
			if test.kind == "timeout" {
				config = impatient
			}
			s := start(t, llmls.Home(t, u.URL, config)).ready()
			_, err := s.explain("t")
			kind, sentence, code := failure(t, err)
			if code != -32803 || test.kind != "" && kind != test.kind {
				t.Errorf("failed with %d, kind %q, want -32803, %q: %v", code, kind, test.kind, err)
			}
			for _, says := range append(test.says, hostOf(u.URL)) {
				names := test.name == "nothing but thinking" || strings.HasPrefix(test.name, "a prompt over") || strings.HasPrefix(test.name, "a status beside") || test.name == "no credit" || test.name == "context too long" || test.name == "an answer without a word"
				if !strings.Contains(sentence, says) && !(names && strings.HasPrefix(says, "127.")) {
					t.Errorf("%q does not say %q", sentence, says)
				}
			}
			if n := len(u.Requests()); n != 1 {
				t.Errorf("%d requests with retries = 0", n)
			}
			s.stillWorks()
		})
	}
}

// What breaks in the middle keeps the text and says why; nothing is sent again.
func TestFailureInTheMiddle(t *testing.T) {
	t.Parallel()
	partial := completiontest.Delta("Adds the nu")
	tests := []struct {
		name   string
		script steps
		says   []string
	}{
		{"reset", steps{partial, completiontest.Pause("read"), completiontest.Reset()}, []string{"broke", "Ask again"}},
		{"truncated", steps{partial, completiontest.Cut()}, []string{"Ask again"}},
		{"ended in order", steps{partial}, []string{"ended it early", "Ask again"}},
		{"silent", steps{partial, completiontest.Stall()}, []string{"200ms", "timeouts.idle"}},
		{"overloaded", steps{partial, completiontest.Event(`{"error":{"message":"try later","type":"overloaded_error"}}`)}, []string{"try later", "Ask again"}},
		{"a line of another program", steps{partial, completiontest.Send("Error: GPU fell off\n\n"), completiontest.Finish("stop"), completiontest.Done()}, []string{"GPU fell off", "Ask again"}},
		{"an event of another name", steps{partial, completiontest.Send("event: failure\ndata: GPU fell off\n\n"), completiontest.Finish("stop"), completiontest.Done()}, []string{"GPU fell off", "Ask again"}},
		{"an error beside no choices", steps{partial, completiontest.Event(`{"choices":[],"code":500,"message":"GPU fell off"}`), completiontest.Finish("stop"), completiontest.Done()}, []string{"GPU fell off", "Ask again"}},
		{"a failure under another name", steps{partial, completiontest.Event(`{"success":false,"reason":"GPU fell off"}`), completiontest.Finish("stop"), completiontest.Done()}, []string{"GPU fell off", "Ask again"}},
		{"error event", steps{partial, completiontest.Event(`{"error":{"message":"GPU fell off; Bearer ` + process.Key + `"}}`)}, []string{"GPU fell off", "Ask again"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			u.Script(test.script...)
			config := ""
			if test.name == "silent" {
				config = strings.Replace(impatient, "retries = 0", "retries = 2", 1)
			}
			s := start(t, llmls.Home(t, u.URL, config)).ready()
			pending := s.StartCommand("llmls.explain", place("partialResultToken", "t"))
			s.AwaitMethod("$/progress")
			u.Resume("read") // a reset may overtake what was sent before it
			var r result
			s.Must(pending.Wait(s.Context(), &r))
			if r.Text != "Adds the nu" || r.FinishReason != "incomplete" {
				t.Errorf("got %q, %s", r.Text, r.FinishReason)
			}
			for _, says := range append(test.says, "incomplete", "127.0.0.1:") {
				if !strings.Contains(r.Message, says) {
					t.Errorf("%q does not say %q", r.Message, says)
				}
			}
			if n := len(u.Requests()); n != 1 {
				t.Errorf("asked %d times", n)
			}
			s.stillWorks()
		})
	}
}

func TestEndsThatAreNoFailure(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	s := start(t, llmls.Home(t, u.URL, calm)).ready()
	long := strings.Repeat("0123456789abcdef", 3<<20/16)
	for _, test := range []struct {
		name         string
		script       steps
		text, finish string
	}{
		{"whole completion", steps{completiontest.Send(`{"choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]}`)}, "Hello", "stop"},
		{"no finish reason", steps{completiontest.Delta("Hello"), completiontest.Done()}, "Hello", "unknown"},
		{"cut off by the limit", steps{completiontest.Delta("Hello"), completiontest.Finish("length"), completiontest.Done()}, "Hello", "length"},
		{"a line of 3 MB", steps{completiontest.Answer(long)}, long, "stop"},
	} {
		u.Script(test.script...)
		r, err := s.explain(test.name)
		if err != nil || r.Text != test.text || r.FinishReason != test.finish {
			t.Errorf("%s: got %d bytes, %s, %v", test.name, len(r.Text), r.FinishReason, err)
		}
		s.wholeText(test.name, r.Text)
	}
}

// wholeText fails the test unless the deltas of token make up text.
func (s *server) wholeText(token, text string) {
	s.t.Helper()
	if got := s.Streamed(token)["delta"]; got != text {
		s.t.Errorf("the deltas of %s have %d bytes, the text has %d", token, len(got), len(text))
	}
}

// Retries are announced, and end when the endpoint recovers.
func TestRetriesUntilItRecovers(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Scripts(
		steps{completiontest.Raw("")},
		steps{completiontest.Status(503, "Retry-After", "0"), completiontest.Send("busy")},
		steps{completiontest.Answer("Hello")},
	)
	s := start(t, llmls.Home(t, u.URL, "")).ready()
	params := lsptest.Command("llmls.explain", place("partialResultToken", "t"))
	params["workDoneToken"] = "w"
	var r result
	s.Must(s.Call(s.Context(), "workspace/executeCommand", params, &r))
	if r.Text != "Hello" || r.FinishReason != "stop" {
		t.Errorf("got %+v", r)
	}
	var reports []string
	for _, m := range s.Seen() {
		if strings.Contains(string(m.Params), `"kind":"report"`) {
			reports = append(reports, string(m.Params))
		}
	}
	if all := strings.Join(reports, "\n"); !strings.Contains(all, "Attempt 2") || !strings.Contains(all, "Attempt 3") {
		t.Errorf("the reports are %s", all)
	}
}

// At most two retries, and the sentence names the address.
func TestNothingListens(t *testing.T) {
	t.Parallel()
	address := completiontest.NowhereAddress(t)
	s := start(t, llmls.Home(t, "http://"+address, "")).ready()
	_, err := s.explain("t")
	if kind, sentence, code := failure(t, err); code != -32803 || kind != "network" || !strings.Contains(sentence, address) || !strings.Contains(sentence, "refused") {
		t.Errorf("failed with %d, %s, %q", code, kind, sentence)
	}
}

// RFC 6761 promises that no name under .invalid exists.
func TestUnknownHost(t *testing.T) {
	t.Parallel()
	s := start(t, llmls.Home(t, "https://relay.invalid/v1", calm)).ready()
	_, err := s.explain("t")
	if kind, sentence, code := failure(t, err); code != -32803 || kind != "network" && kind != "timeout" || !strings.Contains(sentence, "relay.invalid") || !strings.Contains(sentence, "baseUrl") {
		t.Errorf("failed with %d, %s, %q", code, kind, sentence)
	}
}

// A wait that is longer than a person sits through is not waited for.
func TestRetryAfterTooLong(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Status(429, "Retry-After", "60"), completiontest.Send(`{"error":"slow down"}`))
	s := start(t, llmls.Home(t, u.URL, "")).ready()
	_, err := s.explain("t")
	if kind, sentence, _ := failure(t, err); kind != "rate_limit" || !strings.Contains(sentence, "60 seconds") {
		t.Errorf("failed with %s, %q", kind, sentence)
	}
	if n := len(u.Requests()); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// The pause before a retry can be cancelled, and by each of the ways to stop.
func TestCancelWhileWaitingToRetry(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"$/cancelRequest", "window/workDoneProgress/cancel", "llmls.stop"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			u.Script(completiontest.Status(429, "Retry-After", "20"), completiontest.Send(`{"error":"slow down"}`))
			s := start(t, llmls.Home(t, u.URL, "")).ready()
			params := lsptest.Command("llmls.explain", place("partialResultToken", "t"))
			params["workDoneToken"] = "w"
			pending, err := s.Start("workspace/executeCommand", params)
			s.Must(err)
			s.Await("the retry", func(m message) bool { return strings.Contains(string(m.Params), "Attempt 2 in 20 seconds") })
			began := time.Now()
			switch way {
			case "$/cancelRequest":
				s.Must(pending.Cancel())
			case "window/workDoneProgress/cancel":
				s.Must(s.Notify(way, map[string]any{"token": "w"}))
			default:
				s.Must(s.Command(way, map[string]any{}, nil))
			}
			if _, _, code := failure(t, pending.Wait(s.Context(), nil)); code != -32800 {
				t.Errorf("code %d", code)
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("stopping took %v", took)
			}
			s.Await("the end of the progress", func(m message) bool { return strings.Contains(string(m.Params), `"kind":"end"`) })
		})
	}
}

// A question is asked once more in the same session: a follow-up's failure
// leaves the conversation as it was.
func TestFailedFollowUp(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Scripts(steps{completiontest.Answer("One.")}, steps{completiontest.Error(500, "server_error", "oops")}, steps{completiontest.Answer("Three.")})
	s := start(t, llmls.Home(t, u.URL, calm)).ready()
	first, err := s.explain("1")
	s.Must(err)
	ask := func(question, token string) error {
		return s.Command("llmls.ask", map[string]any{"question": question, "conversation": first.Conversation, "partialResultToken": token}, nil)
	}
	if err := ask("and this fails?", "2"); err == nil {
		t.Error("no error")
	}
	s.Must(ask("and this?", "3"))
	last := string(u.Requests()[2].Body)
	if !strings.Contains(last, "One.") || strings.Contains(last, "this fails") || !strings.Contains(last, "and this?") {
		t.Errorf("the third request is %s", last)
	}
}

// hostOf is the host of a base URL.
func hostOf(base string) string {
	return strings.TrimSuffix(base[strings.Index(base, "//")+2:], "/v1")
}

// On the command line, too, a person is told what is special about an end.
func TestCommandTellsHowItEnded(t *testing.T) {
	t.Parallel()
	half := completiontest.Delta("Half an answer")
	for name, test := range map[string]struct {
		script steps
		exit   int
		says   string
	}{
		"complete":  {steps{half, completiontest.Finish("stop"), completiontest.Done()}, 0, "tokens"},
		"limit":     {steps{half, completiontest.Finish("length"), completiontest.Done()}, 0, "maxOutputTokens"},
		"filter":    {steps{half, completiontest.Finish("content_filter")}, 0, "filter"},
		"no reason": {steps{half, completiontest.Done()}, 0, "may be cut"},
		"cut":       {steps{half, completiontest.Cut()}, 1, "incomplete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			u.Script(test.script...)
			c := llmls.Home(t, u.URL, calm).Run(t, "ask", "why?")
			c.Exits(test.exit)
			c.Prints("Half an answer")
			c.Says(test.says)
		})
	}
}
