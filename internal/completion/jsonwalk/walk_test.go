package jsonwalk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestCut(t *testing.T) {
	deep := strings.Repeat("[", maxNesting) + strings.Repeat("]", maxNesting)
	for _, test := range []struct {
		text, value, rest string
		err               error
	}{
		{text: `{"a":[1,{"b":null}]} x`, value: `{"a":[1,{"b":null}]}`, rest: " x"},
		{text: ` "a\"b" "c"`, value: `"a\"b"`, rest: ` "c"`},
		{text: `{}{}`, value: `{}`, rest: `{}`},
		{text: "1\n2", value: "1", rest: "\n2"},
		{text: `{"a":NaN,"b":-Infinity}`, value: `{"a":NaN,"b":-Infinity}`},
		{text: "{\"a\":\"tab\there\"}", value: "{\"a\":\"tab\there\"}"},
		{text: deep, value: deep},
		{text: "[" + deep + "]", err: ErrNotJSON},
		{text: "", err: io.EOF},
		{text: " \n", err: io.EOF},
		{text: `{"a":1`, err: io.ErrUnexpectedEOF},
		{text: `{"a":`, err: io.ErrUnexpectedEOF},
		{text: `{"a`, err: io.ErrUnexpectedEOF},
		{text: `{"a"`, err: io.ErrUnexpectedEOF},
		{text: `{`, err: io.ErrUnexpectedEOF},
		{text: `[1,`, err: io.ErrUnexpectedEOF},
		{text: `"a\"`, err: io.ErrUnexpectedEOF},
		{text: `{"a":tru`, err: io.ErrUnexpectedEOF},
		{text: `{"a" 1}`, err: ErrNotJSON},
		{text: `{a:1}`, err: ErrNotJSON},
		{text: `[1 2]`, err: ErrNotJSON},
		{text: `[1,]`, err: ErrNotJSON},
		{text: `[1}`, err: ErrNotJSON},
		{text: `{"a":1,}`, err: ErrNotJSON},
		{text: `upstream failed`, err: ErrNotJSON},
		{text: `[DONE]`, err: ErrNotJSON},
		{text: `<html>`, err: ErrNotJSON},
	} {
		value, rest, err := Cut([]byte(test.text))
		if string(value) != test.value || (err == nil && string(rest) != test.rest) || !errors.Is(err, test.err) {
			t.Errorf("%.40s: got %.40q, %.40q, %v", test.text, value, rest, err)
		}
	}
}

// Wherever in a string an escape stands, the string ends at its own quote.
func TestCutStringOfAnyLength(t *testing.T) {
	for size := range 40 {
		for at := range size + 1 {
			for _, escape := range []string{"", `\"`, `\\`, `\\\"`, `\n`, "\xdc\xa2", "#", "]"} {
				want := `"` + strings.Repeat("a", at) + escape + strings.Repeat("b", size-at) + `"`
				for _, rest := range []string{"", `"`, `\`, `,"next"`} {
					if value, _, err := Cut([]byte(want + rest)); string(value) != want || err != nil {
						t.Fatalf("%s: got %s, %v", want+rest, value, err)
					}
				}
				if _, _, err := Cut([]byte(want[:len(want)-1])); !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Fatalf("%s without its end: got %v", want, err)
				}
			}
		}
	}
}

// decodeAny builds what encoding/json builds, from our walk.
func decodeAny(value []byte) any {
	switch value[0] {
	case '{':
		object := map[string]any{}
		for name, v := range Members(value) {
			object[string(name)] = decodeAny(v)
		}
		return object
	case '[':
		array := []any{}
		for v := range Elements(value) {
			array = append(array, decodeAny(v))
		}
		return array
	case '"':
		return String(value)
	default:
		return json.Number(value)
	}
}

// FuzzJSON holds the walk to encoding/json wherever that accepts the text.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{
		`{"id":"c","choices":[{"index":0,"delta":{"content":" Hello, \"world\"\n"},"finish_reason":null}],"usage":null}`, `[]`, `{}`, `[{"a":[[],{}]},-1.5e+3,"\u00e9\ud83c\udf0d\ud83c\n\/","", true ]`, `{"\u0061":1,"a":2}`,
		strings.Repeat(`"long \"string\\`, 20) + `"`, ` {"a" : [ 1 , 2 ] } `, `"` + strings.Repeat(`\\`, 40) + `"`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		value, rest, err := Cut(text)
		if err == nil {
			decodeAny(value) // must not panic, whatever it accepted
		}
		if !json.Valid(text) || !utf8.Valid(text) { // names stay as they are on the wire
			return
		}
		var want any
		d := json.NewDecoder(strings.NewReader(string(text)))
		d.UseNumber()
		if d.Decode(&want) != nil || strings.Count(string(text), "{")+strings.Count(string(text), "[") > maxNesting {
			return
		}
		if err != nil || len(strings.TrimSpace(string(rest))) > 0 {
			t.Fatalf("refused: %v, rest %q", err, rest)
		}
		if diff := cmp.Diff(withoutLiterals(want), decodeAny(value)); diff != "" {
			t.Fatalf("(-encoding/json +got)\n%s", diff)
		}
	})
}

// withoutLiterals writes null, true and false as decodeAny does.
func withoutLiterals(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = withoutLiterals(member)
		}
	case []any:
		for i, element := range v {
			v[i] = withoutLiterals(element)
		}
	case nil:
		return json.Number("null")
	case bool:
		return json.Number(map[bool]string{true: "true", false: "false"}[v])
	}
	return v
}

// Whatever the places at which a text is cut into JSON strings, also within a
// surrogate pair or the bytes of a character, it comes out whole.
func TestJoiningCutStrings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.ToValidUTF8(rapid.String().Draw(t, "text"), "")
		escape := rapid.Bool().Draw(t, "escape")
		var units []string // that may be cut from each other
		for _, r := range text {
			if escape || r < 0x20 || r == '"' || r == '\\' {
				units = append(units, escapes(r)...)
				continue
			}
			for _, b := range []byte(string(r)) {
				units = append(units, string([]byte{b}))
			}
		}
		var j Joiner
		var got []byte
		for len(units) > 0 {
			n := rapid.IntRange(1, len(units)).Draw(t, "cut")
			got = j.Append(got, []byte(strings.Join(units[:n], "")))
			if !utf8.Valid(got) {
				t.Fatalf("%q is no UTF-8", got)
			}
			units = units[n:]
		}
		if got = j.Finish(got); string(got) != text {
			t.Fatalf("got %q, want %q", got, text)
		}
	})
}

func escapes(r rune) []string {
	if hi, lo := utf16.EncodeRune(r); hi != utf8.RuneError {
		return []string{fmt.Sprintf(`\u%04x`, hi), fmt.Sprintf(`\u%04X`, lo)}
	}
	return []string{fmt.Sprintf(`\u%04x`, r)}
}

func TestUnescape(t *testing.T) {
	for inner, want := range map[string]string{
		`a\n\t\r\b\f\/\\\"`:     "a\n\t\r\b\f/\\\"",
		`\u00e9\u4e16`:          "é世",
		`\ud83c\udf0d`:          "🌍",
		`\udf0d`:                "\ufffd",
		`\ud83cx`:               "\ufffdx",
		`\ud83c\u0041`:          "\ufffdA",
		`\ud83c\ud83c\udf0d`:    "\ufffd🌍",
		`\ud83c`:                "\ufffd",
		`\'\x`:                  "'x",
		`\u00zz`:                `\u00zz`,
		`\u00`:                  `\u00`,
		"\xff\xfe":              "\ufffd\ufffd",
		"\xe4\xb8":              "\ufffd",
		"a\tb":                  "a\tb",
		`\uD83C\uDF0D\u000A\"x`: "🌍\n\"x",
	} {
		if got := String([]byte(`"` + inner + `"`)); got != want {
			t.Errorf("%s: got %q, want %q", inner, got, want)
		}
	}
}
