//go:build linux

package faults

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/test/process"
)

// ownKey has what each escaping changes, and looks like no provider's key.
const ownKey = `plain"\words?<&>only`

// encodings are the ways in which a key stands in code.
func encodings(key string) []string {
	each := func(format string) string {
		var all strings.Builder
		for i := range len(key) {
			fmt.Fprintf(&all, format, key[i])
		}
		return all.String()
	}
	return []string{
		each("%%%02x"), each("%%25%02X"), strings.ReplaceAll(key, "l", "%6C"), each(`\u%04x`), each(`\\u%04X`), each(`\x%02x`), each(`\%03o`), each("&#%d;"),
		each(`\%o`), each(`\0%03o`), each(`\%06x`), each(`\%x `), key[:9] + "=\n" + key[9:],
		base64.StdEncoding.EncodeToString([]byte("the user:" + key))[:20] + "\\n" + base64.StdEncoding.EncodeToString([]byte("the user:" + key))[20:],
		key, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(key), url.QueryEscape(key), url.PathEscape(key),
		base64.StdEncoding.EncodeToString([]byte(key)), base64.StdEncoding.EncodeToString([]byte(key + "\n")), base64.URLEncoding.EncodeToString([]byte("user:" + key)),
		fmt.Sprintf("%x", key), fmt.Sprintf("%X", key), fmt.Sprintf("% x", key), strings.ReplaceAll(fmt.Sprintf("% X", key), " ", ":"),
	}
}

// holdsKey reports whether a part of an encoded key is in text that is long
// enough to be told.
func holdsKey(text, key string) bool {
	for _, form := range encodings(key) {
		if strings.Contains(text, form[2:len(form)-4]) {
			return true
		}
	}
	return false
}

// The user's own key leaves in no prompt, wherever it comes from, already in the
// first one: the program that prints it has not run before.
func TestOwnKeyStaysFromTheFirst(t *testing.T) {
	t.Parallel()
	for name, give := range map[string]func(*testing.T, *process.Home, string){
		"the environment": func(_ *testing.T, h *process.Home, _ string) { h.Env = append(h.Env, "OPENAI_API_KEY="+ownKey) },
		"the environment, for other programs": func(t *testing.T, h *process.Home, _ string) {
			h.Configure(t, calm+"apiKeyEnv = 'NONE'\n")
			h.Env = append(h.Env, "OPENAI_API_KEY="+ownKey)
		},
		"a program": func(t *testing.T, h *process.Home, _ string) {
			script := h.Write(t, "key", "#!/bin/sh\ncat <<'END'\n"+ownKey+"\nEND\n")
			if err := os.Chmod(script, 0o700); err != nil {
				t.Fatal(err)
			}
			h.Configure(t, calm+"apiKeyCommand = ['"+script+"']\n")
		},
		"a file": func(t *testing.T, h *process.Home, to string) { login(t, h, ownKey, "--file", to).Exits(0) },
		"a file, for another endpoint": func(t *testing.T, h *process.Home, _ string) {
			login(t, h, ownKey, "--file", "https://other.example").Exits(0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			h := withoutKey(t, u.URL)
			give(t, h, u.URL)
			file := h.Write(t, "w/a.py", "one()\n"+strings.Join(encodings(ownKey), "\n")+"\nlast()\n")
			ask := func(more ...any) map[string]any {
				argument := map[string]any{"question": "is it " + ownKey + "?", "uri": lsptest.URI(file)}
				for i := 0; i < len(more); i += 2 {
					argument[more[i].(string)] = more[i+1]
				}
				return argument
			}
			leaves := func(what string) {
				t.Helper()
				sent := prompt(t, u)
				if holdsKey(sent, ownKey) || !strings.Contains(sent, "one()\n") || !strings.Contains(sent, "[redacted: your key]") {
					t.Errorf("%s: sent %q", what, sent)
				}
			}
			var r struct {
				Conversation string
				LeftOut      []struct{ What string }
			}
			s := start(t, h)
			s.Initialized("", filepath.Dir(file))
			s.Must(s.Command("llmls.ask", ask("partialResultToken", 1), &r))
			leaves("the first answer")
			if len(r.LeftOut) != 1 || !strings.HasPrefix(r.LeftOut[0].What, fmt.Sprint(len(encodings(ownKey))+1, " secrets (your key")) {
				t.Errorf("left out %v", r.LeftOut)
			}
			s.Must(s.Command("llmls.ask", ask("partialResultToken", 2, "conversation", r.Conversation), &r))
			leaves("what follows")

			s = start(t, h)
			s.Initialized("", filepath.Dir(file))
			var dry struct{ Body string }
			s.Must(s.Command("llmls.ask", ask("dryRun", true), &dry))
			if holdsKey(strings.ReplaceAll(dry.Body, `\\`, `\`), ownKey) {
				t.Errorf("a dry run shows %s", dry.Body)
			}
			for _, dry := range []string{"", "--dry-run"} {
				c := h.Run(t, strings.Fields("ask "+dry+" -f "+file+" why?")...)
				c.Exits(0)
				c.Says(fmt.Sprint(len(encodings(ownKey)), " secrets (your key on line 2"))
				leaves("the command line")
				if holdsKey(c.Stdout.String(), ownKey) {
					t.Errorf("%s: printed %q", dry, c.Stdout.String())
				}
			}
		})
	}
}

// A key is copied with what stands around it: quotation marks, a scheme, a
// byte-order mark. What cannot be taken off is told before anything is sent.
func TestKeyWithItsSurroundings(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`"` + storedKey + `"`, "'" + storedKey + "'", "`" + storedKey + "`", "\u201c" + storedKey + "\u201d", "Bearer " + storedKey, "bearer  " + storedKey, `"Bearer ` + storedKey + `"`,
		`Bearer "` + storedKey + `"`, "Authorization: Bearer " + storedKey, "x-api-key: " + storedKey, "Bearer:" + storedKey, storedKey + "\u200b", "\u2060" + storedKey, "\ufeff" + storedKey, "\ufeff\"" + storedKey + "\"\r", "\u00a0" + storedKey + "\t",
		"\u00ab" + storedKey + "\u00bb", "\u201a" + storedKey + "\u2018", "\u300c" + storedKey + "\u300d", "\uff02" + storedKey + "\uff02", "<" + storedKey + ">", "[" + storedKey + "]", "(" + storedKey + ")",
		"Bearer\t" + storedKey, "Bearer\u00a0" + storedKey, "BEARER: " + storedKey, "Bearer=" + storedKey, "Bearer Bearer " + storedKey, "authorization=Bearer " + storedKey, "Authorization : Bearer " + storedKey,
		"X-Goog-Api-Key: " + storedKey, "api_key: " + storedKey, `"apiKey": "` + storedKey + `",`, storedKey + ",", storedKey + ";", `"` + storedKey + `";`, `\"` + storedKey + `\"`, "&quot;" + storedKey + "&quot;", "%22" + storedKey + "%22",
		utf16Text(storedKey+"\r\n", true), utf16Text(storedKey+"\r\n", false), utf16Text(storedKey, true),
	} {
		u := completiontest.NewUpstream(t)
		h := withoutKey(t, u.URL)
		login(t, h, text+"\n", "--file").Exits(0)
		h.Run(t, "ask", "why?").Exits(0)
		if got := authorization(t, u); got != storedKey {
			t.Errorf("from %q by login: %q", text, got)
		}
		if strings.Contains(text, "\x00") {
			continue // no variable holds it
		}
		h = withoutKey(t, u.URL)
		h.Env = append(h.Env, "OPENAI_API_KEY="+text)
		h.Run(t, "ask", "why?").Exits(0)
		if got := authorization(t, u); got != storedKey {
			t.Errorf("from %q in the environment: %q", text, got)
		}
	}
	for text, says := range map[string]string{
		`"` + storedKey: "quotation mark", storedKey + "'": "quotation mark", "OPENAI_API_KEY=" + storedKey: "name of a variable", "export KEY=" + storedKey: "name of a variable",
		`{"key":"` + storedKey + `"}`: "JSON", storedKey[:9] + "\u200b" + storedKey[9:]: "not ASCII",
		"Token " + storedKey: "white space", storedKey + " # mine": "white space", storedKey[:9] + "\u00a0" + storedKey[9:]: "white space", "$OPENAI_API_KEY": "stands for a variable", "${OPENAI_API_KEY}": "stands for a variable",
		"%OPENAI_API_KEY%": "stands for a variable", "{{OPENAI_API_KEY}}": "stands for a variable", "openai_api_key=" + storedKey: "name of a variable", "api-key=": "wants a key", "sk-****-6789": "hidden", "sk-...6789": "hidden",
		"$env:OPENAI_API_KEY=" + storedKey: "stands for a variable", "OPENAI_API_KEY:" + storedKey: "name of a variable", `""`: "wants a key", " Bearer ": "wants a key",
	} {
		u := completiontest.NewUpstream(t)
		u.Script(completiontest.Status(401))
		h := withoutKey(t, u.URL)
		h.Env = append(h.Env, "OPENAI_API_KEY="+text)
		c := h.Run(t, "ask", "why?")
		c.Exits(1)
		c.Says(says)
		for _, r := range u.Requests() {
			if r.Header.Get("Authorization") != "" {
				t.Errorf("%q was sent as %q", text, r.Header.Get("Authorization"))
			}
		}
	}
}
