//go:build linux

package faults

import (
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/test/process"
)

var (
	yes = map[string]any{"title": completion.ConsentYes}
	no  = map[string]any{"title": completion.ConsentNo}
)

// Consent is asked for once, names what is agreed to, is remembered by the next
// server, and ends when it is taken back, at once.
func TestConsent(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	c := newChooser(yes)
	h := account(t, c)
	origin := originOf(elsewhere(u))

	s := named(t, h, elsewhere(u))
	s.answered(u, process.Key)
	s.answered(u, process.Key)
	if asked := c.questions(); len(asked) != 1 || !strings.Contains(asked[0], origin) || !strings.Contains(asked[0], "OPENAI_API_KEY") || !strings.Contains(asked[0], "Only the editor") {
		t.Fatalf("asked %q", asked)
	}

	again := named(t, h, elsewhere(u))
	again.answered(u, process.Key)
	if n := len(c.questions()); n != 1 {
		t.Errorf("asked %d times", n)
	}

	list := h.Run(t, "trust", "--list")
	list.Exits(0)
	if text := list.Stdout.String(); !strings.Contains(text, origin) || !strings.Contains(text, "OPENAI_API_KEY") {
		t.Errorf("listed %q", text)
	}
	h.Run(t, "trust", "--revoke", elsewhere(u)).Exits(0)
	h.Run(t, "trust", "--revoke", origin).Exits(1)
	c.nowSays(no)
	_, err := again.explain("revoked")
	again.refused(err, origin)
	if n := len(u.Requests()); n != 3 {
		t.Errorf("%d requests", n)
	}
	if n := len(c.questions()); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

// Without a yes nothing happens, not even a connection. A no is kept, anything
// else is asked again; what a terminal says counts at once.
func TestNoConsent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		says  any
		asked int // for three commands
	}{
		"no":           {no, 1},
		"dismissed":    {nil, 3},
		"cannot ask":   {&editor.Error{Code: -32601, Message: "no such method"}, 3},
		"odd button":   {map[string]any{"title": "Maybe"}, 3},
		"odd reply":    {"Send it there", 3},
		"odd reply, 2": {[]any{yes}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, u := newEvil(t), completiontest.NewUpstream(t)
			c := newChooser(test.says)
			h := account(t, c)
			s := named(t, h, e.origin)
			for range 3 {
				_, err := s.explain(name)
				s.refused(err, e.origin)
			}
			if n := len(c.questions()); n != test.asked {
				t.Errorf("asked %d times, want %d", n, test.asked)
			}
			// In the background a person is told.
			s.Must(s.Command("llmls.explain", place(), nil))
			s.Await("the refusal", func(m message) bool {
				return m.Method == "window/showMessage" && strings.Contains(string(m.Params), "llmls trust")
			})

			s = named(t, h, elsewhere(u))
			_, err := s.explain(name)
			s.refused(err, originOf(elsewhere(u)))
			h.Run(t, "trust", elsewhere(u)).Exits(0)
			s.answered(u, process.Key)
		})
	}
}

// While a question is open nothing is sent, the answer can be stopped, and its
// progress says what it waits for.
func TestConsentIsOpen(t *testing.T) {
	t.Parallel()
	e := newEvil(t)
	c := waiting(t)
	s := named(t, account(t, c), e.origin)
	params := lsptest.Command("llmls.explain", place("partialResultToken", "t"))
	params["workDoneToken"] = "w"
	pending, err := s.Start("workspace/executeCommand", params)
	s.Must(err)
	s.Await("progress", func(m message) bool {
		return m.Method == "$/progress" && strings.Contains(string(m.Params), "waiting for you") && strings.Contains(string(m.Params), e.origin)
	})
	<-c.opened
	s.stillWorks()
	s.Must(pending.Cancel())
	if _, _, code := failure(t, pending.Wait(s.Context(), nil)); code != -32800 {
		t.Errorf("code %d", code)
	}
	other := s.StartCommand("llmls.explain", place("partialResultToken", "u"))
	s.Must(s.Call(s.Context(), "shutdown", nil, nil))
	if other.Wait(s.Context(), nil) == nil {
		t.Error("an answer without consent")
	}
	if n := len(c.questions()); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// Many answers wait for one question, and all go on.
func TestManyAnswersOneQuestion(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	c := waiting(t)
	s := named(t, account(t, c), elsewhere(u))
	var all []*editor.Pending
	for range 10 {
		all = append(all, s.StartCommand("llmls.explain", place("partialResultToken", "t")))
	}
	for n := 0; n < len(all); { // each of them waits
		s.Await("progress", func(m message) bool { return strings.Contains(string(m.Params), "waiting for you") })
		n++
	}
	if n := len(u.Requests()); n != 0 {
		t.Errorf("%d requests before the answer", n)
	}
	c.answer <- yes
	for _, pending := range all {
		var r result
		if err := pending.Wait(s.Context(), &r); err != nil || r.Text != "Hello" {
			t.Errorf("got %+v, %v", r, err)
		}
	}
	if n := len(c.questions()); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

// Consent to one origin is not consent to another that the settings name by
// then.
func TestConsentIsForWhatWasAsked(t *testing.T) {
	t.Parallel()
	u, e := completiontest.NewUpstream(t), newEvil(t)
	c := waiting(t)
	s := named(t, account(t, c), elsewhere(u))
	pending := s.StartCommand("llmls.explain", place("partialResultToken", "t"))
	<-c.opened
	s.Must(s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"llmls": map[string]any{"baseUrl": e.origin}}}))
	s.stillWorks() // and so has the new settings
	c.answer <- yes
	var r result
	s.Must(pending.Wait(s.Context(), &r))
	if len(u.Requests()) != 1 {
		t.Errorf("%d requests to what was agreed to", len(u.Requests()))
	}
	next := s.StartCommand("llmls.explain", place("partialResultToken", "t"))
	c.answer <- nil
	s.refused(next.Wait(s.Context(), nil), e.origin)
}

// With a key from elsewhere it is another question. Without any, nothing more
// goes out than was agreed to.
func TestConsentIsForOneKey(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	c := newChooser(yes)
	h := account(t, c)
	named(t, h, elsewhere(u)).answered(u, process.Key)
	h.Unset("OPENAI_API_KEY")
	named(t, h, elsewhere(u)).answered(u, "")
	if n := len(c.questions()); n != 1 {
		t.Fatalf("asked %d times", n)
	}
	for i, key := range []string{"sk-one", "sk-two"} { // of one program, but another command
		h.Configure(t, calm+`apiKeyCommand = ["/bin/echo", "`+key+`"]`)
		c.nowSays(nil)
		s := named(t, h, elsewhere(u))
		_, err := s.explain("t")
		s.refused(err, originOf(elsewhere(u)))
		c.nowSays(yes)
		s.answered(u, key)
		if asked := c.questions(); len(asked) != 3+2*i || !strings.Contains(asked[len(asked)-1], "apiKeyCommand (/bin/echo)") {
			t.Fatalf("asked %q", asked)
		}
	}
}

// A server on this machine that only the editor names is used at once, but gets
// the key only if the user said so.
func TestConsentOnThisMachine(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	c := newChooser(yes)
	h := account(t, c)
	s := named(t, h, u.URL)
	s.answered(u, "")
	h.Run(t, "trust", u.URL).Exits(0)
	s.answered(u, process.Key)
	h.Run(t, "trust", "--revoke", u.URL).Exits(0)
	s.answered(u, "")
	if n := len(c.questions()); n != 0 {
		t.Errorf("asked %d times", n)
	}
}

// Consent that is taken back between two attempts holds for the first alone; so
// does a stored key that is removed. An attempt that is made again at once,
// because the endpoint refused a field of it, is none of the first either.
func TestConsentIsForEachAttempt(t *testing.T) {
	t.Parallel()
	refusal := completiontest.Error(400, "invalid_request_error", "Unknown parameter: 'stream_options'")
	for name, test := range map[string]struct {
		give, take []string
		first      steps // the response to the first attempt, after it was taken back
		trusted    bool  // the user's own settings name the endpoint
	}{
		"agreed":                     {[]string{"trust"}, []string{"trust", "--revoke"}, steps{completiontest.Status(503)}, false},
		"a key is stored":            {[]string{"login", "--file"}, []string{"logout"}, steps{completiontest.Status(503)}, false},
		"agreed, a field is refused": {[]string{"trust"}, []string{"trust", "--revoke"}, steps{refusal}, false},
		"stored, a field is refused": {[]string{"login", "--file"}, []string{"logout"}, steps{refusal}, false},
		"stored for one's own":       {[]string{"login", "--file"}, []string{"logout"}, steps{refusal}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			u.Script(append(steps{completiontest.Pause("first")}, test.first...)...)
			h := account(t, newChooser(no))
			h.Configure(t, "retries = 5\n")
			baseURL := elsewhere(u)
			if test.trusted {
				baseURL = u.URL
				h.Unset("OPENAI_API_KEY")
				h.Env = append(h.Env, "OPENAI_BASE_URL="+baseURL)
			}
			give := h.Start(t, append(test.give, baseURL)...)
			if _, err := give.Stdin.Write([]byte(storedKey + "\n")); err != nil && test.give[0] == "login" { // trust reads nothing
				t.Fatal(err)
			}
			_ = give.Stdin.Close() // likewise
			give.EndsWithin(process.Patience)
			give.Exits(0)
			s := named(t, h, baseURL)
			pending := s.StartCommand("llmls.explain", place("partialResultToken", "t"))
			u.WaitPaused("first")
			h.Run(t, append(test.take, baseURL)...).Exits(0)
			u.Resume("first")
			err := pending.Wait(s.Context(), nil)
			if test.trusted {
				if kind, sentence, _ := failure(t, err); kind != "config" || !strings.Contains(sentence, "removed meanwhile") {
					t.Errorf("failed with %s, %q", kind, sentence)
				}
			} else {
				s.refused(err, originOf(baseURL))
			}
			if n := len(u.Requests()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// A dry run asks nobody, and says that somebody would be asked.
func TestConsentInADryRun(t *testing.T) {
	t.Parallel()
	e := newEvil(t)
	c := newChooser(yes)
	s := named(t, account(t, c), e.origin)
	var dry struct{ URL, KeySource string }
	s.Must(s.Command("llmls.explain", place("dryRun", true), &dry))
	if !strings.HasPrefix(dry.URL, e.origin) || !strings.HasPrefix(dry.KeySource, "OPENAI_API_KEY, once you agreed") || len(c.questions()) != 0 {
		t.Errorf("got %+v, asked %q", dry, c.questions())
	}
}

// What cannot be written down holds for the session, with one warning.
func TestConsentWithoutAHome(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	c := newChooser(yes)
	h := account(t, c)
	h.Unset("XDG_STATE_HOME")
	h.Env = append(h.Env, "XDG_STATE_HOME="+filepath.Join("/proc", "llmls"))
	s := named(t, h, elsewhere(u))
	s.answered(u, process.Key)
	s.answered(u, process.Key)
	warnings := 0
	for _, m := range s.Seen() {
		if m.Method == "window/showMessage" && strings.Contains(string(m.Params), "remembered only") {
			warnings++
		}
	}
	if n := len(c.questions()); n != 1 || warnings != 1 {
		t.Errorf("asked %d times, warned %d times", n, warnings)
	}
}

// A record that was copied to another origin's name, or that is none, is no
// consent.
func TestForgedConsent(t *testing.T) {
	t.Parallel()
	e := newEvil(t)
	for _, record := range []string{`{"origin":"https://other.example","keySource":"OPENAI_API_KEY"}`, `{}`, `[]`, ``, `null`, `{"origin":1}`} {
		c := newChooser(nil)
		h := account(t, c)
		h.Write(t, "state/llmls/trust/"+url.QueryEscape(e.origin), record)
		s := named(t, h, e.origin)
		_, err := s.explain("t")
		s.refused(err, e.origin)
	}
}
