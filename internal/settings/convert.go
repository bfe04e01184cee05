package settings

import (
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/upstream"
	"github.com/llmls/llmls/internal/ignore"
)

// convert turns a decoded value into one of k's type. The error says what was
// expected and what was found, without the value.
func (k *key) convert(v any) (any, error) {
	switch k.kind {
	case kindString:
		s, ok := v.(string)
		if !ok {
			return nil, expected(k.expectation(), v)
		}
		return k.convertString(s)
	case kindStrings:
		return k.convertStrings(v)
	case kindDuration:
		return k.convertDuration(v)
	case kindHeaders:
		return k.convertHeaders(v)
	case kindBool:
		b, ok := v.(bool)
		if !ok {
			return nil, expected(k.expectation(), v)
		}
		return b, nil
	default:
		f, ok := v.(float64)
		switch {
		case !ok:
			return nil, expected(k.expectation(), v)
		case !k.inRange(f), k.kind == kindInt && f != math.Trunc(f):
			return nil, expectedOther(k.expectation(), v)
		case k.kind == kindInt:
			return int(f), nil
		default:
			return &f, nil
		}
	}
}

// inRange reports whether f is in k's range. A NaN, which TOML allows, is not.
func (k *key) inRange(f float64) bool { return f >= k.min && f <= k.max }

func (k *key) convertDuration(v any) (any, error) {
	var seconds float64
	switch v := v.(type) {
	case float64:
		seconds = v
	case string:
		d, err := time.ParseDuration(v)
		if err != nil {
			return nil, expectedOther(k.expectation(), v)
		}
		seconds = d.Seconds()
	default:
		return nil, expected(k.expectation(), v)
	}
	if !k.inRange(seconds) {
		return nil, expectedOther(k.expectation(), v)
	}
	return time.Duration(math.Round(seconds * float64(time.Second))), nil
}

func (k *key) convertStrings(v any) (any, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, expected(k.expectation(), v)
	}
	args := make([]string, 0, len(list))
	for _, element := range list {
		s, ok := element.(string)
		if !ok || !printable(s, "\n\t") {
			return nil, expectedOther(k.expectation(), v)
		}
		args = append(args, s)
	}
	if k.check == "patterns" {
		for _, pattern := range args {
			if !ignore.Valid(pattern) {
				return nil, expectedOther(k.expectation(), v)
			}
			if ignore.Backslashes(pattern) {
				return nil, errBackslash
			}
			if ignore.Surrounded(pattern) {
				return nil, errSurrounded
			}
		}
		return args, nil
	}
	if k.check == "endpoints" {
		return args, nil // checkNames checks them once all layers are known
	}
	// A relative path would be looked for in whatever directory the editor
	// was started in: a repository could bring the program.
	if len(args) > 0 && (args[0] == "" || strings.ContainsAny(args[0], `/\`) && !filepath.IsAbs(args[0])) {
		return nil, expectedOther(k.expectation(), v)
	}
	return args, nil
}

func (k *key) convertString(s string) (any, error) {
	if k.enum != nil {
		if s = strings.ToLower(s); slices.Contains(k.enum, s) {
			return s, nil
		}
		return nil, expectedOther(k.expectation(), s)
	}
	ok := printable(s, "")
	switch k.check {
	case "name":
		ok = ok && strings.TrimSpace(s) != ""
	case "text":
		ok = printable(s, "\n\r\t")
	case "path":
		ok = ok && (s == "" || filepath.IsAbs(s))
	case "variable":
		ok = isVariable(s)
	case "url":
		// Plain http to another machine is an address; upstream refuses to use
		// it, in words of its own.
		_, err := upstream.ParseBase(s)
		if failed := completion.AsError(err); failed != nil && failed.Reason != completion.PlainHTTP {
			return nil, fmt.Errorf("expected %s, but %s", k.expectation(), failed.Detail)
		}
	}
	if !ok {
		return nil, expectedOther(k.expectation(), s)
	}
	return s, nil
}

// expectation describes the values that k accepts.
func (k *key) expectation() string {
	between := func(what string) string {
		return fmt.Sprintf("%s from %s to %s", what,
			strconv.FormatFloat(k.min, 'f', -1, 64), strconv.FormatFloat(k.max, 'f', -1, 64))
	}
	switch k.kind {
	case kindInt:
		return between("a whole number")
	case kindBool:
		return "true or false"
	case kindFloat:
		return between("a number")
	case kindHeaders:
		return "a table of header fields, each a string"
	case kindDuration:
		return between("seconds") + ` or a string such as "2m"`
	case kindStrings:
		switch k.check {
		case "patterns":
			return "an array of strings, patterns as in .gitignore"
		case "endpoints":
			return "an array of strings, names of endpoints"
		}
		return "an array of strings, a program (its name or absolute path) and its arguments"
	}
	if k.enum != nil {
		return "one of " + strings.Join(k.enum, ", ")
	}
	switch k.check {
	case "endpoint":
		return "a string, the name of an endpoint"
	case "url":
		return "a string, the address of an endpoint"
	case "variable":
		return "a string, the name of an environment variable (never the key itself)"
	case "path":
		return "a string, an absolute path"
	case "name":
		return "a string of one line, not empty"
	case "text":
		return "a string without control characters"
	default:
		return "a string of one line"
	}
}

// printable reports whether s is UTF-8 without control characters other than
// those allowed.
func printable(s, allowed string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && !strings.ContainsRune(allowed, r)
	})
}

// isVariable reports whether s can be the name of a variable. Some providers'
// keys can, too, so a long mixture of small letters and digits is not accepted.
func isVariable(s string) bool {
	const longestMixture = 24
	lower, digit := false, false
	for i, r := range s {
		switch {
		case r >= 'a' && r <= 'z':
			lower = true
		case r >= '0' && r <= '9' && i > 0:
			digit = true
		case r >= 'A' && r <= 'Z', r == '_':
		default:
			return false
		}
	}
	return s != "" && (len(s) <= longestMixture || !lower || !digit)
}

// isDefault reports whether val is k's default or empty.
func (k *key) isDefault(val any) bool {
	if v := reflect.ValueOf(val); v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
		return true
	}
	o := Default()
	return reflect.DeepEqual(val, k.get(&o))
}
