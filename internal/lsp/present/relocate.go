package present

import (
	"strings"

	"github.com/llmls/llmls/internal/lsp/document"
)

// relocate takes text for the page: the reader wrote in it. How it came about
// nobody knows: edits may have been on their way, and an editor may tell of many
// changes as one. So the sections are found by what they say; sent is what the
// editor may have had of the page before. What stands in the middle of an answer
// that still grows is dropped; what stands below it is the reader's.
func (p *page) relocate(text *document.Text, sent []*document.Text) {
	now := text.String()
	var before []string
	for _, t := range sent {
		before = append(before, t.String())
	}
	old := p.text
	p.text = text
	from, dropped := 0, 0 // from counts in now, which loses nothing
	for i, s := range p.sections {
		was := old.Slice(s.body, s.end)
		start := strings.Index(now[from:], s.head)
		if start < 0 { // the reader took it away, or it never came
			s.start = max(from, len(now)-1) - dropped
			s.body, s.end = s.start, s.start
			continue
		}
		start += from
		body := start + len(s.head)
		region := now[body:p.bound(now, i, body)]
		mine, alien := s.share(region, was, before)
		s.start, s.body, s.end = start-dropped, body-dropped, body-dropped+mine
		if alien > 0 {
			p.replace(s.end, s.end+alien, "")
			s.start, s.body, s.end = start-dropped, body-dropped, body-dropped+mine
			dropped += alien
		}
		from = body + mine + alien
	}
}

// bound returns where the part of section i ends that begins at from: at the
// next heading, or in front of the last line end.
func (p *page) bound(now string, i, from int) int {
	for _, s := range p.sections[i+1:] {
		if !strings.HasPrefix(s.head, heading) {
			continue // a follow-up: what it begins with stands anywhere
		}
		if at := strings.Index(now[from:], s.head); at >= 0 {
			return from + at
		}
	}
	return max(from, len(now)-1)
}

// share tells how many bytes of region, the part of s in the editor, are what
// llmls wrote, and how many behind them are the ruins of more.
func (s *section) share(region, was string, before []string) (mine, alien int) {
	if s.Shown == nil {
		if strings.HasPrefix(region, was) {
			return len(was), 0
		}
		if at := strings.LastIndex(region, "\n"+prompt); at >= 0 {
			return at + 1 + len(prompt), 0 // the reader changed the answer
		}
		return len(region), 0
	}
	want := s.whole()
	mine = commonPrefix(region, want)
	most := 0
	for _, t := range append(before, s.head+was) {
		_, there, found := strings.Cut(t, s.head)
		if !found {
			continue
		}
		written := commonPrefix(there, want)
		if written == mine {
			return mine, 0
		}
		most = max(most, written)
	}
	if most > mine {
		rest := want[mine:most]
		if at := strings.Index(region[mine:], rest); at >= 0 {
			return mine, at + len(rest)
		}
		return mine, len(region) - mine
	}
	return mine, 0
}

func commonPrefix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
