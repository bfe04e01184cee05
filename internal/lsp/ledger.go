package lsp

import (
	"context"
	"sync"
)

// maxOwed bounds the requests without a response. When it is reached, the server stops
// reading: refusing further requests would only queue more responses. 1,064 of the
// requests may be answers.
const maxOwed = 4096

// A ledger counts the requests that were read and whose responses are not written yet,
// and lets one result at a time be made and written: a result may have megabytes, and
// several copies of it exist until the editor has read it. Safe for concurrent use.
type ledger struct {
	leaving chan struct{} // holds a value while a result is made or on its way

	mu   sync.Mutex
	owed int
	paid chan struct{} // closed and replaced with each response
}

func newLedger() *ledger {
	return &ledger{paid: make(chan struct{}), leaving: make(chan struct{}, 1)}
}

// owe counts a request. It waits while there are maxOwed, or returns ctx's cause.
func (l *ledger) owe(ctx context.Context) error {
	if err := l.settle(ctx, maxOwed-1); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owed++
	return nil
}

// settle waits until no more than most requests lack a response, or returns ctx's cause.
func (l *ledger) settle(ctx context.Context, most int) error {
	for {
		l.mu.Lock()
		owed, paid := l.owed, l.paid
		l.mu.Unlock()
		if owed <= most {
			return nil
		}
		select {
		case <-paid:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// leave waits until a result may be made, or ctx ends. A request calls it once, after it
// has left the wire loop, and must end in a response then.
func (l *ledger) leave(ctx context.Context) {
	select {
	case l.leaving <- struct{}{}:
	case <-ctx.Done():
	}
}

// pay counts a response that was written, or could not be.
func (l *ledger) pay() {
	select {
	case <-l.leaving:
	default: // the request was answered on the wire loop
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.owed--
	close(l.paid)
	l.paid = make(chan struct{})
}
