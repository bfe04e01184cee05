//go:build linux

package faults

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
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
			s.Initialized(`{"window":{"workDoneProgress":true}}`)
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
			lines := [][]string{{"ask", "why?"}, {"ask", "--dry-run", "is it " + key + "?"}, {"check"}, {"settings"}}
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
