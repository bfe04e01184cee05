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
const quotationMarks = "\"'`“”„‘’"

// bareKey returns the key in text, without what is around it.
func bareKey(text string) string {
	for {
		before := text
		text = strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) // a byte-order mark is one
		for _, scheme := range []string{"Authorization:", "x-api-key:", "api-key:", "Bearer ", "Bearer:"} {
			if len(text) >= len(scheme) && strings.EqualFold(text[:len(scheme)], scheme) {
				text = text[len(scheme):]
			}
		}
		if strings.EqualFold(text, "Bearer") {
			return ""
		}
		first, size := utf8.DecodeRuneInString(text)
		last, lastSize := utf8.DecodeLastRuneInString(text)
		if len(text) > size && strings.ContainsRune(quotationMarks, first) && strings.ContainsRune(quotationMarks, last) {
			text = text[size : len(text)-lastSize]
		}
		if text == before {
			return text
		}
	}
}

// maxKey is the longest key that is sent: servers refuse headers of that size.
const maxKey = 8 << 10

// check refuses what cannot stand in a header.
func (k Key) check() error {
	secret := k.Secret()
	if len(secret) > maxKey {
		return badKey(k.Source, "it is longer than 8 KiB")
	}
	switch {
	case secret == "":
		return nil
	case strings.ContainsRune(quotationMarks, rune(secret[0])), strings.ContainsRune(quotationMarks, rune(secret[len(secret)-1])):
		return badKey(k.Source, "it begins or ends with a quotation mark")
	case isAssignment(secret):
		return badKey(k.Source, "it begins with the name of a variable")
	case secret[0] == '{':
		return badKey(k.Source, "it is JSON, not the key alone")
	}
	for i := range len(secret) {
		switch c := secret[i]; {
		case c == '\n' || c == '\r':
			return badKey(k.Source, "it has more than one line")
		case c < ' ' || c == 0x7f:
			return badKey(k.Source, "it holds a control character")
		case c > 0x7f:
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

// isAssignment reports whether text is a line of a shell or of an environment
// file. A key in base64 may end in "=", too.
func isAssignment(text string) bool {
	name, value, _ := strings.Cut(strings.TrimPrefix(text, "export "), "=")
	return name != "" && strings.Trim(value, "=") != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z')
	})
}
