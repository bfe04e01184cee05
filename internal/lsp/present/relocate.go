package present

import (
	"slices"
	"strings"

	"github.com/llmls/llmls/internal/lsp/document"
)

// relocate makes text, in which the user wrote, the text of the page. How it came
// about is unknown: edits may have been on their way, and an editor may report many
// changes as one. So the sections are found by their text; sent are the versions
// of the page that the editor may have had before. What the user wrote in the
// middle of an answer that still grows is dropped; what stands below the answer is
// kept.
func (p *page) relocate(text *document.Text, sent []version) {
	old := p.text
	var was []string // of each answer
	for _, s := range p.sections {
		was = append(was, old.Slice(s.body, s.end))
	}
	p.realign(text, sent)
	now := p.text.String()
	from, dropped := 0, 0 // from counts in now, which loses nothing
	for i, s := range p.sections {
		start := s.find(now, from)
		if start < 0 { // the user removed it, or it never reached the editor
			s.start = len(now) - dropped
			s.body, s.end = s.start, s.start
			continue
		}
		body := start + len(s.head)
		lengths := []int{len(was[i])}
		for _, v := range sent {
			if i < len(v.written) {
				lengths = append(lengths, v.written[i])
			}
		}
		ours, theirs := s.share(now[body:p.bound(now, i, body)], was[i], lengths)
		s.start, s.body, s.end = start-dropped, body-dropped, body-dropped+ours
		if theirs > 0 {
			p.replace(s.end, s.end+theirs, "")
			s.start, s.body, s.end = start-dropped, body-dropped, body-dropped+ours
			dropped += theirs
		}
		from = body + ours + theirs
	}
}

// realign makes text the text of the page. If the user added or removed lines
// above an edit that was on its way, the edit replaced lines that are as many too
// high or too low. Their old text is restored, as if the edit had not been sent.
func (p *page) realign(text *document.Text, sent []version) {
	page, now := lines(p.text), lines(text)
	p.text = text
	shift := len(now) - len(page)
	for i := 0; shift != 0 && i < len(sent); i++ {
		before := lines(sent[i].text) // and all edits after it were misplaced
		first := commonPrefix(before, page)
		same := 0
		for same < min(len(before), len(page))-first && before[len(before)-1-same] == page[len(page)-1-same] {
			same++
		}
		wrote, lost := page[first:len(page)-same], len(before)-first-same
		if at := first - shift; len(wrote) == 0 || at < 0 || at+lost > len(before) || len(now) < first+len(wrote) ||
			!slices.Equal(now[first:first+len(wrote)], wrote) {
			continue
		}
		gone := before[first-shift : first-shift+lost]
		back := slices.Concat(now[:first], gone, now[first+len(wrote):])
		if below := before[first:]; len(back) < len(below) || !slices.Equal(back[len(back)-len(below):], below) {
			continue
		}
		start := len(strings.Join(now[:first], ""))
		p.replace(start, start+len(strings.Join(wrote, "")), strings.Join(gone, ""))
		return
	}
}

// textOf returns the text of an answer file as the page would have it: a person, or
// the settings of an editor, may end its lines in CRLF.
func textOf(doc *document.Document) *document.Text {
	end := doc.Text.LineEnd(0)
	if end+2 > doc.Text.Len() || doc.Text.Slice(end, end+2) != "\r\n" {
		return doc.Text
	}
	return document.NewText(strings.ReplaceAll(doc.Text.String(), "\r\n", "\n"))
}

// lines returns the lines of a text, with their ends.
func lines(t *document.Text) []string { return strings.SplitAfter(t.String(), "\n") }

// find returns where the section begins in now, at from or behind it, or -1.
func (s *section) find(now string, from int) int {
	head := s.head
	if head == followed { // it stands below what the user wrote below an answer
		question := strings.Index(now[from:], "\n\n>")
		if question < 0 {
			return -1
		}
		from += question + len("\n\n>")
		head = "\n" + followed
	}
	at := strings.Index(now[from:], head)
	if at < 0 {
		return -1
	}
	return from + at + len(head) - len(s.head)
}

// bound returns where the part of section i ends that begins at from: at the
// next heading, or at the end.
func (p *page) bound(now string, i, from int) int {
	for _, s := range p.sections[i+1:] {
		if !strings.Contains(s.head, heading) {
			continue // a follow-up: what it begins with stands anywhere
		}
		if at := strings.Index(now[from:], s.head); at >= 0 {
			return from + at
		}
	}
	return len(now)
}

// share returns how many bytes at the start of region, the part of s in the editor, are
// what llmls wrote, and how many behind them are left of later text. lengths are those
// that the answer may have there.
func (s *section) share(region, was string, lengths []int) (ours, theirs int) {
	mark := strings.TrimRight(below, " \n")
	if s.Shown == nil {
		if strings.HasPrefix(region, was) {
			return len(was), 0
		}
		if at := strings.LastIndex(region, mark); at >= 0 {
			return at, 0 // the user changed the answer
		}
		return len(region), 0
	}
	want := s.whole()
	slices.Sort(lengths)
	for _, n := range slices.Backward(lengths) {
		if n <= len(want) && strings.HasPrefix(region, want[:n]+mark) {
			return n, 0
		}
	}
	ours = min(commonPrefix([]byte(region), []byte(want)), lengths[len(lengths)-1])
	if at := strings.LastIndex(region, mark); at >= ours {
		return ours, at - ours
	}
	return ours, 0
}

func commonPrefix[T comparable](a, b []T) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
