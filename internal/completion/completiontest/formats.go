package completiontest

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
)

// Responses is OpenAI's Responses.
func Responses() *Wire {
	return &Wire{
		Path:   "/v1/responses",
		Quirks: "quirks-responses",
		Whole:  "16-whole-json",
		Transcripts: func(t *testing.T, newModel Factory) {
			testTranscripts(t, "transcripts-responses", decodeResponses, newModel)
		},
		Start: []Chunk{
			event("response.created", `"response":{"id":"resp_1","object":"response","status":"in_progress","model":"scripted","output":[],"error":null,"usage":null}`),
		},
		Delta: func(text string) Chunk {
			return event("response.output_text.delta", `"item_id":"msg_1","output_index":1,"content_index":0,"delta":`+quote(text))
		},
		Reasoning: func(text string) Chunk {
			return event("response.reasoning_text.delta", `"item_id":"rs_1","output_index":0,"content_index":0,"delta":`+quote(text))
		},
		End: func(reason completion.FinishReason, usage completion.Usage) []Chunk {
			at, details := "completed", "null"
			switch reason {
			case completion.FinishLength:
				at, details = "incomplete", `{"reason":"max_output_tokens"}`
			case completion.FinishContentFilter:
				at, details = "incomplete", `{"reason":"content_filter"}`
			}
			return []Chunk{event("response."+at, fmt.Sprintf(
				`"response":{"id":"resp_1","object":"response","status":%q,"error":null,"incomplete_details":%s,"model":"scripted","output":[],`+
					`"usage":{"input_tokens":%d,"input_tokens_details":{"cached_tokens":0},"output_tokens":%d}}`,
				at, details, usage.PromptTokens, usage.CompletionTokens))}
		},
		Failure: func(message string) []Chunk {
			return []Chunk{event("error", `"code":"server_error","param":null,"message":`+quote(message))}
		},
	}
}

// Messages is Anthropic's Messages.
func Messages() *Wire {
	return &Wire{
		Path:   "/v1/messages",
		Quirks: "quirks-messages",
		Whole:  "16-whole-json",
		Transcripts: func(t *testing.T, newModel Factory) {
			testTranscripts(t, "transcripts-messages", decodeMessages, newModel)
		},
		Start: []Chunk{event("message_start",
			`"message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"scripted","stop_reason":null,"usage":{"input_tokens":3,"output_tokens":1}}`)},
		Delta: func(text string) Chunk {
			return event("content_block_delta", `"index":1,"delta":{"type":"text_delta","text":`+quote(text)+`}`)
		},
		Reasoning: func(text string) Chunk {
			return event("content_block_delta", `"index":0,"delta":{"type":"thinking_delta","thinking":`+quote(text)+`}`)
		},
		End: func(reason completion.FinishReason, usage completion.Usage) []Chunk {
			stop := map[completion.FinishReason]string{
				completion.FinishStop: "end_turn", completion.FinishLength: "max_tokens", completion.FinishContentFilter: "refusal",
			}[reason]
			return []Chunk{
				event("message_delta", fmt.Sprintf(`"delta":{"stop_reason":%q,"stop_sequence":null},"usage":{"input_tokens":%d,"output_tokens":%d}`,
					stop, usage.PromptTokens, usage.CompletionTokens)),
				event("message_stop", `"x":null`),
			}
		},
		Failure: func(message string) []Chunk {
			return []Chunk{event("error", `"error":{"type":"api_error","message":`+quote(message)+`}`)}
		},
	}
}

// event is a chunk whose event field and type say the same.
func event(kind, members string) Chunk {
	return Chunk{Event: kind, Data: `{"type":` + quote(kind) + `,` + members + `}`}
}

// A transcribed is the expected result of a transcript.
type transcribed struct {
	content, reasoning string
	finish             completion.FinishReason
	prompt, tokens     int // 0 if the transcript does not say
}

// testTranscripts replays what a real llama-server sent in a format. The expected result
// is read from the same bytes by another, simpler decoder, which knows this server only.
func testTranscripts(t *testing.T, dir string, decode func(*testing.T, string) transcribed, newModel Factory) {
	files, err := fs.Glob(testdata, "testdata/"+dir+"/*.http")
	if err != nil || len(files) < 3 {
		t.Fatalf("%s: %d files, %v", dir, len(files), err)
	}
	for _, file := range files {
		name := path.Base(file)
		r := parseResponse(t, withoutRequest(read(t, dir+"/"+name)))
		want := decode(t, r.body)
		if strings.HasPrefix(name, "reasoning-none") { // the thinking is in the content there
			thought, answer, _ := strings.Cut(strings.TrimPrefix(want.content, "<think>"), "</think>")
			want.reasoning, want.content = strings.TrimLeft(thought, "\n"), strings.TrimLeft(answer, "\n")
		}
		if want.content == "" || want.finish == "" {
			t.Fatalf("%s holds %+v", name, want)
		}
		for _, mode := range []string{"whole", "events", "bytes"} {
			t.Run(name+"/"+mode, func(t *testing.T) {
				u := NewUpstream(t)
				u.Script(r.deliver(mode)...)
				o := Collect(t, newModel(t, u).Stream(t.Context(), Prompt()))
				if o.Err != nil || o.Content != want.content || o.Reasoning != want.reasoning {
					t.Fatalf("got %q and %q, %v, want %q and %q", o.Content, o.Reasoning, o.Err, want.content, want.reasoning)
				}
				if o.Finish.Reason != want.finish || o.Finish.Usage == nil || o.Finish.Usage.PromptTokens != want.prompt || o.Finish.Usage.CompletionTokens != want.tokens {
					t.Errorf("finish %+v, usage %+v, want %+v", o.Finish, o.Finish.Usage, want)
				}
				if strings.HasPrefix(name, "tool") {
					checkTool(t, o)
				}
			})
		}
	}
}

// decodeResponses reads the last event of a stream, which has all of it, or a whole
// response.
func decodeResponses(t *testing.T, body string) (got transcribed) {
	t.Helper()
	type response struct {
		Status string
		Output []struct {
			Type    string
			Content []struct{ Text string }
		}
		Usage struct {
			InputTokens  int `json:"input_tokens"`
			OutputTokens int `json:"output_tokens"`
		}
	}
	lines := strings.Split(strings.TrimSpace(body), "\n")
	last := strings.TrimPrefix(lines[len(lines)-1], "data: ")
	var e struct{ Response *response }
	r := &response{}
	e.Response = r
	target := any(&e)
	if len(lines) == 1 {
		target = r
	}
	if err := json.Unmarshal([]byte(last), target); err != nil {
		t.Fatal(err)
	}
	for _, item := range r.Output {
		for _, part := range item.Content {
			if item.Type == "reasoning" {
				got.reasoning += part.Text
			} else {
				got.content += part.Text
			}
		}
	}
	if r.Status == "completed" {
		got.finish = completion.FinishStop
	}
	got.prompt, got.tokens = r.Usage.InputTokens, r.Usage.OutputTokens
	return got
}

// decodeMessages reads llama-server's events, or its whole message.
func decodeMessages(t *testing.T, body string) (got transcribed) {
	t.Helper()
	type message struct {
		Content    []struct{ Text, Thinking string }
		StopReason string `json:"stop_reason"`
		Usage      struct {
			Cached int `json:"cache_read_input_tokens"`
			Input  int `json:"input_tokens"`
			Output int `json:"output_tokens"`
		}
	}
	for line := range strings.SplitSeq(body, "\n") {
		line = strings.TrimPrefix(line, "data: ")
		if !strings.HasPrefix(line, "{") {
			continue
		}
		var e struct {
			message
			Message message
			Delta   struct {
				Text, Thinking string
				StopReason     string `json:"stop_reason"`
			}
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		got.content += e.Delta.Text
		got.reasoning += e.Delta.Thinking
		for _, block := range e.Content {
			got.content += block.Text
			got.reasoning += block.Thinking
		}
		switch e.StopReason + e.Delta.StopReason {
		case "end_turn":
			got.finish = completion.FinishStop
		case "max_tokens":
			got.finish = completion.FinishLength
		case "tool_use":
			got.finish = completion.FinishToolCalls
		}
		for _, u := range []message{e.message, e.Message} {
			got.prompt = max(got.prompt, u.Usage.Cached+u.Usage.Input)
			got.tokens = max(got.tokens, u.Usage.Output)
		}
	}
	return got
}

// Values returns the JSON values in the odd answers of the format, as seeds for fuzzing.
func (w *Wire) Values(tb testing.TB) [][]byte {
	files, err := fs.Glob(testdata, "testdata/"+w.Quirks+"/*.sse")
	if err != nil || len(files) == 0 {
		tb.Fatalf("%s: %d files, %v", w.Quirks, len(files), err)
	}
	var values [][]byte
	for _, file := range files {
		body, err := testdata.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		for line := range strings.SplitSeq(string(body), "\n") {
			if data, ok := strings.CutPrefix(line, "data: "); ok {
				values = append(values, []byte(data))
			}
		}
	}
	return values
}
