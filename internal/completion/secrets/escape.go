package secrets

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// spelling returns the length of what stands for c at the start of text, 0 if
// something else does. Any number of backslashes may stand before it: a string in a
// string has several.
func spelling(text string, c byte) int {
	if got, n := unescape(text); n > 0 && got == c {
		return n
	}
	if c == '%' && strings.HasPrefix(text, "%25") {
		n := len("%25")
		for n < maxEscape && strings.HasPrefix(text[n:], "25") {
			n += 2
		}
		return n
	}
	slashes := 0
	for slashes < len(text) && text[slashes] == '\\' {
		slashes++
	}
	switch {
	case slashes > 0 && c == '\\':
		return 1
	case slashes == len(text):
		return 0
	case text[slashes] == c, text[slashes] == '+' && c == ' ':
		return slashes + 1
	}
	return 0
}

// maxEscape bounds the length of one escape.
const maxEscape = 32

// unescape returns the ASCII character that an escape at the start of text stands
// for, and the escape's length, 0 if there is none: \u002d, \u{2d}, \x2d, \055,
// %2D, %u002D, &#45;, &amp; and =2D. Where the escape was escaped again, it has more
// backslashes, or 25 behind its percent sign.
func unescape(text string) (c byte, n int) {
	if text == "" {
		return 0, 0
	}
	rest := text[1:min(len(text), maxEscape)]
	switch text[0] {
	case '\\':
		rest = strings.TrimLeft(rest, `\`)
		if c, n = numeric(rest); n == 0 {
			c, n = charCode(rest, 3, 3, 8)
		}
	case '%':
		for strings.HasPrefix(rest, "25") {
			rest = rest[2:]
		}
		if c, n = charCode(rest, 2, 2, 16); n == 0 {
			c, n = numeric(rest)
		}
	case '=':
		c, n = charCode(rest, 2, 2, 16)
	case '&':
		for strings.HasPrefix(rest, "amp;") {
			rest = rest[len("amp;"):]
		}
		end := strings.IndexByte(rest, ';')
		if one := html.UnescapeString("&" + rest[:end+1]); end > 0 && len(one) == 1 {
			c, n = one[0], end+1
		} else if strings.HasPrefix(text, "&amp;") {
			return '&', len("&amp;")
		}
	}
	if n == 0 {
		return 0, 0
	}
	return c, min(len(text), maxEscape) - len(rest) + n
}

// numeric reads what stands behind a backslash: u002d, U0000002d, u{2d} or x2d.
func numeric(text string) (c byte, n int) {
	if text == "" {
		return 0, 0
	}
	kind, rest := text[0], text[1:]
	if inner, ok := strings.CutPrefix(rest, "{"); ok && (kind == 'u' || kind == 'x') {
		if c, n = charCode(inner, 1, 8, 16); n > 0 && strings.HasPrefix(inner[n:], "}") {
			return c, n + 3
		}
		return 0, 0
	}
	switch kind {
	case 'x':
		c, n = charCode(rest, 2, 2, 16)
	case 'u':
		c, n = charCode(rest, 4, 4, 16)
	case 'U':
		c, n = charCode(rest, 8, 8, 16)
	}
	if n > 0 {
		n++
	}
	return c, n
}

// charCode reads the number of an ASCII character, of at least that many digits, and
// as many as there are up to most.
func charCode(text string, least, most, base int) (c byte, n int) {
	for n < min(most, len(text)) && (digits | lowerHex | upperHex).has(text[n]) {
		n++
	}
	number, err := strconv.ParseUint(text[:n], base, 32)
	if n < least || err != nil || number >= 0x80 {
		return 0, 0
	}
	return byte(number), n
}

var aLineBreak = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:\\?\r?\n|(?:\\+r)?\\+n)[ \t]*`)
})

// lineBreak returns the length of a line break at the start of text, as it is or
// escaped, with what indents the next line. It is 0 if there is none.
func lineBreak(text string) int {
	if text == "" || strings.IndexByte("\\\r\n", text[0]) < 0 { // nearly always
		return 0
	}
	return len(aLineBreak().FindString(text))
}
