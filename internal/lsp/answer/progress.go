package answer

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
)

const (
	// reportInterval keeps work-done reports at four a second, below what any
	// editor's status line was seen to stutter at.
	reportInterval = 250 * time.Millisecond
	// createTimeout is how long a client may take to accept a progress token.
	// One that never answers would otherwise hold a goroutine for ever.
	createTimeout = time.Minute
)

// Progress writes the $/progress notifications of one answer: the text itself
// for the caller's partial-result token, and work-done progress for whatever
// shows it. Text is called by the goroutine that streams; work-done progress may
// be begun by another, which waits until the client has accepted our token.
type Progress struct {
	conn    jsonrpc2.Conn
	ctx     context.Context // the connection's: what an answer wrote is sent even if the answer was cancelled
	partial []byte          // `{"token":T,"value":{"kind":"`, or nil if the caller gave no token
	seq     int64
	params  jsonrpc2.RawMessage // reused for every delta

	mu       sync.Mutex
	work     protocol.ProgressToken // nil until it may be used
	early    string                 // the last report before the token may be used
	ended    string                 // the last message, once there is one
	newest   func() string          // what a report of the text shows
	grown    bool                   // there is text that no report has shown, before the token may be used
	reported time.Time
	next     *time.Timer // of the report that shows the newest text, while one is due
}

// NewProgress returns the progress of one answer. partial is the token that the
// caller wants the text under, or nil. ctx must live as long as conn.
func NewProgress(ctx context.Context, conn jsonrpc2.Conn, partial protocol.ProgressToken) *Progress {
	p := &Progress{conn: conn, ctx: ctx}
	if partial != nil {
		p.partial = append(appendToken([]byte(`{"token":`), partial), `,"value":{"kind":"`...)
	}
	return p
}

func appendToken(dst []byte, token protocol.ProgressToken) []byte {
	dst, err := protocol.AppendMarshal(dst, token)
	if err != nil {
		return append(dst, "null"...) // unreachable: a token is a number or a string
	}
	return dst
}

// maxPiece bounds the text in one frame, in bytes: a whole answer may arrive at once, and
// while it is encoded there are several copies of it.
const maxPiece = 64 << 10

// Text sends the next piece of text; kind is "delta", "reasoning" or, without text,
// "refiled". Pieces arrive in the order of the calls, numbered from 0; a long one
// is sent as several.
func (p *Progress) Text(kind string, text []byte) error {
	if p.partial == nil {
		return nil
	}
	for len(text) > maxPiece {
		end := maxPiece
		for !utf8.RuneStart(text[end]) {
			end--
		}
		if err := p.piece(kind, text[:end]); err != nil {
			return err
		}
		text = text[end:]
	}
	return p.piece(kind, text)
}

// piece sends one frame.
//
// Every delta passes it, so the JSON is written by hand, without an allocation, and sent
// on the caller's goroutine: waking another one would add latency.
func (p *Progress) piece(kind string, text []byte) error {
	b := append(p.params[:0], p.partial...)
	b = append(b, kind...)
	b = append(b, `","seq":`...)
	b = strconv.AppendInt(b, p.seq, 10)
	b = append(b, `,"text":`...)
	b, err := jsontext.AppendQuote(b, text)
	if err != nil {
		return err // cannot happen: the text of an event is valid UTF-8
	}
	p.params = append(b, "}}"...)
	p.seq++
	err = p.conn.Notify(p.ctx, protocol.MethodProgress, &p.params)
	if cap(p.params) > maxPiece {
		p.params = nil
	}
	return err
}

// Begin starts work-done progress under the caller's own token.
func (p *Progress) Begin(token protocol.ProgressToken, title string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begin(token, title)
}

// Create asks the client for a work-done token and begins once it agrees. It
// blocks until the client answers, and belongs on a goroutine of its own.
func (p *Progress) Create(ctx context.Context, token protocol.ProgressToken, title string) {
	ctx, cancel := context.WithTimeout(ctx, createTimeout)
	defer cancel()
	_, err := p.conn.Call(ctx, protocol.MethodWindowWorkDoneProgressCreate,
		&protocol.WorkDoneProgressCreateParams{Token: token}, nil)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		return // the client refused: LSP forbids using the token then
	}
	p.begin(token, title)
	if p.ended != "" {
		p.end(p.ended)
	}
}

func (p *Progress) begin(token protocol.ProgressToken, title string) {
	p.work = token
	begin := &protocol.WorkDoneProgressBegin{Kind: "begin", Title: title, Cancellable: new(true)}
	if p.grown {
		p.early = p.newest()
	}
	if p.early != "" {
		begin.Message = &p.early
	}
	p.send(begin)
}

// Shows sets what the reports after Grew show. newest returns one line and may
// be called on any goroutine.
func (p *Progress) Shows(newest func() string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.newest = newest
}

// Grew reports the newest text within reportInterval, so that what is shown while
// a model pauses is the text it paused at.
func (p *Progress) Grew() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.work == nil {
		p.grown = true
		return
	}
	if p.next != nil {
		return
	}
	if wait := reportInterval - time.Since(p.reported); wait > 0 {
		p.next = time.AfterFunc(wait, p.catchUp)
		return
	}
	p.report(p.newest())
}

// catchUp sends the report that Grew put off.
func (p *Progress) catchUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = nil
	if p.work != nil {
		p.report(p.newest())
	}
}

// Report shows message, which is one line.
func (p *Progress) Report(message string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.work == nil {
		p.early, p.grown = message, false
		return
	}
	p.report(message)
}

func (p *Progress) report(message string) {
	p.reported = time.Now()
	p.send(&protocol.WorkDoneProgressReport{Kind: "report", Message: &message})
}

// End ends work-done progress with message. It may be called once, and also
// when the progress never began.
func (p *Progress) End(message string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = message
	if p.next != nil {
		p.next.Stop()
	}
	if p.work != nil {
		p.end(message)
	}
}

func (p *Progress) end(message string) {
	p.send(&protocol.WorkDoneProgressEnd{Kind: "end", Message: &message})
	p.work = nil
}

// endMessage returns one line about how an answer ended.
func endMessage(r *Result) string {
	if r.FinishReason == FinishIncomplete {
		return r.Message
	}
	return strings.TrimSpace(r.Instead + " " + r.Footer)
}

// footer is the line below the text of an answer that ended.
func footer(r *Result) string {
	summary := completion.Summary{Model: r.Model, Total: time.Duration(r.Timing.TotalMs) * time.Millisecond, Secrets: r.Secrets}
	if r.Usage != nil {
		u := completion.Usage(*r.Usage)
		summary.Count(&u)
	} else {
		summary.Tokens, summary.Estimated = chat.EstimateTokens(r.Text), true
	}
	cut := map[completion.FinishReason]string{
		completion.FinishLength: "cut · ", completion.FinishContentFilter: "cut · ",
		completion.FinishUnknown: "may be cut · ", FinishIncomplete: "incomplete · ",
	}
	return cut[r.FinishReason] + summary.String()
}

// send ignores the error: progress may be lost, and other writes report a broken
// connection.
func (p *Progress) send(value any) {
	raw, err := protocol.Marshal(value)
	if err == nil {
		_ = p.conn.Notify(p.ctx, protocol.MethodProgress, &protocol.ProgressParams{Token: p.work, Value: raw})
	}
}
