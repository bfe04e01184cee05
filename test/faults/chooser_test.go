//go:build linux

package faults

import (
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// elsewhere is a base URL that leads to u, but to an origin that llmls does not
// take for this machine, and so uses with the user's consent alone.
func elsewhere(u *completiontest.Upstream) string {
	return strings.Replace(u.URL, "127.0.0.1", "0.0.0.0", 1)
}

func originOf(baseURL string) string { return strings.TrimSuffix(baseURL, "/v1") }

// An evil listener is where nothing may ever arrive.
type evil struct {
	origin string

	mu   sync.Mutex
	seen []string
}

func newEvil(t *testing.T) *evil {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &evil{origin: "http://" + strings.Replace(listener.Addr().String(), "127.0.0.1", "0.0.0.0", 1)}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			buffer := make([]byte, 4096)
			_ = conn.SetReadDeadline(time.Now().Add(time.Second)) // what was sent, it is there by then
			n, _ := conn.Read(buffer)
			conn.Close()
			e.mu.Lock()
			e.seen = append(e.seen, string(buffer[:n]))
			e.mu.Unlock()
		}
	})
	t.Cleanup(func() { // after llmls has ended
		listener.Close()
		serving.Wait()
		if len(e.seen) > 0 {
			t.Errorf("%d connections to the evil listener: %q", len(e.seen), e.seen)
		}
	})
	return e
}

// A chooser plays a person who is asked for consent.
type chooser struct {
	mu     sync.Mutex
	says   any // the reply
	asked  []string
	opened chan struct{}
	answer chan any // if not nil, the reply is awaited from here
}

func newChooser(says any) *chooser { return &chooser{says: says, opened: make(chan struct{}, 100)} }

// waiting is a chooser who takes time: what is sent to answer is the reply.
func waiting(t *testing.T) *chooser {
	c := newChooser(nil)
	c.answer = make(chan any)
	t.Cleanup(func() { close(c.answer) })
	return c
}

func (c *chooser) reply(m message) any {
	if m.Method != "window/showMessageRequest" {
		return nil
	}
	c.mu.Lock()
	c.asked = append(c.asked, string(m.Params))
	says := c.says
	c.mu.Unlock()
	c.opened <- struct{}{}
	if c.answer != nil {
		return <-c.answer
	}
	return says
}

func (c *chooser) questions() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.asked...)
}

func (c *chooser) nowSays(says any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.says = says
}

// named starts a server whose editor names baseURL.
func named(t *testing.T, h *process.Home, baseURL string) *server {
	t.Helper()
	s := start(t, h)
	_, err := s.Initialize(s.Context(), map[string]any{
		"processId": nil, "capabilities": map[string]any{"window": map[string]any{"workDoneProgress": true}},
		"initializationOptions": map[string]any{"baseUrl": baseURL},
	})
	s.Must(err)
	s.Open(uri, "python", document)
	return s
}

// account is a home whose own settings lead to OpenAI, which no test reaches,
// and where c is asked.
func account(t *testing.T, c *chooser) *process.Home {
	t.Helper()
	h := llmls.Home(t, "", calm)
	h.Unset("OPENAI_BASE_URL")
	h.Reply = c.reply
	return h
}

// refused fails the test unless err says that there is no consent to origin.
func (s *server) refused(err error, origin string) {
	s.t.Helper()
	kind, sentence, code := failure(s.t, err)
	if code != -32803 || kind != "config" || !strings.Contains(sentence, "llmls trust "+origin+" ") {
		s.t.Errorf("failed with %d, %s, %q", code, kind, sentence)
	}
}

// answered fails the test unless an answer comes from u, with the key.
func (s *server) answered(u *completiontest.Upstream, key string) {
	s.t.Helper()
	before := len(u.Requests())
	r, err := s.explain("answered")
	if err != nil || r.Text != "Hello" {
		s.t.Errorf("got %+v, %v", r, err)
	}
	requests := u.Requests()
	if len(requests) != before+1 {
		s.t.Fatalf("%d requests", len(requests)-before)
	}
	if got := strings.TrimPrefix(requests[before].Header.Get("Authorization"), "Bearer "); got != key {
		s.t.Errorf("the key that arrived is %q, want %q", got, key)
	}
}
