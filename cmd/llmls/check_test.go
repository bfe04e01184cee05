package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/access"
)

// PowerShell takes each for one word, whatever the model is called.
func TestExport(t *testing.T) {
	for model, want := range map[string]string{
		"qwen3:8b":  "$env:OPENAI_BASE_URL = 'http://x/v1'; $env:LLMLS_MODEL = 'qwen3:8b'",
		"a';b’$(c)": "$env:OPENAI_BASE_URL = 'http://x/v1'; $env:LLMLS_MODEL = 'a'';b’’$(c)'",
	} {
		if got := export("windows", "http://x/v1", model); got != want {
			t.Errorf("%q: %s, want %s", model, got, want)
		}
	}
}

func TestProbe(t *testing.T) {
	for models, want := range map[string]string{
		`{"data":[{"id":"qwen3:8b"},{"id":"other"}]}`: "  Test       export OPENAI_BASE_URL=http://ADDRESS/v1 LLMLS_MODEL=qwen3:8b\n",
		`{"data":[{"id":"$(reboot)"}]}`:               "  Test       export OPENAI_BASE_URL=http://ADDRESS/v1 LLMLS_MODEL='$(reboot)'\n",
		`{"data":[]}`:                                 "  Test       listens at ADDRESS, but offers no model yet\n",
		`<html>`:                                      "",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/v1/models" || r.Header.Get("Authorization") != "" {
				t.Errorf("asked for %s with %v", r.URL, r.Header)
			}
			_, _ = w.Write([]byte(models)) // the client may be gone
		}))
		address := server.Listener.Addr().String()
		ac := access.New(func(string) (string, bool) { return "", false })
		got := local{"Test", address}.probe(t.Context(), ac)
		ac.Close()
		server.Close()
		if want := strings.ReplaceAll(want, "ADDRESS", address); got != want {
			t.Errorf("%s: %q, want %q", models, got, want)
		}
	}
}
