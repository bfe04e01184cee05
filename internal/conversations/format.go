package conversations

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/llmls/llmls/internal/completion/safety"
)

// A file is sections, each below a heading for its reader and a comment for llmls:
//
//	## Question
//
//	<!-- llmls: question {"question":"why?","title":"Ask about total.py:3-9",…} -->
//
//	what was sent
//
//	## Answer
//
//	<!-- llmls: answer {"model":"gpt-4o-mini","endpoint":"default"} -->
//
//	what came
//
//	<!-- llmls: end {"finishReason":"stop"} -->
//
//	*gpt-4o-mini · 1.2 s · 40 tokens*
//
// A comment "thinking" says that the text above it in its section was thinking. An
// answer that breaks off has no end. In the text of questions and answers a line that
// begins like such a comment gets a backslash, which is removed when the file is read:
// so a model cannot write turns into the file.

const (
	mark            = "<!-- llmls: "
	markEnd         = " -->"
	questionHeading = "## Question"
	answerHeading   = "## Answer"
)

// comment returns the comment of one kind. Nothing in v can end it.
func comment(kind string, v any) string {
	data, err := json.Marshal(v, jsontext.EscapeForHTML(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		data = []byte("{}") // our own structs
	}
	return mark + kind + " " + string(safety.InertJSON(data)) + markEnd
}

// heading returns the heading of a file that begins with q.
func (q *Question) heading() string {
	title := q.Title
	if q.Shown != "" {
		title = q.Shown
	}
	return "# " + safety.Inert(strings.ReplaceAll(oneLine(title), "<", `\<`)) + "\n\n"
}

func (q *Question) section() string {
	return questionHeading + "\n\n" + comment("question", q) + "\n\n" + escape(safety.Inert(q.Text)) + "\n\n"
}

// section is what stands above an answer. How that ended stands below it alone.
func (a *Answer) section() string {
	return answerHeading + "\n\n" + comment("answer", Answer{Model: a.Model, Endpoint: a.Endpoint}) + "\n\n"
}

func (a *Answer) end() string {
	s := "\n\n" + comment("end", Answer{Finish: a.Finish, Model: a.Model, Endpoint: a.Endpoint}) + "\n\n"
	if a.Footer != "" {
		s += "*" + safety.Inert(strings.NewReplacer("*", `\*`, "<", `\<`).Replace(oneLine(a.Footer))) + "*\n\n"
	}
	return s
}

const thinking = "\n\n" + mark + "thinking {}" + markEnd + "\n\n"

// escape puts a backslash in front of lines that look like the comments of this format.
func escape(text string) string {
	if !strings.Contains(text, mark) {
		return text
	}
	return mapLines(text, func(line string) string {
		if strings.HasPrefix(strings.TrimLeft(line, `\`), mark) {
			return `\` + line
		}
		return line
	})
}

func unescape(text string) string {
	if !strings.Contains(text, `\`+mark) {
		return text
	}
	return mapLines(text, func(line string) string {
		if line[:1] == `\` && strings.HasPrefix(strings.TrimLeft(line, `\`), mark) {
			return line[1:]
		}
		return line
	})
}

func mapLines(text string, change func(string) string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(change(line))
	}
	return b.String()
}

// A section is one comment and the text below it.
type section struct {
	kind string
	data []byte
	text string
}

// sections cuts a file. The first section has no kind: it is the text above all comments.
func sections(data []byte) []section {
	list := []section{{}}
	for rest := data; ; {
		at, end := nextMark(rest)
		if at < 0 {
			list[len(list)-1].text = string(rest)
			return list
		}
		list[len(list)-1].text = string(rest[:at])
		inside := bytes.ReplaceAll(bytes.ReplaceAll(rest[at+len(mark):end], []byte("\r"), nil), []byte("\n"), []byte(" "))
		kind, body, _ := bytes.Cut(inside, []byte(" "))
		list = append(list, section{kind: string(kind), data: body})
		rest = rest[end+len(markEnd):]
	}
}

// nextMark returns where the next comment begins, at the start of a line, and
// where what is in it ends; -1 if there is none. An editor may have wrapped it.
func nextMark(data []byte) (at, end int) {
	for from := 0; ; {
		i := bytes.Index(data[from:], []byte(mark))
		if i < 0 {
			return -1, 0
		}
		at = from + i
		from = at + len(mark)
		if at > 0 && data[at-1] != '\n' {
			continue
		}
		body, _, _ := bytes.Cut(data[from:], []byte("\n"+mark))
		if n := blankLine().FindIndex(body); n != nil {
			body = body[:n[0]]
		}
		if j := bytes.Index(body, []byte(markEnd)); j >= 0 {
			return at, from + j
		}
	}
}

var blankLine = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\n[ \t\r]*\n`) })

// parse reads a file. It skips what it does not understand; the file itself is not
// changed.
func parse(id string, data []byte) *Conversation {
	c := &Conversation{ID: id}
	list := sections(data)
	answered := false // the last turn
	for i, s := range list {
		next := "" // kind of section
		if i+1 < len(list) {
			next = list[i+1].kind
		}
		text := unescape(inner(s.text, next))
		switch s.kind {
		case "question":
			var q Question
			_ = json.Unmarshal(s.data, &q, jsontext.AllowInvalidUTF8(true)) // what can be read of it
			var a Answer
			if q.Text = text; next == "end" || next == "thinking" { // the comment of its answer is gone
				q.Text, a.Text = cutHeading(text, answerHeading)
			}
			c.Turns = append(c.Turns, Turn{q, a})
			c.Last, answered = q.Time, a.Text != ""
		case "answer", "thinking", "end":
			if len(c.Turns) == 0 {
				c.Turns = append(c.Turns, Turn{})
			}
			a := &c.Turns[len(c.Turns)-1].Answer
			_ = json.Unmarshal(s.data, a, jsontext.AllowInvalidUTF8(true)) // likewise
			switch {
			case s.kind == "end":
				if _, more, ok := strings.Cut(a.Footer, "\n\n"); ok { // of another that grew there, too
					a.Text += "\n\n" + more
				}
				footer, rest := cutHeading(text, questionHeading)
				a.Footer = strings.Trim(strings.TrimSpace(footer), "*")
				if rest != "" { // the comment of the next question is gone
					c.Turns = append(c.Turns, byHeadings(rest)...)
					answered = c.Turns[len(c.Turns)-1].Answer.Text != ""
				}
			case s.kind == "answer" && answered:
				a.Text += "\n\n" + text
			default:
				a.Text, answered = text, true
			}
		}
	}
	if len(c.Turns) == 0 && len(bytes.TrimSpace(data)) > 0 { // the comments are gone
		c.Turns = byHeadings(strings.ReplaceAll(string(data), "\r\n", "\n"))
	}
	return c
}

// cutHeading returns what stands above a heading and below it, all of text above
// without one.
func cutHeading(text, heading string) (above, below string) {
	at := 0
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == heading {
			return strings.TrimSpace(text[:at]), strings.TrimSpace(text[at+len(line):])
		}
		at += len(line)
	}
	return text, ""
}

// inner returns the text of a section as it was written, without the line ends between
// it and the comments around it and without the heading of the next section.
func inner(text, next string) string {
	if strings.HasPrefix(text, "\r\n") { // an editor has such line ends
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	text = strings.TrimPrefix(strings.TrimPrefix(text, "\n"), "\n")
	heading := map[string]string{"question": questionHeading, "answer": answerHeading}[next]
	if heading != "" {
		above, ok := strings.CutSuffix(strings.TrimRight(text, " \t\n"), heading)
		if ok && (above == "" || strings.HasSuffix(above, "\n")) {
			text = above
		}
	}
	if next != "" {
		text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\n")
	}
	return text
}

// byHeadings reads a file whose comments somebody deleted.
func byHeadings(text string) []Turn {
	var turns []Turn
	to := &strings.Builder{}
	var parts []*strings.Builder
	var kinds []string
	kind := questionHeading
	parts, kinds = append(parts, to), append(kinds, kind)
	for line := range strings.Lines(text) {
		if h := strings.TrimSpace(line); h == questionHeading || h == answerHeading {
			to = &strings.Builder{}
			parts, kinds = append(parts, to), append(kinds, h)
			continue
		}
		to.WriteString(line)
	}
	for i, part := range parts {
		body := strings.TrimSpace(part.String())
		if i == 0 && len(parts) > 1 && strings.HasPrefix(body, "# ") && !strings.Contains(body, "\n") {
			continue // the heading of the file
		}
		switch {
		case body == "":
		case kinds[i] == questionHeading || len(turns) == 0:
			turns = append(turns, Turn{Question: Question{Text: body}})
		default:
			turns[len(turns)-1].Answer.Text = body
		}
	}
	return turns
}

// Show returns the conversation as it is shown in a terminal: without the comments.
func (c *Conversation) Show() string {
	var b strings.Builder
	for i := range c.Turns {
		t := &c.Turns[i]
		fmt.Fprintf(&b, "## %s\n\n", oneLine(strings.TrimSpace(t.Title+" "+t.Time.Local().Format("2006-01-02 15:04"))))
		if t.Shown != "" {
			fmt.Fprintf(&b, "> %s\n\n", strings.ReplaceAll(t.Shown, "\n", "\n> "))
		} else if t.Title == "" {
			b.WriteString(t.Question.Text + "\n\n")
		}
		if t.Answer.Text != "" {
			b.WriteString(t.Answer.Text + "\n\n")
		}
		if t.Footer != "" {
			b.WriteString("*" + t.Footer + "*\n\n")
		}
	}
	return b.String()
}
