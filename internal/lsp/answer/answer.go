// Package answer runs answers: each waits in a queue, streams its text, and ends
// exactly once. The package knows the editor only as a connection to notify.
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
	Title    string // of its progress

	Mentioned []uri.URI // the files that the question mentions
	Related   []uri.URI // other files of which some code was sent
}

// A Job is what a Session needs to run an answer.
type Job struct {
	Subject
	Endpoint     string // the name of the one that is asked
	Conversation string // the one it continues, "" for a new one
	Order        uint64 // of the command among the client's requests, from 1
	// Turn is the message to remember as the user's turn once it was answered.
	Turn completion.Message
	// Open gets the model when the answer leaves the queue. It may take minutes,
	// and reports in the progress what it waits for: the key may come from a
	// program, and the user may have to agree first. It may remove secrets from
	// Request, and then changes Turn, LeftOut and Secrets as well.
	Open    func(context.Context, *Progress) (completion.Model, error)
	Request *completion.Request
	LeftOut []LeftOut // of Request
	Secrets int       // how many were replaced in it
	// Changed is called whenever the answer has more text or has ended, on the
	// goroutine that streams: it must return at once. It may be nil.
	Changed func()
}

// A LeftOut is something that was not sent, for a person to read.
type LeftOut struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// An Answer is one answer of this session. Its exported members never change.
type Answer struct {
	ID           string // unique among all runs of the server
	Conversation string // the ID of its first answer
	Subject

	place    *place
	order    uint64 // of its command
	cancel   context.CancelCauseFunc
	done     chan struct{} // closed when Run is over
	started  time.Time
	recorded bool   // its turns are in its conversation; guarded by the session's mutex
	texts    *texts // the session's

	mu      sync.Mutex
	turn    completion.Message // the user's
	leftOut []LeftOut
	secrets int
	text    strings.Builder // its String makes no copy
	thought int             // bytes of text that turned out to be thinking
	first   time.Duration   // from started to the first delta
	asked   string          // the endpoint, by its name
	answers string          // the endpoint that was asked last, by its name
	instead string          // the sentence about that, if it is another endpoint
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
	Endpoint     string                  `json:"endpoint"` // the one that answered, by its name
	Model        string                  `json:"model"`
	Usage        *Usage                  `json:"usage"`
	Timing       Timing                  `json:"timing"`
	Message      string                  `json:"message,omitzero"` // why it is incomplete, and what to do
	Footer       string                  `json:"footer"`           // model, seconds, tokens, and whether it was cut, for below the text
	LeftOut      []LeftOut               `json:"leftOut,omitzero"`
	Secrets      int                     `json:"-"` // how many secrets LeftOut counts
	Instead      string                  `json:"-"` // the part of Message about another endpoint
	Cause        error                   `json:"-"` // of Message, if it broke off; for the log
}

// Usage counts tokens as the endpoint counted them.
type Usage struct {
	PromptTokens     int `json:"promptTokens"`
	CompletionTokens int `json:"completionTokens"`
	CachedTokens     int `json:"cachedTokens,omitzero"` // of PromptTokens
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
	Footer       string                  `json:"footer,omitzero"` // as Answer.Ending has it
	Title        string                  `json:"-"`               // of its progress
	Documents    []string                `json:"-"`               // the URIs of all whose text is in it
}

// Stop ends the answer; what has arrived is kept. It may be called at any time
// and more than once.
func (a *Answer) Stop(cause error) { a.cancel(cause) }

// Summary returns the answer as it stands.
func (a *Answer) Summary() Summary {
	a.mu.Lock()
	defer a.mu.Unlock()
	documents := []string{string(a.URI)}
	for _, u := range a.Mentioned {
		documents = append(documents, string(u))
	}
	return Summary{
		Documents: documents,
		ID:        a.ID, Conversation: a.Conversation, URI: a.URI, Range: a.Range, Question: a.Question,
		Text: a.said(), FinishReason: a.finish, Running: a.finish == "",
		Title: a.Title, Footer: a.ending,
	}
}

// said returns the text that is the answer.
func (a *Answer) said() string { return a.text.String()[a.thought:] }

// Text returns what has arrived of the answer, without copying it. At an event Refiled
// it becomes empty and grows anew.
func (a *Answer) Text() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.said()
}

// Refiled returns how many bytes of an earlier Text turned out to be thinking.
func (a *Answer) Refiled() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.thought
}

// Ending returns one line about how the answer ended, the last message of its
// work-done progress. It is "" until the text is complete.
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
	a.opened(job)
	p.Shows(a.newest)
	for event, err := range model.Stream(ctx, job.Request) {
		if err != nil {
			return err
		}
		switch event.Kind {
		case completion.Delta:
			if err := a.grow(event.Text); err != nil {
				return err
			}
			err = p.Text("delta", event.Text)
			job.changed()
		case completion.Reasoning:
			err = p.Text("reasoning", event.Text)
		case completion.Refiled:
			a.refiled()
			err = p.Text("refiled", nil)
		case completion.Retrying:
			a.retrying(event.Retry)
			p.Report(event.Retry.Sentence())
		case completion.Finished:
			return a.finished(event.Finish, job.Request)
		}
		if err != nil {
			return fmt.Errorf("sending the answer to the editor: %w", err)
		}
		p.Grew()
	}
	return fmt.Errorf("the model ended without a finish or an error")
}

// retrying records which endpoint is asked next, if it is another one.
func (a *Answer) retrying(r *completion.Retry) {
	if r.Endpoint == "" {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answers, a.model, a.instead = r.Endpoint, r.Model, r.SentenceInstead(a.asked)
}

// opened takes over what Open changed in job.
func (a *Answer) opened(job *Job) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.turn, a.leftOut, a.secrets = job.Turn, job.LeftOut, job.Secrets
}

func (j *Job) changed() {
	if j.Changed != nil {
		j.Changed()
	}
}

func (a *Answer) grow(text []byte) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.text.Len() == 0 {
		a.first = time.Since(a.started)
	}
	if err := a.texts.grow(a.text.Len(), a.text.Len()+len(text)); err != nil {
		return err
	}
	a.text.Write(text)
	return nil
}

// refiled records that the text so far was thinking.
func (a *Answer) refiled() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.thought = a.text.Len()
}

func (a *Answer) finished(f *completion.Finish, req *completion.Request) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if f.Model != "" {
		a.model = f.Model
	}
	if a.usage = f.Usage; a.said() == "" {
		return completion.NoTextError(f, req)
	}
	a.finish, a.message = f.Reason, f.Sentence()
	if f.Reason == completion.FinishToolCalls {
		a.finish = completion.FinishStop // llmls offers no tools, so the text is the answer
	}
	return nil
}

// newestWidth is how much of the newest text a progress message shows, in runes:
// about what a status line has room for.
const newestWidth = 80

// NothingYet is the progress message of an answer that waits for the model and has
// no text yet.
const NothingYet = "thinking…"

// newest returns the end of the text so far as one line.
func (a *Answer) newest() string {
	a.mu.Lock()
	tail := a.said()
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
		err = cause // the error of a cancelled stream is only its consequence
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
		ID: a.ID, Conversation: a.Conversation, Text: a.said(), FinishReason: a.finish,
		Endpoint: a.answers, Model: a.model, Message: strings.TrimSpace(a.message + " " + a.instead), LeftOut: a.leftOut, Secrets: a.secrets, Instead: a.instead, Cause: a.cause,
		Timing: Timing{FirstDeltaMs: a.first.Milliseconds(), TotalMs: time.Since(a.started).Milliseconds()},
	}
	if a.usage != nil {
		u := Usage(*a.usage)
		r.Usage = &u
	}
	r.Footer = footer(r)
	return r
}
