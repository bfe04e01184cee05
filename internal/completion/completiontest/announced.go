package completiontest

import (
	"testing"

	"github.com/llmls/llmls/internal/completion"
)

// testAnnounced has the server report a failure in the middle of a stream, in ways that
// no format has, and then end the stream as usual. Programs in front of a model server
// do not know the format that they write into.
func testAnnounced(t *testing.T, w *Wire, newModel Factory) {
	for name, said := range map[string]string{
		"a line":                      "Error: it fell over\n\n",
		"a line without a blank line": "ERROR it fell over\n",
		"a line in brackets":          "[error] it fell over\n\n",
		"a bare status":               "Internal Server Error: it fell over\n\n",
		"a response":                  "HTTP/1.1 502 it fell over\r\nContent-Length: 0\r\n\r\n",
		"a page":                      "<html>\n<head><title>it fell over</title></head>\n</html>\n\n",
		"a traceback":                 "Traceback (most recent call last):\n  File \"x.py\", line 3, in f\nValueError: it fell over\n\n",
		"an exception":                "openai.APIError: it fell over\n\n",
		"text as data":                "data: Error: it fell over\n\n",
		"text as data, in brackets":   "data: [ERROR] it fell over\n\n",
		"event error with text":       "event: error\ndata: it fell over\n\n",
		"event Error":                 "event: Error\ndata: it fell over\n\n",
		"event failure":               "event: failure\ndata: it fell over\n\n",
		"event failed":                "event: failed\ndata: {\"reason\":\"it fell over\"}\n\n",
		"event exception":             "event: exception\ndata: it fell over\n\n",
		"event stream_error":          "event: stream_error\ndata: {\"msg\":\"it fell over\"}\n\n",
		"event abort":                 "event: abort\ndata: \"it fell over\"\n\n",
		"type failure":                "data: {\"type\":\"failure\",\"message\":\"it fell over\"}\n\n",
		"object error":                "data: {\"object\":\"error\",\"message\":\"it fell over\",\"code\":500}\n\n",
		"status failed":               "data: {\"status\":\"failed\",\"reason\":\"it fell over\"}\n\n",
		"success false":               "data: {\"success\":false,\"msg\":\"it fell over\"}\n\n",
		"a list of errors":            "data: {\"errors\":[{\"message\":\"it fell over\"}]}\n\n",
		"err":                         "data: {\"err\":\"it fell over\"}\n\n",
		"beside no choices":           "data: {\"id\":\"x\",\"choices\":[],\"error\":{\"message\":\"it fell over\"}}\n\n",
		"a message beside no choices": "data: {\"id\":\"x\",\"choices\":[],\"code\":500,\"message\":\"it fell over\"}\n\n",
		"a detail beside no choices":  "data: {\"choices\":null,\"detail\":\"it fell over\"}\n\n",
		"errors beside no choices":    "data: {\"choices\":[],\"errors\":[{\"message\":\"it fell over\"}]}\n\n",
		"in the delta":                insteadOfDelta(w, `"delta":{"error":{"message":"it fell over"}}`),
		"in the delta, as text":       insteadOfDelta(w, `"delta":{"error":"it fell over"}`),
		"in the delta, by its type":   insteadOfDelta(w, `"delta":{"type":"error","message":"it fell over"}`),
		"beside the delta":            insteadOfDelta(w, `"error":{"message":"it fell over"}`),
		"beside text":                 insteadOfDelta(w, `"delta":{"type":"text_delta","text":"","content":""},"error":{"message":"it fell over"}`),
	} {
		t.Run(name, func(t *testing.T) {
			u := NewUpstream(t)
			u.Script(w.Send(w.Start...), w.Send(w.Delta("Hel")), Send(said), w.Send(w.End(completion.FinishStop, completion.Usage{})...))
			o := Collect(t, newModel(t, u).Stream(t.Context(), Prompt()))
			if failed := completion.AsError(o.Err); failed == nil || o.Content != "Hel" || !contains(failed.Detail, "it fell over") || !contains(failed.IncompleteSentence(), "it fell over") {
				t.Fatalf("got %q, %v, finish %+v", o.Content, o.Err, o.Finish)
			}
		})
	}
	for name, said := range map[string]string{
		"a message before more text": "data: {\"id\":\"x\",\"choices\":[],\"usage\":null,\"message\":\"still queued\",\"type\":\"ping\"}\n\n",
		"a good status":              "data: {\"choices\":[],\"code\":200,\"message\":\"ok\",\"status\":\"success\",\"success\":true,\"error\":null,\"errors\":[]}\n\n",
		"a tool of the provider's":   "data: {\"type\":\"web_search.failed\",\"error\":{\"message\":\"it fell over\"}}\n\n",
		"an event of such a tool":    "event: tool_error\ndata: {\"type\":\"tool_error\",\"message\":\"it fell over\"}\n\n",
		"other lines":                "ping\nX-Trace: 1\nretrying\n1a4\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			u := NewUpstream(t)
			u.Script(w.Send(w.Start...), w.Send(w.Delta("Hel")), Send(said), w.Send(w.Delta("lo")), w.Send(w.End(completion.FinishStop, completion.Usage{})...))
			if o := Collect(t, newModel(t, u).Stream(t.Context(), Prompt())); o.Err != nil || o.Content != "Hello" || o.Finish.Reason != completion.FinishStop {
				t.Fatalf("got %q, %v, finish %+v", o.Content, o.Err, o.Finish)
			}
		})
	}
}

// insteadOfDelta returns the event of a delta that has other members.
func insteadOfDelta(w *Wire, members string) string {
	c := w.Delta("")
	if c.Event == "" { // chat completions
		return "data: {\"choices\":[{\"index\":0," + members + "}]}\n\n"
	}
	return event(c.Event, members).String()
}
