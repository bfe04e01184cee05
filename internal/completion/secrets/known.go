package secrets

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// A Redactor replaces what looks like a secret, and the secrets that Know was called
// with, whatever they look like. The zero value knows none. It is safe for
// concurrent use.
type Redactor struct {
	mu    sync.RWMutex
	known []string
	forms *[256][]form // of known by their first byte; changed by replacement only
}

const (
	// shortestKnown is the length from which a known secret is looked for:
	// shorter ones are placeholders ("none", "x") and parts of plain words.
	shortestKnown = 6
	// maxKnown bounds what is remembered: a program may print another key each
	// hour.
	maxKnown = 64
	// shortestEncoded is the length from which an encoded form is looked for.
	shortestEncoded = 8

	kindKnown = "your key"
)

// Know has secret replaced from now on, also where some or all of its characters
// are escaped, as in a string, in JSON, in an address or in HTML, once or several
// times, and where it is encoded in base64 or hexadecimal, whatever stands before
// it.
func (r *Redactor) Know(secret string) {
	if IsStandIn(secret) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.known, secret) {
		return
	}
	r.known = append(r.known, secret)
	r.known = slices.Delete(r.known, 0, max(0, len(r.known)-maxKnown))
	r.forms = new([256][]form)
	for _, secret := range r.known {
		for _, f := range forms(secret) {
			r.forms[f.text[0]] = append(r.forms[f.text[0]], f)
		}
	}
}

// IsStandIn reports whether key is a placeholder, such as people give to a local
// server that requires a key and ignores its value, or names the place of a key.
func IsStandIn(key string) bool {
	lower := strings.ToLower(strings.TrimSpace(key))
	bare := strings.TrimPrefix(lower, "sk-")
	words := strings.NewReplacer("_", "-", " ", "-").Replace(bare)
	if len(key) < shortestKnown || repeats(bare) || slices.Contains(standIns(), words) || reference(bare) {
		return true
	}
	for _, start := range []string{"your", "<", "$", "{{", "%", "xxx", "changeme", "change-me", "placeholder", "replace-", "insert-"} { // of an example, or of a variable that nobody filled in
		if strings.HasPrefix(words, start) {
			return true
		}
	}
	return strings.HasSuffix(bare, "...") || strings.Contains(words, "key-here")
}

// reference reports whether key is where a key is kept, which a program was to look
// up: op://vault/item, vault:secret/x, file:///x, env:NAME.
func reference(key string) bool {
	scheme, _, ok := strings.Cut(key, ":")
	return ok && slices.Contains([]string{"op", "vault", "env", "file"}, scheme) ||
		strings.Contains(key, "://")
}

// standIns returns the usual placeholders, with hyphens between words.
func standIns() []string {
	return []string{
		"ollama", "lm-studio", "lmstudio", "llama.cpp", "llamacpp", "localai", "dummy", "not-needed", "no-key", "no-key-required",
		"your-key", "my-key", "my-api-key", "apikey", "api-key", "secret", "password", "undefined", "dummy-key", "fake-key", "test-key", "my-secret-key", "openai-api-key",
		"no-key-needed", "no-api-key", "not-required", "myapikey", "redacted",
	}
}

// A form is a secret as it stands, or encoded.
type form struct {
	text    string
	encoded bool // may be broken into lines
	hex     bool // in either letter case, perhaps with a sign between bytes
}

// forms returns secret itself and what is the same in each text that holds it and
// was encoded as a whole: of base64, the letters that no neighbour has a part of,
// for each of the three ways in which its bytes can fall.
func forms(secret string) []form {
	digits := fmt.Sprintf("%x", secret)
	list := []form{{text: secret}, {text: digits, encoded: true, hex: true}}
	if capital := strings.ToUpper(digits); capital[0] != digits[0] {
		list = append(list, form{text: capital, encoded: true, hex: true})
	}
	for before := range 3 {
		padded := append(make([]byte, before), secret...)
		first, whole := (8*before+5)/6, len(padded)*8/6
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			f := form{text: encoding.EncodeToString(padded)[first:whole], encoded: true}
			if len(f.text) >= shortestEncoded && !slices.Contains(list, f) {
				list = append(list, f)
			}
		}
	}
	return list
}

func (r *Redactor) findKnown(text string) []hit {
	r.mu.RLock()
	forms := r.forms
	r.mu.RUnlock()
	if forms == nil {
		return nil
	}
	var hits []hit
	for at := 0; at < len(text); {
		n := longestForm(forms[text[at]], text[at:])
		switch text[at] {
		case '\\', '%', '&', '=':
			for _, d := range unescape(text[at:]) {
				if d.n > 0 {
					n = max(n, longestForm(forms[d.c], text[at:]))
				}
			}
		}
		if n > 0 {
			hits = append(hits, hit{Secret{at, at + n, kindKnown}, rankPrivateKey})
		}
		at += max(n, 1)
	}
	return hits
}

// longestForm returns the length of the longest of forms at the start of text, 0 if
// there is none.
func longestForm(forms []form, text string) int {
	n := 0
	for _, f := range forms {
		if strings.HasPrefix(text, f.text) {
			n = max(n, len(f.text))
		} else {
			n = max(n, f.length(text))
		}
	}
	return n
}

// length returns how long f is at the start of text, its characters escaped or
// not, 0 if it is not there.
func (f form) length(text string) int {
	at := 0
	for i := range len(f.text) {
		if i > 0 {
			at += softBreak(text[at:])
		}
		if f.encoded && i > 0 {
			at += lineBreak(text[at:])
		}
		if f.hex && i > 0 && i%2 == 0 && at < len(text) && strings.IndexByte(": -", text[at]) >= 0 {
			at++
		}
		n := spelling(text[at:], f.text[i])
		if n == 0 && f.hex && letter.has(f.text[i]) {
			n = spelling(text[at:], f.text[i]^('a'-'A'))
		}
		if n == 0 {
			return 0
		}
		at += n
	}
	return at
}
