//go:build linux

package faults

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// A planted text is one of internal/completion/secrets/testdata/planted: what
// must not leave it, and the kind that this is.
type planted struct {
	file, kind, text string
	secrets          []string
}

func plantedTexts(t *testing.T) []planted {
	t.Helper()
	names, err := filepath.Glob("../../internal/completion/secrets/testdata/planted/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	var all []planted
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		head, rest, _ := strings.Cut(strings.ReplaceAll(string(raw), "‸", ""), "\n---\n")
		for text := range strings.SplitSeq(rest, "\n---\n") {
			p := planted{file: strings.TrimSuffix(filepath.Base(name), ".txt"), kind: strings.TrimPrefix(head, "kind: "), text: strings.NewReplacer("«", "", "»", "").Replace(text)}
			for _, part := range strings.Split(text, "«")[1:] {
				secret, _, _ := strings.Cut(part, "»")
				for line := range strings.Lines(strings.ReplaceAll(secret, `\n`, "\n")) {
					// Of a key, its lines. Its borders and headers are no secret.
					if line = strings.Trim(line, "\"/ \r\n"); !strings.Contains(line, "-----") && !strings.Contains(line, ": ") && len(line) > 3 {
						p.secrets = append(p.secrets, line)
					}
				}
			}
			all = append(all, p)
		}
	}
	return all
}

// holdsNone fails the test if text holds one of the secrets.
func (p *planted) holdsNone(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range p.secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s: %q left %s of %q", p.kind, secret, where, p.text)
			return
		}
	}
}

// Secrets of every kind stay, wherever in a prompt they would be, and the
// answer says so.
func TestSecretsStay(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	s := start(t, llmls.Home(t, u.URL, calm))
	s.Initialized("")
	byFile := map[string][]planted{}
	for _, p := range plantedTexts(t) {
		byFile[p.file] = append(byFile[p.file], p)
	}
	for file, texts := range byFile {
		t.Run(file, func(t *testing.T) {
			for i, p := range texts {
				stays(t, s, u, p, i)
			}
		})
	}
}

// stays fails the test if p leaves: the first text of a file in each place that a
// prompt has for text, the further ones in one of them by turns.
func stays(t *testing.T, s *server, u *completiontest.Upstream, p planted, turn int) {
	t.Helper()
	const name = "file:///p/planted.txt"
	text := "alpha()\n" + strings.TrimSuffix(p.text, "\n") + "\nomega()\n"
	s.Open(name, "plaintext", text)
	all, first := lsptest.Range(0, 0, strings.Count(text, "\n"), 0), lsptest.Range(0, 0, 1, 0)
	for i, place := range []struct {
		where    string
		argument map[string]any
	}{
		{"selected", map[string]any{"range": all}},
		{"around", map[string]any{"range": first}},
		{"in a problem", map[string]any{"range": first, "diagnostic": map[string]any{"range": first, "message": p.text}}},
		{"in a question", map[string]any{"question": "why?\n" + p.text}},
		{"in a block", map[string]any{"range": first, "block": p.text}},
	} {
		if turn > 0 && i != turn%5 {
			continue
		}
		command := "llmls.explain"
		if place.argument["question"] != nil {
			command = "llmls.ask"
		}
		place.argument["uri"], place.argument["partialResultToken"] = name, p.file+strconv.Itoa(turn)
		var r struct{ LeftOut []struct{ What, Why string } }
		s.Must(s.Command(command, place.argument, &r))
		sent := prompt(t, u)
		p.holdsNone(t, place.where, sent)
		if command == "llmls.explain" && !strings.Contains(sent, "alpha()\n") {
			t.Errorf("%s: sent %q", p.kind, sent)
		}
		if place.where == "around" && !strings.Contains(sent, "[redacted: ") {
			continue // it stands too far away, or in too long a line, to be sent at all
		}
		told := 0
		for _, left := range r.LeftOut {
			if strings.Contains(left.What, " secret") {
				told++
			}
		}
		if told != 1 || !strings.Contains(sent, "[redacted: ") {
			t.Errorf("%s, %s: sent %q, left out %v", p.kind, place.where, sent, r.LeftOut)
		}
	}
	s.Must(s.Notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": name}}))
}

// The user's own key stays whatever it looks like, also in systemPrompt, and
// what is not secret is sent as it is, line for line.
func TestOwnKeyStays(t *testing.T) {
	t.Parallel()
	const key, escaped = `plain"\words<&>only`, `plain\"\\words<&>only`
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm+`systemPrompt = '''Say `+key+` twice.'''`)
	h.Env = append(h.Env, "OPENAI_API_KEY="+key)
	file := h.Write(t, "w/a.py", "one()\nx = '"+key+"'\ny = \""+escaped+"\"\nfour()\n")
	s := start(t, h)
	s.Initialized(`{"window":{"workDoneProgress":true}}`, filepath.Dir(file))
	var r struct{ LeftOut []struct{ What, Why string } }
	s.Must(s.Command("llmls.ask", map[string]any{"question": "is it " + key + "?", "uri": lsptest.URI(file), "partialResultToken": 1}, &r))
	sent := prompt(t, u)
	if strings.Contains(sent, key) || strings.Contains(sent, escaped) || !strings.Contains(sent, "one()\nx = '[redacted: your key]'\ny = \"[redacted: your key]\"\nfour()\n") {
		t.Errorf("sent %q", sent)
	}
	const want = "4 secrets (your key on line 2, your key on line 3, your key in the question, your key in systemPrompt)"
	if len(r.LeftOut) != 1 || r.LeftOut[0].What != want {
		t.Errorf("left out %v, want %s", r.LeftOut, want)
	}
	s.Await("the end", func(m message) bool { return strings.Contains(string(m.Params), "· 4 secrets left out") })
	for _, dry := range []string{"", "--dry-run"} {
		c := h.Run(t, strings.Fields("ask "+dry+" -f "+file+" why?")...)
		c.Says("3 secrets (your key on line 2")
		if strings.Contains(c.Stdout.String()+c.Stderr.String()+prompt(t, u), "words<&>") {
			t.Errorf("%s: %q %q", dry, c.Stdout.String(), c.Stderr.String())
		}
	}
}

// The selection begins and ends inside of a key, of which the rest is around it.
func TestSelectionInsideAKey(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	line := strings.Repeat("Qx7y", 16) + "\n"
	key := "-----BEGIN " + "PRIVATE KEY-----\n" + strings.Repeat(line, 200) + "-----END " + "PRIVATE KEY-----\n"
	s := start(t, llmls.Home(t, u.URL, calm))
	s.Initialized("")
	s.Open(uri, "plaintext", "first\n"+key+"last\n")
	for _, from := range []int{3, 100, 190} {
		s.Must(s.Command("llmls.explain", map[string]any{"uri": uri, "range": lsptest.Range(from, 5, from+4, 9), "partialResultToken": from}, nil))
		if sent := prompt(t, u); strings.Contains(sent, "Qx7y") || !strings.Contains(sent, "redacted: private key") {
			t.Errorf("from line %d: sent %.300q", from, sent)
		}
	}
}
