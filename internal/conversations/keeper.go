package conversations

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/llmls/llmls/internal/state"
)

// flushInterval is how far a file may be behind its answer: half of what is
// promised.
const flushInterval = 500 * time.Millisecond

// A Growing is a turn as it is now.
type Growing struct {
	New      bool     // the conversation has no file yet, so none is looked for
	Question Question // read once, when there is a text
	Answer   Answer   // Text is all that has arrived
	Thought  int      // bytes of Text that turned out to be thinking
	Done     bool     // Text is whole, and Answer says how it ended
}

// A Keeper writes turns while they grow, on a goroutine of its own: an answer waits
// for no disk. Its methods may be called from any goroutine.
type Keeper struct {
	Store *Store
	// Start runs a function in the background. Once its context is done, the function
	// writes what is not written yet and returns.
	Start func(func(context.Context))
	// Patience is how long the last turns wait, once that context is done, for another
	// process that writes in their conversation. Then each is kept as a conversation
	// of its own, and Apart is told the ids of both.
	Patience time.Duration
	Apart    func(from, to string)
	// Failed is called, once for each turn, with the reason why it could not be written.
	Failed func(error)

	writing sync.Mutex // held while files are written
	ended   time.Time  // when the context was found done; guarded by writing
	mu      sync.Mutex
	open    []*kept
	running bool
	wake    chan struct{}
}

type kept struct {
	id     string
	now    func() Growing
	writer *Writer
}

// maxOpen is how many turns may wait for a disk, with all that they hold: more than
// grow at once.
const maxOpen = 200

var errBehind = errors.New("200 answers wait for the disk already")

// Keep writes a turn of the conversation id until it is done; now returns the turn as it
// is at that moment. It also removes conversations that are older than days, as
// Store.Sweep does. If too many turns wait already, this one is not kept.
func (k *Keeper) Keep(id string, days int, now func() Growing) {
	switch k.add(&kept{id: id, now: now}) {
	case full:
		k.Failed(errBehind)
		return
	case added:
		return
	}
	k.Start(func(ctx context.Context) {
		ended := false
		defer func() {
			if !ended { // a panic
				k.mu.Lock()
				defer k.mu.Unlock()
				k.running = false
			}
		}()
		k.run(ctx)
		ended = true // and another may run already
		k.Store.Sweep(days)
	})
}

type place uint8

const (
	first place = iota // and nothing writes it yet
	added
	full
)

func (k *Keeper) add(t *kept) place {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.open) >= maxOpen {
		return full
	}
	k.open = append(k.open, t)
	if k.running {
		return added
	}
	k.running = true
	if k.wake == nil {
		k.wake = make(chan struct{}, 1)
	}
	return first
}

// Drop stops writing the turns whose conversation matches. It waits for a write that is
// under way.
func (k *Keeper) Drop(match func(id string) bool) {
	k.writing.Lock()
	defer k.writing.Unlock()
	k.mu.Lock()
	defer k.mu.Unlock()
	k.open = slices.DeleteFunc(k.open, func(t *kept) bool {
		gone := match(t.id)
		if gone && t.writer != nil {
			_ = t.writer.Close() // what it has not written is to be lost
		}
		return gone
	})
}

// Wake has all turns written soon, and does not wait for that.
func (k *Keeper) Wake() {
	k.mu.Lock()
	defer k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default: // none was kept yet, or it is awake
	}
}

func (k *Keeper) run(ctx context.Context) {
	tick := time.NewTicker(flushInterval)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-tick.C:
		case <-k.wake:
		case <-ctx.Done():
		}
		if k.flushAll(ctx) {
			return
		}
	}
	again := time.NewTicker(lockInterval)
	defer again.Stop()
	for !k.flushAll(ctx) {
		<-again.C
	}
}

// lockInterval is the time between two attempts at a conversation that another process
// is writing in.
const lockInterval = 20 * time.Millisecond

// flushAll writes what is new of all turns. It reports whether none is left to write.
func (k *Keeper) flushAll(ctx context.Context) bool {
	k.writing.Lock()
	defer k.writing.Unlock()
	k.mu.Lock()
	open := slices.Clone(k.open)
	k.mu.Unlock()
	var over []*kept
	for _, t := range open {
		if k.flush(ctx, t) {
			over = append(over, t)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.open = slices.DeleteFunc(k.open, func(t *kept) bool { return slices.Contains(over, t) })
	ends := len(k.open) == 0
	k.running = !ends
	return ends
}

// flush writes what is new of t, and all of it once ctx is done. Patience after that, a
// turn whose conversation is locked goes into a conversation of its own. It reports
// whether nothing more of t is to be written.
func (k *Keeper) flush(ctx context.Context, t *kept) bool {
	last := ctx.Err() != nil
	if last && k.ended.IsZero() {
		k.ended = time.Now()
	}
	g := t.now()
	if g.Answer.Text == "" {
		return g.Done || last
	}
	if t.writer == nil {
		t.writer = k.Store.Begin(t.id, g.Question, g.Answer)
		if g.New {
			t.writer.name = record(t.writer.question.Time.Local(), t.id)
		}
	}
	var err error
	if g.Done || last {
		err = t.writer.End(g.Answer.Text, g.Thought, g.Answer.Finish, g.Answer.Model, g.Answer.Footer)
	} else {
		err = t.writer.Grow(g.Answer.Text, g.Thought)
	}
	if errors.Is(err, state.ErrLocked) {
		if !last || time.Since(k.ended) < k.Patience {
			return false
		}
		err = k.apart(t.id, &g)
	}
	if err != nil {
		_ = t.writer.Close() // it is given up
		k.Failed(err)
		return true
	}
	return g.Done || last
}

// apart keeps a turn as a conversation of its own, which says what it goes on from.
func (k *Keeper) apart(from string, g *Growing) error {
	to, q := rand.Text()[:6]+"-1", g.Question
	title := &q.Title
	if q.Shown != "" {
		title = &q.Shown
	}
	*title += " (goes on from " + from + ")"
	w := k.Store.Begin(to, q, g.Answer)
	w.name = record(w.question.Time.Local(), to)
	if err := w.End(g.Answer.Text, g.Thought, g.Answer.Finish, g.Answer.Model, g.Answer.Footer); err != nil {
		return errors.Join(err, w.Close())
	}
	k.Apart(from, to)
	return nil
}
