//go:build linux

package faults

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// An answerOf is the part of a result that names the endpoint that answered.
type answerOf struct{ Text, FinishReason, Endpoint, Model, Message string }

// explained asks with a token for the text, and one for work-done progress.
func (s *several) explained(e *server, more ...any) (answerOf, error) {
	var r answerOf
	params := lsptest.Command("llmls.explain", place(append(more, "partialResultToken", "t")...))
	params["workDoneToken"] = "w"
	err := e.Call(e.Context(), "workspace/executeCommand", params, &r)
	return r, err
}

// An endpoint that fails before any text makes way for the next one, which is
// asked with its own key, header fields and model; the answer says so.
func TestFallback(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]steps{
		"an error of the server": {completiontest.Error(500, "server_error", "oops")},
		"overload":               {completiontest.Error(503, "overloaded", "busy")},
		"too many requests":      {completiontest.Status(429, "Retry-After", "120"), completiontest.Send(`{"error":"slow down"}`)},
		"a broken connection":    {completiontest.Reset()},
		"a closed connection":    {completiontest.Raw("")},
		"silence":                {completiontest.Pause("never")},
		"silence behind the header": {
			completiontest.Send(""), completiontest.Stall(),
		},
		"an error in the stream": {completiontest.Event(`{"error":{"message":"upstream died","code":500}}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSeveral(t, "endpoint = 'work'\nfallback = ['work', 'local', 'local', 'default']\ntimeouts.firstByte = 0.3\ntimeouts.idle = 0.2\n")
			s.servers["work"].Script(script...)
			e := start(t, s.Home).ready()
			r, err := s.explained(e)
			e.Must(err)
			if r.Text != "from local" || r.FinishReason != "stop" || r.Endpoint != "local" || r.Model != "scripted" || !strings.HasPrefix(r.Message, "local answered instead of work, which failed") {
				t.Errorf("got %+v", r)
			}
			e.Await("the progress", func(m message) bool {
				return strings.Contains(string(m.Params), "Asking local: "+hostOf(s.servers["work"].URL)+" failed")
			})
			e.Await("the end of the progress", func(m message) bool {
				return strings.Contains(string(m.Params), `"end"`) && strings.Contains(string(m.Params), "local answered instead of work, which failed")
			})
			counts := map[string]int{"work": 1}
			s.asked(name, "local", "top-model", counts)
			c := s.Run(t, "ask", "why?")
			c.Exits(0)
			c.Prints("from local")
			c.Says("local answered instead of work")
			counts["work"]++
			s.asked("the command line", "local", "top-model", counts)
			s.Run(t, "check").Exits(1)
			if n := len(s.servers["local"].Requests()); n != counts["local"] {
				t.Error("a check of one endpoint asked another")
			}
		})
	}
}

// The answer file of an editor without a plugin says so too, below the answer.
func TestFallbackInTheAnswerFile(t *testing.T) {
	t.Parallel()
	s := newSeveral(t, "endpoint = 'work'\nfallback = ['local']\n")
	s.servers["work"].Script(completiontest.Error(500, "server_error", "out of memory"))
	file := newReader(t, s.Home)
	e := start(t, s.Home)
	e.Initialized(readerCapabilities)
	e.Open(uri, "python", document)
	_ = e.Command("llmls.explain", place(), nil)
	file.shows("from local\n\n*local answered instead of work, which failed (HTTP 500: out of memory).")
}

// What is the person's to mend, and what broke after the first word, is asked of
// nobody else.
func TestNoFallback(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script steps
		text   string
	}{
		"a wrong key":       {script: steps{completiontest.Error(401, "auth", "no")}},
		"a wrong model":     {script: steps{completiontest.Error(404, "not_found", "no such model")}},
		"a bad request":     {script: steps{completiontest.Error(400, "bad", "temperature")}},
		"after the first":   {script: steps{completiontest.Delta("Half"), completiontest.Pause("read"), completiontest.Reset()}, text: "Half"},
		"an error behind":   {script: steps{completiontest.Delta("Half"), completiontest.Event(`{"error":{"message":"died","code":500}}`)}, text: "Half"},
		"after a thought":   {script: steps{completiontest.Reasoning("Hm."), completiontest.Event(`{"error":{"message":"died","code":500}}`)}},
		"an order to go on": {script: steps{completiontest.Status(307, "Location", "https://evil.example/v1")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSeveral(t, "endpoint = 'work'\nfallback = ['local', 'default']\n")
			s.servers["work"].Script(test.script...)
			s.servers["work"].Resume("read")
			r, err := s.explained(start(t, s.Home).ready())
			if r.Text != test.text || (err == nil) != (test.text != "") || err == nil && (r.Endpoint != "work" || r.FinishReason != "incomplete") {
				t.Errorf("got %+v, %v", r, err)
			}
			s.asked(name, "work", "work-model", map[string]int{})
		})
	}
}

// If all fail, the error is that of the endpoint that was asked for, and says what
// came of the others. An endpoint without a usable key is passed by.
func TestFallbackFails(t *testing.T) {
	t.Parallel()
	s := newSeveral(t, "endpoint = 'work'\nfallback = ['local', 'default']\n")
	s.servers["work"].Script(completiontest.Error(503, "overloaded", "busy"))
	s.servers["local"].Script(completiontest.Error(401, "auth", "refused "+localKey))
	s.servers["default"].Script(completiontest.Error(500, "oops", "lost"))
	e := start(t, s.Home).ready()
	_, err := s.explained(e)
	kind, sentence, _ := failure(t, err)
	if kind != "server" || !strings.Contains(sentence, hostOf(s.servers["work"].URL)+" is overloaded") ||
		!strings.Contains(sentence, "local was asked instead, and failed too (HTTP 401") || !strings.Contains(sentence, "default was asked instead") || strings.Contains(sentence, localKey) {
		t.Errorf("failed with %s, %q", kind, sentence)
	}
	s.servers["default"].Script(completiontest.Answer("from default"))
	r, err := s.explained(e)
	if err != nil || r.Endpoint != "default" || r.Text != "from default" {
		t.Errorf("got %+v, %v", r, err)
	}
	r, err = s.explained(e, "endpoint", "local", "model", "mine")
	if err == nil {
		t.Errorf("with a wrong key: %+v", r)
	}
}

// Whoever stops an answer stops it at whichever endpoint is asked, and no further
// one is.
func TestCancelInFallback(t *testing.T) {
	t.Parallel()
	for _, silent := range []string{"work", "local"} {
		t.Run(silent, func(t *testing.T) {
			t.Parallel()
			s := newSeveral(t, "endpoint = 'work'\nfallback = ['local', 'default']\n")
			s.servers["work"].Script(completiontest.Error(500, "oops", "lost"))
			s.servers[silent].Script(completiontest.Pause("never"))
			e := start(t, s.Home).ready()
			pending := e.StartCommand("llmls.explain", place("partialResultToken", "t"))
			r := s.servers[silent].Next()
			e.Must(pending.Cancel())
			if _, _, code := failure(t, pending.Wait(e.Context(), nil)); code != -32800 {
				t.Errorf("code %d", code)
			}
			r.WaitDone(t)
			for _, name := range names {
				if want := name == "work" || name == silent; (len(s.servers[name].Requests()) > 0) != want {
					t.Errorf("%s got %d requests", name, len(s.servers[name].Requests()))
				}
			}
		})
	}
}
