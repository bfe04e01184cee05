//go:build linux

package faults

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// several are the endpoints of an account, each a server of its own with a key
// and a model of its own.
type several struct {
	*process.Home
	t       *testing.T
	servers map[string]*completiontest.Upstream
}

// names are those of several.
var names = []string{"default", "work", "local", "bare"}

const (
	workKey  = "work-key-canary-4711"
	localKey = "local-key-canary-4712"
	// gatewayHeader is a header's value that looks like no provider's key.
	gatewayHeader = "pc-gateway-canary-4713"
)

// newSeveral returns an account with four endpoints, one of which has nothing but
// an address of its own; more is put above the
// tables of its config.toml.
func newSeveral(t *testing.T, more string) *several {
	t.Helper()
	s := &several{t: t, servers: map[string]*completiontest.Upstream{}}
	for _, name := range names {
		s.servers[name] = completiontest.NewUpstream(t)
		s.servers[name].Script(completiontest.Answer("from " + name))
	}
	s.Home = llmls.Home(t, "", "")
	s.Unset("OPENAI_BASE_URL")
	s.Env = append(s.Env, "LOCAL_KEY="+localKey)
	s.configure(more)
	return s
}

func (s *several) configure(more string) {
	s.Configure(s.t, calm+more+fmt.Sprintf(`
baseUrl = '%s'
model = 'top-model'
headers = { 'x-top' = 'top' }
[endpoints.bare]
baseUrl = '%s'
[endpoints.work]
baseUrl = '%s'
model = 'work-model'
apiKeyCommand = ['/bin/echo', '%s']
headers = { 'x-gateway' = '%s', 'api-key' = '${apiKey}' }
maxOutputTokens = 77
reasoningEffort = 'low'
[endpoints.local]
baseUrl = '%s'
apiKeyEnv = 'LOCAL_KEY'
temperature = 0.25
`, s.servers["default"].URL, s.servers["bare"].URL, s.servers["work"].URL, workKey, gatewayHeader, s.servers["local"].URL))
}

// asked fails the test unless the endpoint of that name was asked for the model,
// and no other endpoint for anything. It forgets what was asked so far.
func (s *several) asked(what, name, model string, counts map[string]int) {
	s.t.Helper()
	for other, u := range s.servers {
		requests := u.Requests()
		now := len(requests) - counts[other]
		counts[other] = len(requests)
		switch {
		case other != name && now != 0:
			s.t.Errorf("%s: %s got %d requests", what, other, now)
		case other == name && now != 1:
			s.t.Errorf("%s: %s got %d requests", what, other, now)
		case other == name:
			s.carries(what, name, model, requests[len(requests)-1])
		}
	}
}

// carries fails the test unless a request has the key, the header fields and the
// model of its endpoint, and no other's.
func (s *several) carries(what, name, model string, r *completiontest.Request) {
	s.t.Helper()
	var body struct {
		Model     string
		MaxTokens int      `json:"max_tokens"`
		Effort    string   `json:"reasoning_effort"`
		Heat      *float64 `json:"temperature"`
	}
	if len(r.Body) > 0 {
		if err := json.Unmarshal(r.Body, &body); err != nil {
			s.t.Fatal(err)
		}
	}
	want := map[string]string{"Authorization": "", "Api-Key": "", "X-Gateway": "", "X-Top": ""}
	switch name {
	case "default":
		want["Authorization"], want["X-Top"] = "Bearer "+process.Key, "top"
	case "work":
		want["Api-Key"], want["X-Gateway"] = workKey, gatewayHeader
	case "local":
		want["Authorization"] = "Bearer " + localKey
	}
	for field, value := range want {
		if got := r.Header.Get(field); got != value {
			s.t.Errorf("%s: %s of %s is %q, want %q", what, field, name, got, value)
		}
	}
	if r.Method != http.MethodPost {
		return
	}
	if body.Model != model || (body.MaxTokens == 77) != (name == "work") || (body.Effort == "low") != (name == "work") || (body.Heat != nil) != (name == "local") {
		s.t.Errorf("%s: %s was asked with %s", what, name, r.Body)
	}
}

// Of several endpoints one answers, whoever chooses it, with its own key, header
// fields, model and limits; no other one sees anything.
func TestEndpointsByName(t *testing.T) {
	t.Parallel()
	models := map[string]string{"default": "top-model", "work": "work-model", "local": "top-model", "bare": "top-model"}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSeveral(t, "")
			counts := map[string]int{}
			run := func(args ...string) {
				t.Helper()
				c := s.Run(t, args...)
				c.Exits(0)
				s.asked(strings.Join(args, " "), name, models[name], counts)
			}
			run("ask", "-e", name, "why?")
			run("check", "--endpoint", name)
			s.servers[name].Script(completiontest.Send(`{"data":[{"id":"one of ` + name + `"}]}`))
			run("models", "-e", name)
			s.servers[name].Script(completiontest.Answer("from " + name))
			c := s.Run(t, "ask", "-e", name, "-m", "mine", "why?")
			c.Exits(0)
			s.asked("-m", name, "mine", counts)

			answered := func(how string, e *server, more ...any) {
				t.Helper()
				var r struct{ Text, Endpoint, Message string }
				e.Must(e.Command("llmls.explain", place(append(more, "partialResultToken", how)...), &r))
				if r.Text != "from "+name || r.Endpoint != name || r.Message != "" {
					t.Errorf("%s: got %+v", how, r)
				}
				s.asked(how, name, models[name], counts)
				var dry struct{ URL, Body string }
				e.Must(e.Command("llmls.explain", place(append(more, "dryRun", true)...), &dry))
				if dry.URL != s.servers[name].URL+"/chat/completions" || !strings.Contains(dry.Body, `"model":"`+models[name]+`"`) {
					t.Errorf("%s: a dry run says %+v", how, dry)
				}
			}
			answered("by the request", start(t, s.Home).ready(), "endpoint", name)
			e := start(t, s.Home)
			_, err := e.Initialize(e.Context(), map[string]any{"capabilities": map[string]any{}, "initializationOptions": map[string]any{"endpoint": name}})
			e.Must(err)
			e.Open(uri, "python", document)
			answered("by the editor", e)
			s.configure("endpoint = '" + name + "'\n")
			run("ask", "why?")
			answered("by config.toml", start(t, s.Home).ready())
			s.configure("endpoint = 'work'\n")
			s.Env = append(s.Env, "LLMLS_ENDPOINT="+name)
			run("ask", "why?")
			answered("by the environment", start(t, s.Home).ready())
		})
	}
}

// A name that no endpoint has is an error that says which there are, wherever it
// comes from, and nothing is sent to another one.
func TestUnknownEndpoint(t *testing.T) {
	t.Parallel()
	const wrong = "wrok"
	none := map[string]any{}
	for name, test := range map[string]struct {
		config, variable string
		options          any
		argument         map[string]any
	}{
		"config.toml":         {config: "endpoint = '" + wrong + "'\n", options: none},
		"config.toml, beside": {config: "endpoint = '" + wrong + "'\n", variable: "LLMLS_ENDPOINT=work", options: map[string]any{"endpoint": "work"}, argument: map[string]any{"endpoint": "work"}},
		"fallback":            {config: "fallback = ['local', '" + wrong + "']\n", options: none},
		"the environment":     {variable: "LLMLS_ENDPOINT=" + wrong, options: none},
		"the editor":          {options: map[string]any{"llmls": map[string]any{"endpoint": wrong}}},
		"a request":           {options: none, argument: map[string]any{"endpoint": wrong}},
		"another spelling":    {options: none, argument: map[string]any{"endpoint": "Work"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSeveral(t, test.config)
			if test.variable != "" {
				s.Env = append(s.Env, test.variable)
			}
			w := watch(t, s.Home)
			e := start(t, w.Home)
			_, err := e.Initialize(e.Context(), map[string]any{"capabilities": map[string]any{}, "initializationOptions": test.options})
			e.Must(err)
			e.Open(uri, "python", document)
			for _, command := range []string{"llmls.explain", "llmls.ask", "llmls.models"} {
				argument := map[string]any{}
				if command != "llmls.models" {
					argument = place("partialResultToken", command)
				}
				if command == "llmls.ask" {
					argument["question"] = "why?"
				}
				for member, value := range test.argument {
					argument[member] = value
				}
				kind, sentence, _ := failure(t, e.Command(command, argument, nil))
				if kind != "config" || !strings.Contains(sentence, "default, bare, local, work") {
					t.Errorf("%s fails with %s, %q", command, kind, sentence)
				}
			}
			if test.argument == nil && test.config+test.variable != "" {
				for _, line := range [][]string{{"ask", "why?"}, {"ask", "-e", "work", "why?"}, {"check"}, {"models"}} {
					c := w.Run(t, line...)
					c.Exits(1)
					c.Says("default, bare, local, work", wrong)
				}
			}
			w.nowhere(e.Stderr.String())
			s.asked(name, "", "", map[string]int{})
		})
	}
	s := newSeveral(t, "")
	for _, line := range []string{"ask -e wrok why?", "ask --dry-run -e wrok why?", "check -e wrok", "models -e wrok"} {
		c := s.Run(t, strings.Fields(line)...)
		c.Exits(1)
		c.Says("default, bare, local, work", wrong)
	}
	s.asked("the command line", "", "", map[string]int{})
}

// What comes close to a setting of an endpoint, or is none that it can have, has
// nothing sent, to whichever endpoint.
func TestNearMissesInsideEndpoints(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"baseurl = 'x'", "modle = 'x'", "Model = 'x'", "apiKey = 'x'", "api_key_env = 'X'", "apiKeyCmd = ['x']", "header = { a = 'b' }", "plainHTTP = true", "plain_http = true",
		"caFile = 'rel.pem'", "temperature = 7", "maxOutputTokens = 'x'", "model = 7", "plainHttp = 'yes'", "api = 'rest'", "apiKeyEnv = 'sk-abc'", "apiKeyCommand = 'x'", "url = 'x'",
		"fallback = ['local']", "mirror = 'https://x.example'", "headers = 'x'", "headers = { 'a b' = 'c' }", "headers = { a = 1 }", "headers = { a = '' }",
		`headers = { a = "b\r\nX-Injected: c" }`, `headers = { "a\r\nX-Injected" = "c" }`, `headers = { a = "b\u0000" }`, `headers = { a = "b\u007f" }`, `headers = { a = "b\u00e9" }`,
		"headers = { Host = 'evil.example' }", "headers = { content-length = '1' }", "headers = { Transfer-Encoding = 'chunked' }", "headers = { connection = 'x' }",
		"headers = { a = '${apikey}' }", "headers = { a = '${OPENAI_API_KEY}' }", "headers = { api-key = 'a', API-KEY = 'b' }",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			s := newSeveral(t, "")
			s.Configure(t, calm+"baseUrl = '"+s.servers["default"].URL+"'\n[endpoints.other]\nbaseUrl = '"+s.servers["local"].URL+"'\n"+line+"\n")
			for _, args := range []string{"ask why?", "ask -e other why?"} {
				c := s.Run(t, strings.Fields(args)...)
				c.Exits(1)
				c.Says("Correct your settings: ", "endpoints.other")
			}
			s.asked(line, "", "", map[string]int{})
		})
	}
	for _, tables := range []string{"[endpoints.default]\nbaseUrl = 'x'", "[endpoints.x]\nmodel = 'x'", "endpoints.x = 'https://x'", "[[endpoints]]\nbaseUrl = 'x'", "[endpoints]\nbaseUrl = 'x'", "[endpoints.' x']\nbaseUrl = 'x'", "[endpoint.x]\nbaseUrl = 'x'"} {
		s := newSeveral(t, "")
		s.Configure(t, calm+"baseUrl = '"+s.servers["default"].URL+"'\n"+tables+"\n")
		c := s.Run(t, "ask", "why?")
		c.Exits(1)
		c.Says("Correct your settings: ")
		s.asked(tables, "", "", map[string]int{})
	}
}

// Plain http to another machine is for exactly the host that config.toml names
// beside plainHttp, and goes by no proxy. Nothing resolves under .invalid.
func TestPlainHTTPForANamedHost(t *testing.T) {
	t.Parallel()
	const named = "baseUrl = 'http://model.invalid:11434'\nplainHttp = true\n"
	for _, test := range []struct {
		name, config string
		env          []string
		options      map[string]any
		allowed      bool
	}{
		{name: "at the top level", config: named, allowed: true},
		{name: "of an endpoint", config: "endpoint = 'lan'\n[endpoints.lan]\n" + named, allowed: true},
		{name: "not said", config: "baseUrl = 'http://model.invalid:11434'\n"},
		{name: "said of another endpoint", config: "endpoint = 'lan'\n" + named + "[endpoints.lan]\nbaseUrl = 'http://model.invalid:11434'\n"},
		{name: "another port by the environment", config: named, env: []string{"OPENAI_BASE_URL=http://model.invalid:8080"}},
		{name: "without a host", config: "plainHttp = true\n", env: []string{"OPENAI_BASE_URL=http://model.invalid:11434"}},
		{name: "another host by the editor", config: named, options: map[string]any{"baseUrl": "http://other.invalid:11434"}},
		{name: "by the editor", config: "retries = 0\n", options: map[string]any{"baseUrl": "http://model.invalid:11434", "plainHttp": true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := llmls.Home(t, "", calm+strings.TrimPrefix(test.config, calm))
			h.Unset("OPENAI_BASE_URL")
			h.Env = append(h.Env, test.env...)
			w := watch(t, h)
			s := start(t, w.Home)
			_, err := s.Initialize(s.Context(), map[string]any{"capabilities": map[string]any{}, "initializationOptions": test.options})
			s.Must(err)
			s.Open(uri, "python", document)
			_, err = s.explain("t")
			kind, sentence, _ := failure(t, err)
			if test.allowed {
				if kind == "config" || !strings.Contains(sentence, "model.invalid") {
					t.Errorf("failed with %s, %q", kind, sentence)
				}
				if seen := w.seen(); len(seen) > 0 {
					t.Errorf("the proxy was asked for %q", seen)
				}
				return
			}
			if kind != "config" || !strings.Contains(sentence, "plainHttp = true") {
				t.Errorf("failed with %s, %q", kind, sentence)
			}
			w.nowhere(s.Stderr.String())
		})
	}
}
