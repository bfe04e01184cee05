package present

import (
	"fmt"
	"strings"
	"testing"
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
			var text string
			for b.Loop() {
				end := s.end
				p.replace(end, end, "some words\n")
				s.end = end + len("some words\n")
				for _, c := range p.take() {
					_, _, text = c.lines()
				}
			}
			_ = text
		})
	}
}
