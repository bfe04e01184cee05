//go:build linux

package faults

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

// An editor without a plugin has one action for another endpoint: the person
// chooses which, and it answers this one question.
func TestActionForAnotherEndpoint(t *testing.T) {
	t.Parallel()
	s := newSeveral(t, "endpoint = 'work'\n")
	choices := make(chan string, 2)
	s.Reply = func(m message) any {
		if m.Method == "window/showMessageRequest" {
			choices <- string(m.Params)
			return map[string]any{"title": "local · top-model"}
		}
		return nil
	}
	e := start(t, s.Home)
	_, err := e.Initialize(e.Context(), map[string]any{"capabilities": map[string]any{"window": map[string]any{"workDoneProgress": true}}})
	e.Must(err)
	e.Open(uri, "python", document)
	var actions []struct {
		Title     string
		Command   string
		Arguments []map[string]any
	}
	context := map[string]any{"diagnostics": []any{}, "only": []string{"refactor.llmls.with"}}
	params := place("textDocument", map[string]any{"uri": uri}, "context", context)
	delete(params, "uri")
	e.Must(e.Call(e.Context(), "textDocument/codeAction", params, &actions))
	if len(actions) != 1 || actions[0].Title != "Explain selection with another endpoint…" {
		t.Fatalf("the actions are %+v", actions)
	}
	counts := map[string]int{}
	var r answerOf
	argument := actions[0].Arguments[0]
	e.Must(e.Command(actions[0].Command, argument, nil)) // answered at once
	e.Await("the answer", func(m message) bool { return strings.Contains(string(m.Params), `"kind":"end"`) })
	s.asked("in the background", "local", "top-model", counts)
	if choice := <-choices; !strings.Contains(choice, `"work · work-model"`) || !strings.Contains(choice, `"default · top-model"`) {
		t.Errorf("the choice is %s", choice)
	}
	argument["partialResultToken"] = "t"
	e.Must(e.Command(actions[0].Command, argument, &r))
	if r.Endpoint != "local" || r.Message != "" {
		t.Errorf("got %+v", r)
	}
	s.asked("with a token", "local", "top-model", counts)
	e.Must(e.Command("llmls.explain", place("partialResultToken", "u"), &r))
	s.asked("the next one", "work", "work-model", counts)

	alone := start(t, llmls.Home(t, s.servers["default"].URL, calm)).ready()
	e.Must(alone.Call(alone.Context(), "textDocument/codeAction", params, &actions))
	if len(actions) != 0 {
		t.Errorf("with one endpoint: %+v", actions)
	}
}

// The status comes at once, while an answer runs, an endpoint is silent and the
// editor owes its settings.
func TestStatus(t *testing.T) {
	t.Parallel()
	s := newSeveral(t, "endpoint = 'work'\n")
	s.servers["work"].Script(completiontest.Pause("never"))
	e := start(t, s.Home).ready()
	pending := e.StartCommand("llmls.explain", place("partialResultToken", "t"))
	s.servers["work"].Next()
	type choice struct{ Name, Model, API, Host string }
	var status struct {
		Endpoint, Model, Host      string
		Running                    int
		LogFile, StateDir, Version string
		Endpoints                  []choice
	}
	e.Must(e.Command("llmls.status", map[string]any{}, &status))
	state := s.Dir + "/state/llmls"
	if status.Endpoint != "work" || status.Model != "work-model" || status.Host != hostOf(s.servers["work"].URL) || status.Running != 1 ||
		status.LogFile != state+"/llmls.log" || status.StateDir != state || status.Version == "" || len(status.Endpoints) != 4 ||
		status.Endpoints[2] != (choice{"local", "top-model", "chat", hostOf(s.servers["local"].URL)}) {
		t.Errorf("got %+v", status)
	}
	e.Must(pending.Cancel())
	_ = pending.Wait(e.Context(), nil)
	e.Must(e.Command("llmls.status", map[string]any{}, &status))
	if status.Running != 0 {
		t.Errorf("after the end: %+v", status)
	}
}
