package present

import (
	"fmt"
	"strings"
	"testing"

	"go.lsp.dev/protocol"

	"github.com/llmls/llmls/internal/lsp/document"
)

// One update of the answer file, from what is new to the edit: what it costs
// must not depend on how long the page is.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{10 << 10, 4 << 20} {
		b.Run(fmt.Sprintf("size=%d", size), func(b *testing.B) {
			p := newPage()
			s := &section{conversation: "c"}
			p.sections = append(p.sections, s)
			p.replace(p.text.Len()-1, p.text.Len()-1, strings.Repeat("Adds up what is in the list.\n", size/30))
			s.end = p.text.Len() - 1
			p.take()
			b.ReportAllocs()
			var r protocol.Range
			for b.Loop() {
				end := s.end
				p.replace(end, end, "some words ")
				s.end = end + len("some words ")
				for _, c := range p.take() {
					r.Start = c.before.Position(c.start, document.UTF16)
					r.End = c.before.Position(c.end, document.UTF16)
				}
			}
			_ = r
		})
	}
}
