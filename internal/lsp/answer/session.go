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
	texts texts

	mu            sync.Mutex
	prefix        string // of ids, so that ids of another run match no answer of this one
	count         int
	answers       []*Answer // oldest first
	conversations map[string][]completion.Message
	tokens        map[protocol.ProgressToken]*Answer
	stopped       stopped
	adopted       []adopted // oldest first
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
		if a.Conversation == conversation && !a.recorded {
			turns = append(turns, a.turns()...)
		}
	}
	return turns, ok
}

// Documents returns the documents that a conversation is about or mentions, each
// once.
func (s *Session) Documents(conversation string) []uri.URI {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []uri.URI
	add := func(subject *Subject) {
		for _, u := range subject.documents() {
			if u != "" && !slices.Contains(list, u) {
				list = append(list, u)
			}
		}
	}
	if subject, ok := s.adoptedSubject(conversation); ok {
		add(&subject)
	}
	for _, a := range s.answers {
		if a.Conversation == conversation {
			add(&a.Subject)
		}
	}
	return list
}

// turns returns the turns that a adds to its conversation, with the text so far.
func (a *Answer) turns() []completion.Message {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.said() == "" {
		return []completion.Message{a.turn}
	}
	return []completion.Message{a.turn, {Role: completion.Assistant, Content: a.said()}}
}

// New registers the answer to job and returns its context; the caller must call
// Run. The answer ends when ctx does. It fails if too many wait already.
func (s *Session) New(ctx context.Context, job *Job) (*Answer, context.Context, error) {
	place, err := s.queue.join(job.Order, job.Request.Size())
	if err != nil {
		return nil, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prefix == "" { // made here, because an editor waits for the start
		s.prefix = rand.Text()[:6]
	}
	s.count++
	a := &Answer{
		place: place, order: job.Order, texts: &s.texts,
		ID: fmt.Sprintf("%s-%d", s.prefix, s.count), Conversation: job.Conversation,
		Subject: job.Subject, started: time.Now(), asked: job.Endpoint, answers: job.Endpoint, model: job.Request.Model, turn: job.Turn,
		leftOut: job.LeftOut, secrets: job.Secrets,
	}
	if a.Conversation == "" {
		a.Conversation = a.ID
	}
	if subject, ok := s.adoptedSubject(a.Conversation); ok && a.URI == "" {
		a.URI, a.Key, a.Range = subject.URI, subject.Key, subject.Range
	}
	for _, earlier := range s.answers { // a follow-up is about the code of its conversation
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
		s.texts.release(len(a.Text()))
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

// ErrPanicked is the error of an answer whose goroutine panicked. The panic is not
// recovered.
var ErrPanicked = errors.New("llmls failed inside")

// remember adds the turns of a to its conversation and forgets the oldest answers.
// A conversation is forgotten with its last answer.
func (s *Session) remember(a *Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for token, owner := range s.tokens {
		if owner == a {
			delete(s.tokens, token)
		}
	}
	a.recorded = true
	brought := a.turns()
	if turns, ok := s.conversations[a.Conversation]; ok && len(brought) > 1 { // there is an answer
		// A new slice: callers of History have the old one.
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

// forget forgets an answer with its turns, or a conversation whose last one it is.
func (s *Session) forget(i int) {
	gone := s.answers[i]
	s.answers = slices.Delete(s.answers, i, i+1)
	turns := s.conversations[gone.Conversation]
	switch brought := len(gone.turns()); {
	case !s.hasAnswers(gone.Conversation):
		delete(s.conversations, gone.Conversation)
	case brought > 1: // its turns are the oldest of the conversation
		s.conversations[gone.Conversation] = slices.Clone(turns[min(brought, len(turns)):])
	}
}

func (a *Answer) size() (bytes int, running bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.turn.Content) + a.text.Len(), a.finish == ""
}

// RunningIn reports whether an answer about the document with this key is
// running; with "", whether any is.
func (s *Session) RunningIn(key uri.URI) bool {
	return slices.ContainsFunc(s.running(), func(a *Answer) bool { return key == "" || a.Key == key })
}

// Running returns how many answers are running.
func (s *Session) Running() int { return len(s.running()) }

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
