package answer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
)

const (
	// keepAnswers and keepBytes (of answers and what was asked) bound what the
	// session remembers of answers that have ended. The oldest go first.
	keepAnswers = 200
	keepBytes   = 16 << 20
)

// A Session holds the answers and conversations of one run of the server, in
// memory. Its methods may be called from any goroutine.
type Session struct {
	queue queue

	mu            sync.Mutex
	prefix        string // of ids; makes those of an earlier run unknown instead of wrong
	count         int
	answers       []*Answer // oldest first
	conversations map[string][]completion.Message
	tokens        map[protocol.ProgressToken]*Answer
	stopped       stopped
}

// NewSession returns an empty session.
func NewSession() *Session {
	return &Session{
		queue:         queue{free: maxRunning},
		conversations: map[string][]completion.Message{},
		tokens:        map[protocol.ProgressToken]*Answer{},
	}
}

// History returns the turns of a conversation so far, and whether there is one.
// An answer that is still running counts with the text it has. The caller must
// not change them.
func (s *Session) History(conversation string) ([]completion.Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	turns, ok := s.conversations[conversation]
	turns = slices.Clip(turns)
	for _, a := range s.answers {
		if a.Conversation == conversation && !a.over {
			turns = append(turns, a.turns()...)
		}
	}
	return turns, ok
}

// turns returns what a brings to its conversation so far.
func (a *Answer) turns() []completion.Message {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.text.Len() == 0 {
		return []completion.Message{a.turn}
	}
	return []completion.Message{a.turn, {Role: completion.Assistant, Content: a.text.String()}}
}

// New registers the answer to job; Run must follow. The answer ends when ctx
// does. It fails if too many wait already.
func (s *Session) New(ctx context.Context, job *Job) (*Answer, context.Context, error) {
	place, err := s.queue.join(job.Order, job.Request.Size())
	if err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prefix == "" { // not at the start, for which an editor waits
		s.prefix = rand.Text()[:6]
	}
	s.count++
	a := &Answer{
		place: place, order: job.Order,
		ID: fmt.Sprintf("%s-%d", s.prefix, s.count), Conversation: job.Conversation,
		Subject: job.Subject, started: time.Now(), model: job.Request.Model, turn: job.Turn,
		leftOut: job.LeftOut, secrets: job.Secrets,
	}
	if a.Conversation == "" {
		a.Conversation = a.ID
	}
	for _, earlier := range s.answers { // a follow-up is about what the talk is about
		if a.URI == "" && earlier.Conversation == a.Conversation {
			a.URI, a.Key, a.Range = earlier.URI, earlier.Key, earlier.Range
		}
	}
	if s.conversations[a.Conversation] == nil {
		s.conversations[a.Conversation] = []completion.Message{}
	}
	s.answers = append(s.answers, a)
	a.done = make(chan struct{})
	ctx, a.cancel = context.WithCancelCause(ctx)
	if a.order <= s.stopped.all {
		a.Stop(s.stopped.cause)
	}
	return a, ctx, nil
}

// Run runs a to its end and returns the result, or the error if there is
// nothing to show for it. The text is in Answers either way.
func (s *Session) Run(ctx context.Context, a *Answer, job *Job, p *Progress) (result *Result, err error) {
	err = ErrPanicked // unless one of the returns says otherwise
	defer func() {
		err = a.end(ctx, err)
		a.cancel(nil)
		s.queue.leave(a.place)
		whole := a.result()
		s.remember(a)
		ending := endMessage(whole)
		a.close(ending)
		p.End(ending)
		job.changed()
		close(a.done)
		if err == nil {
			result = whole
		}
	}()
	if err := s.queue.wait(ctx, a.place, p); err != nil {
		return nil, err
	}
	return nil, a.stream(ctx, job, p)
}

func (a *Answer) close(ending string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ending = ending
}

// ErrPanicked ends an answer whose goroutine panics; the panic goes on.
var ErrPanicked = errors.New("llmls failed inside")

// remember adds what was said to the conversation and lets the oldest answers
// go. A conversation goes with the last answer that belongs to it.
func (s *Session) remember(a *Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, owner := range s.tokens {
		if owner == a {
			delete(s.tokens, token)
		}
	}
	a.over = true
	brought := a.turns()
	if turns, ok := s.conversations[a.Conversation]; ok && len(brought) > 1 { // there is an answer
		// A new slice: History hands out the old one.
		s.conversations[a.Conversation] = append(slices.Clip(turns), brought...)
	}
	size := 0
	for i, a := range slices.Backward(s.answers) {
		n, running := a.size()
		size += n
		if kept := len(s.answers) - i; !running && kept > 1 && (kept > keepAnswers || size > keepBytes) {
			s.forget(i)
			size -= n
		}
	}
}

func (s *Session) forget(i int) {
	conversation := s.answers[i].Conversation
	s.answers = slices.Delete(s.answers, i, i+1)
	if !slices.ContainsFunc(s.answers, func(a *Answer) bool { return a.Conversation == conversation }) {
		delete(s.conversations, conversation)
	}
}

func (a *Answer) size() (bytes int, running bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.turn.Content) + a.text.Len(), a.finish == ""
}

// RunningIn tells whether an answer about the document with this key is
// running; with "", whether any is.
func (s *Session) RunningIn(key uri.URI) bool {
	return slices.ContainsFunc(s.running(), func(a *Answer) bool { return key == "" || a.Key == key })
}

func (s *Session) running() []*Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	var running []*Answer
	for _, a := range s.answers {
		if _, yes := a.size(); yes {
			running = append(running, a)
		}
	}
	return running
}

// Answers returns the answers of this session, newest first; those about the
// document with this key alone unless it is "".
func (s *Session) Answers(key uri.URI) []Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []Summary{}
	for _, a := range slices.Backward(s.answers) {
		if key == "" || a.Key == key {
			list = append(list, a.Summary())
		}
	}
	return list
}
