package lsp_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// Whatever an editor sends, in whatever order and however the endpoint behaves:
// each request gets one response, each progress that began ends, the texts of
// an answer are numbered without a gap and make up its result, and at the end
// the server still works and leaves in order.
func TestChaos(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			c := &chaos{
				t: t, rand: rand.New(rand.NewPCG(seed, 2026)),
				upstream: completiontest.NewUpstream(t), pending: map[string]*editor.Pending{},
			}
			c.run()
		})
	}
}

type chaos struct {
	t        *testing.T
	rand     *rand.Rand
	upstream *completiontest.Upstream
	session  *lsptest.Session
	pending  map[string]*editor.Pending // by id
	partial  map[string]string          // token of the text, by id
	version  int
}

func (c *chaos) run() {
	c.session = lsptest.Start(c.t, lsptest.Options{Env: map[string]string{"OPENAI_BASE_URL": c.upstream.URL, "OPENAI_API_KEY": "sk-canary-0123456789"}})
	c.session.Initialized(`{"window":{"workDoneProgress":true},"workspace":{"configuration":true}}`)
	c.partial = map[string]string{}
	for range 150 {
		c.script()
		c.step()
	}
	c.finish()
}

// script says what the endpoint does next.
func (c *chaos) script() {
	half := completiontest.Delta("half ")
	scripts := [][]completiontest.Step{
		{completiontest.Answer("one ", "two ", "three")},
		{completiontest.Reasoning("hm"), completiontest.Answer("text")},
		{half, completiontest.Cut()},
		{half, completiontest.Reset()},
		{half, completiontest.Done()},
		{completiontest.Done()},
		{completiontest.Error(401, "auth", "no")},
		{completiontest.Error(400, "bad", "no")},
		{completiontest.Status(200, "Content-Type", "text/html"), completiontest.Send("<html>")},
		{half, completiontest.Event(`{"error":"overloaded"}`)},
		{half, completiontest.Stall()},
	}
	c.upstream.Script(scripts[c.rand.IntN(len(scripts))]...)
}

// step does one thing that editors do, or that no editor should.
func (c *chaos) step() {
	s, n := c.session, c.rand.IntN(100)
	uri := fmt.Sprintf("file:///w/%d.go", c.rand.IntN(3))
	line := c.rand.IntN(4)
	rng := lsptest.Range(line, c.rand.IntN(5), line+c.rand.IntN(2), c.rand.IntN(9))
	c.version++
	switch {
	case n < 10:
		s.Open(uri, "go", strings.Repeat("päckage 🦙\r\n", c.rand.IntN(5)))
	case n < 30:
		s.Must(s.Notify("textDocument/didChange", map[string]any{
			"textDocument":   map[string]any{"uri": uri, "version": c.version},
			"contentChanges": []any{map[string]any{"range": rng, "text": "x\n"}},
		}))
	case n < 33:
		s.Must(s.Notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": uri}}))
	case n < 45:
		c.request("textDocument/codeAction", map[string]any{
			"textDocument": map[string]any{"uri": uri}, "range": rng, "context": map[string]any{"diagnostics": []any{}},
		})
	case n < 70:
		token := fmt.Sprintf("text-%d", c.version)
		argument := map[string]any{"uri": uri, "range": rng, "partialResultToken": token}
		params := lsptest.Command("llmls.explain", argument)
		if n%2 == 0 {
			params["workDoneToken"] = fmt.Sprintf("work-%d", c.version)
		}
		c.partial[c.request("workspace/executeCommand", params).ID] = token
	case n < 78:
		c.request("workspace/executeCommand", lsptest.Command("llmls.ask", "why?"))
	case n < 84:
		for _, p := range c.pending {
			s.Must(p.Cancel())
			break
		}
	case n < 88:
		c.request("workspace/executeCommand", lsptest.Command("llmls.stop", map[string]any{}))
	case n < 92:
		c.request("workspace/executeCommand", lsptest.Command("llmls.answers", map[string]any{}))
	case n < 95:
		s.Must(s.Notify("workspace/didChangeConfiguration", map[string]any{"settings": map[string]any{"llmls": map[string]any{"retries": c.rand.IntN(2), "nope": n}}}))
	case n < 97:
		s.Must(s.Send(`{"jsonrpc":`))
	default:
		c.request("no/such", map[string]any{})
	}
}

func (c *chaos) request(method string, params any) *editor.Pending {
	p, err := c.session.Start(method, params)
	c.session.Must(err)
	c.pending[p.ID] = p
	return p
}

// finish stops what stalls, takes all responses, and looks at what was said.
func (c *chaos) finish() {
	s := c.session
	c.request("workspace/executeCommand", lsptest.Command("llmls.stop", map[string]any{}))
	texts := map[string]string{}
	for id, p := range c.pending {
		var result struct {
			Text string
		}
		if err := p.Wait(s.Context(), nil); err == nil && c.partial[id] != "" {
			s.Must(p.Wait(s.Context(), &result))
			texts[c.partial[id]] = result.Text
		}
	}
	s.Must(s.Works())
	for c.open() > 0 { // the client accepts some tokens only now
		s.Await("the end of all progress", func(m editor.Message) bool {
			return m.Method == "$/progress" && progressOf(c.t, m).Value.Kind == "end"
		})
	}
	s.Must(s.Call(s.Context(), "shutdown", nil, nil))
	c.check(s.Seen(), texts)
	s.Must(s.Notify("exit", nil))
	if code := s.Exit(); code != 0 {
		c.t.Errorf("exit code %d", code)
	}
}

// open counts the progress that has begun and not ended.
func (c *chaos) open() (n int) {
	for _, m := range c.session.Seen() {
		if m.Method == "$/progress" {
			switch progressOf(c.t, m).Value.Kind {
			case "begin":
				n++
			case "end":
				n--
			}
		}
	}
	return n
}

func (c *chaos) check(seen []editor.Message, texts map[string]string) {
	responses := map[string]int{}
	next, got := map[string]int{}, map[string]string{}
	for _, m := range seen {
		if strings.Contains(fmt.Sprint(m), "sk-canary") {
			c.t.Errorf("the key is in %v", m)
		}
		if m.Method == "" && string(m.ID) != "null" {
			responses[string(m.ID)]++
		}
		if m.Method != "$/progress" {
			continue
		}
		p := progressOf(c.t, m)
		switch p.Value.Kind {
		case "delta", "reasoning":
			if p.Value.Seq != next[p.Token] {
				c.t.Errorf("%s: number %d after %d", p.Token, p.Value.Seq, next[p.Token]-1)
			}
			next[p.Token]++
			if p.Value.Kind == "delta" {
				got[p.Token] += p.Value.Text
			}
		}
	}
	for id := range c.pending {
		if responses[id] != 1 {
			c.t.Errorf("request %s got %d responses", id, responses[id])
		}
	}
	for token, text := range texts {
		if got[token] != text {
			c.t.Errorf("%s: the deltas are %q, the text is %q", token, got[token], text)
		}
	}
}

// A progress is the parameters of $/progress, of any kind.
type progress struct {
	Token string `json:"token"`
	Value struct {
		Kind string `json:"kind"`
		Seq  int    `json:"seq"`
		Text string `json:"text"`
	} `json:"value"`
}

func progressOf(t *testing.T, m editor.Message) progress {
	t.Helper()
	var p progress
	if err := json.Unmarshal(m.Params, &p); err != nil {
		t.Fatalf("%s: %v", m.Params, err)
	}
	return p
}
