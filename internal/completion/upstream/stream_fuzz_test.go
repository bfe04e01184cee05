package upstream_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/messages"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/completion/responses"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// FuzzStream decodes a body as a server may send it: it never panics, it ends,
// what comes of it is text, and the same comes of it however it is cut.
func FuzzStream(f *testing.F) {
	formats := []upstream.Format{openai.Format{}, responses.Format{}, messages.Format{}}
	for pattern, form := range map[string]uint8{"quirks/*.sse": 0, "transcripts/*.http": 0, "quirks-responses/*.sse": 1, "quirks-messages/*.sse": 2} {
		files, err := filepath.Glob(filepath.Join("..", "completiontest", "testdata", filepath.FromSlash(pattern)))
		if err != nil || len(files) < 20 {
			f.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			body, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			if _, rest, ok := bytes.Cut(body, []byte("\r\n\r\n")); ok && filepath.Ext(file) == ".http" {
				body = rest
			}
			f.Add(body[:min(len(body), 8<<10)], true, uint8(7), form)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, events bool, size, form uint8) {
		format := formats[int(form)%len(formats)]
		kind := "application/json"
		if events {
			kind = "text/event-stream"
		}
		header := http.Header{"Content-Type": {kind}}
		whole := receive(t, format, header, bytes.NewReader(body))
		cut := receive(t, format, header, &slices{rest: body, size: int(size) + 1})
		if diff := cmp.Diff(whole, cut); diff != "" && !bytes.Contains(body, []byte("event")) {
			t.Fatalf("in one piece, and in pieces of %d (-whole +cut)\n%s", int(size)+1, diff)
		}
		upstream.ReadOthers(body)
	})
}

// received is what came of a body.
type received struct {
	Text, Thinking, End string
	Finished            bool
}

func receive(t *testing.T, format upstream.Format, header http.Header, body io.Reader) received {
	t.Helper()
	var got received
	client := upstream.NewClient()
	s := upstream.NewStream(client, format, func(event completion.Event, _ error) bool {
		if !utf8.Valid(event.Text) {
			t.Fatalf("no text: %q", event.Text)
		}
		switch event.Kind {
		case completion.Delta:
			got.Text += string(event.Text)
		case completion.Reasoning:
			got.Thinking += string(event.Text)
		case completion.Finished:
			got.Finished, got.End = true, string(event.Finish.Reason)
		}
		return true
	})
	if err := s.Receive(t.Context(), header, body); err != nil {
		failed := completion.AsError(err)
		if failed == nil || failed.Sentence() == "" || !utf8.ValidString(failed.Detail) {
			t.Fatalf("ended with %v: %+v", err, failed)
		}
		got.End = fmt.Sprint(failed.Kind, " ", failed.Reason)
	}
	if client.Held() != 0 {
		t.Fatal("something is still held")
	}
	return got
}

// slices are read in pieces of size bytes.
type slices struct {
	rest []byte
	size int
}

func (s *slices) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.rest[:min(s.size, len(s.rest))])
	s.rest = s.rest[n:]
	return n, nil
}
