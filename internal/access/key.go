package access

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/llmls/llmls/internal/completion"
)

// A Key is the API key of an endpoint. However a Key is printed or encoded, the
// secret does not appear: it is behind a pointer, so that this holds even for a Key
// in a private field, where fmt calls no methods.
type Key struct {
	Source string // "OPENAI_API_KEY", "apiKeyCommand (pass)", "keyring", "the file …" or NoKey
	secret *string
}

// NoKey is the Source where there is no key: local servers need none.
const NoKey = "none"

// NewKey returns the key that text holds, without what people and programs put
// around it: white space, a byte-order mark, quotation marks, "Bearer". It fails
// with a *completion.Error of kind Config if that is no key; source is for its
// sentence.
func NewKey(source, text string) (Key, error) {
	text = bareKey(text)
	if text == "" {
		return Key{}, badKey(source, "there is none")
	}
	key := Key{Source: source, secret: &text}
	return key, key.check()
}

// Secret returns the key itself, "" if there is none.
func (k Key) Secret() string {
	if k.secret == nil {
		return ""
	}
	return *k.secret
}

// String names the source.
func (k Key) String() string { return "key from " + k.Source }

// GoString returns the same as String, for %#v.
func (k Key) GoString() string { return k.String() }

// MarshalText returns the same as String.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// quotationMarks may stand around a key that was copied: those of shells and
// files, and what word processors make of them.
const quotationMarks = "\"'`´“”„‟‘’‚‛«»‹›「」『』＂＇"

// bareKey returns the key in text, without what is around it.
func bareKey(text string) string {
	for {
		before := text
		text = strings.TrimLeftFunc(text, isBlank)
		text = strings.TrimRightFunc(text, func(r rune) bool { return isBlank(r) || r == ',' || r == ';' })
		text = unquoted(withoutScheme(text))
		if text == before {
			return text
		}
	}
}

// isBlank reports whether a character is white space or invisible, as a byte-order
// mark is.
func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }

// withoutScheme takes off the name of a header field or a member, and "Bearer".
func withoutScheme(text string) string {
	for _, name := range []string{"Authorization", "x-api-key", "x-goog-api-key", "api-key", "api_key", "apiKey", "Bearer"} {
		rest := text
		if rest != "" && strings.ContainsRune("\"'", rune(rest[0])) && len(rest) > len(name)+1 && rest[len(name)+1] == rest[0] {
			rest = rest[1:len(name)+1] + rest[len(name)+2:] // the name has quotation marks of its own
		}
		if len(rest) < len(name) || !strings.EqualFold(rest[:len(name)], name) {
			continue
		}
		rest = rest[len(name):]
		value := strings.TrimLeftFunc(rest, isBlank)
		switch {
		case value != "" && (value[0] == ':' || value[0] == '='):
			return value[1:]
		case name == "Bearer" && (value == "" || value != rest):
			return value
		}
	}
	return text
}

// unquoted takes off a pair of quotation marks or brackets.
func unquoted(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	last, lastSize := utf8.DecodeLastRuneInString(text)
	if len(text) <= size {
		return text
	}
	closing, isBracket := map[rune]rune{'<': '>', '[': ']', '(': ')'}[first]
	if isBracket && closing == last || strings.ContainsRune(quotationMarks, first) && strings.ContainsRune(quotationMarks, last) {
		return text[size : len(text)-lastSize]
	}
	for _, mark := range []string{`\"`, `\'`, "&quot;", "&#34;", "&#39;", "%22", "%27"} {
		if inner, ok := strings.CutPrefix(text, mark); ok {
			if inner, ok = strings.CutSuffix(inner, strings.TrimSuffix(mark, ";")); ok { // which is off already
				return inner
			}
		}
	}
	return text
}

// maxKey is the longest key that is sent: servers refuse headers of that size.
const maxKey = 8 << 10

// check refuses what cannot stand in a header.
func (k Key) check() error {
	secret := k.Secret()
	if len(secret) > maxKey {
		return badKey(k.Source, "it is longer than 8 KiB")
	}
	first, _ := utf8.DecodeRuneInString(secret)
	last, _ := utf8.DecodeLastRuneInString(secret)
	switch {
	case secret == "":
		return nil
	case strings.ContainsRune(quotationMarks, first), strings.ContainsRune(quotationMarks, last):
		return badKey(k.Source, "it begins or ends with a quotation mark")
	case isAssignment(secret):
		return badKey(k.Source, "it begins with the name of a variable")
	case isReference(secret):
		return badKey(k.Source, "it stands for a variable and is not its value")
	case secret[0] == '{':
		return badKey(k.Source, "it is JSON, not the key alone")
	case strings.Contains(secret, "***"), strings.Contains(secret, "..."):
		return badKey(k.Source, "a part of it is hidden")
	}
	return k.checkCharacters()
}

// checkCharacters refuses characters that no header field takes, and white space, which
// no bearer token holds (RFC 6750, section 2.1).
func (k Key) checkCharacters() error {
	for _, r := range k.Secret() {
		switch {
		case r == '\n' || r == '\r':
			return badKey(k.Source, "it has more than one line")
		case unicode.IsSpace(r):
			return badKey(k.Source, "it holds white space")
		case r < ' ' || r == 0x7f:
			return badKey(k.Source, "it holds a control character")
		case r > 0x7f:
			return badKey(k.Source, "it holds a character that is not ASCII")
		}
	}
	return nil
}

func badKey(source, detail string) error {
	return &completion.Error{
		Kind: completion.Config, Reason: completion.BadKey, KeySource: source, Detail: detail,
	}
}

// isAssignment reports whether text is a line of a shell, of an environment file or
// of YAML. A key in base64 may end in "=", too.
func isAssignment(text string) bool {
	name, value, isShell := strings.Cut(strings.TrimPrefix(text, "export "), "=")
	if !isShell {
		name, value, _ = strings.Cut(text, ":")
	}
	upper := strings.ToUpper(name)
	if strings.Trim(value, "=") == "" || !isVariable(upper) {
		return false
	}
	return isShell && name == upper && name != "" || strings.HasSuffix(upper, "_KEY") || strings.HasSuffix(upper, "_TOKEN")
}

// isReference reports whether text is what a shell or a template puts a value in place
// of.
func isReference(text string) bool {
	for _, around := range [][2]string{{"${", "}"}, {"$(", ")"}, {"{{", "}}"}, {"%", "%"}, {"$env:", ""}} {
		if inner, ok := strings.CutPrefix(text, around[0]); ok && inner != "" && strings.HasSuffix(inner, around[1]) {
			return true
		}
	}
	name, ok := strings.CutPrefix(text, "$")
	return ok && name != "" && isVariable(name)
}

// isVariable reports whether text can be the name of a variable, in capital letters.
func isVariable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') })
}
