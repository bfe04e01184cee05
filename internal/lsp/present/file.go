package present

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/lsp/document"
)

const (
	// fileKind is the kind of record under which answer files are stored.
	fileKind = "answers"
	// maxPage is how long an answer file gets, in bytes, before the next one is
	// begun.
	maxPage = 4 << 20
	// ackWait is how long an edit waits until the editor has reported, by
	// didChange, that it applied the last one. Neovim reports after 150 ms without
	// a change.
	ackWait = 250 * time.Millisecond
	// maxSent is how many pages are kept for an editor that reports no changes
	// of the file, though it has reported that it is open.
	maxSent = 64
	// quiet is how long the editor must report no change before its text is
	// adopted, when the user wrote while an edit was on its way.
	quiet = 300 * time.Millisecond
	// unsaved is how long a file is kept that was never saved: longer than an
	// editor is left open.
	unsaved = 30 * 24 * time.Hour
)

// A file is the answer file in the editor: private, in the user's own state
// directory, opened once, and then written to by edits that the editor applies
// as if they were typed, while the file on the disk stays as it is. There is
// one for each run of llmls: two editors must not write to the same.
type file struct {
	name   string // of the record; "" before there is one
	uri    uri.URI
	opened bool          // the editor has it open, as far as is known
	onDisk bool          // the editor cannot show it, so it is written to disk
	failed bool          // writing to disk failed, and the person was told
	adds   []func(*page) // add sections when the page is next drawn
	wanted bool          // the person is to be taken there
	noted  []noted       // its sections as they were last recorded

	tracked  bool // the editor reports changes of the file
	seen     *document.Document
	sent     []version // the texts that the editor may have: its last one, and each page since
	edited   time.Time // when the last edit was applied
	diverged time.Time // when the editor's text last was none of sent
}

// Ask makes a place for a question in the answer file and shows it. It returns
// false if the editor shows no file.
func (p *Presenter) Ask(about *Asked) bool {
	return p.later(func(page *page) { page.ask(about) })
}

// Open shows where the answers can be read in full.
func (p *Presenter) Open() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.file.wanted = true
	p.Wake()
}

// HasAnswers reports whether Open has something to show.
func (p *Presenter) HasAnswers() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.page.sections) > 0 || p.Client.Content && len(p.shown) > 0
}

// Question returns the question that the user wrote in the answer file where
// r is, if doc is that file or one of another run.
func (p *Presenter) Question(doc *document.Document, r protocol.Range) (Follow, bool) {
	if doc.Trusted() != nil {
		return Follow{}, false
	}
	if !p.IsFile(doc.URI) {
		return p.inOther(doc, r)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	text := textOf(doc)
	return p.page.question(text, p.file.sent, text.Offset(r.End, p.Encoding))
}

// IsFile reports whether u is the answer file.
func (p *Presenter) IsFile(u uri.URI) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.isFile(u)
}

func (p *Presenter) isFile(u uri.URI) bool {
	return p.file.name != "" && document.Key(u) == document.Key(p.file.uri)
}

// updateFile brings the answer file up to date. It returns when to look again.
func (p *Presenter) updateFile(ctx context.Context) time.Duration {
	todo := p.plan()
	if todo.wait > 0 {
		return todo.wait
	}
	if todo.open {
		p.openFile(ctx)
	}
	changes, opened := p.draw(&todo)
	p.note()
	switch {
	case !opened && len(changes) > 0:
		p.write()
	case opened:
		p.apply(ctx, changes)
		if todo.focus {
			p.show(ctx)
		}
	}
	return 0
}

// A plan is what one update of the answer file is to do.
type plan struct {
	wait  time.Duration // do nothing for so long
	fresh []*Shown      // answers that get a section
	adds  []func(*page) // add other sections
	open  bool          // the file is to be opened first
	focus bool          // the person is to be taken there
}

func (p *Presenter) plan() plan {
	p.mu.Lock()
	defer p.mu.Unlock()
	if wait := p.reconcile(); wait > 0 {
		return plan{wait: wait}
	}
	hold := p.turnTo()
	todo := plan{fresh: p.fresh(hold), adds: p.file.adds}
	todo.focus = len(todo.adds) > 0 || p.file.wanted && len(todo.fresh)+len(p.page.sections) > 0
	p.file.adds, p.file.wanted = nil, false
	if p.page.text.Len() > maxPage && len(todo.fresh)+len(todo.adds) > 0 && p.page.complete() {
		p.page, p.file = newPage(), file{onDisk: p.file.onDisk, failed: p.file.failed}
	}
	todo.open = !p.file.opened && (len(todo.fresh) > 0 || todo.focus)
	return todo
}

// draw writes what is new into the page. It returns what that changes, and
// whether the editor has the file open.
func (p *Presenter) draw(todo *plan) (changes []change, opened bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range todo.fresh {
		p.page.open(s)
	}
	for _, add := range todo.adds {
		add(&p.page)
	}
	p.page.grow()
	return p.page.take(), p.file.opened
}

// fresh returns the answers that have a text and no section yet, except those for which
// hold returns true.
func (p *Presenter) fresh(hold func(*Shown) bool) []*Shown {
	var fresh []*Shown
	for _, s := range p.shown {
		if !s.paged && s.Text() != "" && !hold(s) {
			s.paged = true
			fresh = append(fresh, s)
		}
	}
	return fresh
}

// reconcile compares the page with the text that the editor reported. It returns
// how long nothing may be written yet, or 0.
func (p *Presenter) reconcile() time.Duration {
	f := &p.file
	if f.name == "" {
		return 0
	}
	var doc *document.Document
	if view := p.view.Load(); view != nil {
		doc, _ = view.Document(f.uri)
	}
	switch {
	case doc == nil && f.tracked: // it was closed
		f.opened, f.tracked, f.seen, f.sent, f.diverged = false, false, nil, nil, time.Time{}
	case doc != nil && doc.Trusted() == nil && doc != f.seen:
		p.compare(doc)
		f.opened, f.tracked, f.seen = true, true, doc
	}
	if !f.diverged.IsZero() {
		if wait := quiet - time.Since(f.diverged); wait > 0 {
			return wait
		}
		p.adopt(f.seen)
	}
	if f.tracked && len(f.sent) > 0 {
		return max(0, ackWait-time.Since(f.edited))
	}
	return 0
}

// compare finds out which of the sent pages the editor has, if any.
func (p *Presenter) compare(doc *document.Document) {
	f := &p.file
	text := textOf(doc)
	has := text.Equal
	switch i := slices.IndexFunc(f.sent, func(v version) bool { return has(v.text) }); {
	case has(p.page.text):
		f.sent, f.diverged = nil, time.Time{}
		p.page.settle()
	case i >= 0:
		f.sent, f.diverged = f.sent[i:], time.Time{}
	case len(f.sent) == 0: // the user wrote while no edit was on its way
		p.adopt(doc)
	default:
		f.diverged = time.Now()
	}
}

// adopt takes the user's changes into the page, and repairs the sections that llmls still
// writes to.
func (p *Presenter) adopt(doc *document.Document) {
	p.page.relocate(textOf(doc), p.file.sent)
	p.file.sent, p.file.diverged = nil, time.Time{}
	p.page.repair()
	p.page.settle()
}

// openFile writes the file, with the text that it had if it was closed, and has the editor
// open it.
func (p *Presenter) openFile(ctx context.Context) {
	if p.file.onDisk || !p.Client.ShowDocument || !p.Client.ApplyEdit {
		p.noFile()
		return
	}
	p.mu.Lock()
	p.nameFile()
	text, u, name := p.page.text, p.file.uri, p.file.name
	p.file.sent = []version{p.page.version()}
	p.mu.Unlock()
	p.sweep()
	if p.keep(name, text) != nil {
		p.noFile()
		return
	}
	params := &protocol.ShowDocumentParams{URI: u}
	if !p.Client.FalseIsTrue {
		params.TakeFocus = new(false)
	}
	var shown protocol.ShowDocumentResult
	err := p.call(ctx, protocol.MethodWindowShowDocument, params, &shown)
	if err != nil || !shown.Success {
		p.noFile()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.file.opened = true
}

// show takes the user to the newest section: to its heading, or to the place
// for a question.
func (p *Presenter) show(ctx context.Context) {
	p.mu.Lock()
	s := p.page.last()
	at := s.start + len(s.head) - len(strings.TrimLeft(s.head, "\n"))
	if s.asks {
		at = s.end + len(below) - 1
	}
	pos := p.page.text.Position(at, p.Encoding)
	params := &protocol.ShowDocumentParams{URI: p.file.uri, TakeFocus: new(true), Selection: &protocol.Range{Start: pos, End: pos}}
	p.mu.Unlock()
	var shown protocol.ShowDocumentResult
	_ = p.call(ctx, protocol.MethodWindowShowDocument, params, &shown) // it is open in any case
}

// sweep removes the files of earlier runs that were never saved, which hold nothing
// but the heading, and what was noted of files that are gone.
func (p *Presenter) sweep() {
	names, err := p.State.List(fileKind)
	if err != nil {
		return // another run will sweep
	}
	for _, name := range names {
		info, err := os.Stat(p.State.File(fileKind, name))
		if err != nil || time.Since(info.ModTime()) < unsaved {
			continue
		}
		if text, err := p.State.Read(fileKind, name); err == nil && string(text) == newPage().text.String() {
			_ = p.State.Remove(fileKind, name) // another run may have done so
		}
	}
	noted, _ := p.State.List(sectionsKind)
	for _, name := range noted {
		if _, err := os.Lstat(p.State.File(fileKind, name)); errors.Is(err, fs.ErrNotExist) {
			_ = p.State.Remove(sectionsKind, name)
		}
	}
}

// nameFile chooses the name of the file unless it has one.
func (p *Presenter) nameFile() {
	if p.file.name == "" {
		p.file.name = cmp.Or(p.Name, "answers") + "-" + rand.Text()[:6] + ".md"
		p.file.uri = uri.File(p.State.File(fileKind, p.file.name))
	}
}

// apply has the editor make changes, one at a time: the place of each is right
// only after the one before it. The edits name no version, because the editor
// may be ahead of what it reported, and no member that is newer than LSP 3.16:
// Eglot refuses members that it does not know.
func (p *Presenter) apply(ctx context.Context, changes []change) {
	for _, c := range changes {
		first, last, text := c.lines()
		edit := protocol.TextEdit{NewText: text, Range: protocol.Range{
			Start: protocol.Position{Line: uint32(first)}, End: protocol.Position{Line: uint32(last)},
		}}
		params := &protocol.ApplyWorkspaceEditParams{Edit: protocol.WorkspaceEdit{
			Changes: map[uri.URI][]protocol.TextEdit{p.file.uri: {edit}},
		}}
		var result protocol.ApplyWorkspaceEditResult
		if err := p.call(ctx, protocol.MethodWorkspaceApplyEdit, params, &result); err != nil || !result.Applied {
			p.noFile()
			p.write()
			return
		}
		p.mu.Lock()
		if p.file.edited = time.Now(); p.file.tracked {
			p.file.sent = append(p.file.sent, c.after())
			p.file.sent = p.file.sent[max(0, len(p.file.sent)-maxSent):]
		} else {
			p.page.settle()
		}
		p.mu.Unlock()
	}
}

// noFile gives up on showing the file: it is written to disk, and the person is
// told once where, if it can be.
func (p *Presenter) noFile() {
	p.mu.Lock()
	told := p.file.onDisk
	p.file.onDisk, p.file.opened = true, false
	p.nameFile()
	name, text := p.file.name, p.page.text
	p.mu.Unlock()
	if !told && p.keep(name, text) == nil {
		p.Tell(completion.SentenceAnswerFile(p.State.File(fileKind, name)))
	}
}

// write writes the page to disk once no answer grows any more.
func (p *Presenter) write() {
	p.mu.Lock()
	complete, name, text := p.page.complete(), p.file.name, p.page.text
	if complete {
		p.page.settle()
	}
	p.mu.Unlock()
	if complete && name != "" {
		_ = p.keep(name, text) // it shows the error itself
	}
}

// keep writes text to disk. If that fails, it tells the person once where else answers
// can be read.
func (p *Presenter) keep(name string, text *document.Text) error {
	err := p.State.Write(fileKind, name, []byte(text.String()))
	p.mu.Lock()
	told := p.file.failed
	p.file.failed = err != nil
	p.mu.Unlock()
	if err == nil || told {
		return err
	}
	p.Log.Warn("could not write the answer file", zap.Error(err))
	p.Tell(completion.SentenceNoAnswerFile(err))
	return err
}
