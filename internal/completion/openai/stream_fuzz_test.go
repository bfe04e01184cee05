package openai

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
)

// FuzzStream decodes a body as a server may send it: it never panics, it ends,
// what comes of it is text, and the same comes of it however it is cut.
func FuzzStream(f *testing.F) {
	for _, pattern := range []string{"quirks/*.sse", "transcripts/*.http"} {
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
			f.Add(body[:min(len(body), 8<<10)], true, uint8(7))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, events bool, size uint8) {
		kind := "application/json"
		if events {
			kind = "text/event-stream"
		}
		header := http.Header{"Content-Type": {kind}}
		whole := receive(t, header, bytes.NewReader(body))
		cut := receive(t, header, &slices{rest: body, size: int(size) + 1})
		if diff := cmp.Diff(whole, cut); diff != "" && !bytes.Contains(body, []byte("event")) {
			t.Fatalf("in one piece, and in pieces of %d (-whole +cut)\n%s", int(size)+1, diff)
		}
		_ = bodyFailure(body)
		if list, _, err := cutValue(body); err == nil {
			_, _ = modelNames(list)
		}
	})
}

// received is what came of a body.
type received struct {
	Text, Thinking, End string
	Finished            bool
}

func receive(t *testing.T, header http.Header, body io.Reader) received {
	t.Helper()
	var got received
	client := NewClient()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	s := &stream{client: client, target: testTarget(), holding: holding{of: &client.large}}
	s.watch = newWatch(cancel, s.target)
	s.yield = func(event completion.Event, _ error) bool {
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
	}
	if err := s.receive(header, &watchedReader{src: body, watch: s.watch}); err != nil {
		failed := completion.AsError(s.reason(ctx, ctx, err))
		if failed == nil || failed.Sentence() == "" || !utf8.ValidString(failed.Detail) {
			t.Fatalf("ended with %v: %+v", err, failed)
		}
		got.End = fmt.Sprint(failed.Kind, " ", failed.Reason)
	}
	s.release()
	if client.large.taken.Load() != 0 {
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
