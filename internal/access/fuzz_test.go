package access

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzKeyCommand reads what a program printed and complained: a key that cannot
// stand in a header is none, and what is told of the complaint holds none.
func FuzzKeyCommand(f *testing.F) {
	f.Add("sk-0123456789abcdef", "no such item: sk-0123456789abcdef")
	f.Add("sk-0123456789abcdef\nmore", "gpg: decryption failed: \x1b[31mNo secret key")
	f.Add("", "pass: is not in the password store.\nsecond line")
	f.Add("\xff\x00", "\xff")
	f.Fuzz(func(t *testing.T, stdout, stderr string) {
		secret := strings.TrimSpace(stdout)
		key := Key{Source: "a program", secret: &secret}
		if err := key.check(); err == nil && strings.ContainsAny(secret, "\r\n\x00\x7f") {
			t.Fatalf("%q is a key", secret)
		} else if err != nil && len(secret) > 6 && strings.Contains(err.Error(), secret) {
			t.Fatalf("%q is told: %v", secret, err)
		}
		told := why(errors.New("x"), stderr, secret)
		if strings.ContainsAny(told, "\r\n\x1b\x00") || !utf8.ValidString(told) || len(secret) > 3 && strings.Contains(told, secret) {
			t.Fatalf("of %q with the key %q is told %q", stderr, secret, told)
		}
	})
}

// A key is left out before the line is cut, which could leave a part of it.
func TestKeyAtTheCut(t *testing.T) {
	const secret = "ab cd ef gh"
	if told := why(errors.New("x"), strings.Repeat("x ", 57)+secret, secret); told != "" {
		t.Errorf("it is told %q", told)
	}
}
