package present

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/lsp/document"
)

const (
	// sectionsKind is the kind of record that says which conversations an answer file
	// shows, for later runs. It has the name of the file.
	sectionsKind = "sections"
	// maxSections is how many sections of a file are noted, the newest.
	maxSections = 500
	// maxRecalled is how many answer files of other runs may go on at once.
	maxRecalled = 8
)

// A noted section is one as it is recorded. Its heading is a digest: a title names
// files, which nothing on the disk does unless the person saves it.
type noted struct {
	Heading      string `json:"heading"`
	Conversation string `json:"conversation,omitzero"`
	Listed       bool   `json:"listed,omitzero"`
}

// A recalled file is an answer file of another run in which the person wrote a
// question.
type recalled struct {
	name     string // of its record
	uri      uri.URI
	sections []noted
	follow   Follow
}

// note records which conversations the file shows. The caller does not hold p.mu.
func (p *Presenter) note() {
	p.mu.Lock()
	name, sections := p.file.name, p.page.noted()
	same := name == "" || slices.Equal(sections, p.file.noted)
	p.file.noted = sections
	p.mu.Unlock()
	if same {
		return
	}
	raw, err := json.Marshal(sections)
	if err == nil {
		err = p.State.Write(sectionsKind, name, raw)
	}
	if err != nil {
		p.Log.Warn("could not note what the answer file shows", zap.Error(err))
	}
}

// noted returns the headings of the page with what stands below each.
func (p *page) noted() []noted {
	var list []noted
	for _, s := range p.sections {
		if line := s.heading(); line != "" {
			list = append(list, noted{Heading: digest(line), Listed: s.listed})
		}
		if len(list) > 0 && s.conversation != "" {
			list[len(list)-1].Conversation = s.conversation
		}
	}
	return list[max(0, len(list)-maxSections):]
}

// heading returns the line of the heading that s begins with, "" for none.
func (s *section) heading() string {
	if !strings.Contains(s.head, heading) {
		return ""
	}
	line, _, _ := strings.Cut(strings.TrimLeft(s.head, "\n"), "\n")
	return line
}

func digest(line string) string {
	sum := sha256.Sum256([]byte(line))
	return hex.EncodeToString(sum[:12])
}

// inOther returns the question at r in doc if that is an answer file of another run.
// What counts is where the file is and what llmls noted of it, not what stands in it.
func (p *Presenter) inOther(doc *document.Document, r protocol.Range) (Follow, bool) {
	name, ok := p.fileName(doc.URI)
	if !ok {
		return Follow{}, false
	}
	found := recalled{name: name, uri: doc.URI, sections: p.recall(name)}
	text := textOf(doc)
	page := found.page(text)
	if found.follow, ok = page.question(text, nil, text.Offset(r.End, p.Encoding)); !ok {
		return Follow{}, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.recalled = slices.DeleteFunc(p.recalled, func(other recalled) bool { return other.uri == found.uri })
	p.recalled = append(p.recalled, found)
	p.recalled = slices.Delete(p.recalled, 0, max(0, len(p.recalled)-maxRecalled))
	return found.follow, true
}

// fileName returns the name of the record of an answer file, of this run or another.
func (p *Presenter) fileName(u uri.URI) (name string, ok bool) {
	if !u.IsFile() {
		return "", false
	}
	return p.State.Name(fileKind, u.FsPath())
}

func (p *Presenter) recall(name string) (sections []noted) {
	raw, err := p.State.Read(sectionsKind, name)
	if err == nil {
		err = json.Unmarshal(raw, &sections)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		p.Log.Warn("could not read what an answer file shows", zap.Error(err))
	}
	return sections
}

// page returns the page of the file, whose text is text. A section whose
// conversation is not noted has the name of the file for it, which no conversation
// has.
func (r *recalled) page(text *document.Text) page {
	now := text.String()
	p := page{text: text}
	left := r.sections
	for at := 0; ; {
		next := strings.Index(now[at:], heading)
		if next < 0 {
			break
		}
		start := at + next
		at = start + len(heading)
		title, _, below := strings.Cut(now[at:], "\n")
		digits, _, ok := strings.Cut(title, ". ")
		n, err := strconv.ParseUint(digits, 10, 20)
		if !ok || err != nil || !below {
			continue
		}
		p.count = max(p.count, int(n))
		line := strings.TrimPrefix(heading, "\n") + title
		is := digest(line)
		if i := slices.IndexFunc(left, func(n noted) bool { return n.Heading == is }); i >= 0 {
			p.sections = append(p.sections, &section{start: start, head: "\n" + line + "\n", conversation: left[i].Conversation, listed: left[i].Listed})
			left = left[i+1:]
		}
	}
	if len(p.sections) == 0 {
		p.sections = []*section{{}}
	}
	for i, s := range p.sections {
		end := len(now)
		if i+1 < len(p.sections) {
			end = p.sections[i+1].start
		}
		s.body = s.start + len(s.head)
		s.end = s.body + answered(now[s.body:max(s.body, end)])
		if s.conversation == "" {
			s.conversation = r.name
		}
	}
	return p
}

// answered returns how much of the text of a section stands above the question at
// its end.
func answered(text string) int {
	at := strings.LastIndex(text, strings.TrimRight(below, " \n"))
	if at < 0 {
		return len(text)
	}
	for line := range strings.Lines(text[at:]) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '>' {
			return len(text)
		}
	}
	return at
}

// turnTo makes the file in which the question of one of the shown answers was
// written the one that answers are written to, if it is of another run. It returns
// which answers wait meanwhile until the others are complete. The caller holds p.mu.
func (p *Presenter) turnTo() (hold func(*Shown) bool) {
	hold = func(*Shown) bool { return false }
	view := p.view.Load()
	if view == nil {
		return hold
	}
	for i := range p.recalled {
		r := &p.recalled[i]
		asked := func(s *Shown) bool {
			return s.Conversation == r.follow.Conversation && oneLine(s.Question) == r.follow.Question
		}
		if !slices.ContainsFunc(p.shown, func(s *Shown) bool { return !s.paged && s.Text() != "" && asked(s) }) {
			continue
		}
		if !p.page.complete() {
			return asked
		}
		doc, open := view.Document(r.uri)
		if open && doc.Trusted() == nil {
			p.page = r.page(textOf(doc))
			p.file = file{name: r.name, uri: r.uri, opened: true, tracked: true, seen: doc, adds: p.file.adds, wanted: p.file.wanted}
		}
		p.recalled = slices.Delete(p.recalled, i, i+1)
		return hold
	}
	return hold
}
