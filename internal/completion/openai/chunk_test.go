package openai

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
)

// decoded is what a sequence of events comes to.
type decoded struct {
	Content, Reasoning string
	Finish             completion.FinishReason
	Usage              *completion.Usage
	Model              string
	Tools              []completion.ToolCall
	Err                string // of the failure
}

func decode(t testing.TB, events ...string) decoded {
	t.Helper()
	var got decoded
	d := &decoder{}
	d.yield = func(event completion.Event, err error) bool {
		if len(event.Text) == 0 || !utf8.Valid(event.Text) {
			t.Errorf("text %q", event.Text)
		}
		if event.Kind == completion.Reasoning {
			got.Reasoning += string(event.Text)
		} else {
			got.Content += string(event.Text)
		}
		return true
	}
	for _, event := range events {
		if err := d.event(nil, []byte(event)); err != nil {
			got.Err = err.Error()
			break
		}
	}
	d.finishText()
	got.Finish, got.Usage, got.Model, got.Tools = d.finish.reason, d.usage, string(d.model), d.tools.finished()
	return got
}

func delta(members string) string { return `{"choices":[{"delta":{` + members + `}}]}` }

// What the corpus of completiontest does not hold already.
func TestDecode(t *testing.T) {
	call := func(id, name, arguments string) completion.ToolCall {
		return completion.ToolCall{ID: id, Name: name, Arguments: arguments}
	}
	for _, test := range []struct {
		name   string
		events []string
		want   decoded
	}{
		{"members in any order", []string{`{"choices":[{"delta":{"content":"a"},"index":"0"},{"delta":{"content":"b"},"index":"1"}]}`}, decoded{Content: "a"}},
		{"choices as an object", []string{`{"choices":{"delta":{"content":"a"}}}`}, decoded{Content: "a"}},
		{"delta null beside a message", []string{`{"choices":[{"delta":null,"message":{"content":"a"}}]}`}, decoded{Content: "a"}},
		{"delta and message: the delta", []string{`{"choices":[{"delta":{"content":"a"},"message":{"content":"whole a"}}]}`}, decoded{Content: "a"}},
		{"content as one part", []string{delta(`"content":{"type":"text","text":"a"}`)}, decoded{Content: "a"}},
		{"content as a list of strings", []string{delta(`"content":["a",null,"b",{"type":"image"},{"text":null}]`)}, decoded{Content: "ab"}},
		{"content nested without end", []string{delta(`"content":` + strings.Repeat("[", 50) + `"a"` + strings.Repeat("]", 50))}, decoded{}},
		{"names with escapes", []string{`{"choic\u0065s":[{"delta":{"c\u006fntent":"a"}}]}`}, decoded{Content: "a"}},
		{"reasoning under each name", []string{
			delta(`"reasoning_content":"a"`), delta(`"reasoning":"b"`), delta(`"reasoning_text":"c"`), delta(`"thinking":"d"`),
			delta(`"reasoning":{"content":"e"}`), delta(`"reasoning_details":[{"type":"reasoning.summary","summary":"f"}]`),
		}, decoded{Reasoning: "abcdef"}},
		{"reasoning empty under one name", []string{delta(`"reasoning_content":"","reasoning":"a"`)}, decoded{Reasoning: "a"}},
		{"reasoning and content in one delta", []string{delta(`"reasoning":"a","content":"b"`), delta(`"reasoning":"c","content":"d"`)}, decoded{Reasoning: "ac", Content: "bd"}},
		{"refusal beside content", []string{delta(`"content":"a","refusal":"b"`)}, decoded{Content: "a"}},
		{"model: the first one", []string{`{"model":null}`, `{"model":"m"}`, `{"model":"n"}`}, decoded{Model: "m"}},
		{"usage: null and zeros do not count", []string{
			`{"usage":{"prompt_tokens":1,"completion_tokens":2}}`, `{"usage":null}`, `{"usage":{"prompt_tokens":0,"completion_tokens":0}}`, `{"usage":[]}`, `{"usage":"x"}`,
		}, decoded{Usage: &completion.Usage{PromptTokens: 1, CompletionTokens: 2}}},
		{"usage: floats, other names, nonsense", []string{`{"usage":{"input_tokens":3.0,"output_tokens":"4","x":"y","prompt_tokens":-1,"completion_tokens":1e300}}`}, decoded{Usage: &completion.Usage{PromptTokens: 3, CompletionTokens: 4}}},
		{"usage: Groq's place", []string{`{"choices":[],"x_groq":{"id":"r","usage":{"prompt_tokens":1,"completion_tokens":2}}}`}, decoded{Usage: &completion.Usage{PromptTokens: 1, CompletionTokens: 2}}},
		{"two chunks in one event", []string{delta(`"content":"a"`) + "\n" + delta(`"content":"b"`) + "\n[DONE]\n" + delta(`"content":"c"`)}, decoded{Content: "ab"}},
		{"a list of chunks", []string{`[` + delta(`"content":"a"`) + `,` + delta(`"content":"b"`) + `]`}, decoded{Content: "ab"}},
		{"scalars", []string{`1`, `"x"`, `true`, `[]`, `[[1]]`}, decoded{}},
		{"no error", []string{`{"error":null}`, `{"error":""}`, `{"error":{}}`, `{"error":false}`, `{"error":[]}`, `{"error":0}`, `{"choices":[{"error":null}]}`}, decoded{}},
		{"no failure", []string{`{"code":0,"message":"success"}`, `{"type":"ping"}`, `{"id":"x"}`, `{"message":""}`, `{"code":"200","msg":"ok"}`}, decoded{}},
		{"error in the choice", []string{`{"choices":[{"delta":{"content":"a"},"error":{"message":"b"}}]}`}, decoded{Content: "a", Err: "b"}},
		{"error as the finish", []string{`{"choices":[{"delta":{"content":"a"},"finish_reason":"error"}]}`}, decoded{Content: "a", Err: "it ended the answer with error"}},
		{"failure of vLLM", []string{`{"object":"error","message":"a","code":400}`}, decoded{Err: "a"}},
		{"failure by type", []string{`{"type":"error"}`}, decoded{Err: `{"type":"error"}`}},
		{"calls by index", []string{
			delta(`"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":""}},{"index":1,"id":"b","function":{"name":"g"}}]`),
			delta(`"tool_calls":[{"index":1,"function":{"arguments":"{\"y\":"}},{"index":0,"function":{"arguments":"{}"}}]`),
			delta(`"tool_calls":[{"index":1,"function":{"arguments":"1}"}}]`),
		}, decoded{Tools: []completion.ToolCall{call("a", "f", "{}"), call("b", "g", `{"y":1}`)}}},
		{"calls all numbered 0", []string{
			delta(`"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]`),
			delta(`"tool_calls":[{"index":0,"id":"b","function":{"name":"g","arguments":"{"}}]`),
			delta(`"tool_calls":[{"index":0,"id":"b","function":{"arguments":"}"}}]`),
			delta(`"tool_calls":[{"index":0,"id":"","function":{"name":null,"arguments":" "}}]`),
		}, decoded{Tools: []completion.ToolCall{call("a", "f", "{}"), call("b", "g", "{} ")}}},
		{"a name repeated", []string{
			delta(`"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{"}}]`),
			delta(`"tool_calls":[{"id":"a","function":{"name":"f","arguments":"}"}}]`),
		}, decoded{Tools: []completion.ToolCall{call("a", "f", "{}")}}},
		{"no phantom calls", []string{delta(`"tool_calls":[{"index":0},{}, null, 1]`), delta(`"tool_calls":null,"function_call":null`), delta(`"tool_calls":{}`)}, decoded{}},
		{"a surrogate pair cut in the arguments", []string{
			delta(`"tool_calls":[{"id":"a","function":{"name":"f","arguments":"\ud83c"}}]`),
			delta(`"tool_calls":[{"function":{"arguments":"\udf0d"}}]`),
		}, decoded{Tools: []completion.ToolCall{call("a", "f", "🌍")}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, decode(t, test.events...)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestFinishReasons(t *testing.T) {
	for want, names := range map[completion.FinishReason][]string{
		completion.FinishStop:          {"stop", "STOP", "eos", "end_turn", "stop_sequence", "COMPLETE"},
		completion.FinishLength:        {"length", "max_tokens", "MAX_TOKENS", "max-tokens", "model_length"},
		completion.FinishContentFilter: {"content_filter", "content-filter", "SAFETY", "sensitive"},
		completion.FinishToolCalls:     {"tool_calls", "tool-calls", "tool_use", "function_call"},
		completion.FinishUnknown:       {"something else", "42"},
		"":                             {"", "null"},
	} {
		for _, name := range names {
			quoted := `"` + name + `"`
			if name == "null" {
				quoted = name
			}
			if got := decode(t, `{"choices":[{"delta":{},"finish_reason":`+quoted+`}]}`); got.Finish != want || got.Err != "" {
				t.Errorf("%s: got %q, %s", name, got.Finish, got.Err)
			}
		}
	}
	for _, name := range []string{"error", "network_error", "abort", "insufficient_system_resource"} {
		if got := decode(t, `{"choices":[{"delta":{},"finish_reason":"`+name+`"}]}`); got.Err == "" {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestTooMuchIsAnError(t *testing.T) {
	for name, event := range map[string]string{
		"content":    delta(`"content":"` + strings.Repeat("x", 1<<20) + `"`),
		"thinking":   delta(`"reasoning":"` + strings.Repeat("x", 1<<20) + `"`),
		"undecided":  delta(`"content":"` + strings.Repeat(" ", 1<<20) + `"`),
		"arguments":  delta(`"tool_calls":[{"id":"a","function":{"arguments":"` + strings.Repeat("x", 1<<20) + `"}}]`),
		"many calls": delta(`"tool_calls":[` + strings.Repeat(`{"index":0,"function":{"name":"f","arguments":{}}},{"function":{"name":"g","arguments":{}}},`, 40) + `{}]`),
	} {
		d := newDecoder(func(completion.Event, error) bool { return true })
		var err error
		n := 0
		for ; err == nil && n < 100; n++ {
			err = d.event(nil, []byte(event))
			d.flush()
		}
		if !errors.Is(err, errTooMuch) {
			t.Errorf("%s: %v after %d events", name, err, n)
		}
	}
}

func FuzzChunk(f *testing.F) {
	for _, seed := range []string{
		benchChunk, `{"error":{"message":"a","code":"b"}}`, delta(`"content":[{"type":"text","text":"a"}]`),
		delta(`"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":{"x":1}}}]`), `[DONE]`, `{"message":{"content":"a"},"done":true}`,
		delta(`"content":"<think>\ud83c"`) + delta(`"content":"\udf0d</think>b"`), `{"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":"1"}}`,
	} {
		f.Add([]byte(seed), []byte(seed))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		d := &decoder{}
		d.yield = func(event completion.Event, err error) bool {
			if len(event.Text) == 0 || !utf8.Valid(event.Text) {
				t.Fatalf("text %q", event.Text)
			}
			return true
		}
		for _, data := range [][]byte{a, b} {
			err := d.event(nil, data)
			var failed *failure
			if err != nil && !errors.As(err, &failed) && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("%v", err)
			}
			d.flush()
		}
		d.finishText()
		for _, call := range d.tools.finished() {
			if call == (completion.ToolCall{}) {
				t.Fatal("a phantom call")
			}
		}
	})
}
