package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
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
	n := 0
	for _, beside := range []string{"", "u", "user:", "token=", "\x00"} {
		for name, text := range map[string]string{
			"base64":      base64.StdEncoding.EncodeToString([]byte(beside + secret + beside)),
			"base64 URL":  base64.RawURLEncoding.EncodeToString([]byte(beside + secret + beside)),
			"hexadecimal": fmt.Sprintf("%x", beside+secret),
			"in capitals": fmt.Sprintf("%X", secret+beside),
			"in mixed case": each(fmt.Sprintf("%x", secret), func(c byte) string {
				if n++; n%3 == 0 {
					return strings.ToUpper(string(c))
				}
				return string(c)
			}),
			"with colons":  strings.ReplaceAll(fmt.Sprintf("% X", secret), " ", ":"),
			"with spaces":  fmt.Sprintf("% x", beside+secret),
			"with hyphens": strings.ReplaceAll(fmt.Sprintf("% x", secret+beside), " ", "-"),
			"a whole line": "  api-key: " + base64.StdEncoding.EncodeToString([]byte(secret+"\n")),
		} {
			if got := r.Redact(text); !strings.Contains(got, "[redacted: your key]") || len(got) > len(text)-len(secret)+24 {
				t.Errorf("%s beside %q: %q became %q", name, beside, text, got)
			}
		}
	}
	r = new(Redactor)
	for _, standIn := range []string{
		"", "none", "ollama", "x", "your-key", "EMPTY", "sk-xxxxxxxxxxxx", "sk-your-key-goes-here", "<your key>", "$OPENAI_API_KEY", "${OPENAI_API_KEY}", "{{ key }}", "%OPENAI_API_KEY%", "sk-abc123...", "sk-put-api-key-here",
		"changeme", "change-me", "CHANGE_ME", "sk-changeme", "placeholder", "no_key", "replace_me", "my-api-key", "op://vault/item/key", "vault:secret/x", "file:///x", "env:OPENAI", "insert key here",
	} {
		if !IsStandIn(standIn) {
			t.Errorf("%q is taken for a key", standIn)
		}
		r.Know(standIn)
	}
	if got := r.Redact("ollama needs none, x is EMPTY: your-key"); strings.Contains(got, "redacted") {
		t.Errorf("words are taken for keys: %q", got)
	}
}

// each returns text with every character as escape has it.
func each(text string, escape func(c byte) string) string {
	var b strings.Builder
	for i := range len(text) {
		b.WriteString(escape(text[i]))
	}
	return b.String()
}

// A known secret is found however its characters are escaped: all, one of them or
// every other, once or twice, and if what is encoded is broken into lines.
func TestRedactorKnowsEscapes(t *testing.T) {
	const secret = `sk-a"k\e?y<o>f+m/i&n=e%41`
	r := new(Redactor)
	r.Know(secret)
	format := func(f string) func(byte) string { return func(c byte) string { return fmt.Sprintf(f, c) } }
	escapes := map[string]func(byte) string{
		"address": format("%%%02X"), "address, small": format("%%%02x"), "address, twice": format("%%25%02X"), "address, three times": format("%%2525%02X"), "old address": format("%%u%04X"),
		"string": format(`\x%02x`), "code point": format(`\u%04x`), "code point, twice": format(`\\u%04X`), "four times": format(`\\\\u%04x`), "long": format(`\U%08x`),
		"braces": format(`\u{%x}`), "Perl": format(`\x{%X}`), "octal": format(`\%03o`), "HTML": format("&#%d;"), "HTML, hexadecimal": format("&#x%x;"), "HTML, twice": format("&amp;#x%X;"),
		"octal, short": format(`\%o`), "octal of echo": format(`\0%03o`), "CSS": format(`\%06x`), "CSS, short": format(`\%x `), "CSS, twice": format(`\\%06X`),
		"mail": format("=%02X"), "backslashes": func(c byte) string { return `\` + string(c) },
		"names of HTML": func(c byte) string { return html.EscapeString(string(c)) },
		"more names of HTML": func(c byte) string {
			if name, ok := map[byte]string{'"': "&quot;", '-': "&hyphen;", '\\': "&bsol;", '?': "&quest;", '+': "&plus;", '/': "&sol;", '=': "&equals;", '%': "&percnt;"}[c]; ok {
				return name
			}
			return string(c)
		},
	}
	for name, escape := range escapes {
		n := 0
		for how, text := range map[string]string{
			"all":       each(secret, escape),
			"hyphens":   strings.ReplaceAll(secret, "-", escape('-')),
			"the first": escape(secret[0]) + secret[1:],
			"every other": each(secret, func(c byte) string {
				if n++; n%2 == 0 {
					return escape(c)
				}
				return string(c)
			}),
		} {
			if name == "backslashes" && how != "all" || name == "octal, short" && how == "every other" {
				continue // it would mean another secret
			}
			want := `key = "[redacted: your key]"; b`
			if got := r.Redact(`key = "` + text + `"; b`); got != want && got != strings.Replace(want, `"[`, `"\[`, 1) {
				t.Errorf("%s, %s: %q became %q", name, how, text, got)
			}
		}
	}
	for _, text := range []string{"=\n", "=\r\n", `=\n`, `=\\r\\n`, "\\\n", "\\\r\n"} {
		broken := "x" + secret[:9] + text + secret[9:] + "y"
		if got := strings.TrimRight(r.Redact(broken), "\r\ny"); got != "x[redacted: your key]" {
			t.Errorf("%q became %q", broken, got)
		}
	}
	long := strings.Repeat(secret, 4)
	r = new(Redactor)
	r.Know(long)
	for name, whole := range map[string]string{
		"base64": base64.StdEncoding.EncodeToString([]byte("user:" + long)), "base64 URL": base64.RawURLEncoding.EncodeToString([]byte(long)),
		"hexadecimal": fmt.Sprintf("%x", long),
	} {
		for _, end := range []string{"\n", "\r\n", "\n    ", `\n`, `\r\n`, `\\n`, "\\\n\t"} {
			text := whole[:60] + end + whole[60:120] + end + whole[120:]
			got := r.Redact("data: |\n  " + text + "\nb: c\n")
			if len(got) > 80 || strings.Count(got, "\n") != strings.Count(text, "\n")+3 || !strings.HasSuffix(got, "\nb: c\n") {
				t.Errorf("%s in lines of %q became %q", name, end, got)
			}
		}
		for _, text := range []string{url.QueryEscape(whole), strings.ReplaceAll(whole, "/", `\/`), each(whole, format(`\u%04x`))} {
			if got := r.Redact(text); len(got) > len(text)/3 || !strings.Contains(got, "[redacted: your key]") {
				t.Errorf("%s: %q became %q", name, text, got)
			}
		}
	}
}

// What only begins like a known secret, or is damaged, is none, and costs little.
func TestRedactorKnowsNothingElse(t *testing.T) {
	const secret = "sk-another-key-of-mine"
	r := new(Redactor)
	r.Know(secret)
	for _, text := range []string{
		"sk-another-key-of-min", "sk-another-key-of%2Dmin", "%", "%2", "%25", "%25252525252525252525252525", `\`, `\u`, `\u{`, `\u{2d`, `\U0000002`, `\x`, "&", "&#", "&amp;", "&;", "=", "=2",
		`sk\`, `sk-\u00`, "sk%2", strings.Repeat(`\`, 100), "s" + strings.Repeat(`\`, 100), strings.Repeat("s", 100), `\ud83d\u002`, "é%C3%A9", "&eacute;", `\u{110000}`, `\777`,
	} {
		if got := r.Redact(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
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
