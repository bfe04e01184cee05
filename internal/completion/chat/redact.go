package chat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/llmls/llmls/internal/completion/related"
	"github.com/llmls/llmls/internal/completion/secrets"
)

// A redaction replaces the secrets of one turn, breaks its control tokens, and
// keeps a list of either, such as "JWT on line 40".
type redaction struct {
	redactor *secrets.Redactor // nil takes nothing out
	found    []string
	tokens   []string
}

func (r *redaction) turn(t *Turn) *Turn {
	redacted := *t
	if t.Code != nil {
		redacted.Code = r.code(t.Code)
	}
	redacted.Question = r.text(refer(t.Question, t.Materials), "in the question")
	redacted.Block = r.text(t.Block, "in the selection")
	redacted.Materials = r.material(t.Materials)
	redacted.Diagnostics = slices.Clone(t.Diagnostics)
	for i := range redacted.Diagnostics {
		r.problem(&redacted.Diagnostics[i])
	}
	if t.Problem != nil {
		problem := *t.Problem
		r.problem(&problem)
		redacted.Problem = &problem
	}
	return &redacted
}

func (r *redaction) problem(d *Diagnostic) {
	d.Message = r.text(d.Message, "in a reported problem")
	d.Source = r.text(d.Source, "in a reported problem")
	d.Code = r.text(d.Code, "in a reported problem")
}

func (r *redaction) text(text, where string) string {
	return breakTokens(r.secrets(text, where), func(token string, _ int) { r.token(token, where) })
}

func (r *redaction) secrets(text, where string) string {
	parts := []string{text}
	for _, s := range r.redact(parts) {
		r.found = append(r.found, s.Kind+" "+where)
	}
	return parts[0]
}

// system redacts the system prompt and keeps its control tokens: a person's own model may
// need them, for example to turn thinking on.
func (r *redaction) system(text string) string { return r.secrets(text, "in systemPrompt") }

func (r *redaction) redact(parts []string) []secrets.Redaction {
	if r.redactor == nil {
		return nil
	}
	return r.redactor.RedactParts(parts)
}

// token notes a control token that was broken.
func (r *redaction) token(token, where string) {
	r.tokens = append(r.tokens, oneLine(token, 40)+" "+where)
}

// code redacts the selection and what stands around it as one text: a selection
// may begin or end in the middle of a private key.
func (r *redaction) code(c *Code) *Code {
	parts := []string{c.Before, c.Text, c.After}
	first := c.FirstLine - strings.Count(c.Before, "\n")
	// Of several cells, LastLine counts in the last one.
	last := max(c.LastLine, c.FirstLine+strings.Count(strings.TrimSuffix(c.Text, "\n"), "\n"))
	for _, s := range r.redact(parts) {
		// What is farther away was not to be sent in the first place.
		if first+s.LastLine >= c.FirstLine && first+s.FirstLine <= last {
			r.found = append(r.found, s.Kind+" "+c.where(first+s.FirstLine))
		}
	}
	redacted := *c
	// Of what stands around, the rest of a line that the selection cuts is sent.
	behind, _, _ := strings.Cut(parts[2], "\n")
	redacted.Before = r.numbered("", 0, parts[0][strings.LastIndexByte(parts[0], '\n')+1:], c.FirstLine)
	redacted.Text, redacted.After = r.numbered("", 0, parts[1], c.FirstLine), r.numbered("", 0, behind, c.LastLine)
	redacted.Path = r.text(c.Path, "in the path")
	redacted.Language = r.text(c.Language, "in the name of the language")
	if c.Related != nil {
		redacted.Related = r.related(c)
	}
	return &redacted
}

// where names a line of c, or the cells if c is several.
func (c *Code) where(line int) string {
	if c.LastCell > c.Cell {
		return "in " + c.lines("", "")
	}
	return fmt.Sprintf("on line %d", line)
}

// numbered breaks the control tokens of text, whose first line has the number
// first, in its cell if cell is not 0. path is the file of text, "" if it is the selection's.
func (r *redaction) numbered(path string, cell int, text string, first int) string {
	line, seen := first, 0
	return breakTokens(text, func(token string, at int) {
		line += strings.Count(text[seen:at], "\n")
		seen = at
		if path == "" {
			r.token(token, fmt.Sprintf("on line %d", line))
			return
		}
		r.token(token, "in "+place(path, cell, line, 0))
	})
}

// redactLines is how many lines around a piece are read: the lines of a private
// key are recognised only by those that begin or end it. One of 16,384 bits has 198.
const redactLines = 256

// related redacts the pieces of c, those of a file that stand near each other as
// one text.
func (r *redaction) related(c *Code) *related.Result {
	result := *c.Related
	result.Pieces = slices.Clone(result.Pieces)
	list := result.Pieces
	for n := 0; n < len(list); {
		before, _ := list[n].Context(redactLines)
		first, _ := list[n].Span()
		first -= strings.Count(before, "\n")
		parts := []string{before}
		m := n
		for ; m < len(list); m++ {
			if m > n {
				at, _ := list[m].Span()
				_, end := list[m-1].Span()
				gap := at - end - 1
				if list[m].Path != list[n].Path || gap > 2*redactLines {
					break
				}
				between, _ := list[m].Context(gap)
				parts = append(parts, between)
			}
			parts = append(parts, list[m].Text)
		}
		_, after := list[m-1].Context(redactLines)
		parts = append(parts, after)
		for _, s := range r.redact(parts) {
			for _, x := range list[n:m] {
				if at, end := x.Span(); first+s.LastLine >= at && first+s.FirstLine <= end {
					line := x.First + max(0, first+s.FirstLine-at)
					r.found = append(r.found, s.Kind+" in "+place(c.shown(&x), x.Cell, line, 0))
					break
				}
			}
		}
		for i := n; i < m; i++ {
			list[i].Text = r.numbered(c.shown(&list[i]), list[i].Cell, parts[1+2*(i-n)], list[i].First)
			list[i].Path = r.text(list[i].Path, "in a path")
		}
		n = m
	}
	return &result
}
