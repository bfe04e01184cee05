package secrets

import (
	"strings"
	"unicode/utf8"
)

// A secretName is a word that names of secrets have.
type secretName struct{ literal, kind string }

const (
	kindPassword = "password"
	kindSecret   = "secret"
	kindAPIKey   = "API key"
)

func secretNames() []secretName {
	var list []secretName
	add := func(kind string, literals ...string) {
		for _, literal := range literals {
			list = append(list, secretName{literal, kind})
		}
	}
	add(kindPassword, "pass", "pwd", "psk", "masterauth", "bindpw", "rootpw", "kennwort", "senha", "contrase", "mot_de_passe", "motdepasse", "密码", "密碼", "ароль", "パスワード")
	add(kindSecret, "secret", "credential", "encryption_key", "encryptionkey", "signing_key", "private_key", "privatekey", "account_key", "accountkey", "master_key", "masterkey",
		"session_key", "sessionkey", "shared_key", "sharedkey", "aes_key", "aeskey", "aes-key", "hmac_key", "hmackey", "hmac-key", "_salt", "mnemonic", "seed_phrase", "seedphrase")
	add("token", "token")
	add(kindAPIKey, "apikey", "api_key", "api-key", "access_key", "accesskey", "access-key", "auth_key", "authkey", "auth-key", "app_key", "appkey", "license_key", "licensekey",
		"subscription_key", "subscriptionkey", "subscription-key", "consumer_key", "consumerkey", "service_key", "servicekey", "functions-key", "deploy_key", "deploykey", "deploy-key", "logged_in_key", "nonce_key")
	return list
}

// A name is one that names a secret, at [start:end) of text.
type name struct {
	text       string
	start, end int
	kind       string
	word       string // the part of it that says so
	words      bool   // its values are often words with a number
}

// assignment finds the value of something that is called a secret, whatever the
// language: password = "…", API_KEY: '…', "client_secret": "…", SECRET=….
func assignment(found []hit, text string, at int, s *shape) []hit {
	const longestName = 60
	end := at + len(s.literal)
	limit := min(len(text), end+longestName)
	for end < limit && (dashed | dot).has(text[end]) {
		end++
	}
	if end < limit && text[end] == '>' && text[end-1] == '-' {
		end-- // of an arrow
	}
	if otherThing(text[at+len(s.literal) : end]) {
		return found
	}
	if start, stop := compared(text, at); stop > start && s.kind == kindPassword {
		found = append(found, hit{Secret{start, stop, s.kind}, rankAssignment})
	}
	if end == limit || !opensValue(text[end]) {
		return found
	}
	start := at
	for start > max(0, at-longestName) && (dashed | dot).has(text[start-1]) {
		start--
	}
	n := name{text: text, start: start, end: end, kind: s.kind, word: s.literal, words: s.kind == kindPassword}
	if (s.literal == "pass" || s.literal == "psk" || s.literal == "pw") && !n.isWord(at, s.literal) {
		return found
	}
	n, shift := n.withoutGap()
	first := len(found)
	if valueStart, valueEnd := n.value(); valueEnd > valueStart {
		found = append(found, hit{Secret{valueStart, valueEnd, s.kind}, rankAssignment})
	}
	found = n.operands(found)
	found = n.collection(found)
	for i := range found[first:] {
		found[first+i].Start += shift
		found[first+i].End += shift
	}
	return found
}

// isWord reports whether the short word at is part of one such as password, or
// stands for it: smtp_pass, dbPass, DB_PASS. Such a name asks more of its value.
func (n *name) isWord(at int, short string) bool {
	rest := strings.ToLower(n.text[at+len(short) : n.end])
	for _, word := range []string{"w", "phrase", "code"} {
		if short == "pass" && strings.HasPrefix(rest, word) {
			return true
		}
	}
	n.words = false
	if digits.runTo(rest, 0, len(rest)) != len(rest) {
		return false
	}
	if at == n.start || !letter.has(n.text[at-1]) || upper.has(n.text[at]) && lower.has(n.text[at-1]) {
		return true
	}
	before := strings.ToLower(n.text[n.start:at])
	for _, word := range []string{"user", "key", "store", "db", "root", "admin", "smtp", "wifi", "require", "my", "ftp"} {
		if strings.HasSuffix(before, word) {
			return true
		}
	}
	return false
}

// before reports whether one of the bytes stands right before the name.
func (n *name) before(bytes string) bool {
	return n.start > 0 && strings.IndexByte(bytes, n.text[n.start-1]) >= 0
}

// opensValue reports whether c may follow a name whose value is to come.
func opensValue(c byte) bool {
	return strings.IndexByte("=:\"'`]) \t\r\n\\[?!+|>,(<{*-/", c) >= 0 || c >= utf8.RuneSelf
}

// otherThing reports whether a name that goes on like this names something about
// a secret: where it is, how long it may be.
func otherThing(rest string) bool {
	rest = strings.ToLower(rest)
	for _, end := range []string{
		"id", "ids", "name", "names", "file", "path", "dir", "url", "uri", "type", "field", "label", "hint", "length", "len", "size",
		"policy", "rules", "prompt", "placeholder", "regex", "pattern", "expiry", "expires", "expiration", "ttl", "header", "class", "endpoint",
		"count", "limit", "index", "pos", "position", "kind", "env", "var", "ref", "prefix", "suffix", "format", "algorithm", "version",
		"hash", "digest", "message", "error", "title", "description", "text", "input", "selector", "manager", "provider", "scope", "encode", "decode", "encoding", "charset", "izer", "ized", "izers",
	} {
		if strings.HasSuffix(rest, end) {
			return true
		}
	}
	return false
}
