package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/openai"
)

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
		client := openai.NewClient()
		got := local{"Test", address}.probe(t.Context(), client)
		client.Close()
		server.Close()
		if want := strings.ReplaceAll(want, "ADDRESS", address); got != want {
			t.Errorf("%s: %q, want %q", models, got, want)
		}
	}
}
