//go:build linux

package faults

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

// An answer that does not end is cut at a size, not by the machine's memory.
func TestHugeAnswer(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	megabyte := completiontest.Delta(strings.Repeat("x", 1<<20))
	var script steps
	for range 20 {
		script = append(script, megabyte)
	}
	u.Script(script...)
	s := start(t, llmls.Home(t, u.URL, calm)).ready()
	r, err := s.explain("t")
	s.Must(err)
	if len(r.Text) < 7<<20 || len(r.Text) > 9<<20 || r.FinishReason != "incomplete" || !strings.Contains(r.Message, "8 MiB") {
		t.Errorf("%d bytes, %s, %q", len(r.Text), r.FinishReason, r.Message)
	}
	s.wholeText("t", r.Text)
	s.peakBelow(200)
}

// What an answer is once it is harmless counts: a soft hyphen of two bytes comes
// as an escape of eight.
func TestGrownAnswer(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer(strings.Repeat("\u00ad", 3<<20)))
	s := start(t, llmls.Home(t, u.URL, calm)).ready()
	r, err := s.explain("t")
	s.Must(err)
	if len(r.Text) < 7<<20 || len(r.Text) > 8<<20 || r.FinishReason != "incomplete" || !strings.Contains(r.Message, "8 MiB") {
		t.Errorf("%d bytes, %s, %q", len(r.Text), r.FinishReason, r.Message)
	}
	s.wholeText("t", r.Text)
	s.peakBelow(200)
}

// A little gzip that becomes a lot of text is stopped on its way.
func TestGzipBomb(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, start, text, says string }{
		{"one line", "data: {", strings.Repeat("x", 1<<20), "8 MiB"},
		{"blank lines", "", strings.Repeat("\n", 1<<20), "64 MiB"},
		{"comments", "", strings.Repeat(": keep alive\n\n", 1<<16), "64 MiB"},
		{"JSON", "{", strings.Repeat(`"a":[`, 1<<18), "not JSON"},
		{"one value", `{"a":"`, strings.Repeat("x", 1<<20), "8 MiB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			u.Script(completiontest.Status(200, "Content-Encoding", "gzip"), completiontest.Send(bomb(t, test.start, test.text, 100)))
			s := start(t, llmls.Home(t, u.URL, calm)).ready()
			_, err := s.explain("t")
			if kind, sentence, _ := failure(t, err); kind != "server" || !strings.Contains(sentence, test.says) {
				t.Errorf("failed with %s, %q", kind, sentence)
			}
			s.peakBelow(memoryLimit)
			s.stillWorks()
		})
	}
}

// bomb is start and n times text, as gzip. Its members follow each other, as
// RFC 1952 allows, so that only one of them has to be made.
func bomb(t *testing.T, start, text string, n int) string {
	t.Helper()
	member := func(text string) string {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	return member(start) + strings.Repeat(member(text), n)
}
