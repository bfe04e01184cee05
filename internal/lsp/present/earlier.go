package present

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"go.lsp.dev/protocol"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/document"
)

// A Listed is an entry in a list of conversations of all runs.
type Listed struct {
	Conversation string
	When         time.Time
	Title        string // sanitised
}

// File reports whether answers are shown in the answer file.
func (c *Client) File() bool { return c.ShowDocument && c.ApplyEdit && !c.Content }

// List shows a list of conversations in the answer file: those that a search for query
// found, or all if query is ""; total is how many there are. It returns false if the
// editor shows no file.
func (p *Presenter) List(list []Listed, query string, total int) bool {
	return p.later(func(page *page) { page.list(list, query, total) })
}

// ShowEarlier shows a conversation in the answer file, with all its turns and a place
// to ask on. It returns false if the editor shows no file.
func (p *Presenter) ShowEarlier(turns []answer.Summary) bool {
	return p.later(func(page *page) { page.earlier(turns) })
}

// later calls add with the page when it is next drawn, and then takes the person there.
func (p *Presenter) later(add func(*page)) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.Client.File() {
		return false
	}
	p.file.adds = append(p.file.adds, add)
	p.Wake()
	return true
}

// listed is a line of a list. The id is what llmls history has.
var listed = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^- [0-9: -]{16}, ([^ /]+): (.*)$`) })

// ListedAt returns the conversation of the line of a list in which r ends, if doc is
// an answer file.
func (p *Presenter) ListedAt(doc *document.Document, r protocol.Range) (id, title string, ok bool) {
	if _, ok := p.fileName(doc.URI); !ok {
		return "", "", false
	}
	start, end := doc.Text.LineStart(int(r.End.Line)), doc.Text.LineEnd(int(r.End.Line))
	line := doc.Text.Slice(start, min(end, start+maxListedLine))
	found := listed().FindStringSubmatch(line)
	if found == nil {
		return "", "", false
	}
	return found[1], found[2], true
}

// maxListedLine is how much of a line is looked at, in bytes.
const maxListedLine = 1 << 10

// list appends a list of conversations.
func (p *page) list(list []Listed, query string, total int) {
	title := "Earlier answers"
	if query != "" {
		title += " with " + plain(query)
	}
	var b strings.Builder
	b.WriteString(completion.AnswerFileList + "\n")
	if len(list) == 0 {
		b.Reset()
		b.WriteString(completion.AnswerFileNone)
	}
	for _, l := range list {
		fmt.Fprintf(&b, "\n- %s, %s: %s", l.When.Local().Format("2006-01-02 15:04"), plain(l.Conversation), oneLine(l.Title))
	}
	if more := total - len(list); more > 0 {
		fmt.Fprintf(&b, "\n\nand %d more", more)
	}
	p.addWhole(&section{listed: true}, title, "", b.String())
}

// earlier appends a conversation, oldest turn first.
func (p *page) earlier(turns []answer.Summary) {
	if len(turns) == 0 {
		return
	}
	first := &turns[0]
	title := first.Title
	if title == "" {
		title = first.Question
	}
	about := ""
	if first.URI != "" {
		about = link(first.URI, first.Range) + "\n\n"
	}
	var parts []string
	for i := range turns {
		parts = append(parts, turnText(&turns[i]))
	}
	p.addWhole(&section{conversation: first.Conversation, asks: true}, plain(title), about, strings.Join(parts, "\n\n"))
}

// addWhole appends a section that is complete.
func (p *page) addWhole(s *section, title, about, body string) {
	p.count++
	p.add(s, fmt.Sprintf(heading+"%d. %s\n\n%s", p.count, title, about))
	p.replace(s.body, s.end, body)
	s.end = s.body + len(body)
	p.wrote()
}

// turnText is a complete turn in Markdown.
func turnText(a *answer.Summary) string {
	question := ""
	if a.Question != "" {
		question = prompt + quoteRest(a.Question) + "\n\n"
	}
	text := strings.TrimRight(a.Text, "\n")
	if a.Footer != "" {
		text = finished(text, a.Footer)
	}
	return question + text
}
