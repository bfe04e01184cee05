package jsonwalk

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// A Joiner decodes JSON strings that follow each other and joins characters that
// were cut between them. The zero value is ready.
type Joiner struct {
	tail    []byte // the undecoded start of a character
	scratch []byte
}

// Append appends to dst what inner, the inside of a JSON string, stands for. It
// keeps the start of a character whose end is missing for the next call.
func (j *Joiner) Append(dst, inner []byte) []byte {
	if len(j.tail) > 0 {
		j.scratch = append(append(j.scratch[:0], j.tail...), inner...)
		inner = j.scratch
	}
	dst, tail := appendUnescaped(dst, inner)
	j.tail = append(j.tail[:0], tail...)
	return dst
}

// Finish appends U+FFFD for a character that nothing completed.
func (j *Joiner) Finish(dst []byte) []byte {
	dst = appendTail(dst, j.tail)
	j.tail = j.tail[:0]
	return dst
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
		if esc > 0 {
			dst, tail = appendRaw(dst, s[:esc])
			dst = appendTail(dst, tail)
			s = s[esc:]
		}
		if len(s) == 6 && isHighSurrogate(s) {
			return dst, s
		}
		dst, s = appendEscape(dst, s)
	}
}

// appendTail appends U+FFFD for a tail that nothing continued.
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
