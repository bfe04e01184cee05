package present

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/safety"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/document"
)

// A page is the text of the answer file as it should be in the editor, and its
// sections. Edits are computed from this model alone: an editor may report late
// what it has applied.
type page struct {
	text     *document.Text
	sections []*section
	count    int      // of headings so far
	changes  []change // since they were last taken
}

// A section is one answer with what stands above and below it:
//
//	## 1. Explain total.py:3-9
//
//	[total.py:3-9](file:///w/total.py#L3)
//
//	The answer.
//
//	*gpt-4o-mini · 1.2 s · 40 tokens*
//
//	>
//
// The last ">" is there from the first, and what follows it is the user's: a
// question about what stands above. What llmls writes begins and ends with a
// line, and none that the user writes in is among them. The last line of the
// text has a line end, because Neovim would add it.
type section struct {
	*Shown              // whose text is written here; nil once it is complete
	about        *Asked // of a place for a question, where nothing is written
	start        int    // where it begins, in bytes of the page
	body         int    // where its answer begins
	end          int    // where what llmls writes ends
	refiled      int    // what Refiled was when that was written
	head         string // from start to body
	conversation string // "" if it has none yet
	listed       bool   // it is a list of conversations
	asks         bool   // the person is taken to the place below it
}

// Asked is the code that a question will be about.
type Asked struct {
	URI     uri.URI          // as the client spells it
	Range   protocol.Range   // in the negotiated encoding
	Version *int32           // of the document, nil if the client named none
	Title   string           // of the section, such as "Explain total.py:3-9"
	Anchor  *document.Anchor // nil if the document is not open
	First   int              // as in Shown
	Prompt  string           // the name of the one that the question is for, "" for none
}

const (
	// heading begins a section that follows no other.
	heading = "\n## "
	// prompt stands where the user may write.
	prompt = "> "
	// below stands below each answer.
	below = "\n\n" + prompt + "\n"
	// followed is all that stands between a question that the user wrote and
	// its answer.
	followed = "\n"
	// maxLine is the length, in bytes, up to which a line is written again with each
	// piece of text that is added to it.
	maxLine = 4 << 10
)

func newPage() page {
	return page{text: document.NewText(completion.AnswerFileHead + "\n")}
}

func (s *section) move(e document.Edit) {
	s.start, s.body, s.end = e.After(s.start), e.Before(s.body), e.Before(s.end)
	s.body, s.end = max(s.body, s.start), max(s.end, s.start)
}

// open appends a section for an answer. A follow-up of the last section goes on
// there, below the question if the user wrote it.
func (p *page) open(s *Shown) {
	if last := p.last(); last != nil && last.precedes(s, p.asked(last)) {
		head := followed
		if p.asked(last) == "" {
			head += prompt + quoteRest(s.Question) + "\n\n"
		}
		p.add(&section{Shown: s, conversation: s.Conversation}, head)
		return
	}
	p.count++
	head := fmt.Sprintf(heading+"%d. %s\n\n", p.count, plain(s.Title))
	if s.URI != "" {
		head += link(s.URI, s.Range) + "\n\n"
	}
	if s.Question != "" {
		head += prompt + quoteRest(s.Question) + "\n\n"
	}
	p.add(&section{Shown: s, conversation: s.Conversation}, head)
}

// precedes reports whether next goes on where s, the last section, ends: it is
// about the same, and what the user wrote there, if anything, is its question.
func (s *section) precedes(next *Shown, asked string) bool {
	if next.Question == "" || asked != "" && asked != oneLine(next.Question) {
		return false
	}
	if s.about != nil {
		return asked != "" && s.about.URI == next.URI
	}
	return s.conversation == next.Conversation && s.done()
}

// ask appends a place for a question about some code.
func (p *page) ask(about *Asked) {
	p.count++
	head := fmt.Sprintf(heading+"%d. %s\n\n%s\n\n%s", p.count, plain(about.Title), link(about.URI, &about.Range), completion.AnswerFileAsk)
	p.add(&section{about: about, asks: true}, head)
}

// add appends a section, and a place for the user below it.
func (p *page) add(s *section, head string) {
	at := p.text.Len()
	if at > 0 && p.text.Slice(at-1, at) != "\n" {
		head = "\n" + head
	}
	p.replace(at, at, head+below)
	s.head, s.start, s.body, s.end = head, at, at+len(head), at+len(head)
	p.sections = append(p.sections, s)
	p.wrote()
}

// grow writes what is new of the answers.
func (p *page) grow() {
	for _, s := range p.sections {
		if s.isStale() {
			s.refiled = s.Refiled() // first: the text may go on
			whole := s.whole()
			p.replace(s.body, s.end, whole)
			s.end = s.body + len(whole)
			p.wrote()
		}
		if rest := s.rest(); rest != "" && !p.waits(s, rest) {
			end := s.end
			p.replace(end, end, rest)
			s.end = end + len(rest)
			p.wrote()
		}
	}
}

// waits reports whether rest is too short to replace a long line for it.
func (p *page) waits(s *section, rest string) bool {
	if s.Ending() != "" || strings.Contains(rest, "\n") {
		return false
	}
	line := s.end - p.text.LineStart(int(p.text.Position(s.end, document.UTF8).Line))
	return line > maxLine && len(rest) < line/4
}

// isStale reports whether what is written of the answer turned out to be thinking.
func (s *section) isStale() bool { return s.Shown != nil && s.Refiled() != s.refiled }

// rest returns the part of the answer that is not written yet.
func (s *section) rest() string {
	whole := s.whole()
	return whole[min(len(whole), s.end-s.body):]
}

// whole returns all the text below head.
func (s *section) whole() string {
	if s.Shown == nil {
		return ""
	}
	ending := s.Ending() // first: behind it the text is whole
	text := strings.TrimRight(s.Text(), "\n")
	if ending == "" {
		return text
	}
	return finished(text, ending)
}

// finished is an answer with its ending below it.
func finished(text, ending string) string {
	return text + "\n\n*" + plain(ending) + "*"
}

// done reports whether everything is written.
func (s *section) done() bool {
	return s.Shown == nil || s.Ending() != "" && !s.isStale() && s.rest() == ""
}

// settle drops the answers of complete sections: llmls does not write there any
// more, and the user may.
func (p *page) settle() {
	for _, s := range p.sections {
		if s.done() {
			s.Shown = nil
		}
	}
}

// complete reports whether no section grows any more.
func (p *page) complete() bool {
	return !slices.ContainsFunc(p.sections, func(s *section) bool { return !s.done() })
}

// repair restores the parts that the user removed of sections that llmls still writes to.
func (p *page) repair() {
	for _, s := range p.sections {
		if s.Shown == nil {
			continue
		}
		s.refiled = s.Refiled()
		want := s.head + s.whole()
		if s.body-s.start == len(s.head) && s.end-s.start <= len(want) && p.text.Slice(s.start, s.end) == want[:s.end-s.start] {
			continue
		}
		start, more := s.start, ""
		if s.body == s.start { // the whole section is missing
			more = below
		}
		p.replace(start, s.end, want+more)
		s.start, s.body, s.end = start, start+len(s.head), start+len(want)
		p.wrote()
	}
}

func (p *page) last() *section {
	if len(p.sections) == 0 {
		return nil
	}
	return p.sections[len(p.sections)-1]
}

// asked returns the question that stands below what llmls wrote of s, in one
// line, or "".
func (p *page) asked(s *section) string {
	end := p.text.Len()
	if i := slices.Index(p.sections, s); i+1 < len(p.sections) {
		end = p.sections[i+1].start
	}
	return quoted(p.text.Slice(s.end, max(s.end, end)))
}

// A Follow is a question that the user wrote on the page.
type Follow struct {
	Question     string // in one line
	Conversation string // the one that it continues, or
	About        *Asked // the code that it is about
	Listed       bool   // it is no question, but words to search for
}

// question returns the question of the section in which off lies, in a text
// that the editor has for the page; sent is as in relocate.
func (p *page) question(text *document.Text, sent []version, off int) (f Follow, ok bool) {
	now := *p
	now.sections, now.changes = nil, nil
	for _, s := range p.sections {
		copied := *s
		now.sections = append(now.sections, &copied)
	}
	now.relocate(text, sent)
	for _, s := range slices.Backward(now.sections) {
		if s.start <= off {
			f = Follow{Question: now.asked(s), Conversation: s.conversation, About: s.about, Listed: s.listed}
			return f, f.Question != "" && s.done()
		}
	}
	return f, false
}

// quoted returns the text of the lines in text that begin with ">", in one line.
func quoted(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), ">"); ok {
			words = append(words, rest)
		}
	}
	return oneLine(strings.Join(words, " "))
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// quoteRest is a question as it stands behind a prompt.
func quoteRest(question string) string {
	return strings.ReplaceAll(harmless(strings.TrimSpace(question)), "\n", "\n"+prompt)
}

// harmless sanitises a text that is not an answer as answers are: it may come from
// code that somebody else wrote.
func harmless(text string) string {
	var s safety.Sanitizer
	return string(s.Flush(s.Append(nil, []byte(text))))
}

// plain returns text in one line without anything that Markdown or an editor acts
// on: a file name may hold anything.
func plain(text string) string {
	var b strings.Builder
	for _, r := range oneLine(text) {
		switch {
		case strings.ContainsRune("\\`[]<>&!", r):
			b.WriteByte('\\')
		case !unicode.IsPrint(r):
			r = unicode.ReplacementChar
		}
		b.WriteRune(r)
	}
	return safety.Inert(b.String())
}

// link leads to the first line of the code, if that is in something that has a
// name. The name of a file may hold the signs that end a link.
func link(u uri.URI, r *protocol.Range) string {
	target := strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", "\n", "%0A").Replace(string(u))
	name := document.Name(u)
	named := name != ""
	if !named {
		name = "selection"
	}
	if r != nil {
		first, last := min(r.Start.Line, r.End.Line)+1, max(r.Start.Line, r.End.Line)+1
		if last > first && r.End.Character == 0 {
			last--
		}
		target += fmt.Sprintf("#L%d", first)
		name += fmt.Sprintf(":%d", first)
		if last > first {
			name += fmt.Sprintf("-%d", last)
		}
	}
	if !named {
		return plain(name)
	}
	return "[" + plain(name) + "](" + target + ")"
}

// Markdown is the text of a conversation, as an llmls: document has it.
func Markdown(turns []answer.Summary) string {
	var b strings.Builder
	for i, a := range turns {
		if i == 0 || a.Conversation != turns[i-1].Conversation {
			if i > 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "# %s\n\n", plain(a.Title))
			if a.URI != "" {
				b.WriteString(link(a.URI, a.Range) + "\n\n")
			}
		}
		b.WriteString(turnText(&turns[i]) + "\n")
	}
	return b.String()
}
