// Package present shows answers in editors that have no view of their own for
// them. Where one can be read is chosen from what the editor declared: in full
// in the answer file or an llmls: document, and at the code it is about in
// hovers, diagnostics, code lenses and inlay hints. The code itself is never
// changed.
package present

import (
	"context"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/state"
)

const (
	// interval is the least time between two updates of what is on the screen:
	// nobody reads faster, and each costs the editor a redraw.
	interval = 100 * time.Millisecond
	// keepShown is how many answers are shown at their code at once.
	keepShown = 100
	// patience is how long the editor may take to do what it is asked to. Some
	// ask the user first.
	patience = 10 * time.Second
)

// A Client is what the editor can show.
type Client struct {
	Content      bool // documents whose text it asks the server for (workspace/textDocumentContent)
	ShowDocument bool // window/showDocument
	FalseIsTrue  bool // takes "takeFocus": false for true
	ApplyEdit    bool // workspace/applyEdit
	Markdown     bool // in hovers
	MarkdownHint bool // in diagnostics that are pushed (LSP 3.19)
	LensRefresh  bool // workspace/codeLens/refresh
	HintRefresh  bool // workspace/inlayHint/refresh
}

// Options are what a Presenter needs of its server.
type Options struct {
	Client   Client
	Encoding document.Encoding
	Conn     jsonrpc2.Conn
	Log      *zap.Logger
	State    state.Dir
	Name     string                  // of the workspace, for the file
	Answers  func() []answer.Summary // of the session, newest first
	Inline   func() bool             // whether diagnostics are wanted
	Tell     func(message string)    // shows the person one line
}

// A Presenter shows the answers of one session. Its methods may be called from
// any goroutine.
type Presenter struct {
	Options
	wake chan struct{}

	view atomic.Pointer[document.View] // the documents as the editor has them

	mu    sync.Mutex
	shown []*Shown // oldest first
	page  page
	file  file

	recalled []recalled // latest last

	diagnosed map[uri.URI]string // what was published, by the document's key
	marked    string             // what lenses and hints were last made of
	served    map[uri.URI]int    // the length of the text of an llmls: document when it was last read
}

// New returns a Presenter that shows nothing yet. Run does the showing.
func New(options Options) *Presenter {
	return &Presenter{
		Options: options, wake: make(chan struct{}, 1), page: newPage(),
		diagnosed: map[uri.URI]string{}, served: map[uri.URI]int{},
	}
}

// A Shown is an answer that is shown at the code it is about.
type Shown struct {
	*answer.Answer
	Anchor *document.Anchor // nil if it is about no code, or about all of a document
	First  int              // the first line of the code then, from 1, for which Range is right

	paged bool // the answer file has a section for it
}

// Show shows an answer from now on, while it grows and later.
func (p *Presenter) Show(s *Shown) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := map[string]bool{s.ID: true} // the answers that the session still has
	for _, a := range p.Answers() {
		kept[a.ID] = true
	}
	p.shown = slices.DeleteFunc(append(p.shown, s), func(s *Shown) bool { return !kept[s.ID] })
	if n := len(p.shown) - keepShown; n > 0 {
		p.shown = slices.Delete(p.shown, 0, n)
	}
}

// Dismiss takes answers away from their code, all of them if id is "". They can
// still be read elsewhere.
func (p *Presenter) Dismiss(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.shown {
		if id == "" || s.ID == id {
			s.Anchor = nil
		}
	}
	p.Wake()
}

// Changed sets the documents that answers are shown in to view.
func (p *Presenter) Changed(view *document.View) {
	p.view.Store(view)
	p.Wake()
}

// Wake has Run look for something new to show. It does not block and costs next to
// nothing.
func (p *Presenter) Wake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Run does the showing until ctx ends.
func (p *Presenter) Run(ctx context.Context) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	var later <-chan time.Time
	for {
		select {
		case <-p.wake:
		case <-later:
		case <-ctx.Done():
			return
		}
		later = nil
		if wait := p.guarded(ctx); wait > 0 {
			later = time.After(wait)
		}
		pause.Reset(interval)
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
	}
}

// guarded calls update and recovers its panic, so that Run goes on.
func (p *Presenter) guarded(ctx context.Context) time.Duration {
	defer func() {
		if r := recover(); r != nil {
			p.Log.Error("showing answers panicked", zap.Any("panic", r), zap.ByteString("stack", debug.Stack()))
		}
	}()
	return p.update(ctx)
}

// update brings everything up to date. It returns when to look again if nothing
// happens until then, or 0.
func (p *Presenter) update(ctx context.Context) time.Duration {
	wait := time.Duration(0)
	if p.Client.Content {
		p.refreshContent(ctx)
	} else {
		wait = p.updateFile(ctx)
	}
	p.publish(ctx)
	p.refreshMarks(ctx)
	return wait
}

// call sends a request to the editor and waits for its response, at most for
// patience.
func (p *Presenter) call(ctx context.Context, method string, params, result any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := protocol.Call(ctx, p.Conn, method, params, result)
	if err != nil && ctx.Err() == nil {
		p.Log.Warn("the editor did not do what it was asked to", zap.String("method", method), zap.Error(err))
	}
	return err
}

// A placed answer is one whose code is where it was explained.
type placed struct {
	*Shown
	Range       protocol.Range
	first, last int // lines, from 0
}

// at returns the answers that are shown in lines first to last of doc, counted
// from 0, newest first.
func (p *Presenter) at(doc *document.Document, first, last int) []placed {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []placed
	for _, s := range slices.Backward(p.shown) {
		if s.Anchor == nil || s.Key != document.Key(doc.URI) || s.Text() == "" {
			continue
		}
		start, ok := s.Anchor.Line(doc)
		if end := start + s.Anchor.Len() - 1; ok && start <= last && end >= first {
			found = append(found, placed{s, Moved(*s.Range, start-(s.First-1)), start, end})
		}
	}
	return found
}

// Moved returns r moved down by lines, or up if lines is negative.
func Moved(r protocol.Range, lines int) protocol.Range {
	r.Start.Line += uint32(lines)
	r.End.Line += uint32(lines)
	return r
}

// Dismissible returns the id of the newest answer that is shown in r of doc, or
// "".
func (p *Presenter) Dismissible(doc *document.Document, r protocol.Range) string {
	if at := p.at(doc, int(min(r.Start.Line, r.End.Line)), int(max(r.Start.Line, r.End.Line))); len(at) > 0 {
		return at[0].ID
	}
	return ""
}
