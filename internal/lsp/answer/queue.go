package answer

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/llmls/llmls/internal/completion"
)

const (
	// maxRunning is how many answers stream at once. Nobody reads 64 answers;
	// a script that asks for more must not take the editor's memory.
	maxRunning = 64
	// maxWaiting is how many more may wait for their turn.
	maxWaiting = 1000
	// freePrompt is how long the prompt of an answer may be, in bytes, without counting
	// against maxPrompts. With the default of context.maxTokens no prompt is longer.
	freePrompt = 64 << 10
	// maxPrompts bounds what all prompts together have beyond freePrompt, in bytes.
	maxPrompts = 16 << 20
)

// A queue lets maxRunning answers run and the next ones wait, in the order in
// which their commands arrived. That is not the order in which they join: they
// get here on goroutines of their own.
type queue struct {
	mu      sync.Mutex
	free    int
	waiting []*place // in the order of their commands
	prompts int      // bytes beyond freePrompt, of all answers
}

// A place in a queue belongs to one answer.
type place struct {
	order  uint64
	prompt int           // bytes of the answer's prompt beyond freePrompt
	turn   chan struct{} // closed when the answer may run
}

// join returns a place for an answer with a prompt of that many bytes; the caller
// must call leave. It fails with a *completion.Error if too many answers wait or
// their prompts are too long together; a prompt alone never is.
func (q *queue) join(order uint64, prompt int) (*place, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	prompt = max(0, prompt-freePrompt)
	p := &place{order: order, prompt: prompt, turn: make(chan struct{})}
	switch {
	case prompt > 0 && q.prompts > 0 && q.prompts+prompt > maxPrompts:
		return nil, &completion.Error{Kind: completion.Busy, Detail: "their prompts have more than 16 MiB"}
	case q.free > 0:
		q.free--
		close(p.turn)
	case len(q.waiting) >= maxWaiting:
		return nil, &completion.Error{Kind: completion.Busy, Detail: fmt.Sprintf("%d answers are waiting", maxWaiting)}
	default:
		i, _ := slices.BinarySearchFunc(q.waiting, order, func(w *place, order uint64) int {
			if w.order <= order {
				return -1
			}
			return 1
		})
		q.waiting = slices.Insert(q.waiting, i, p)
	}
	q.prompts += prompt
	return p, nil
}

// wait returns when it is p's turn, or with ctx's cause.
func (q *queue) wait(ctx context.Context, p *place, progress *Progress) error {
	select {
	case <-p.turn:
		return nil
	default:
	}
	progress.Report(fmt.Sprintf("waiting: %d answers are running", maxRunning))
	select {
	case <-p.turn:
		progress.Report(NothingYet)
	case <-ctx.Done():
	}
	return context.Cause(ctx) // also if it was stopped as its turn came
}

// leave gives p's turn to the next, or its place up if it never had one.
func (q *queue) leave(p *place) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.prompts -= p.prompt
	if i := slices.Index(q.waiting, p); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		return
	}
	if len(q.waiting) == 0 {
		q.free++
		return
	}
	next := q.waiting[0]
	q.waiting = slices.Delete(q.waiting, 0, 1)
	close(next.turn)
}
