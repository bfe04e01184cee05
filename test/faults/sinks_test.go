//go:build linux

package faults

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// An endpoint repeats keys in all its failures: the one it was sent, as it is
// and escaped, and others. None is in any sink. The key has what every escaping
// changes.
func TestSinksHoldNoKey(t *testing.T) {
	t.Parallel()
	const key = `Own"\key<&>canary`
	other := "ghp" + "_" + strings.Repeat("cAnary0", 6)[:36]
	echo := `{"error":{"message":"not ` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(key) + ` and not ` + other + `"}}`
	secrets := []string{`\key<&>`, `\\key`, `key\u003c`, "canary0123", other, "cAnary0"}
	for name, script := range map[string]steps{
		"refused":   {completiontest.Status(401), completiontest.Send(echo)},
		"bad":       {completiontest.Status(400), completiontest.Send(echo)},
		"broken":    {completiontest.Status(500), completiontest.Send("no JSON: " + key + " " + other)},
		"half way":  {completiontest.Delta("Half"), completiontest.Event(echo)},
		"retried":   {completiontest.Status(503, "Retry-After", "0"), completiontest.Send(echo)},
		"not found": {completiontest.Status(404), completiontest.Send(echo)},
		"its model": {completiontest.Event(`{"model":"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(key) + ` ` + other + `","choices":[{"delta":{"content":"Hello"}}]}`), completiontest.Done()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			u.Script(script...)
			h := llmls.Home(t, u.URL, "retries = 1\nlogLevel = 'debug'\n")
			h.Env = append(h.Env, "OPENAI_API_KEY="+key)
			s := start(t, h)
			// A name that the log tells, below which a rule is worth a note.
			noted := h.Write(t, "w/"+other+"/a.py", "fine = 1\n")
			h.Write(t, "w/"+other+"/.aiignore", "b\\c\n")
			s.Initialized(`{"window":{"workDoneProgress":true}}`, filepath.Join(h.Dir, "w"))
			s.Must(s.Command("llmls.explain", map[string]any{"uri": lsptest.URI(noted), "range": lsptest.Range(0, 0, 1, 0), "dryRun": true}, nil))
			s.Open(uri, "python", document)
			_, _ = s.explain("t") // how it fails is looked at below
			s.Must(s.Command("llmls.explain", place(), nil))
			s.AwaitMethod("window/showMessage")
			var said strings.Builder
			for _, m := range s.Seen() {
				said.WriteString(string(m.Params) + string(m.Result))
				if m.Error != nil {
					said.WriteString(m.Error.Message + string(m.Error.Data))
				}
			}
			lines := [][]string{{"ask", "why?"}, {"ask", "--dry-run", "is it " + key + "?"}, {"check"}, {"settings"}, {"explain", h.Dir + "/" + key}}
			sinks := map[string]string{}
			for _, line := range lines {
				c := h.Run(t, line...)
				name := strings.Join(line[:min(len(line), 2)], " ")
				sinks[name+", stdout"], sinks[name+", stderr"] = c.Stdout.String(), c.Stderr.String()
			}
			sinks["the wire"], sinks["the log"], sinks["stderr"] = said.String(), h.Log(t), s.Stderr.String()
			for _, said := range []string{sinks["ask why?, stderr"], sinks["check, stdout"] + sinks["check, stderr"], sinks["the wire"]} {
				if !strings.Contains(said, "[redacted: GitHub token]") {
					t.Errorf("nothing that could be kept back is in %s", said)
				}
			}
			for _, sink := range []string{"the log", "stderr"} {
				if !strings.Contains(sinks[sink], "line 1 of [redacted: GitHub token]") {
					t.Errorf("%s does not tell of the rule: %s", sink, sinks[sink])
				}
			}
			for sink, text := range sinks {
				for _, secret := range secrets {
					if strings.Contains(text, secret) {
						t.Errorf("%s holds %q: %s", sink, secret, text)
					}
				}
			}
		})
	}
}

// A log holds nothing that an endpoint wrote, since an endpoint may repeat the
// prompt anywhere and in any form; the person is told what it said.
func TestLogHoldsNothingOfAPrompt(t *testing.T) {
	t.Parallel()
	const code = "prompt_canary_70ad"
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, "retries = 1\nlogLevel = 'debug'\n")
	s := start(t, h)
	s.Initialized("")
	s.Open(uri, "python", code+" = 1\n")
	escaped := func(format string) string {
		var b strings.Builder
		for _, c := range code {
			fmt.Fprintf(&b, format, c)
		}
		return b.String()
	}
	forms := map[string]string{
		"as it is": code, "in JSON": escaped(`\u%04x`), "in percent signs": escaped("%%%02x"), "in entities": escaped("&#%d;"), "in capitals": strings.ToUpper(code),
		"split": strings.Join(strings.Split(code, ""), " "), "in base64": base64.StdEncoding.EncodeToString([]byte(code)), "cut": code[:len(code)-3],
	}
	for _, form := range forms {
		for _, script := range []steps{
			{completiontest.Status(422), completiontest.Send(`{"error":{"message":"` + form + `","type":"` + form + `"}}`)},
			{completiontest.Status(500, "X-Error", form), completiontest.Send(form)},
			{completiontest.Status(404), completiontest.Send(`{"detail":[{"loc":["body","messages"],"msg":"` + form + `"}]}`)},
			{completiontest.Event(`{"error":{"message":"` + form + `"}}`)},
			{completiontest.Event(`{"model":"` + form + `","choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}`), completiontest.Done()},
			{completiontest.Delta("Hello"), completiontest.Event(`{"error":{"code":"` + form + `","message":"` + form + `"}}`)},
		} {
			u.Script(script...)
			_, _ = s.explain("t") // how it ends is not the matter
			s.Must(s.Command("llmls.explain", place(), nil))
		}
	}
	s.Must(s.Call(s.Context(), "shutdown", nil, nil)) // answered after all that was asked
	log, err := os.ReadFile(filepath.Join(h.Dir, "state", "llmls", "llmls.log"))
	s.Must(err)
	for sink, text := range map[string]string{"the log": string(log), "stderr": s.Stderr.String()} {
		if !strings.Contains(text, "an answer failed") || !strings.Contains(text, "422") {
			t.Errorf("%s does not tell how answers ended: %s", sink, text)
		}
		for name, form := range forms {
			if strings.Contains(text, form) {
				t.Errorf("%s holds a piece of the prompt %s: %s", sink, name, text)
			}
		}
	}
}
