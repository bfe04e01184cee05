package answer

import (
	"context"
	"math"
	"slices"

	"go.lsp.dev/protocol"
)

// stopped records stops that came before their answer began. Commands leave the
// wire loop and may wait for settings or a file, so a stop that follows a command
// on the wire can get here before the command's answer.
type stopped struct {
	all    uint64 // commands up to this one are stopped
	cause  error  // why these commands are stopped
	tokens []stoppedToken
}

// A stoppedToken is the token of a stop for which no answer was found: it has not
// begun yet or, mostly, has ended.
type stoppedToken struct {
	token protocol.ProgressToken
	asOf  uint64
}

// keepTokens bounds the tokens that are remembered: a client that keeps
// cancelling what has ended must not fill memory.
const keepTokens = 64

// Watch lets CancelToken find a by a work-done token.
func (s *Session) Watch(token protocol.ProgressToken, a *Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[token] = a
	s.stopped.tokens = slices.DeleteFunc(s.stopped.tokens, func(t stoppedToken) bool {
		meant := t.token == token && a.order <= t.asOf
		if meant {
			a.Stop(ErrStopped)
		}
		return meant
	})
}

// CancelToken stops the answer whose work-done progress has this token, if its
// command came no later than the request number asOf. A token that is not
// known, or no longer, is ignored.
func (s *Session) CancelToken(token protocol.ProgressToken, asOf uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.tokens[token]; a != nil && a.order <= asOf {
		a.Stop(ErrStopped)
		return
	}
	s.stopped.tokens = append(s.stopped.tokens, stoppedToken{token, asOf})
	if len(s.stopped.tokens) > keepTokens {
		s.stopped.tokens = slices.Delete(s.stopped.tokens, 0, 1)
	}
}

// Stop stops the running answer with that id, or, if id is "", all whose
// commands came no later than the request number asOf. An id that is not known,
// or no longer runs, is ignored.
func (s *Session) Stop(id string, asOf uint64) {
	if id == "" {
		s.stopAll(asOf, ErrStopped)
		return
	}
	for _, a := range s.running() {
		if a.ID == id {
			a.Stop(ErrStopped)
		}
	}
}

// Shutdown stops all answers, those to come too, and waits until those that
// run have ended, or ctx has.
func (s *Session) Shutdown(ctx context.Context) error {
	for _, a := range s.stopAll(math.MaxUint64, ErrShutdown) {
		select {
		case <-a.done:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// stopAll returns what it stopped of what was running.
func (s *Session) stopAll(asOf uint64, cause error) []*Answer {
	s.mu.Lock()
	if asOf > s.stopped.all {
		s.stopped.all, s.stopped.cause = asOf, cause
	}
	s.mu.Unlock()
	running := slices.DeleteFunc(s.running(), func(a *Answer) bool { return a.order > asOf })
	for _, a := range running {
		a.Stop(cause)
	}
	return running
}
