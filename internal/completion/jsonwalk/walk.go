// Package jsonwalk reads JSON as servers of models send it: RFC 8259, and NaN
// and Infinity (Python's json module writes them), unescaped control characters
// and unknown escapes in strings. Values are slices of the bytes they lie in and
// are decoded only where they are used, so a walk costs no allocation. A value
// of another type than expected reads as nothing.
//
// It knows JSON alone, and no completions.
package jsonwalk

import (
	"encoding/binary"
	"errors"
	"io"
	"iter"
	"math/bits"
	"strconv"
)

// maxNesting bounds the depth of arrays and objects. Real answers reach 8.
const maxNesting = 256

// ErrNotJSON is the error for bytes that no continuation would make a JSON value.
var ErrNotJSON = errors.New("not JSON")

// Cut cuts the first value off b and checks that it is well formed. The
// error is io.EOF if there is nothing but space, and io.ErrUnexpectedEOF if the
// end of the value is missing.
func Cut(b []byte) (value, rest []byte, err error) {
	start := skipSpace(b, 0)
	if start == len(b) {
		return nil, nil, io.EOF
	}
	end, err := check(b, start, 0)
	if err != nil {
		return nil, nil, err
	}
	return b[start:end], b[end:], nil
}

// check returns the position behind the value that starts at i, in as many arrays and
// objects as depth says.
func check(b []byte, i, depth int) (int, error) {
	if i == len(b) {
		return 0, io.ErrUnexpectedEOF
	}
	switch b[i] {
	case '{':
		return checkAll(b, i+1, depth+1, '}')
	case '[':
		return checkAll(b, i+1, depth+1, ']')
	case '"':
		if i = skipString(b, i); i < 0 {
			return 0, io.ErrUnexpectedEOF
		}
		return i, nil
	}
	end := skipLiteral(b, i)
	switch {
	case isLiteral(b[i:end]):
		return end, nil
	case end == len(b) && depth > 0:
		return 0, io.ErrUnexpectedEOF
	default:
		return 0, ErrNotJSON
	}
}

// checkAll is check for what is in an array or object, its closing bracket included.
func checkAll(b []byte, i, depth int, closing byte) (_ int, err error) {
	if depth > maxNesting {
		return 0, ErrNotJSON
	}
	if i = skipSpace(b, i); i < len(b) && b[i] == closing {
		return i + 1, nil
	}
	for {
		if closing == '}' {
			if i, err = skipName(b, i); err != nil {
				return 0, err
			}
		}
		if i, err = check(b, i, depth); err != nil {
			return 0, err
		}
		i = skipSpace(b, i)
		switch {
		case i == len(b):
			return 0, io.ErrUnexpectedEOF
		case b[i] == closing:
			return i + 1, nil
		case b[i] != ',':
			return 0, ErrNotJSON
		}
		i = skipSpace(b, i+1)
	}
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
			name, end := memberName(object, i)
			i = skipSeparators(object, end)
			end = skipValue(object, i)
			if !yield(name, object[i:end]) {
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

// memberName returns the name that starts at i, and the position behind it.
func memberName(object []byte, i int) (name []byte, end int) {
	for end = i + 1; object[end] != '"'; end++ {
		if object[end] == '\\' {
			end = skipString(object, i)
			return []byte(String(object[i:end])), end
		}
	}
	return object[i+1 : end], end + 1
}

func skipSpace(b []byte, i int) int {
	const space = 1<<' ' | 1<<'\n' | 1<<'\t' | 1<<'\r'
	for i < len(b) && b[i] <= ' ' && space>>b[i]&1 != 0 {
		i++
	}
	return i
}

// skipSeparators is for text that is known to be well formed.
func skipSeparators(b []byte, i int) int {
	const separators = 1<<' ' | 1<<'\n' | 1<<'\t' | 1<<'\r' | 1<<',' | 1<<':'
	for b[i] < 64 && separators>>b[i]&1 != 0 {
		i++
	}
	return i
}

// skipString returns the position behind the string that starts at i, or -1 if
// it does not end.
func skipString(b []byte, i int) int {
	// Most strings are names and tokens, shorter than a call of bytes.IndexByte is worth:
	// they are searched eight bytes at a time.
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for i++; i < len(b); i++ {
		for i+8 <= len(b) {
			word := binary.LittleEndian.Uint64(b[i:])
			quotes, escapes := word^ones*'"', word^ones*'\\'
			// A byte that became 0 leaves the highest bit of its place; only those behind the first
			// such place may be wrong.
			found := ((quotes-ones)&^quotes | (escapes-ones)&^escapes) & tops
			if found != 0 {
				i += bits.TrailingZeros64(found) / 8
				break
			}
			i += 8
		}
		switch {
		case i == len(b):
		case b[i] == '"':
			return i + 1
		case b[i] == '\\':
			i++
		}
	}
	return -1
}

func skipLiteral(b []byte, i int) int {
	for i < len(b) {
		switch c := b[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9', c == '-', c == '+', c == '.':
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
	for _, c := range word { // a number, whose digits are not checked
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return false
		}
	}
	return true
}

// skipValue is for text that is known to be well formed.
func skipValue(b []byte, i int) int {
	switch b[i] {
	case '{', '[':
	case '"':
		return skipString(b, i)
	default:
		return skipLiteral(b, i)
	}
	for depth := 0; ; i++ {
		switch b[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			i = skipString(b, i) - 1
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
