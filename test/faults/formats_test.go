//go:build linux

package faults

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// Each format sends the key where its servers look for it and nowhere else, and asks
// for what the contract says.
func TestWhatFormatsSend(t *testing.T) {
	t.Parallel()
	bearer := http.Header{"Authorization": {"Bearer " + process.Key}}
	for _, test := range []struct {
		name    string
		wire    *completiontest.Wire
		table   string // of the endpoint
		header  http.Header
		members map[string]any
	}{
		{"responses", completiontest.Responses(), `api = "responses"`, bearer, map[string]any{"store": false, "stream": true}},
		{
			"messages", completiontest.Messages(), `api = "messages"`,
			http.Header{"X-Api-Key": {process.Key}, "Anthropic-Version": {"2023-06-01"}},
			map[string]any{"stream": true, "max_tokens": 8192.0},
		},
		{
			"messages, with a field of the user's", completiontest.Messages(), "api = \"messages\"\nheaders = { authorization = \"Bearer ${apiKey}\" }",
			http.Header{"Authorization": {"Bearer " + process.Key}, "Anthropic-Version": {"2023-06-01"}},
			nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			u.Script(test.wire.Answer("Hel", "lo"))
			h := llmls.Home(t, "", calm+fmt.Sprintf("endpoint = \"it\"\n[endpoints.it]\nbaseUrl = %q\nmodel = \"m\"\napiKeyEnv = \"OPENAI_API_KEY\"\n%s\n", u.URL, test.table))
			h.Unset("OPENAI_BASE_URL")
			dry := h.Run(t, "ask", "--dry-run", "why?")
			dry.Exits(0)
			c := h.Run(t, "ask", "why?")
			c.Exits(0)
			c.Prints("Hello")
			r := u.Next()
			if r.Path != test.wire.Path || len(u.Requests()) != 1 {
				t.Errorf("%d requests, the first to %s", len(u.Requests()), r.Path)
			}
			if got := string(r.Body) + "\n"; got != dry.Stdout.String() {
				t.Errorf("sent, and printed by a dry run (-printed +sent)\n%s", cmp.Diff(dry.Stdout.String(), got))
			}
			got := http.Header{}
			for _, name := range []string{"Authorization", "X-Api-Key", "Anthropic-Version"} {
				if value := r.Header.Values(name); value != nil {
					got[name] = value
				}
			}
			if diff := cmp.Diff(test.header, got); diff != "" {
				t.Errorf("header (-want +got)\n%s", diff)
			}
			var body map[string]any
			if err := json.Unmarshal(r.Body, &body); err != nil {
				t.Fatal(err)
			}
			for name, want := range test.members {
				if !cmp.Equal(body[name], want) {
					t.Errorf("%s is %v, want %v", name, body[name], want)
				}
			}
		})
	}
}
