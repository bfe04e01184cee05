// Package jsonwalk reads JSON as servers of models send it: RFC 8259, and NaN
// and Infinity (Python's json module writes them), unescaped control characters
// and unknown escapes in strings. Values are slices of the bytes they lie in and
// are decoded only where they are used, so a walk costs no allocation. A value
// of another type than expected reads as nothing.
//
// It knows JSON alone, and no completions.
package jsonwalk

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strconv"
)

// maxNesting bounds the depth of arrays and objects. Real answers reach 8.
const maxNesting = 256

// ErrNotJSON is the error for bytes that are no JSON value, however they went on.
var ErrNotJSON = errors.New("not JSON")

// Cut cuts the first value off b and checks that it is well formed. The
// error is io.EOF if there is nothing but space, and io.ErrUnexpectedEOF if the
// end of the value is missing.
func Cut(b []byte) (value, rest []byte, err error) {
	c := cutter{b: b, i: skipSpace(b, 0)}
	start := c.i
	if start == len(b) {
		return nil, nil, io.EOF
	}
	for {
		opened, err := c.begin()
		if err != nil {
			return nil, nil, err
		}
		over, err := c.end(opened)
		if err != nil {
			return nil, nil, err
		}
		if over {
			return b[start:c.i], b[c.i:], nil
		}
	}
}

// A cutter walks over one value without recursion.
type cutter struct {
	b        []byte
	i        int
	inObject [maxNesting]bool // for each open object or array, which of them it is
	depth    int
	wantName bool
}

// begin steps over a scalar, or into an array or object, with the member's name
// before it.
func (c *cutter) begin() (opened bool, err error) {
	c.i = skipSpace(c.b, c.i)
	if c.wantName {
		if c.i, err = skipName(c.b, c.i); err != nil {
			return false, err
		}
	}
	if c.i == len(c.b) {
		return false, io.ErrUnexpectedEOF
	}
	switch c.b[c.i] {
	case '{', '[':
		if c.depth == maxNesting {
			return false, ErrNotJSON
		}
		c.inObject[c.depth] = c.b[c.i] == '{'
		c.depth++
		c.i++
		return true, nil
	case '"':
		if c.i = skipString(c.b, c.i); c.i < 0 {
			return false, io.ErrUnexpectedEOF
		}
		return false, nil
	}
	end := skipLiteral(c.b, c.i)
	word := c.b[c.i:end]
	c.i = end
	switch {
	case isLiteral(word):
		return false, nil
	case end == len(c.b) && c.depth > 0:
		return false, io.ErrUnexpectedEOF
	default:
		return false, ErrNotJSON
	}
}

// end closes all that ends here and steps over the comma to what follows. It
// reports true at the end of the whole value.
func (c *cutter) end(opened bool) (over bool, err error) {
	for c.depth > 0 {
		c.i = skipSpace(c.b, c.i)
		if c.i == len(c.b) {
			return false, io.ErrUnexpectedEOF
		}
		object := c.inObject[c.depth-1]
		switch next := c.b[c.i]; {
		case object && next == '}', !object && next == ']':
			c.depth--
			c.i++
			opened = false
			continue
		case opened:
		case next == ',':
			c.i++
		default:
			return false, ErrNotJSON
		}
		c.wantName = object
		return false, nil
	}
	return true, nil
}

// skipName steps over a member's name and its colon.
func skipName(b []byte, i int) (int, error) {
	if i < len(b) && b[i] != '"' {
		return 0, ErrNotJSON
	}
	if i = skipString(b, i); i < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	i = skipSpace(b, i)
	if i == len(b) {
		return 0, io.ErrUnexpectedEOF
	}
	if b[i] != ':' {
		return 0, ErrNotJSON
	}
	return skipSpace(b, i+1), nil
}

// Members yields the names and values of an object that Cut has checked;
// of anything else, nothing.
func Members(object []byte) iter.Seq2[[]byte, []byte] {
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

// Elements yields the values of an array that Cut has checked; of anything
// else, nothing.
func Elements(array []byte) iter.Seq[[]byte] {
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

// Member returns the value of a member of an object that Cut has checked, the
// last of several with one name; of anything else, nothing.
func Member(object []byte, name string) (value []byte) {
	for n, v := range Members(object) {
		if string(n) == name {
			value = v
		}
	}
	return value
}

// Count returns an upper bound, which is close, of how many values text holds:
// every element of a list, member of an object and empty list or object counts.
// The text need not be well formed. A caller that allocates something for each
// value can bound its memory with it.
func Count(text []byte) int {
	n := 1
	for i := 0; i < len(text); {
		switch text[i] {
		case '"':
			if i = skipString(text, i); i < 0 {
				return n
			}
			continue
		case ',', '[', '{':
			n++
		}
		i++
	}
	return n
}

func memberName(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') >= 0 {
		return []byte(String(quoted))
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

// IsNull reports whether value is null, or a member that is missing.
func IsNull(value []byte) bool {
	return len(value) == 0 || string(value) == "null"
}

// String returns a string value decoded, the text of a number or a literal
// as it stands, and nothing for null, arrays and objects.
func String(value []byte) string {
	switch {
	case IsNull(value) || value[0] == '{' || value[0] == '[':
		return ""
	case value[0] == '"':
		text, tail := appendUnescaped(nil, value[1:len(value)-1])
		return string(appendTail(text, tail))
	default:
		return string(value)
	}
}

// Int returns a number, or a string that holds one, without its fraction.
func Int(value []byte) (int, bool) {
	text := String(value)
	if n, err := strconv.Atoi(text); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < -1<<53 || f > 1<<53 {
		return 0, false
	}
	return int(f), true
}

// IsEmpty reports whether value is one of the ways to say that there is nothing.
func IsEmpty(value []byte) bool {
	switch string(value) {
	case "", "null", "false", "0", `""`, "{}", "[]":
		return true
	default:
		return false
	}
}
