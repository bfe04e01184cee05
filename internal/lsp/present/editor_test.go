package present

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/goleak"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const code = uri.URI("file:///w/total.py")

// A manner is how an editor does what it is asked to. Each was seen in a real
// one.
type manner struct {
	untracked bool          // it reports no changes: Eglot, in a file outside of the project
	debounce  time.Duration // it reports that long after the last change: Neovim
	lag       time.Duration // it reports each change that much later
	crlf      bool          // its lines end as DOS has it: Neovim, VS Code
	refuses   bool          // edits
	noFile    bool          // it opens no file
}

// An editor is the other end of a Presenter: one buffer for the answer file,
// and one for the code. Its time is that of the synctest bubble.
type editor struct {
	jsonrpc2.Conn // for what no test needs

	t *testing.T
	manner
	presenter *Presenter
	session   *answer.Session
	dir       string

	mu      sync.Mutex
	store   *document.Store
	version int32
	name    uri.URI // of the answer file
	buffer  *document.Text
	open    bool
	others  map[uri.URI]*document.Text // answer files that are open, too
	telling *time.Timer
	untold  []string
	told    []string // messages to the person
	calls   []string // methods
	hints   map[uri.URI][]protocol.Diagnostic
}

func start(t *testing.T, m manner, client Client) *editor {
	e := &editor{t: t, manner: m, session: answer.NewSession(), dir: t.TempDir(), store: document.NewStore(document.UTF16), hints: map[uri.URI][]protocol.Diagnostic{}}
	e.presenter = New(Options{
		Client: client, Encoding: document.UTF16, Conn: e, Log: zap.NewNop(), Name: "w",
		State: state.New(func(name string) (string, bool) {
			return e.dir, name == "XDG_STATE_HOME"
		}),
		Answers: func() []answer.Summary { return e.session.Answers("") },
		Inline:  func() bool { return true },
		Tell: func(message string) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.told = append(e.told, message)
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { e.presenter.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	e.openDocument(code, "# sums\ndef total(xs):\n    return sum(xs)\n")
	return e
}

// all is what an editor can show that does what editors are asked to.
var all = Client{ShowDocument: true, ApplyEdit: true, Markdown: true, LensRefresh: true, HintRefresh: true}

func (e *editor) openDocument(u uri.URI, text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	_ = e.store.Open(&protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{URI: u, Text: text}})
	e.presenter.Changed(e.store.View())
}

func (e *editor) change(u uri.URI, events ...protocol.TextDocumentContentChangeEvent) {
	params := &protocol.DidChangeTextDocumentParams{ContentChanges: events}
	params.TextDocument.URI = u
	e.version++
	params.TextDocument.Version = e.version
	if err := e.store.Change(params); err != nil {
		e.t.Error(err)
	}
	e.presenter.Changed(e.store.View())
}

func (e *editor) document(u uri.URI) *document.Document {
	e.mu.Lock()
	defer e.mu.Unlock()
	doc, ok := e.store.View().Document(u)
	if !ok {
		e.t.Fatalf("%s is not open", u)
	}
	return doc
}

func (e *editor) Notify(_ context.Context, method string, params any) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p, ok := params.(*protocol.PublishDiagnosticsParams); ok {
		e.hints[p.URI] = p.Diagnostics
	} else {
		e.calls = append(e.calls, method)
	}
	return nil
}

func (e *editor) Call(_ context.Context, method string, params, result any) (jsonrpc2.ID, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls = append(e.calls, method)
	switch params := params.(type) {
	case *protocol.ShowDocumentParams:
		return jsonrpc2.ID{}, e.show(params, result.(*protocol.ShowDocumentResult))
	case *protocol.ApplyWorkspaceEditParams:
		result := result.(*protocol.ApplyWorkspaceEditResult)
		if result.Applied = !e.refuses; e.refuses {
			return jsonrpc2.ID{}, nil
		}
		for u, edits := range params.Edit.Changes {
			if other := e.others[u]; u != e.name && other != nil {
				e.others[e.name] = e.buffer
				e.name, e.buffer = u, other
			}
			if u != e.name || len(edits) != 1 {
				e.t.Errorf("an edit of %s", u)
			}
			r := edits[0].Range
			if r.Start.Character != 0 || r.End.Character != 0 {
				e.t.Errorf("an edit of %+v, whose characters editors count in their own ways", r)
			}
			e.edit(e.buffer.Offset(r.Start, document.UTF16), e.buffer.Offset(r.End, document.UTF16), edits[0].NewText)
		}
	}
	return jsonrpc2.ID{}, nil
}

// show opens a file as an editor does: from the disk, if it is not open.
func (e *editor) show(params *protocol.ShowDocumentParams, result *protocol.ShowDocumentResult) error {
	if result.Success = !e.noFile; e.noFile || e.open || !strings.HasPrefix(string(params.URI), "file:") {
		return nil
	}
	raw, err := os.ReadFile(params.URI.FsPath())
	if err != nil {
		e.t.Error(err)
		return err
	}
	if info, err := os.Stat(params.URI.FsPath()); err != nil || info.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
		e.t.Errorf("others can read it: %v, %v", info.Mode(), err)
	}
	e.name, e.buffer, e.open = params.URI, document.NewText(string(raw)), true
	if !e.untracked {
		_ = e.store.Open(&protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{URI: e.name, Text: e.spelled(string(raw))}})
		e.presenter.Changed(e.store.View())
	}
	return nil
}

// edit changes the buffer, and reports that at once or a while after the last one.
func (e *editor) edit(start, end int, text string) {
	e.buffer = e.buffer.Replace(start, end, text)
	switch {
	case e.untracked:
	case e.lag > 0:
		e.untold = append(e.untold, e.buffer.String())
		time.AfterFunc(e.lag, func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.tell(e.untold[0]) // timers of one moment fire in any order
			e.untold = e.untold[1:]
		})
	case e.debounce == 0:
		e.tell(e.buffer.String())
	case e.telling == nil:
		e.telling = time.AfterFunc(e.debounce, func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.tell(e.buffer.String())
		})
	default:
		e.telling.Reset(e.debounce)
	}
}

func (e *editor) tell(text string) {
	if e.open {
		e.change(e.name, &protocol.TextDocumentContentChangeWholeDocument{Text: e.spelled(text)})
	}
}

// spelled returns a text as the editor reports it.
func (m manner) spelled(text string) string {
	if m.crlf {
		return strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

// types writes text in front of what stands at the first mark in the answer
// file, or at its end if mark is "".
func (e *editor) types(mark, text string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	at := e.buffer.Len() - 1
	if mark != "" {
		if at = strings.Index(e.buffer.String(), mark); at < 0 {
			e.t.Fatalf("%q is not in %q", mark, e.buffer)
		}
	}
	e.edit(at, at, text)
}

func (e *editor) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.open = false
	e.store.Close(e.name)
	e.presenter.Changed(e.store.View())
}

func (e *editor) text() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.buffer == nil {
		return ""
	}
	return masked(e.buffer.String())
}

var ending = regexp.MustCompile(`\*m · [^*]*\*`)

// masked leaves out of a text what depends on the clock.
func masked(text string) string { return ending.ReplaceAllString(text, "*m*") }

// saved returns what is on the disk of the answer files.
func (e *editor) saved() string {
	var all []string
	files, _ := filepath.Glob(filepath.Join(e.dir, "llmls", fileKind, "*"))
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			e.t.Error(err)
		}
		all = append(all, masked(string(raw)))
	}
	return strings.Join(all, "\n")
}

func (e *editor) count(method string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(e.calls), func(call string) bool { return call != method }))
}

// A stream is an answer that grows as the test says.
type stream struct {
	*answer.Answer
	events chan completion.Event
	fail   error
}

func (s *stream) Stream(ctx context.Context, _ *completion.Request) iter.Seq2[completion.Event, error] {
	return func(yield func(completion.Event, error) bool) {
		for {
			select {
			case event, more := <-s.events:
				if !more {
					yield(completion.Event{}, s.fail)
					return
				}
				if !yield(event, nil) {
					return
				}
			case <-ctx.Done():
				yield(completion.Event{}, context.Cause(ctx))
				return
			}
		}
	}
}

func (s *stream) write(text string) {
	s.events <- completion.Event{Kind: completion.Delta, Text: []byte(text)}
}

// refile says that all that was written is thinking.
func (s *stream) refile() { s.events <- completion.Event{Kind: completion.Refiled} }

func (s *stream) end() {
	s.events <- completion.Event{Kind: completion.Finished, Finish: &completion.Finish{Reason: completion.FinishStop, Model: "m"}}
}

// explain begins an answer about lines first to last of the code, counted from
// 1, or, if first is 0, about no code; it goes on with a conversation or begins
// one.
func (e *editor) explain(first, last int, question, conversation string) *stream {
	s := &stream{events: make(chan completion.Event), fail: errors.New("broke")}
	subject := answer.Subject{Question: question, Title: "Answer question"}
	shown := &Shown{First: first}
	if first > 0 {
		doc := e.document(code)
		r := protocol.Range{Start: protocol.Position{Line: uint32(first - 1)}, End: doc.Text.Position(doc.Text.LineEnd(last-1), document.UTF16)}
		subject = answer.Subject{URI: code, Key: document.Key(code), Range: &r, Question: question, Title: "Explain total.py:2-3"}
		shown.Anchor = doc.Anchor(first, last)
	}
	job := &answer.Job{
		Subject: subject, Order: 1, Conversation: conversation, Request: &completion.Request{}, Changed: e.presenter.Wake,
		Open: func(context.Context, *answer.Progress) (completion.Model, error) { return s, nil },
	}
	a, ctx, err := e.session.New(context.Background(), job)
	if err != nil {
		e.t.Fatal(err)
	}
	s.Answer, shown.Answer = a, a
	e.presenter.Show(shown)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = e.session.Run(ctx, a, job, answer.NewProgress(ctx, e, nil)) // the page tells how it ended
	}()
	e.t.Cleanup(func() {
		a.Stop(answer.ErrStopped)
		<-done
	})
	return s
}
