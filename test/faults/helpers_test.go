//go:build linux

package faults

import (
	"bytes"
	"compress/gzip"
	"io"
	"log"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/lsp/editor"
)

type message = editor.Message

var discard = log.New(io.Discard, "", 0)

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
