package secrets

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
	"sync"
)

// bareKey finds a private key in base64 without the lines around it: one in
// ASN.1 (PKCS #1, PKCS #8, RFC 5915, PKCS #12) or of OpenSSH. Certificates and
// public keys begin otherwise.
func bareKey(found []hit, text string, at int, s *shape) []hit {
	const shortest = 60
	if !begins(text, at) || within(found, at) {
		return found
	}
	end := keySigns.runTo(text, at, at+longestKey)
	if end-at < shortest || s.literal[0] == 'M' && !privateASN1(text[at:at+shortest]) {
		return found
	}
	end = max(end, at+bodyAfter(text[at:min(len(text), at+longestKey)]))
	return append(found, hit{Secret{at, end, s.kind}, rankPrivateKey})
}

// privateASN1 reports whether the base64 in s begins a sequence whose first
// element is a small version number.
func privateASN1(s string) bool {
	der, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil || len(der) < 8 || der[0] != 0x30 {
		return false
	}
	body := der[2:]
	if der[1] > 0x80 && der[1] < 0x84 { // the length has bytes of its own
		body = body[der[1]-0x80:]
	}
	return bytes.HasPrefix(body, []byte{0x02, 0x01}) && body[2] <= 3
}

// encodedKey finds a private key in PEM that was encoded in base64 once more.
func encodedKey(found []hit, text string, at int, s *shape) []hit {
	const head = 80
	if within(found, at) {
		return found
	}
	raw, err := decodeBase64(text[at : at+(keySigns.runTo(text, at, at+head)-at)/4*4])
	if err != nil || !strings.Contains(raw, "PRIVATE KEY") {
		return found
	}
	return append(found, hit{Secret{at, keySigns.runTo(text, at, at+longestKey), s.kind}, rankPrivateKey})
}

var webKeyValue = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\\?"(?:d|p|q|dp|dq|qi|k)\\?"\s{0,8}:\s{0,8}\\?"([\w-]{16,})\\?"`)
})

// webKey finds the private members of a JSON Web Key (RFC 7518, section 6).
func webKey(found []hit, text string, at int, s *shape) []hit {
	start, end, ok := object(text, at, s.literal)
	if !ok {
		return found
	}
	for _, m := range webKeyValue().FindAllStringSubmatchIndex(text[start:end], -1) {
		found = append(found, hit{Secret{start + m[2], start + m[3], s.kind}, rankToken})
	}
	return found
}
