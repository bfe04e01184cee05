package upstream_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/completion/upstream"
)

const benchChunk = `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1763840000,"model":"relay/model-a","choices":[{"index":0,"delta":{"content":" Hello, \"world\"\n"},"finish_reason":null}],"usage":null}`

// BenchmarkChunk decodes one chunk, from the event's data to the pending text.
func BenchmarkChunk(b *testing.B) {
	s := upstream.NewStream(upstream.NewClient(), openai.Format{}, func(completion.Event, error) bool { return true })
	data := []byte(benchChunk)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		s.Reset()
		if err := s.Event(nil, data); err != nil {
			b.Fatal(err)
		}
		s.Flush()
	}
}

// BenchmarkStream reads a whole answer from a server on this machine. The cost
// of a delta must not depend on how many there are.
func BenchmarkStream(b *testing.B) {
	for _, deltas := range []int{5_000, 50_000} {
		b.Run(fmt.Sprintf("deltas=%d", deltas), func(b *testing.B) {
			u := completiontest.NewUpstream(b)
			u.Script(completiontest.Send(benchStream(deltas)))
			m := testModel(b, u)
			b.ReportAllocs()
			for b.Loop() {
				text := 0
				for event, err := range m.Stream(b.Context(), completiontest.Prompt()) {
					if err != nil {
						b.Fatal(err)
					}
					if event.Kind == completion.Delta {
						text += len(event.Text)
					}
				}
				if text != deltas*len(" Hello, \"world\"\n") {
					b.Fatalf("%d bytes of text", text)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(deltas), "ns/delta")
		})
	}
}

func benchStream(deltas int) string {
	return strings.Repeat("data: "+benchChunk+"\n\n", deltas) +
		`data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n"
}

// BenchmarkEvents is BenchmarkStream without the network: what framing, decoding
// and giving out cost together, one event for each delta.
func BenchmarkEvents(b *testing.B) {
	for _, deltas := range []int{5_000, 50_000} {
		b.Run(fmt.Sprintf("deltas=%d", deltas), func(b *testing.B) {
			body := benchStream(deltas)
			client := upstream.NewClient()
			b.ReportAllocs()
			for b.Loop() {
				given := 0
				s := upstream.NewStream(client, openai.Format{}, func(completion.Event, error) bool { given++; return true })
				r := &eventReader{rest: body}
				if err := s.ReadEvents(r); err != nil {
					b.Fatal(err)
				}
				if given != deltas {
					b.Fatalf("%d events for %d deltas", given, deltas)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(deltas), "ns/delta")
		})
	}
}

// An eventReader returns one event at a time, as a socket mostly does.
type eventReader struct{ rest string }

func (r *eventReader) Read(p []byte) (int, error) {
	if r.rest == "" {
		return 0, io.EOF
	}
	n := copy(p, r.rest[:strings.Index(r.rest, "\n\n")+2])
	r.rest = r.rest[n:]
	return n, nil
}
