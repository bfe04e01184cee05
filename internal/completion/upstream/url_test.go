package upstream

import (
	"net/url"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
)

func TestParseBase(t *testing.T) {
	for base, want := range map[string]string{
		// The same place, however it is written.
		"api.openai.com":                                                           "https://api.openai.com/v1/chat/completions",
		"api.openai.com/":                                                          "https://api.openai.com/v1/chat/completions",
		"api.openai.com/v1":                                                        "https://api.openai.com/v1/chat/completions",
		"https://api.openai.com":                                                   "https://api.openai.com/v1/chat/completions",
		"https://api.openai.com///":                                                "https://api.openai.com/v1/chat/completions",
		"https://api.openai.com/v1":                                                "https://api.openai.com/v1/chat/completions",
		"https://api.openai.com/v1/":                                               "https://api.openai.com/v1/chat/completions",
		"https://api.openai.com/v1/chat/completions":                               "https://api.openai.com/v1/chat/completions",
		"https://api.openai.com/v1/responses":                                      "https://api.openai.com/v1/chat/completions",
		"https://api.anthropic.com/v1/messages":                                    "https://api.anthropic.com/v1/chat/completions",
		"https://api.openai.com/v1/chat/completions/":                              "https://api.openai.com/v1/chat/completions",
		"  HTTPS://API.OpenAI.com/v1\n":                                            "https://api.openai.com/v1/chat/completions",
		"https://api.openai.com/v1#frag":                                           "https://api.openai.com/v1/chat/completions",
		"https://api.groq.com/openai/v1":                                           "https://api.groq.com/openai/v1/chat/completions",
		"https://ark.cn-beijing.volces.com/api/v3":                                 "https://ark.cn-beijing.volces.com/api/v3/chat/completions",
		"https://generativelanguage.googleapis.com/v1beta/openai/":                 "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions",
		"https://x.openai.azure.com/openai/deployments/gpt?api-version=2024-10-21": "https://x.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21",
		"https://relay.example/v1/chat/completions?key=a%2Fb":                      "https://relay.example/v1/chat/completions?key=a%2Fb",
		"https://xn--80ak6aa92e.example":                                           "https://xn--80ak6aa92e.example/v1/chat/completions",
		"relay.example:8443/v1":                                                    "https://relay.example:8443/v1/chat/completions",
		"https://relay.example/a%2Fb/v1":                                           "https://relay.example/a%2Fb/v1/chat/completions",
		"https://relay.example//v1":                                                "https://relay.example/v1/chat/completions",
		// This machine.
		"localhost:11434":              "http://localhost:11434/v1/chat/completions",
		"localhost":                    "http://localhost/v1/chat/completions",
		"127.0.0.1:8080/v1":            "http://127.0.0.1:8080/v1/chat/completions",
		"127.8.9.1":                    "http://127.8.9.1/v1/chat/completions",
		"[::1]:8080":                   "http://[::1]:8080/v1/chat/completions",
		"http://0.0.0.0:8080":          "http://0.0.0.0:8080/v1/chat/completions",
		"http://llm.localhost:1":       "http://llm.localhost:1/v1/chat/completions",
		"http://[::ffff:127.0.0.1]/v1": "http://[::ffff:127.0.0.1]/v1/chat/completions",
		"https://localhost:8080":       "https://localhost:8080/v1/chat/completions",
		"HTTP://LOCALHOST:8080/v1":     "http://localhost:8080/v1/chat/completions",
	} {
		got, err := ParseBase(base)
		if err != nil || got.JoinPath("/chat/completions").String() != want {
			t.Errorf("ParseBase(%q) = %v, %v; want what leads to %s", base, got, err, want)
		}
	}
}

func TestParseBaseRefuses(t *testing.T) {
	for base, want := range map[string]completion.Reason{
		"":                                     completion.BadBaseURL,
		"   ":                                  completion.BadBaseURL,
		"https://":                             completion.BadBaseURL,
		"https:///v1":                          completion.BadBaseURL,
		"https://:8080":                        completion.BadBaseURL,
		"/v1":                                  completion.BadBaseURL,
		"ftp://example.com":                    completion.BadBaseURL,
		"file:///etc/passwd":                   completion.BadBaseURL,
		"unix:///run/x.sock":                   completion.BadBaseURL,
		"https://user:hunter22@example.com":    completion.BadBaseURL,
		"user@example.com":                     completion.BadBaseURL,
		"user@localhost":                       completion.BadBaseURL,
		"https://example.com:port":             completion.BadBaseURL,
		"https://example.com:":                 completion.BadBaseURL,
		"https://exa mple.com":                 completion.BadBaseURL,
		"https://example.com/%zz":              completion.BadBaseURL,
		"https://[::1":                         completion.BadBaseURL,
		"https://example.com\x00":              completion.BadBaseURL,
		"https://\u0430pi.openai.com":          completion.BadBaseURL, // Cyrillic
		"https://%D0%B0pi.openai.com":          completion.BadBaseURL,
		"https://api\u3002openai.com":          completion.BadBaseURL, // an ideographic full stop
		`https://a"b.example`:                  completion.BadBaseURL,
		"https://a.example;x":                  completion.BadBaseURL,
		"https://" + strings.Repeat("a.", 127): completion.BadBaseURL,
		"https://example.com/v1?key=a b":       completion.BadBaseURL,
		"https://example.com/v1?key=\u00e9":    completion.BadBaseURL,
		"https://example.com/v1? #":            completion.BadBaseURL,
		"http://example.com":                   completion.PlainHTTP,
		"http://192.168.1.5:11434":             completion.PlainHTTP,
		"http://localhost.example.com":         completion.PlainHTTP,
		"http://127.0.0.1.example.com/v1":      completion.PlainHTTP,
		"http://notlocalhost":                  completion.PlainHTTP,
	} {
		u, err := ParseBase(base)
		failed := completion.AsError(err)
		if failed == nil || failed.Kind != completion.Config || failed.Reason != want {
			t.Errorf("ParseBase(%q) = %v, %v; want reason %q", base, u, err, want)
			continue
		}
		if text := failed.Sentence() + failed.Error(); strings.Contains(text, "hunter22") {
			t.Errorf("the password is in the error: %s", text)
		}
	}
}

func TestModelsURL(t *testing.T) {
	for base, want := range map[string]string{
		"localhost:8080":                          "http://localhost:8080/v1/models",
		"https://api.groq.com/openai/v1?x=1":      "https://api.groq.com/openai/v1/models?x=1",
		"https://api.openai.com/chat/completions": "https://api.openai.com/models",
	} {
		u, err := ParseBase(base)
		if err != nil {
			t.Fatal(err)
		}
		if got := u.JoinPath("models").String(); got != want {
			t.Errorf("%s: got %s, want %s", base, got, want)
		}
	}
}

func FuzzParseBase(f *testing.F) {
	for _, base := range []string{"localhost:1", "https://a.example/v1/", "http://a", "a/b?c#d", "//x", "%", "0? #", "[::1]:1/a%2F"} {
		f.Add(base)
	}
	f.Fuzz(func(t *testing.T, base string) {
		u, err := ParseBase(base)
		if err != nil {
			if failed := completion.AsError(err); failed == nil || failed.Kind != completion.Config || failed.Sentence() == "" {
				t.Fatalf("%q: %v", base, err)
			}
			return
		}
		if u.User != nil || u.Hostname() == "" || (u.Scheme != "https" && !isLoopback(u.Hostname())) {
			t.Fatalf("%q gives %s", base, u)
		}
		if u.Fragment != "" {
			t.Fatalf("%q gives %s", base, u)
		}
		for _, path := range endings() {
			full := u.JoinPath(path)
			again, err := ParseBase(full.String())
			if err != nil || again.JoinPath(path).String() != full.String() {
				t.Fatalf("%q gives %s, which gives %v, %v", base, full, again, err)
			}
		}
		if _, err := url.Parse(u.JoinPath("models").String()); err != nil {
			t.Fatal(err)
		}
	})
}
