package upstream_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
)

// sleeper is a Model on a machine that has slept for an hour once asleep is set.
func sleeper(t *testing.T, u *completiontest.Upstream) (model completion.Model, asleep *atomic.Bool) {
	c := testClient(t, u)
	asleep = &atomic.Bool{}
	c.SetClock(func() time.Time {
		if asleep.Load() {
			return time.Now().Add(time.Hour)
		}
		return time.Now()
	})
	e := at(u.URL)
	e.FirstByte = 10 * time.Second
	return modelFor(t, c, e), asleep
}

// An answer does not suffer from connections that died since the last one, and no
// retry is spent on them.
func TestDeadConnections(t *testing.T) {
	for name, fate := range map[string]completiontest.Fate{
		"FIN": completiontest.Finished, "RST": completiontest.Broken, "silent, after a sleep": completiontest.Swallowed,
	} {
		for protocol, newUpstream := range map[string]func(testing.TB) *completiontest.Upstream{
			"HTTP/1.1": completiontest.NewUpstream, "HTTP/2": completiontest.NewTLSUpstream,
		} {
			t.Run(name+", "+protocol, func(t *testing.T) {
				t.Parallel()
				u := newUpstream(t)
				model, asleep := sleeper(t, u)
				const streams = 4
				u.Script(completiontest.Pause("all"), completiontest.Answer("Hello"))
				var all sync.WaitGroup
				for range streams {
					all.Go(func() { completiontest.Collect(t, model.Stream(t.Context(), completiontest.Prompt())) })
				}
				for range streams { // all at once, so that each has a connection of its own
					u.WaitPaused("all")
				}
				for range streams {
					u.Resume("all")
				}
				all.Wait()
				u.Script(completiontest.Answer("Hello"))
				if kept := u.Doom(fate); protocol == "HTTP/1.1" && kept != streams {
					t.Fatalf("%d connections", kept)
				}
				asleep.Store(fate == completiontest.Swallowed)
				o := completiontest.Collect(t, model.Stream(t.Context(), completiontest.Prompt()))
				if o.Err != nil || o.Content != "Hello" {
					t.Errorf("got %q, %v", o.Content, o.Err)
				}
				if n := len(u.Requests()); n != streams+1 {
					t.Errorf("%d requests came through", n)
				}
			})
		}
	}
}

// While an answer is on a connection, that is not idle, and takes the next request
// over HTTP/2.
func TestDeadConnectionsInUse(t *testing.T) {
	for name, fate := range map[string]completiontest.Fate{"RST": completiontest.Broken, "silent, after a sleep": completiontest.Swallowed} {
		t.Run(name, func(t *testing.T) {
			u := completiontest.NewTLSUpstream(t)
			model, asleep := sleeper(t, u)
			u.Script(completiontest.Delta("Hel"), completiontest.Pause("asleep"))
			ctx, stop := context.WithCancel(t.Context())
			var first sync.WaitGroup
			first.Go(func() { completiontest.Collect(t, model.Stream(ctx, completiontest.Prompt())) }) // until it is stopped
			u.WaitPaused("asleep")
			u.Script(completiontest.Answer("Hello"))
			u.Doom(fate)
			asleep.Store(fate == completiontest.Swallowed)
			if o := completiontest.Collect(t, model.Stream(t.Context(), completiontest.Prompt())); o.Err != nil || o.Content != "Hello" {
				t.Errorf("got %q, %v", o.Content, o.Err)
			}
			stop()
			first.Wait()
			u.Resume("asleep")
		})
	}
}

// A fresh connection that breaks is an error: the request may have been read.
func TestFreshConnectionsAreNotTriedAgain(t *testing.T) {
	u := completiontest.NewUpstream(t)
	u.Scripts([]completiontest.Step{completiontest.Reset()}, []completiontest.Step{completiontest.Answer("Hello")})
	e := failing(t, testClient(t, u), at(u.URL))
	if n := len(u.Requests()); n != 1 || !e.Temporary {
		t.Errorf("%d requests, %+v", n, e)
	}
}

// A connection of an earlier request that breaks behind the first byte of the
// response has been heard: nothing is sent again.
func TestBrokenBehindTheFirstByte(t *testing.T) {
	u := completiontest.NewUpstream(t)
	u.Scripts(
		[]completiontest.Step{completiontest.Answer("Hello")},
		[]completiontest.Step{completiontest.Raw("HTTP/1.1 200 OK\r\nContent-Type: text/ev")},
		[]completiontest.Step{completiontest.Answer("Hello")},
	)
	model := testModel(t, u)
	if o := completiontest.Collect(t, model.Stream(t.Context(), completiontest.Prompt())); o.Err != nil {
		t.Fatal(o.Err)
	}
	o := completiontest.Collect(t, model.Stream(t.Context(), completiontest.Prompt()))
	if o.Err == nil || !strings.Contains(o.Err.Error(), "connection closed") || len(u.Requests()) != 2 {
		t.Errorf("%d requests, %v", len(u.Requests()), o.Err)
	}
}
