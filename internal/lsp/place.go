package lsp

import (
	"fmt"
	"strings"
	"sync"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/lsp/document"
)

// A place is where the user was last seen: the range of the last code-action
// request, and the diagnostics that came with it. A bare question is about it.
// Safe for concurrent use.
type place struct {
	mu   sync.Mutex
	last seen
}

type seen struct {
	uri      uri.URI // "" if the user was not seen yet
	rng      protocol.Range
	problems []reported
}

// A reported problem is a diagnostic of the client.
type reported struct {
	chat.Diagnostic
	lines  int              // how many, from its line on
	anchor *document.Anchor // of these lines; nil if the document was not open
}

// see notes where the user is, and what the client reported there.
func (s *Server) see(view *document.View, params *codeActionParams) {
	last := seen{uri: uri.URI(strings.Clone(string(params.TextDocument.URI))), rng: params.Range}
	doc, open := view.Document(last.uri)
	for i := range params.Context.Diagnostics {
		d := &params.Context.Diagnostics[i]
		first, end := lineSpan(d.Range)
		end = min(end, first+maxLines) // reading a whole document would delay the menu
		r := reported{Diagnostic: s.toDiagnostic(d), lines: end - first + 1}
		// Copies, which do not keep the client's message in memory.
		r.Message, r.Source, r.Code = beginning(r.Message), beginning(r.Source), beginning(r.Code)
		if open {
			if end >= doc.Text.LineCount() {
				continue // it is about another version of the document
			}
			r.anchor = doc.Anchor(first+1, end+1)
		}
		last.problems = append(last.problems, r)
	}
	s.place.mu.Lock()
	defer s.place.mu.Unlock()
	s.place.last = last
}

func (p *place) get() seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last
}

// problems returns the diagnostics that the client showed in lines of q's range,
// if they are of its document: a command carries none itself. They stay with their
// lines while the document is edited, and are dropped when these change.
func (p *place) problems(q *queryArgs, doc *document.Document) []chat.Diagnostic {
	last := p.get()
	if q.Range == nil || document.Key(q.URI) != document.Key(last.uri) {
		return nil
	}
	first, end := lineSpan(*q.Range)
	var list []chat.Diagnostic
	for i := range last.problems {
		r := &last.problems[i]
		line, there := r.Line-1, doc.Version == document.NoVersion
		if r.anchor != nil {
			line, there = r.anchor.Line(doc)
		}
		if !there || line > end || line+r.lines-1 < first {
			continue
		}
		d := r.Diagnostic
		d.Line = line + 1
		if q.Diagnostic != nil && d.Line == int(q.Diagnostic.Range.Start.Line)+1 && strings.HasPrefix(d.Message, beginning(diagnosticMessage(q.Diagnostic))) {
			continue // q asks about this one
		}
		list = append(list, d)
	}
	return list
}

// lineSpan returns the first and the last line that r touches, from 0.
func lineSpan(r protocol.Range) (first, last int) {
	first, last = int(r.Start.Line), int(r.End.Line)
	if last > first && r.End.Character == 0 {
		last--
	}
	return first, max(first, last)
}

const (
	// maxMessage bounds the message of a diagnostic that is remembered, in bytes: a
	// prompt has no room for more.
	maxMessage = 4 << 10
	// maxLines is how many lines behind its first belong to a diagnostic.
	maxLines = 40
	// maxRelated bounds the places that a diagnostic names beside its own.
	maxRelated = 8
)

func beginning(s string) string {
	return strings.Clone(strings.ToValidUTF8(s[:min(len(s), maxMessage)], ""))
}

// toDiagnostic returns d as a prompt has it, with the places that belong to it
// behind its message.
func (s *Server) toDiagnostic(d *protocol.Diagnostic) chat.Diagnostic {
	source, _ := d.Source.Get()
	message := diagnosticMessage(d)
	for i := range d.RelatedInformation[:min(len(d.RelatedInformation), maxRelated)] {
		r := &d.RelatedInformation[i]
		message += fmt.Sprintf("; %s, line %d: %s", s.folders.RelPath(r.Location.URI), r.Location.Range.Start.Line+1, r.Message)
	}
	code := ""
	switch c := d.Code.(type) {
	case protocol.String:
		code = string(c)
	case protocol.Integer:
		code = fmt.Sprint(int(c))
	}
	return chat.Diagnostic{
		Severity: chat.Severity(d.Severity), Line: int(d.Range.Start.Line) + 1, Message: message, Source: source, Code: code,
	}
}
