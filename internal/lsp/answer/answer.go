// Package answer runs answers: from the moment one is wanted, through its turn
// and its text, to the one ending it gets. It knows the editor only as a
// connection to notify.
package answer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
)

// The causes with which an answer's context is cancelled. Cancelling the
// request itself ($/cancelRequest) is context.Canceled.
var (
	ErrStopped  = errors.New("stopped by the user")
	ErrShutdown = errors.New("the server is shutting down")
)

// FinishIncomplete is the finish reason of an answer that broke off: what
// arrived is kept, and a message says why it ended.
const FinishIncomplete completion.FinishReason = "incomplete"

// A Subject is what an answer is about.
type Subject struct {
	URI      uri.URI // as the client spells it; "" for a question about no document
	Key      uri.URI // of the document, however it is spelled
	Range    *protocol.Range
	Question string // "" for an explanation
	Title    string // what its progress is headed with
}

// A Job is what is needed to run an answer.
type Job struct {
	Subject
	Conversation string // the one it goes on with, or "" for a new one
	Order        uint64 // of the command among the client's requests, from 1
	// Turn is the message to remember as the user's turn once it was answered.
	Turn completion.Message
	// Open gets the model when the answer's turn has come. It may take minutes,
	// and says in the progress what it waits for: the key may come from a
	// program, and the user may have to agree first.
	Open    func(context.Context, *Progress) (completion.Model, error)
	Request *completion.Request
	LeftOut []LeftOut // of Request
	Secrets int       // that were replaced in it
	// Changed is called whenever the answer has more text or has ended, on the
	// way of the text: it must return at once. nil if nobody watches.
	Changed func()
}

// A LeftOut is something that was not sent, for a person to read.
type LeftOut struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// An Answer is one answer of this session. Its exported members never change.
type Answer struct {
	ID           string
	Conversation string
	Subject

	place   *place
	order   uint64 // of its command
	cancel  context.CancelCauseFunc
	done    chan struct{} // closed when Run is over
	started time.Time
	turn    completion.Message // the user's
	leftOut []LeftOut
	secrets int
	over    bool // its conversation has what it brought; the session's

	mu      sync.Mutex
	text    strings.Builder // so that whoever wants the text gets it without a copy
	first   time.Duration   // from started to the first delta
	model   string
	usage   *completion.Usage
	finish  completion.FinishReason // "" while running
	message string
	cause   error  // why it is incomplete
	ending  string // once it is over
}

// A Result is what a caller gets for a whole answer.
type Result struct {
	ID           string                  `json:"id"`
	Conversation string                  `json:"conversation"`
	Text         string                  `json:"text"`
	FinishReason completion.FinishReason `json:"finishReason"`
	Model        string                  `json:"model"`
	Usage        *Usage                  `json:"usage"`
	Timing       Timing                  `json:"timing"`
	Message      string                  `json:"message,omitzero"` // why it is incomplete, and what to do
	LeftOut      []LeftOut               `json:"leftOut,omitzero"`
	Secrets      int                     `json:"-"` // among LeftOut
	Cause        error                   `json:"-"` // of Message, if it broke off; for the log
}

// Usage counts tokens as the endpoint counted them.
type Usage struct {
	PromptTokens     int `json:"promptTokens"`
	CompletionTokens int `json:"completionTokens"`
}

// Timing counts from the arrival of the command.
type Timing struct {
	FirstDeltaMs int64 `json:"firstDeltaMs"`
	TotalMs      int64 `json:"totalMs"`
}

// A Summary is one entry of the list of answers.
type Summary struct {
	ID           string                  `json:"id"`
	Conversation string                  `json:"conversation"`
	URI          uri.URI                 `json:"uri,omitzero"`
	Range        *protocol.Range         `json:"range,omitzero"`
	Question     string                  `json:"question,omitzero"`
	Text         string                  `json:"text"`
	FinishReason completion.FinishReason `json:"finishReason"` // "" while running
	Running      bool                    `json:"running"`
	Title        string                  `json:"-"` // of its progress
	Ending       string                  `json:"-"` // as Answer.Ending has it
}

// Stop ends the answer; what has arrived is kept. It may be called at any time
// and more than once.
func (a *Answer) Stop(cause error) { a.cancel(cause) }

// Summary returns the answer as it stands.
func (a *Answer) Summary() Summary {
	a.mu.Lock()
	defer a.mu.Unlock()
	return Summary{
		ID: a.ID, Conversation: a.Conversation, URI: a.URI, Range: a.Range, Question: a.Question,
		Text: a.text.String(), FinishReason: a.finish, Running: a.finish == "",
		Title: a.Title, Ending: a.ending,
	}
}

// Text returns what has arrived, without copying it.
func (a *Answer) Text() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.text.String()
}

// Ending says in one line how the answer ended, as its work-done progress does.
// It is "" until the text is whole.
func (a *Answer) Ending() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ending
}

// stream asks the model and forwards what it says, on one goroutine: a delta
// goes from the socket to the editor in one call, so that nothing can overtake
// it, and a slow editor slows the sender by TCP instead of filling memory.
func (a *Answer) stream(ctx context.Context, job *Job, p *Progress) error {
	model, err := job.Open(ctx, p)
	if err != nil {
		return err
	}
	for event, err := range model.Stream(ctx, job.Request) {
		if err != nil {
			return err
		}
		switch event.Kind {
		case completion.Delta:
			a.grow(event.Text)
			err = p.Text("delta", event.Text)
			job.changed()
		case completion.Reasoning:
			err = p.Text("reasoning", event.Text)
		case completion.Retrying:
			p.Report(event.Retry.Sentence())
		case completion.Finished:
			return a.finished(event.Finish, job.Request)
		}
		if err != nil {
			return fmt.Errorf("sending the answer to the editor: %w", err)
		}
		if p.Due() {
			p.Report(a.newest())
		}
	}
	return fmt.Errorf("the model ended without a finish or an error")
}

func (j *Job) changed() {
	if j.Changed != nil {
		j.Changed()
	}
}

func (a *Answer) grow(text []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.text.Len() == 0 {
		a.first = time.Since(a.started)
	}
	a.text.Write(text)
}

func (a *Answer) finished(f *completion.Finish, req *completion.Request) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f.Model != "" {
		a.model = f.Model
	}
	if a.usage = f.Usage; a.text.Len() == 0 {
		return completion.NoTextError(f, req)
	}
	a.finish, a.message = f.Reason, f.Sentence()
	if f.Reason == completion.FinishToolCalls {
		a.finish = completion.FinishStop // we offer no tools: what it wrote is the answer
	}
	return nil
}

// newestWidth is how much of the newest text a progress message shows: about
// what a status line has room for.
const newestWidth = 80

// NothingYet is the progress of an answer without text that waits for nothing
// but the model.
const NothingYet = "thinking…"

// newest returns the end of the text so far as one line.
func (a *Answer) newest() string {
	a.mu.Lock()
	tail := a.text.String()
	a.mu.Unlock()
	tail = tail[max(0, len(tail)-utf8.UTFMax*newestWidth):]
	line := strings.Join(strings.Fields(strings.ToValidUTF8(tail, "")), " ")
	if line == "" {
		return NothingYet
	}
	for n := utf8.RuneCountInString(line); n > newestWidth; n-- {
		_, size := utf8.DecodeRuneInString(line)
		line = line[size:]
	}
	return line
}

// end settles how the answer ended; err is what stopped it, nil if it is
// complete. It returns the error for the caller, which is nil if there is text
// to return.
func (a *Answer) end(ctx context.Context, err error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		return nil
	}
	a.finish = FinishIncomplete
	if cause := context.Cause(ctx); cause != nil {
		err = cause // whatever a cancelled stream failed with is a consequence
	}
	a.cause = err
	switch failed := completion.AsError(err); {
	case errors.Is(err, ErrStopped), errors.Is(err, context.Canceled):
		a.message = completion.SentenceStopped
	case errors.Is(err, ErrShutdown):
		a.message = completion.SentenceShutdown
	case failed != nil && a.text.Len() > 0:
		a.message = failed.IncompleteSentence()
	case failed != nil:
		a.message = failed.Sentence()
	default:
		a.message = completion.SentenceFailed(err)
	}
	if a.text.Len() == 0 || errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// result returns the whole answer.
func (a *Answer) result() *Result {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := &Result{
		ID: a.ID, Conversation: a.Conversation, Text: a.text.String(), FinishReason: a.finish,
		Model: a.model, Message: a.message, LeftOut: a.leftOut, Secrets: a.secrets, Cause: a.cause,
		Timing: Timing{FirstDeltaMs: a.first.Milliseconds(), TotalMs: time.Since(a.started).Milliseconds()},
	}
	if a.usage != nil {
		r.Usage = &Usage{PromptTokens: a.usage.PromptTokens, CompletionTokens: a.usage.CompletionTokens}
	}
	return r
}
