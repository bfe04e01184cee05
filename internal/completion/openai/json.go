package openai

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// This is JSON as chat-completions servers send it: RFC 8259, and NaN and
// Infinity (Python's json module writes them), unescaped control characters and
// unknown escapes in strings. The text is cut into slices of the received bytes
// and decoded only where it is used, so a chunk costs no allocation.

// maxNesting bounds the depth of arrays and objects. Real answers reach 8.
const maxNesting = 256

var errNotJSON = errors.New("not JSON")

// cutValue cuts the first value off b and checks that it is well formed. The
// error is io.EOF if there is nothing but space, and io.ErrUnexpectedEOF if the
// end of the value is missing.
func cutValue(b []byte) (value, rest []byte, err error) {
	var inObject [maxNesting]bool
	depth := 0
	start := skipSpace(b, 0)
	if start == len(b) {
		return nil, nil, io.EOF
	}
	for i, wantName := start, false; ; {
		i = skipSpace(b, i)
		if wantName {
			if i, err = skipName(b, i); err != nil {
				return nil, nil, err
			}
		}
		if i == len(b) {
			return nil, nil, io.ErrUnexpectedEOF
		}
		opened := b[i] == '{' || b[i] == '['
		switch {
		case opened && depth == maxNesting:
			return nil, nil, errNotJSON
		case opened:
			inObject[depth] = b[i] == '{'
			depth++
			i++
		case b[i] == '"':
			if i = skipString(b, i); i < 0 {
				return nil, nil, io.ErrUnexpectedEOF
			}
		default:
			end := skipLiteral(b, i)
			if !isLiteral(b[i:end]) {
				if end == len(b) && depth > 0 {
					return nil, nil, io.ErrUnexpectedEOF
				}
				return nil, nil, errNotJSON
			}
			i = end
		}
		for { // close what ends here
			if depth == 0 {
				return b[start:i], b[i:], nil
			}
			i = skipSpace(b, i)
			if i == len(b) {
				return nil, nil, io.ErrUnexpectedEOF
			}
			object := inObject[depth-1]
			if (object && b[i] == '}') || (!object && b[i] == ']') {
				depth--
				i++
				opened = false
				continue
			}
			if !opened {
				if b[i] != ',' {
					return nil, nil, errNotJSON
				}
				i++
			}
			wantName = object
			break
		}
	}
}

// skipName steps over a member's name and its colon.
func skipName(b []byte, i int) (int, error) {
	if i < len(b) && b[i] != '"' {
		return 0, errNotJSON
	}
	if i = skipString(b, i); i < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	i = skipSpace(b, i)
	if i == len(b) {
		return 0, io.ErrUnexpectedEOF
	}
	if b[i] != ':' {
		return 0, errNotJSON
	}
	return skipSpace(b, i+1), nil
}

// members yields the names and values of an object that cutValue has checked;
// of anything else, nothing.
func members(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		if len(object) < 2 || object[0] != '{' {
			return
		}
		for i := 1; ; {
			i = skipSeparators(object, i)
			if object[i] != '"' {
				return
			}
			end := skipString(object, i)
			name := object[i:end]
			i = skipSeparators(object, end)
			end = skipValue(object, i)
			if !yield(memberName(name), object[i:end]) {
				return
			}
			i = end
		}
	}
}

// elements yields the values of an array that cutValue has checked; of anything
// else, nothing.
func elements(array []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		if len(array) < 2 || array[0] != '[' {
			return
		}
		for i := 1; ; {
			i = skipSeparators(array, i)
			if array[i] == ']' {
				return
			}
			end := skipValue(array, i)
			if !yield(array[i:end]) {
				return
			}
			i = end
		}
	}
}

func memberName(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') >= 0 {
		return []byte(stringOf(quoted))
	}
	return quoted[1 : len(quoted)-1]
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipSeparators is for text that is known to be well formed.
func skipSeparators(b []byte, i int) int {
	for b[i] == ' ' || b[i] == ',' || b[i] == ':' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r' {
		i++
	}
	return i
}

// skipString returns the position behind the string that starts at i, or -1 if
// it does not end.
func skipString(b []byte, i int) int {
	// Most strings are names and tokens, shorter than a call is worth.
	const short = 32
	for end := min(len(b), i+short); ; {
		i++
		if i >= end {
			break
		}
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
	for i < len(b) {
		quote := bytes.IndexByte(b[i:], '"')
		if quote < 0 {
			return -1
		}
		quote += i
		escapes := quote
		for escapes > i && b[escapes-1] == '\\' {
			escapes--
		}
		if (quote-escapes)%2 == 0 {
			return quote + 1
		}
		i = quote + 1
	}
	return -1
}

func skipLiteral(b []byte, i int) int {
	for i < len(b) {
		switch c := b[i]; {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '-', c == '+', c == '.':
			i++
		default:
			return i
		}
	}
	return i
}

func isLiteral(word []byte) bool {
	switch string(word) {
	case "":
		return false
	case "null", "true", "false", "NaN", "Infinity", "-Infinity":
		return true
	}
	for _, c := range word { // a number, more or less
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return false
		}
	}
	return true
}

// skipValue is for text that is known to be well formed.
func skipValue(b []byte, i int) int {
	for depth := 0; ; {
		switch b[i] {
		case '{', '[':
			depth++
			i++
		case '}', ']':
			depth--
			i++
		case '"':
			i = skipString(b, i)
		case ' ', '\n', '\t', '\r', ',', ':':
			i++
			continue
		default:
			i = skipLiteral(b, i)
		}
		if depth == 0 {
			return i
		}
	}
}

// isNull also covers a member that is missing.
func isNull(value []byte) bool {
	return len(value) == 0 || string(value) == "null"
}

// stringOf returns a string value decoded, the text of a number or a literal
// as it stands, and nothing for null, arrays and objects.
func stringOf(value []byte) string {
	switch {
	case isNull(value) || value[0] == '{' || value[0] == '[':
		return ""
	case value[0] == '"':
		text, tail := appendUnescaped(nil, value[1:len(value)-1])
		return string(appendTail(text, tail))
	default:
		return string(value)
	}
}

// intOf returns a number, or a string that holds one, without its fraction.
func intOf(value []byte) (int, bool) {
	text := stringOf(value)
	if n, err := strconv.Atoi(text); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < -1<<53 || f > 1<<53 {
		return 0, false
	}
	return int(f), true
}

// appendUnescaped appends what s, the inside of a JSON string, stands for. What
// is no UTF-8 becomes U+FFFD. If s ends within a character (a high surrogate
// without its partner, or the first bytes of a sequence), that piece is
// returned as tail: servers that cut their answer at tokens send the rest at
// the start of the next delta.
func appendUnescaped(dst, s []byte) (text, tail []byte) {
	for {
		esc := bytes.IndexByte(s, '\\')
		if esc < 0 {
			return appendRaw(dst, s)
		}
		dst, tail = appendRaw(dst, s[:esc])
		dst = appendTail(dst, tail)
		s = s[esc:]
		if isHighSurrogate(s) && len(s) == 6 {
			return dst, s
		}
		dst, s = appendEscape(dst, s)
	}
}

// appendTail appends a tail that nothing continued.
func appendTail(dst, tail []byte) []byte {
	if len(tail) == 0 {
		return dst
	}
	return utf8.AppendRune(dst, utf8.RuneError)
}

// appendRaw appends s, which holds no escapes.
func appendRaw(dst, s []byte) (text, tail []byte) {
	if utf8.Valid(s) {
		return append(dst, s...), nil
	}
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		if r == utf8.RuneError && size == 1 && !utf8.FullRune(s) {
			return dst, s
		}
		dst = utf8.AppendRune(dst, r)
		s = s[size:]
	}
	return dst, nil
}

// appendEscape decodes the escape that s starts with and returns the rest.
func appendEscape(dst, s []byte) (text, rest []byte) {
	if len(s) < 2 {
		return append(dst, s...), nil
	}
	switch s[1] {
	case 'n':
		return append(dst, '\n'), s[2:]
	case 't':
		return append(dst, '\t'), s[2:]
	case 'r':
		return append(dst, '\r'), s[2:]
	case 'b':
		return append(dst, '\b'), s[2:]
	case 'f':
		return append(dst, '\f'), s[2:]
	case 'u':
		r, ok := hexEscape(s)
		if !ok {
			return append(dst, s[:2]...), s[2:]
		}
		s = s[6:]
		if utf16.IsSurrogate(r) {
			low, _ := hexEscape(s)
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				s = s[6:]
			}
		}
		return utf8.AppendRune(dst, r), s
	case '"', '\\', '/':
		return append(dst, s[1]), s[2:]
	default: // no escape at all
		return dst, s[1:]
	}
}

func isHighSurrogate(s []byte) bool {
	r, ok := hexEscape(s)
	return ok && r >= 0xD800 && r < 0xDC00
}

// hexEscape reads the \uXXXX that s starts with.
func hexEscape(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range s[2:6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
