package completiontest

import (
	"net/http"
	"testing"

	"github.com/llmls/llmls/internal/completion"
)

// A Wire is one wire format as a server writes it: the counterpart of a format
// under test.
type Wire struct {
	// Path is where requests have to go, such as "/v1/chat/completions".
	Path string
	// Quirks is the directory of testdata that holds the odd answers of this
	// form.
	Quirks string
	// Whole is the one of them that is "Hello" in one object.
	Whole string
	// Transcripts replays what a real server sent in this format.
	Transcripts func(t *testing.T, newModel Factory)

	// Start comes before the first piece of an answer, if anything does.
	Start []Chunk
	// Delta holds a piece of the answer, and Reasoning one of the thinking.
	Delta, Reasoning func(text string) Chunk
	// End ends an answer for the reason, with those counts of tokens.
	End func(reason completion.FinishReason, usage completion.Usage) []Chunk
	// Failure is an error in the middle of a stream.
	Failure func(message string) []Chunk
}

// A Chunk is one event that a server sends.
type Chunk struct {
	Event string // its event field; "" if the format has none
	Data  string // JSON, in one line
}

// String is the chunk as an event stream has it.
func (c Chunk) String() string {
	if c.Event == "" {
		return "data: " + c.Data + "\n\n"
	}
	return "event: " + c.Event + "\ndata: " + c.Data + "\n\n"
}

// Answer plays a whole answer in those pieces, to its regular end.
func (w *Wire) Answer(deltas ...string) Step {
	var steps []Step
	for _, text := range deltas {
		steps = append(steps, w.Send(w.Delta(text)))
	}
	end := w.End(completion.FinishStop, completion.Usage{PromptTokens: 10, CompletionTokens: len(deltas)})
	return Sequence(w.Send(w.Start...), Sequence(steps...), w.Send(end...))
}

// Send sends chunks one by one.
func (w *Wire) Send(chunks ...Chunk) Step {
	var steps []Step
	for _, c := range chunks {
		steps = append(steps, Send(c.String()))
	}
	return Sequence(steps...)
}

// Chat is chat completions.
func Chat() *Wire {
	return &Wire{
		Path:        "/v1/chat/completions",
		Quirks:      "quirks",
		Whole:       "85-whole-completion",
		Transcripts: testChatTranscripts,
		Delta:       func(text string) Chunk { return Chunk{Data: chunk(`{"content":` + quote(text) + `}`)} },
		Reasoning:   func(text string) Chunk { return Chunk{Data: chunk(`{"reasoning_content":` + quote(text) + `}`)} },
		End: func(reason completion.FinishReason, usage completion.Usage) []Chunk {
			return []Chunk{
				{Data: finishChunk(string(reason))},
				{Data: usageChunk(usage.PromptTokens, usage.CompletionTokens)},
				{Data: "[DONE]"},
			}
		},
		Failure: func(message string) []Chunk {
			return []Chunk{{Data: `{"error":{"message":` + quote(message) + `,"type":"server_error","code":null}}`}}
		},
	}
}

// testAnswer plays a whole answer that has everything that the format has.
func testAnswer(t *testing.T, w *Wire, newModel Factory) {
	usage := completion.Usage{PromptTokens: 7, CompletionTokens: 5}
	for _, reason := range []completion.FinishReason{completion.FinishStop, completion.FinishLength, completion.FinishContentFilter} {
		t.Run(string(reason), func(t *testing.T) {
			upstreams(t, func(t *testing.T, u *Upstream) {
				u.Script(
					w.Send(w.Start...), w.Send(w.Reasoning("Let me "), w.Reasoning("see.")),
					w.Send(w.Delta("Hel"), w.Delta("lo ☃")), w.Send(w.End(reason, usage)...),
				)
				o := Collect(t, newModel(t, u).Stream(t.Context(), Prompt()))
				if o.Err != nil || o.Content != "Hello ☃" || o.Reasoning != "Let me see." {
					t.Fatalf("got %+v", o)
				}
				if o.Finish.Reason != reason || o.Finish.Usage == nil || *o.Finish.Usage != usage || o.Finish.Model != "scripted" {
					t.Errorf("finish %+v, usage %+v", o.Finish, o.Finish.Usage)
				}
				if r := u.Next(); r.Method != http.MethodPost || r.Path != w.Path {
					t.Errorf("%s %s", r.Method, r.Path)
				}
			})
		})
	}
}

// testEndMarkAlone ends an answer by the end mark without an event that says how it
// ended: it may be whole, and must not be taken for it.
func testEndMarkAlone(t *testing.T, w *Wire, newModel Factory) {
	upstreams(t, func(t *testing.T, u *Upstream) {
		u.Script(w.Send(w.Start...), w.Send(w.Delta("Hel"), w.Delta("lo")), Done())
		o := Collect(t, newModel(t, u).Stream(t.Context(), Prompt()))
		if o.Err != nil || o.Content != "Hello" || o.Finish.Reason != completion.FinishUnknown {
			t.Errorf("got %q, %+v, %v", o.Content, o.Finish, o.Err)
		}
	})
}

// testFailure has the server fail before and in the middle of an answer, and
// end it before it is finished.
func testFailure(t *testing.T, w *Wire, newModel Factory) {
	for name, test := range map[string]struct {
		script  []Step
		kind    completion.Kind
		content string
		detail  string
	}{
		"before":     {[]Step{Error(401, "authentication_error", "bad key")}, completion.Auth, "", "bad key"},
		"in a chunk": {[]Step{w.Send(w.Start...), w.Send(w.Delta("Hel")), w.Send(w.Failure("it fell over")...)}, completion.Server, "Hel", "it fell over"},
		"at once":    {[]Step{w.Send(w.Start...), w.Send(w.Failure("it fell over")...)}, completion.Server, "", "it fell over"},
		"cut":        {[]Step{w.Send(w.Start...), w.Send(w.Delta("Hel")), Cut()}, completion.Network, "Hel", ""},
		"unfinished": {[]Step{w.Send(w.Start...), w.Send(w.Delta("Hel"))}, completion.Network, "Hel", ""},
		"empty":      {[]Step{Send("")}, completion.Network, "", ""},
		"a page":     {[]Step{Status(200, "Content-Type", "text/html"), Send("<title>Welcome</title>")}, completion.NotAnAPI, "", "Welcome"},
	} {
		t.Run(name, func(t *testing.T) {
			upstreams(t, func(t *testing.T, u *Upstream) {
				u.Script(test.script...)
				o := Collect(t, newModel(t, u).Stream(t.Context(), Prompt()))
				failed := completion.AsError(o.Err)
				if failed == nil || failed.Kind != test.kind || o.Content != test.content {
					t.Fatalf("got %q, %v; want %q and kind %s", o.Content, o.Err, test.content, test.kind)
				}
				if !contains(failed.Detail, test.detail) {
					t.Errorf("detail %q, want %q", failed.Detail, test.detail)
				}
			})
		})
	}
}
