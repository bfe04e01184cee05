package completiontest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
)

// envelopes are objects that gateways put around a value.
func envelopes() map[string]func(value string) string {
	return map[string]func(string) string{
		"data":              func(v string) string { return `{"data":` + v + `}` },
		"data and a code":   func(v string) string { return `{"code":0,"message":"success","data":` + v + `}` },
		"data, then a code": func(v string) string { return `{"data":` + v + `,"requestId":"r","code":"200","msg":"ok"}` },
		"result":            func(v string) string { return `{"success":true,"message":"done","errors":[],"result":` + v + `}` },
		"response":          func(v string) string { return `{"response":` + v + `}` },
		"body":              func(v string) string { return `{"statusCode":200,"headers":{"x":"y"},"body":` + v + `}` },
		"body as text":      func(v string) string { return `{"statusCode":200,"body":` + quote(v) + `}` },
		"event":             func(v string) string { return `{"event":"message","data":` + v + `}` },
		"two":               func(v string) string { return `{"status":"ok","result":{"data":` + v + `}}` },
	}
}

// testEnvelopes has a gateway put its own object around a whole answer, around each
// event of one, and around an error.
func testEnvelopes(t *testing.T, w *Wire, newModel Factory) {
	whole := strings.TrimSpace(loadQuirk(t, w, w.Whole).response.body)
	for name, around := range envelopes() {
		wrapped := func(chunks ...Chunk) (all []Chunk) {
			for _, c := range chunks {
				if strings.HasPrefix(c.Data, "{") {
					c.Data = around(c.Data)
				}
				all = append(all, c)
			}
			return all
		}
		unnamed := func(chunks ...Chunk) (all []Chunk) {
			for _, c := range wrapped(chunks...) {
				all = append(all, Chunk{Data: c.Data})
			}
			return all
		}
		failure := fmt.Sprintf(`{"error":{"message":%q,"type":"x"}}`, "it fell over")
		json := Status(http.StatusOK, "Content-Type", "application/json")
		end := w.End(completion.FinishStop, completion.Usage{PromptTokens: 7, CompletionTokens: 5})
		for kind, test := range map[string]struct {
			script  []Step
			content string
			failed  bool
		}{
			"whole":               {[]Step{json, Send(around(whole))}, "Hello", false},
			"whole in an event":   {[]Step{Send("data: " + strings.ReplaceAll(around(whole), "\n", "") + "\n\n")}, "Hello", false},
			"events":              {[]Step{w.Send(wrapped(w.Start...)...), w.Send(wrapped(w.Delta("Hel"), w.Delta("lo"))...), w.Send(wrapped(end...)...)}, "Hello", false},
			"unnamed events":      {[]Step{w.Send(unnamed(w.Start...)...), w.Send(unnamed(w.Delta("Hel"), w.Delta("lo"))...), w.Send(unnamed(end...)...)}, "Hello", false},
			"an error":            {[]Step{json, Send(around(failure))}, "", true},
			"an error in between": {[]Step{w.Send(wrapped(w.Start...)...), w.Send(wrapped(w.Delta("Hel"))...), w.Send(wrapped(w.Failure("it fell over")...)...)}, "Hel", true},
			"an unnamed error":    {[]Step{w.Send(unnamed(w.Start...)...), w.Send(unnamed(w.Delta("Hel"))...), w.Send(unnamed(w.Failure("it fell over")...)...)}, "Hel", true},
			"an error status":     {[]Step{Status(http.StatusBadGateway), Send(around(failure))}, "", true},
		} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				u := NewUpstream(t)
				u.Script(test.script...)
				o := Collect(t, newModel(t, u).Stream(t.Context(), Prompt()))
				failed := completion.AsError(o.Err)
				if (failed != nil) != test.failed || o.Content != test.content {
					t.Fatalf("got %q, %v", o.Content, o.Err)
				}
				if failed != nil && (failed.Kind != completion.Server || !strings.HasSuffix(failed.Detail, "it fell over")) {
					t.Errorf("%s, detail %q", failed.Kind, failed.Detail)
				}
				if failed == nil && o.Finish.Reason != completion.FinishStop {
					t.Errorf("finish %+v", o.Finish)
				}
			})
		}
	}
	testEmptyEnvelopes(t, newModel)
}

// testEmptyEnvelopes has a gateway say that something failed, with no answer inside.
func testEmptyEnvelopes(t *testing.T, newModel Factory) {
	for _, said := range []string{
		`{"code":500,"message":"it fell over"}`, `{"code":500,"message":"it fell over","data":null}`, `{"code":500,"message":"it fell over","data":{}}`,
		`{"code":500,"message":"it fell over","data":{"choices":[]}}`, `{"code":500,"msg":"it fell over","data":{"traceId":"1"}}`,
		`{"code":500,"msg":"it fell over","data":{"type":"error"}}`, `{"message":"failed","data":{"error":{"code":500,"message":"it fell over"}}}`, `{"code":500,"message":"it fell over","result":[]}`,
	} {
		t.Run(said, func(t *testing.T) {
			u := NewUpstream(t)
			u.Script(Status(http.StatusOK, "Content-Type", "application/json"), Send(said))
			o := Collect(t, newModel(t, u).Stream(t.Context(), Prompt()))
			if failed := completion.AsError(o.Err); failed == nil || failed.Kind != completion.Server || failed.Detail != "it fell over" {
				t.Errorf("got %q, %v", o.Content, o.Err)
			}
		})
	}
}
