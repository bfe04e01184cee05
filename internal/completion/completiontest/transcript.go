package completiontest

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
)

// testChatTranscripts replays what a real llama-server sent. The expected result is read
// from the same bytes by another, simpler decoder, which knows this server only.
func testChatTranscripts(t *testing.T, newModel Factory) {
	files, err := fs.Glob(testdata, "testdata/transcripts/*.http")
	if err != nil || len(files) < 20 {
		t.Fatalf("transcripts: %d files, %v", len(files), err)
	}
	for _, file := range files {
		name := path.Base(file)
		r := parseResponse(t, withoutRequest(read(t, "transcripts/"+name)))
		modes := []string{"whole", "events", "bytes"}
		if strings.HasPrefix(name, "server-") {
			modes = []string{"cut"}
		}
		for _, mode := range modes {
			t.Run(name+"/"+mode, func(t *testing.T) {
				u := NewUpstream(t)
				u.Script(r.deliver(mode)...)
				checkTranscript(t, name, &r, Collect(t, newModel(t, u).Stream(t.Context(), Prompt())))
			})
		}
	}
	t.Run("stream.rawchunked", func(t *testing.T) {
		raw := read(t, "transcripts/stream.rawchunked")
		u := NewUpstream(t)
		u.Script(Raw(string(raw)))
		o := Collect(t, newModel(t, u).Stream(t.Context(), Prompt()))
		if o.Content != `"Hello,` && o.Content == "" || o.Err != nil || o.Finish.Reason != completion.FinishLength {
			t.Errorf("got %q, %+v, %v", o.Content, o.Finish, o.Err)
		}
	})
}

// withoutRequest drops the lines of the request, which the recorder put first.
func withoutRequest(raw []byte) []byte {
	if i := bytes.Index(raw, []byte("HTTP/1.1 ")); bytes.HasPrefix(raw, []byte("> ")) && i > 0 {
		return raw[i:]
	}
	return raw
}

func checkTranscript(t *testing.T, name string, r *response, o *Outcome) {
	t.Helper()
	if r.status != 200 || name == "models.http" || name == "messages-stream.http" || strings.HasPrefix(name, "server-") {
		checkFailed(t, name, r, o)
	}
	if r.status != 200 || name == "models.http" || name == "messages-stream.http" {
		return
	}
	content, reasoning, finish := simpleDecode(t, r.body)
	if strings.HasPrefix(name, "reasoning-none") { // the thinking is in the content there
		thought, answer, ok := strings.Cut(strings.TrimPrefix(content, "<think>"), "</think>")
		if !ok {
			t.Fatal("no thinking in the transcript")
		}
		reasoning, content = strings.TrimLeft(thought, "\n"), strings.TrimLeft(answer, "\n")
	}
	if o.Content != content || o.Reasoning != reasoning {
		t.Errorf("got %q and %q, want %q and %q", o.Content, o.Reasoning, content, reasoning)
	}
	if content+reasoning == "" {
		t.Error("the transcript holds no text")
	}
	if o.Err == nil && string(o.Finish.Reason) != finish {
		t.Errorf("finish %q, want %q", o.Finish.Reason, finish)
	}
	if strings.HasPrefix(name, "tool-auto") {
		checkTool(t, o)
	}
}

// checkFailed expects the kind that stands for the status, with the server's
// own message.
func checkFailed(t *testing.T, name string, r *response, o *Outcome) {
	t.Helper()
	want := map[int]completion.Kind{
		200: completion.NotAnAPI, 400: completion.BadRequest, 401: completion.Auth, 404: completion.NotFound, 503: completion.Server,
	}[r.status]
	if strings.HasSuffix(name, "-stream.http") && r.status == 200 || strings.HasPrefix(name, "server-") {
		want = completion.Network
	}
	var body struct{ Error struct{ Message string } }
	_ = json.Unmarshal([]byte(r.body), &body) // the others have no message
	failed := completion.AsError(o.Err)
	if failed == nil || failed.Kind != want || !strings.Contains(failed.Detail, body.Error.Message) {
		t.Errorf("error %v, want kind %s with %q", o.Err, want, body.Error.Message)
	}
	tooLong := name == "err-context-stream.http"
	if failed != nil && tooLong != (failed.Reason == completion.ContextTooLong) {
		t.Errorf("reason %q", failed.Reason)
	}
}

func checkTool(t *testing.T, o *Outcome) {
	t.Helper()
	var arguments struct {
		Line int
		Mode string
	}
	if len(o.Finish.ToolCalls) != 1 || o.Finish.ToolCalls[0].Name != "open_file" || o.Finish.ToolCalls[0].ID == "" {
		t.Fatalf("tool calls %+v", o.Finish.ToolCalls)
	}
	if err := json.Unmarshal([]byte(o.Finish.ToolCalls[0].Arguments), &arguments); err != nil || arguments.Line != 42 {
		t.Errorf("arguments %q, %v", o.Finish.ToolCalls[0].Arguments, err)
	}
}

// simpleDecode reads llama-server's chunks, or its whole completion.
func simpleDecode(t *testing.T, body string) (content, reasoning, finish string) {
	t.Helper()
	type message struct {
		Content          string
		ReasoningContent string `json:"reasoning_content"`
	}
	for line := range strings.SplitSeq(body, "\n") {
		line = strings.TrimPrefix(line, "data: ")
		if !strings.HasPrefix(line, "{") {
			continue
		}
		var c struct {
			Choices []struct {
				Index          int
				Delta, Message message
				Text           string
				FinishReason   string `json:"finish_reason"`
			}
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatal(err)
		}
		for _, choice := range c.Choices {
			if choice.Index != 0 {
				continue
			}
			content += choice.Delta.Content + choice.Message.Content + choice.Text
			reasoning += choice.Delta.ReasoningContent + choice.Message.ReasoningContent
			finish += choice.FinishReason
		}
	}
	return content, reasoning, finish
}
