package openai

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/completion/jsonwalk"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// decoded is the result of decoding a sequence of events.
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
	answer, d := newDecoder(func(event completion.Event, _ error) bool {
		if len(event.Text) == 0 || !utf8.Valid(event.Text) {
			t.Errorf("text %q", event.Text)
		}
		if event.Kind == completion.Reasoning {
			got.Reasoning += string(event.Text)
		} else {
			got.Content += string(event.Text)
		}
		return true
	})
	for _, event := range events {
		value, _, err := jsonwalk.Cut([]byte(event))
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Decode(nil, value); err != nil {
			got.Err = err.Error()
			break
		}
	}
	answer.Flush()
	end := answer.Summary()
	got.Finish, got.Usage, got.Model, got.Tools = end.Reason, end.Usage, end.Model, end.ToolCalls
	return got
}

func newDecoder(yield func(completion.Event, error) bool) (*upstream.Answer, upstream.Decoder) {
	answer := upstream.NewAnswer(yield)
	return answer, Format{}.NewDecoder(answer)
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

func TestSources(t *testing.T) {
	for name, events := range map[string][]string{
		"addresses, with every chunk": {`{"choices":[{"delta":{"content":"A [1][2]."}}],"citations":["https://a.example/x","https://b.example/y"]}`, `{"citations":["https://a.example/x","https://b.example/y"]}`},
		"results":                     {delta(`"content":"A [1][2]."`), `{"choices":[],"search_results":[{"title":"","url":"https://a.example/x"},{"url":"https://b.example/y"}]}`},
		"annotations":                 {delta(`"content":"A [1][2].","annotations":[{"type":"url_citation","url_citation":{"url":"https://a.example/x"}},{"type":"url_citation","url":"https://b.example/y"}]`)},
		"in a message behind deltas":  {delta(`"content":"A [1][2]."`), `{"choices":[{"message":{"content":"A [1][2].","annotations":[{"url":"https://a.example/x"},{"url":"https://b.example/y"}]}}]}`},
		"what is no page is left out": {delta(`"content":"A [1][2]."`), `{"citations":["https://a.example/x","javascript:alert(1)","file:///etc/passwd",7,null,"","https://user:pass@c.example",{"url":"https://b.example/y"}]}`},
	} {
		u := completiontest.NewUpstream(t)
		var script []completiontest.Step
		for _, event := range events {
			script = append(script, completiontest.Event(event))
		}
		u.Script(append(script, completiontest.Finish("stop"), completiontest.Done())...)
		o := completiontest.Collect(t, testModel(t, u).Stream(t.Context(), completiontest.Prompt()))
		if want := "A [1][2].\n\nSources:\n\n1. https://a.example/x\n2. https://b.example/y\n"; o.Err != nil || o.Content != want {
			t.Errorf("%s: got %q, %v", name, o.Content, o.Err)
		}
	}
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Delta("A."), completiontest.Event(`{"citations":[{"url":"https://a.example/x_(y)","title":"On [a] `+"`b`"+`\n](javascript:x)"}]}`), completiontest.Finish("stop"))
	o := completiontest.Collect(t, testModel(t, u).Stream(t.Context(), completiontest.Prompt()))
	if want := "A.\n\nSources:\n\n1. [On (a) \\`b\\` )(javascript:x)](https://a.example/x_%28y%29)\n"; o.Content != want {
		t.Errorf("a title: got %q, want %q", o.Content, want)
	}
}

func TestFinishReasons(t *testing.T) {
	for want, names := range map[completion.FinishReason][]string{
		completion.FinishStop:          {"stop", "STOP", "eos", "end_turn", "stop_sequence", "COMPLETE", "FINISH_REASON_STOP", "stopped", "stop_str", "stop_token", "end_of_text"},
		completion.FinishLength:        {"length", "max_tokens", "MAX_TOKENS", "max-tokens", "model_length", "FINISH_REASON_MAX_TOKENS", "max_length", "token_limit", "max_new_tokens", "output_limit"},
		completion.FinishContentFilter: {"content_filter", "content-filter", "SAFETY", "sensitive", "IMAGE_SAFETY", "content_policy_violation"},
		completion.FinishToolCalls:     {"tool_calls", "tool-calls", "tool_use", "function_call"},
		completion.FinishUnknown:       {"something else", "42", "time_limit"},
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

// A relay may say "stop" for an answer that was cut, and the truth beside it.
func TestCutBesideFinishReason(t *testing.T) {
	for _, test := range []struct {
		choice, chunk string // members
		want          completion.FinishReason
	}{
		{`"finish_reason":"stop","native_finish_reason":"MAX_TOKENS"`, ``, completion.FinishLength},
		{`"native_finish_reason":"max_tokens","finish_reason":"stop"`, ``, completion.FinishLength},
		{`"finish_reason":"stop","native_finish_reason":"length"`, ``, completion.FinishLength},
		{`"finish_reason":"stop","native_finish_reason":"max_output_tokens"`, ``, completion.FinishLength},
		{`"finish_reason":"stop","native_finish_reason":"SAFETY"`, ``, completion.FinishContentFilter},
		{`"finish_reason":"tool_calls","native_finish_reason":"max_tokens"`, ``, completion.FinishLength},
		{`"finish_reason":"42","native_finish_reason":"max_tokens"`, ``, completion.FinishLength},
		{`"finish_reason":"stop","incomplete":true`, ``, completion.FinishLength},
		{`"finish_reason":"stop"`, `"incomplete":true`, completion.FinishLength},
		{`"finish_reason":"stop"`, `"status":"incomplete"`, completion.FinishLength},
		{`"finish_reason":"stop"`, `"status":"incomplete","incomplete_details":{"reason":"content_filter"}`, completion.FinishContentFilter},
		{`"finish_reason":"stop"`, `"incomplete_details":{"reason":"max_output_tokens"}`, completion.FinishLength},

		{`"finish_reason":"stop","native_finish_reason":"STOP"`, `"status":"completed"`, completion.FinishStop},
		{`"finish_reason":"stop","native_finish_reason":"end_turn"`, `"incomplete":false,"incomplete_details":null`, completion.FinishStop},
		{`"finish_reason":"stop","native_finish_reason":"completed"`, `"incomplete":null,"incomplete_details":{}`, completion.FinishStop},
		{`"finish_reason":"stop","native_finish_reason":"eos"`, `"incomplete_details":{"reason":null}`, completion.FinishStop},
		{`"finish_reason":"stop","native_finish_reason":"a new one"`, `"status":7`, completion.FinishStop},
		{`"finish_reason":"stop","native_finish_reason":null`, ``, completion.FinishStop},
		{`"finish_reason":"stop","native_finish_reason":"error"`, ``, completion.FinishStop},
		{`"finish_reason":"tool_calls","native_finish_reason":"tool_use"`, ``, completion.FinishToolCalls},
		{`"finish_reason":"content_filter","native_finish_reason":"max_tokens"`, ``, completion.FinishContentFilter},
		{`"finish_reason":null,"native_finish_reason":"max_tokens"`, `"incomplete":true`, ""},
		{`"finish_reason":"","native_finish_reason":"max_tokens"`, ``, ""},
	} {
		chunk := `{"choices":[{"delta":{"content":"a"},` + test.choice + `}]`
		if test.chunk != "" {
			chunk += "," + test.chunk
		}
		chunk += "}"
		for _, after := range []string{`{"choices":[]}`, `{"choices":[{"delta":{},"finish_reason":null}]}`} {
			if got := decode(t, chunk, after); got.Finish != test.want || got.Err != "" || got.Content != "a" {
				t.Errorf("%s: got %q, %q, %s", chunk, got.Finish, got.Content, got.Err)
			}
		}
	}
}

func FuzzChunk(f *testing.F) {
	for _, seed := range []string{
		`{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":" a\n"},"finish_reason":null}],"usage":null}`, `{"error":{"message":"a","code":"b"}}`, delta(`"content":[{"type":"text","text":"a"}]`),
		delta(`"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":{"x":1}}}]`), `{"message":{"content":"a"},"done":true}`,
		delta(`"content":"<think>\ud83c"`) + delta(`"content":"\udf0d</think>b"`), `{"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":"1"}}`,
	} {
		f.Add([]byte(seed), []byte(seed))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		answer, d := newDecoder(func(event completion.Event, _ error) bool {
			if event.Kind != completion.Refiled && (len(event.Text) == 0 || !utf8.Valid(event.Text)) {
				t.Fatalf("text %q", event.Text)
			}
			return true
		})
		for _, data := range [][]byte{a, b} {
			for rest := data; ; {
				value, after, err := jsonwalk.Cut(rest)
				if err != nil {
					break
				}
				_ = d.Decode(nil, value) // whether it is a failure does not matter here
				rest = after
			}
			answer.Flush()
		}
		for _, call := range answer.Summary().ToolCalls {
			if call == (completion.ToolCall{}) {
				t.Fatal("a phantom call")
			}
		}
	})
}
