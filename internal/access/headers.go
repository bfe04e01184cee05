package access

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/llmls/llmls/internal/completion/secrets"
	"github.com/llmls/llmls/internal/completion/upstream"
	"github.com/llmls/llmls/internal/settings"
)

// addHeaders adds the header fields that config.toml has for the endpoint, with
// its key in them, if they are about the origin that it leads to. A field for the
// key is left out where there is none.
func (ac *Access) addHeaders(endpoint *upstream.Endpoint, s *settings.Settings) {
	origin, err := PlainOriginOf(s.BaseURL)
	if err != nil || len(s.Headers) == 0 || !isOfFile(s, origin) {
		return
	}
	endpoint.Header = make(map[string]string, len(s.Headers))
	for name, value := range s.Headers {
		filled := strings.ReplaceAll(value, settings.KeyInHeader, endpoint.Key)
		if filled != value {
			endpoint.KeyInHeader = true
		}
		if filled == value || endpoint.Key != "" {
			endpoint.Header[name] = filled
		}
	}
	ac.knowHeaders(s.Headers)
}

// knowHeaders makes the redactor replace the secrets in header fields.
func (ac *Access) knowHeaders(headers map[string]string) {
	for name, value := range headers {
		for _, secret := range headerSecrets(name, value) {
			ac.secrets.Know(secret)
		}
	}
}

// headerSecrets returns the parts of a header field that may be secrets. Many fields
// have plain words, such as the name of a team, a version or an address, which are in
// code as well and must not be redacted there.
func headerSecrets(name, value string) []string {
	var found []string
	for _, word := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" ;,", r) }) {
		if u, err := url.Parse(word); err == nil && u.Host != "" || strings.Contains(word, settings.KeyInHeader) {
			continue
		}
		if _, inside, ok := strings.Cut(word, "="); ok && len(inside) >= shortestRandom { // of a cookie
			found = append(found, inside)
		}
		if isRandom(name, word) || len(secrets.Find(word)) > 0 {
			found = append(found, word)
		}
	}
	return found
}

// shortestRandom is the length from which letters with a digit among them count as
// a secret in any header field.
const shortestRandom = 12

// isRandom reports whether word looks generated, in a header field of that name.
func isRandom(name, word string) bool {
	const longestWord = 20
	letter, digit := strings.ContainsFunc(word, unicode.IsLetter), strings.ContainsFunc(word, unicode.IsDigit)
	if namesSecret(name) {
		return digit || len(word) >= longestWord
	}
	return letter && digit && len(word) >= shortestRandom
}

// namesSecret reports whether a header field of that name carries a secret.
func namesSecret(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"key", "token", "secret", "auth", "passw", "cookie", "credential", "signature"}, func(word string) bool {
		return strings.Contains(name, word)
	})
}
