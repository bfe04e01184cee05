package answer

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

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

// What History hands out does not change, whatever is said later.
func TestHistoryIsImmutable(t *testing.T) {
	s := NewSession()
	a, _, err := run(t, s, job(1, says("one")))
	if err != nil {
		t.Fatal(err)
	}
	early, _ := s.History(a.Conversation)
	before := fmt.Sprint(early)
	for i := range 20 {
		j := job(uint64(2+i), says("more"))
		j.Conversation = a.Conversation
		late, _ := s.History(a.Conversation)
		_ = append(late, completion.Message{Content: "the caller's"})
		if _, _, err := run(t, s, j); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(early) != before {
		t.Errorf("it became %v", early)
	}
	late, known := s.History(a.Conversation)
	if len(late) != 42 || !known || late[2].Content != "turn 2" || late[3].Content != "more" || late[3].Role != completion.Assistant {
		t.Errorf("history: %v", late)
	}
}

func TestHistoryHoldsWhatWasAnswered(t *testing.T) {
	s := NewSession()
	failed := &completion.Error{Kind: completion.Server}
	a, _, err := run(t, s, job(1, func(_ context.Context, yield func(completion.Event, error) bool) { yield(completion.Event{}, failed) }))
	if err == nil {
		t.Fatal("no error")
	}
	if turns, known := s.History(a.Conversation); len(turns) != 0 || !known {
		t.Errorf("a failure left %v, %v", turns, known)
	}
	j := job(2, func(_ context.Context, yield func(completion.Event, error) bool) {
		_ = yield(delta("half"), nil) && yield(completion.Event{}, failed)
	})
	j.Conversation = a.Conversation
	if _, result, err := run(t, s, j); err != nil || result.Conversation != a.Conversation {
		t.Fatal(result, err)
	}
	if turns, _ := s.History(a.Conversation); len(turns) != 2 || turns[1].Content != "half" {
		t.Errorf("half an answer left %v", turns)
	}
	if _, known := s.History("other"); known {
		t.Error("a conversation that nobody began is known")
	}
}

func TestOldAnswersGo(t *testing.T) {
	s := NewSession()
	var all []*Answer
	for i := range keepAnswers + 50 {
		a, _, err := run(t, s, job(uint64(i+1), says("x")))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, a)
	}
	list := s.Answers("")
	if len(list) != keepAnswers || list[0].ID != all[len(all)-1].ID || list[keepAnswers-1].ID != all[50].ID {
		t.Errorf("%d are kept, %s to %s", len(list), list[0].ID, list[len(list)-1].ID)
	}
	if _, known := s.History(all[49].Conversation); known {
		t.Error("a conversation outlives its answers")
	}
	if _, known := s.History(all[50].Conversation); !known {
		t.Error("a conversation is gone before its answers")
	}
}

func TestBigAnswersGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSession()
		gate := make(chan struct{})
		ends := crowd(t, s, 1, 1, func(int) model { return gated(gate) }) // it runs through all of this
		big := strings.Repeat("x", keepBytes/2)
		for i := range 5 {
			if _, _, err := run(t, s, job(uint64(i+2), says(big))); err != nil {
				t.Fatal(err)
			}
		}
		list := s.Answers("")
		if len(list) != 2 || len(list[0].Text) != len(big) || !list[1].Running {
			t.Errorf("%d are kept", len(list))
		}
		if _, result, err := run(t, s, job(10, says(big+big))); err != nil || len(result.Text) != keepBytes {
			t.Error("an answer that is too big to keep is not returned")
		}
		if list := s.Answers(""); len(list) != 2 || len(list[0].Text) != keepBytes {
			t.Errorf("%d are kept; the newest always is", len(list))
		}
		close(gate)
		<-ends
		if len(s.conversations) != len(s.answers) {
			t.Errorf("%d conversations of %d answers", len(s.conversations), len(s.answers))
		}
	})
}

// A follow-up without a place is about the place of its conversation.
func TestFollowUpInheritsItsPlace(t *testing.T) {
	s := NewSession()
	j := job(1, says("one"))
	j.URI, j.Key, j.Range = "file:///a", "file:///a", &protocol.Range{}
	a, _, err := run(t, s, j)
	if err != nil {
		t.Fatal(err)
	}
	next := job(2, says("two"))
	next.Conversation = a.Conversation
	if b, _, err := run(t, s, next); err != nil || b.URI != "file:///a" || b.Range == nil || b.ID == a.ID {
		t.Errorf("got %+v, %v", b, err)
	}
	if list := s.Answers("file:///a"); len(list) != 2 || list[0].Text != "two" {
		t.Errorf("listed as %v", list)
	}
	if list := s.Answers("file:///b"); list == nil || len(list) != 0 {
		t.Errorf("another document has %v", list)
	}
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

// A follow-up that is asked while the answer before it is still running carries
// that one's question, and what there is of its text.
func TestHistoryHoldsWhatIsRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSession()
		gate := make(chan struct{})
		j := job(1, func(_ context.Context, yield func(completion.Event, error) bool) {
			yield(delta("half"), nil)
			<-gate
			yield(finished(completion.FinishStop), nil)
		})
		a, ctx, err := s.New(t.Context(), j)
		if err != nil {
			t.Fatal(err)
		}
		if turns, _ := s.History(a.ID); len(turns) != 1 || turns[0] != j.Turn {
			t.Errorf("before its turn there are %v", turns)
		}
		p := NewProgress(t.Context(), &fakeConn{}, nil)
		over := make(chan struct{})
		go func() {
			defer close(over)
			if _, err := s.Run(ctx, a, j, p); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		for range 2 { // while it runs, and once it is over
			if turns, _ := s.History(a.ID); len(turns) != 2 || turns[1].Content != "half" {
				t.Errorf("there are %v", turns)
			}
			if gate != nil {
				close(gate)
				gate = nil
				<-over
			}
		}
	})
}

// What is asked on and on takes no more than is remembered, and what is sent along
// is of documents that are known.
func TestConversationIsForgottenWithItsAnswers(t *testing.T) {
	s := NewSession()
	for n := range uint64(keepAnswers + 50) {
		j := job(n+1, says("said"))
		j.Conversation, j.URI = "c", uri.URI(fmt.Sprintf("file:///%d", n))
		if _, _, err := run(t, s, j); err != nil {
			t.Fatal(err)
		}
	}
	turns, ok := s.History("c")
	if !ok || len(turns) != 2*keepAnswers || turns[0].Content != "turn 51" || len(s.Documents("c")) != keepAnswers {
		t.Errorf("%d turns from %q, %d documents", len(turns), turns[0].Content, len(s.Documents("c")))
	}
}
