package answer

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.lsp.dev/protocol"

	"github.com/llmls/llmls/internal/completion"
)

// An end is what Run returned.
type end struct{ err error }

// crowd starts n answers with orders from first, in any order, and returns
// what they end with.
func crowd(t *testing.T, s *Session, first, n int, m func(order int) model) chan end {
	ends := make(chan end, n)
	for _, i := range rand.Perm(n) {
		j := job(uint64(first+i), m(first+i))
		a, ctx, err := s.New(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		p := NewProgress(t.Context(), &fakeConn{}, nil)
		go func() {
			_, err := s.Run(ctx, a, j, p)
			ends <- end{err}
		}()
	}
	return ends
}

func TestTurnsGoByTheOrderOfTheCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSession()
		first, next := make(chan struct{}), make(chan struct{})
		running := crowd(t, s, 1, maxRunning, func(int) model { return gated(first) })
		synctest.Wait()
		const more = 200
		var mu sync.Mutex
		var order []int
		waiting := crowd(t, s, maxRunning+1, more, func(n int) model {
			return func(ctx context.Context, yield func(completion.Event, error) bool) {
				mu.Lock()
				order = append(order, n)
				mu.Unlock()
				gated(next)(ctx, yield)
			}
		})
		synctest.Wait()
		if len(order) > 0 {
			t.Fatalf("%d run beside %d", len(order), maxRunning)
		}
		close(first)
		for range maxRunning {
			<-running
		}
		synctest.Wait()
		if len(order) != maxRunning {
			t.Errorf("%d run", len(order))
		}
		slices.Sort(order) // these got their turns at one moment
		for range more - maxRunning {
			next <- struct{}{} // one ends, one begins
			synctest.Wait()
		}
		close(next)
		for range more {
			if end := <-waiting; end.err != nil {
				t.Error(end.err)
			}
		}
		if !slices.IsSorted(order) || len(order) != more {
			t.Errorf("%d began in the order %v", len(order), order)
		}
	})
}

func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSession()
		gate := make(chan struct{})
		ends := crowd(t, s, 1, maxRunning+maxWaiting, func(int) model { return gated(gate) })
		one := job(5000, gated(gate)) // it may get its turn while the others are stopped
		_, _, err := s.New(t.Context(), one)
		if failed := completion.AsError(err); failed == nil || failed.Kind != completion.Busy {
			t.Errorf("one too many: %v", err)
		}
		gate <- struct{}{}
		<-ends
		a, ctx, err := s.New(t.Context(), one)
		if err != nil {
			t.Errorf("one has ended: %v", err)
		}
		p := NewProgress(t.Context(), &fakeConn{}, nil)
		go func() {
			_, err := s.Run(ctx, a, one, p)
			ends <- end{err}
		}()
		s.Stop("", 5000)
		for range maxRunning + maxWaiting {
			if end := <-ends; end.err == nil {
				t.Error("an answer that was stopped has no error")
			}
		}
		// Nothing keeps a place.
		close(gate)
		ends = crowd(t, s, 6000, maxRunning, func(int) model { return gated(gate) })
		for range maxRunning {
			if end := <-ends; end.err != nil {
				t.Error(end.err)
			}
		}
		if s.queue.free != maxRunning || len(s.queue.waiting) != 0 {
			t.Errorf("%d are free, %d wait", s.queue.free, len(s.queue.waiting))
		}
	})
}

func TestWaitingIsShownAndCanBeStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSession()
		gate := make(chan struct{})
		ends := crowd(t, s, 1, maxRunning, func(int) model { return gated(gate) })
		var conns [2]*fakeConn
		var errs [2]error
		var all sync.WaitGroup
		for i := range conns {
			conns[i] = &fakeConn{}
			j := job(uint64(100+i), gated(gate))
			a, ctx, err := s.New(t.Context(), j)
			if err != nil {
				t.Fatal(err)
			}
			p := NewProgress(t.Context(), conns[i], nil)
			token := protocol.Integer(i)
			s.Watch(token, a)
			p.Begin(token, "T")
			all.Go(func() { _, errs[i] = s.Run(ctx, a, j, p) })
		}
		synctest.Wait()
		s.CancelToken(protocol.Integer(0), 200)
		synctest.Wait()
		gate <- struct{}{}
		<-ends
		synctest.Wait() // the other one has its turn
		if work := conns[0].work(); len(work) != 3 || !strings.Contains(work[1], "waiting: 64 answers are running") || !strings.HasPrefix(work[2], "end: ") {
			t.Errorf("the stopped one showed %q", work)
		}
		if work := conns[1].work(); len(work) != 3 || work[2] == work[1] || strings.Contains(work[2], "waiting") {
			t.Errorf("the other one showed %q", work)
		}
		close(gate)
		all.Wait()
		if !errors.Is(errs[0], ErrStopped) || errs[1] != nil {
			t.Errorf("ended with %v", errs)
		}
		for range maxRunning - 1 {
			<-ends
		}
	})
}

// A stop is for what came before it on the wire, whether it has begun or not.
func TestStopsInTheOrderOfTheWire(t *testing.T) {
	for name, stop := range map[string]func(s *Session){
		"all": func(s *Session) { s.Stop("", 5) },
		"token": func(s *Session) {
			for order := range 10 { // tokens are used again
				s.CancelToken(protocol.Integer(order), 5)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewSession()
			var orders []uint64
			var running []context.Context
			begin := func(order uint64) {
				a, ctx, err := s.New(t.Context(), job(order, nil))
				if err != nil {
					t.Fatal(err)
				}
				s.Watch(protocol.Integer(order), a)
				orders, running = append(orders, order), append(running, ctx)
			}
			begin(3)
			stop(s)
			begin(7)
			begin(4) // came late
			for i, ctx := range running {
				order := orders[i]
				if stopped := errors.Is(context.Cause(ctx), ErrStopped); stopped != (order < 5) {
					t.Errorf("the command %d is stopped: %v", order, stopped)
				}
			}
		})
	}
}

func TestStrayTokensAreBounded(t *testing.T) {
	s := NewSession()
	for i := range 10 * keepTokens {
		s.CancelToken(protocol.Integer(i), 1)
	}
	if n := len(s.stopped.tokens); n > keepTokens {
		t.Errorf("%d are remembered", n)
	}
}

func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSession()
		ends := crowd(t, s, 1, 3, func(int) model { return gated(nil) })
		synctest.Wait()
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		for range 3 {
			if end := <-ends; !errors.Is(end.err, ErrShutdown) {
				t.Errorf("ended with %v", end.err)
			}
		}
		if _, _, err := run(t, s, job(9, gated(nil))); !errors.Is(err, ErrShutdown) {
			t.Errorf("one that came late: %v", err)
		}
	})
}

// A model that cannot be stopped is not waited for longer than the caller has.
func TestShutdownWithoutPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSession()
		gate := make(chan struct{})
		ends := crowd(t, s, 1, 1, func(int) model {
			return func(_ context.Context, yield func(completion.Event, error) bool) {
				<-gate
				yield(delta("x"), nil)
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err == nil {
			t.Error("no error")
		}
		close(gate)
		<-ends
	})
}
