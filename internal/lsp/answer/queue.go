package answer

import (
	"context"
	"fmt"
	"slices"
	"sync"
)

const (
	// maxRunning is how many answers stream at once. Nobody reads 64 answers;
	// a script that asks for more must not take the editor's memory.
	maxRunning = 64
	// maxWaiting is how many more may wait for their turn.
	maxWaiting = 1000
)

// A queue lets maxRunning answers run and the next ones wait, in the order in
// which their commands arrived. That is not the order in which they join: they
// get here on goroutines of their own.
type queue struct {
	mu      sync.Mutex
	free    int
	waiting []*place // in their order
}

// A place in a queue belongs to one answer.
type place struct {
	order uint64
	turn  chan struct{} // closed when the answer may run
}

// join returns a place that must leave again, or nil if too many wait.
func (q *queue) join(order uint64) *place {
	q.mu.Lock()
	defer q.mu.Unlock()
	p := &place{order: order, turn: make(chan struct{})}
	switch {
	case q.free > 0:
		q.free--
		close(p.turn)
	case len(q.waiting) >= maxWaiting:
		return nil
	default:
		i, _ := slices.BinarySearchFunc(q.waiting, order, func(w *place, order uint64) int {
			if w.order <= order {
				return -1
			}
			return 1
		})
		q.waiting = slices.Insert(q.waiting, i, p)
	}
	return p
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
		progress.Report(nothingYet)
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// leave gives p's turn to the next, or its place up if it never had one.
func (q *queue) leave(p *place) {
	q.mu.Lock()
	defer q.mu.Unlock()
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
