package lsptest_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// A client that never answers holds an answer for two minutes, then the question
// is taken back. The next command asks again.
func TestConsentIsNotAwaitedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan struct{})
		defer close(gone)
		s := lsptest.Start(t, lsptest.Options{
			Env: map[string]string{"OPENAI_API_KEY": "sk-canary-0123456789"},
			Reply: func(m editor.Message) any {
				if m.Method == "window/showMessageRequest" {
					<-gone
				}
				return nil
			},
		})
		if _, err := s.Initialize(t.Context(), map[string]any{
			"capabilities": map[string]any{}, "initializationOptions": map[string]any{"baseUrl": "https://relay.invalid"},
		}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			began := time.Now()
			err := s.Call(t.Context(), "workspace/executeCommand", lsptest.Command("llmls.ask", map[string]any{"question": "why?", "partialResultToken": "t"}), nil)
			var failed *editor.Error
			if !errors.As(err, &failed) || failed.Code != -32803 || !strings.Contains(failed.Message, "llmls trust https://relay.invalid") {
				t.Errorf("got %v", err)
			}
			if took := time.Since(began); took < 2*time.Minute || took > 3*time.Minute {
				t.Errorf("it took %v", took)
			}
		}
		asked, taken := 0, 0
		for _, m := range s.Seen() {
			switch m.Method {
			case "window/showMessageRequest":
				asked++
			case "$/cancelRequest":
				taken++
			}
		}
		if asked != 2 || taken != 2 {
			t.Errorf("asked %d times and took %d back", asked, taken)
		}
	})
}
