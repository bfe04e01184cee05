package sse

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

const chunk = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1763840000,"model":"relay/model-a","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}`

func BenchmarkDecoder(b *testing.B) {
	for name, lineEnd := range map[string]string{"LF": "\n", "CRLF": "\r\n", "CR": "\r"} {
		b.Run(name, func(b *testing.B) {
			const events = 1000
			stream := []byte(strings.Repeat(chunk+lineEnd+lineEnd, events))
			b.SetBytes(int64(len(stream) / events))
			b.ReportAllocs()
			r := bytes.NewReader(stream)
			for b.Loop() {
				r.Reset(stream)
				d := NewDecoder(r)
				for {
					if _, err := d.Next(); err == io.EOF {
						break
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
		})
	}
}

// A line that arrives in many small pieces must not be scanned from its
// beginning for each of them: the cost per byte stays the same.
func BenchmarkLongLineInPieces(b *testing.B) {
	for _, size := range []int{64 << 10, 1 << 20, 8 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			stream := []byte("data: " + strings.Repeat("x", size) + "\n\n")
			b.SetBytes(int64(size))
			for b.Loop() {
				d := NewDecoder(&pieceReader{rest: stream, size: 100})
				if _, err := d.Next(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type pieceReader struct {
	rest []byte
	size int
}

func (p *pieceReader) Read(b []byte) (int, error) {
	n := copy(b, p.rest[:min(p.size, len(p.rest))])
	p.rest = p.rest[n:]
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
