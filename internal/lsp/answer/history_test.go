package answer

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
)

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
		if _, result, err := run(t, s, job(10, says(big+"x"))); err != nil || len(result.Text) != len(big)+1 {
			t.Error("an answer that is too big to keep with another one is not returned")
		}
		if list := s.Answers(""); len(list) != 2 || len(list[0].Text) != len(big)+1 {
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
