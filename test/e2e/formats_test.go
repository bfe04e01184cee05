//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/test/process"
)

// llama-server speaks all three wire formats: what comes of an answer is the same in
// each.
func TestFormats(t *testing.T) {
	text := script(t, "script.txt")
	_, thoughtful, _ := strings.Cut(script(t, "script-think.txt"), "</think>\n\n")
	whole := startLlama(t, "scripted.gguf", "--api-key", process.Key)
	thinks := startLlama(t, "scripted-think.gguf", thinking...)
	endless := startLlama(t, "scripted-loop.gguf")
	for _, api := range []string{"chat", "responses", "messages"} {
		t.Run(api, func(t *testing.T) {
			config := fmt.Sprintf("retries = 0\napi = %q\n", api)
			t.Run("stop, and a follow-up", func(t *testing.T) {
				s := open(t, llmls.Home(t, whole.url, config))
				var first, second struct {
					result
					Conversation string
				}
				s.Must(explain(t, s, "t").Wait(s.Context(), &first))
				s.Must(s.Command("llmls.ask", map[string]any{"question": "And why?", "conversation": first.Conversation, "partialResultToken": "u"}, &second))
				for _, r := range []result{first.result, second.result} {
					if r.Text != text || r.FinishReason != "stop" || r.Usage == nil || r.Usage.PromptTokens < 50 || r.Usage.CompletionTokens < 10 {
						t.Errorf("ended with %+v", r)
					}
				}
				if first.Usage.PromptTokens >= second.Usage.PromptTokens {
					t.Errorf("the prompt of a follow-up has %d tokens, that of the first question %d", second.Usage.PromptTokens, first.Usage.PromptTokens)
				}
			})
			t.Run("length", func(t *testing.T) {
				s := open(t, llmls.Home(t, whole.url, config+"maxOutputTokens = 5\n"))
				var r result
				s.Must(explain(t, s, "t").Wait(s.Context(), &r))
				if r.Text == "" || r.Text == text || !strings.HasPrefix(text, r.Text) || r.FinishReason != "length" {
					t.Errorf("ended with %+v", r)
				}
			})
			t.Run("thinking", func(t *testing.T) {
				s := open(t, llmls.Home(t, thinks.url, config))
				var r result
				s.Must(explain(t, s, "t").Wait(s.Context(), &r))
				if r.Text != thoughtful || strings.TrimSpace(s.Streamed("t")["reasoning"]) == "" {
					t.Errorf("the answer is %q, the thinking %q", r.Text, s.Streamed("t")["reasoning"])
				}
			})
			t.Run("cancel", func(t *testing.T) {
				s := open(t, llmls.Home(t, endless.url, config))
				pending := explain(t, s, "t")
				awaitText(s)
				s.Must(pending.Cancel())
				process.Eventually(t, time.Second, "llama-server is idle", func() bool { return endless.busy(t) == 0 })
				var failed *editor.Error
				if err := pending.Wait(s.Context(), nil); !errors.As(err, &failed) || failed.Code != -32800 {
					t.Errorf("ended with %v", err)
				}
			})
			t.Run("a wrong key", func(t *testing.T) {
				home := llmls.Home(t, whole.url, config)
				home.Env = append(home.Env, "OPENAI_API_KEY=sk-wrong-0123456789")
				c := home.Run(t, "explain", code)
				c.Exits(1)
				c.Says("refused the key")
			})
			t.Run("too long", func(t *testing.T) {
				small := startLlama(t, "scripted.gguf", "-c", "256")
				c := llmls.Home(t, small.url, config).Run(t, "ask", strings.Repeat("and why? ", 400))
				c.Exits(1)
				c.Says("Select less")
			})
		})
	}
}
