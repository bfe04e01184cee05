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

// bomb is start and n times text, as gzip.
func bomb(t *testing.T, start, text string, n int) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	pieces := append([]string{start}, strings.Split(strings.Repeat(text+"\x00", n), "\x00")...)
	for _, piece := range pieces {
		if _, err := w.Write([]byte(piece)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
