package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Known secrets are found whatever they look like, and however they are
// written down.
func TestRedactorKnows(t *testing.T) {
	for _, secret := range []string{"plainword", `q"u\o<t>e&d`, "a b/c?d=e", "hunter"} {
		r := new(Redactor)
		r.Know(secret)
		inner, err := json.Marshal(map[string]string{"error": "bad key " + secret})
		if err != nil {
			t.Fatal(err)
		}
		outer, err := json.Marshal(map[string]string{"body": string(inner)})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{secret, "x" + secret + "y", string(inner), string(outer), "?k=" + url.QueryEscape(secret)} {
			got := r.Redact(text)
			if !strings.Contains(got, "[redacted: your key]") || strings.Contains(got, secret) {
				t.Errorf("%q: %q became %q", secret, text, got)
			}
			if json.Valid([]byte(text)) && !json.Valid([]byte(got)) {
				t.Errorf("%q became %q, which is not JSON", text, got)
			}
		}
	}
	const secret = "sk-~plainly?a_key"
	r := new(Redactor)
	r.Know(secret)
	for _, beside := range []string{"", "u", "user:", "token=", "\x00"} {
		for name, text := range map[string]string{
			"base64":       base64.StdEncoding.EncodeToString([]byte(beside + secret + beside)),
			"base64 URL":   base64.RawURLEncoding.EncodeToString([]byte(beside + secret + beside)),
			"hexadecimal":  fmt.Sprintf("%x", beside+secret),
			"in capitals":  fmt.Sprintf("%X", secret+beside),
			"a whole line": "  api-key: " + base64.StdEncoding.EncodeToString([]byte(secret+"\n")),
		} {
			if got := r.Redact(text); !strings.Contains(got, "[redacted: your key]") || len(got) > len(text)-len(secret)+24 {
				t.Errorf("%s beside %q: %q became %q", name, beside, text, got)
			}
		}
	}
	r = new(Redactor)
	for _, standIn := range []string{"", "none", "ollama", "x", "your-key", "EMPTY", "sk-xxxxxxxxxxxx", "sk-your-key-goes-here", "<your key>", "$OPENAI_API_KEY", "${OPENAI_API_KEY}", "{{ key }}", "%OPENAI_API_KEY%", "sk-abc123...", "sk-put-api-key-here"} {
		if !IsStandIn(standIn) {
			t.Errorf("%q is taken for a key", standIn)
		}
		r.Know(standIn)
	}
	if got := r.Redact("ollama needs none, x is EMPTY: your-key"); strings.Contains(got, "redacted") {
		t.Errorf("words are taken for keys: %q", got)
	}
}

func TestRedactPartsKeepsLines(t *testing.T) {
	body := strings.Repeat(strings.Repeat("Ab3+", 16)+"\r\n", 6)
	key := "-----BEGIN " + "PRIVATE KEY-----\r\n" + body + "-----END " + "PRIVATE KEY-----"
	parts := []string{"a\r\n" + key[:100], key[100:200], key[200:] + "\r\nb\r\n"}
	before := strings.Count(strings.Join(parts, ""), "\r\n")
	found := new(Redactor).RedactParts(parts)
	if diff := cmp.Diff([]Redaction{{"private key", 1, 8}}, found); diff != "" {
		t.Error(diff)
	}
	joined := strings.Join(parts, "")
	if strings.Contains(joined, "Ab3+") || strings.Count(joined, "\r\n") != before || strings.Count(joined, "[redacted: private key]") != 3 {
		t.Errorf("became %q", parts)
	}
	if !strings.HasPrefix(parts[0], "a\r\n[") || !strings.HasSuffix(parts[2], "]\r\n\r\nb\r\n") && !strings.HasSuffix(parts[2], "\r\nb\r\n") {
		t.Errorf("became %q", parts)
	}
}

func TestWriterRedactsEntries(t *testing.T) {
	r, out := new(Redactor), new(bytes.Buffer)
	w := r.Writer(out)
	r.Know("late-secret") // also what is known only later
	for _, entry := range []string{"nothing\n", "the late-secret\n"} {
		if n, err := w.Write([]byte(entry)); n != len(entry) || err != nil {
			t.Errorf("Write: %d, %v", n, err)
		}
	}
	if got, want := out.String(), "nothing\nthe [redacted: your key]\n"; got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
}
