package lsp_test

import (
	"fmt"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// The log has how each answer ended, and nothing that the endpoint wrote:
// neither key nor code nor text, and no word of its own.
func TestEndsAreLogged(t *testing.T) {
	const key, code, text = "sk-canary-0123456789", "code_canary", "text_canary"
	half := completiontest.Delta(text)
	tests := map[string]struct {
		script []completiontest.Step
		says   []string
	}{
		"answered": {[]completiontest.Step{completiontest.Answer(text)}, []string{"answered", "totalMs"}},
		"refused":  {[]completiontest.Step{completiontest.Error(422, "odd", key+" does not like package "+code)}, []string{"an answer failed", "status:422"}},
		"broken":   {[]completiontest.Step{half, completiontest.Cut()}, []string{"an answer failed", "network"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			u := completiontest.NewUpstream(t)
			u.Script(test.script...)
			core, logs := observer.New(zap.DebugLevel)
			s := lsptest.Start(t, lsptest.Options{Env: map[string]string{"OPENAI_BASE_URL": u.URL, "OPENAI_API_KEY": key}, Log: zap.New(core)})
			s.Initialized("")
			s.Open("file:///w/a.go", "go", "package "+code+"\n")
			_ = s.Command("llmls.explain", map[string]any{"uri": "file:///w/a.go", "range": lsptest.Range(0, 0, 0, 0), "partialResultToken": "t"}, nil)
			all := ""
			for _, entry := range logs.All() {
				all += fmt.Sprintln(entry.Message, entry.ContextMap())
			}
			for _, word := range test.says {
				if !strings.Contains(all, word) {
					t.Errorf("the log does not say %q:\n%s", word, all)
				}
			}
			for _, secret := range []string{key, code, text, "odd", "does not like", "scripted"} {
				if strings.Contains(all, secret) {
					t.Errorf("the log tells %s:\n%s", secret, all)
				}
			}
		})
	}
}
