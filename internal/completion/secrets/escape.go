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
	if text == "" {
		return 0
	}
	if strings.IndexByte(`\%&=`, text[0]) < 0 { // nearly always
		if text[0] == c || text[0] == '+' && c == ' ' {
			return 1
		}
		return 0
	}
	for _, d := range unescape(text) {
		if d.n > 0 && d.c == c {
			return d.n
		}
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

// A decoded is the ASCII character that an escape stands for, and the escape's
// length, 0 if it is none.
type decoded struct {
	c byte
	n int
}

// unescape returns what an escape at the start of text may stand for: \u002d,
// \u{2d}, \x2d, \55, \055, \0055, CSS's \2d and \00002d, %2D, %u002D, &#45;, &amp;
// and =2D. Where the escape was escaped again, it has more backslashes, or 25 behind
// its percent sign.
func unescape(text string) (list [3]decoded) {
	if text == "" {
		return list
	}
	var c byte
	var n int
	rest := text[1:min(len(text), maxEscape)]
	switch text[0] {
	case '\\':
		rest = strings.TrimLeft(rest, `\`)
		if c, n = numeric(rest); n == 0 {
			return backslashed(rest, min(len(text), maxEscape)-len(rest))
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
		if c, n = entity(rest); n == 0 && strings.HasPrefix(text, "&amp;") {
			list[0] = decoded{'&', len("&amp;")}
			return list
		}
	}
	if n > 0 {
		list[0] = decoded{c, min(len(text), maxEscape) - len(rest) + n}
	}
	return list
}

// backslashed reads a number without a letter before it, behind a backslash and
// what else makes the length of before: octal, as C has it and as echo does, and
// hexadecimal, as CSS has it.
func backslashed(text string, before int) (list [3]decoded) {
	if text == "" || !(hex | upperHex).has(text[0]) {
		return list
	}
	add := func(i int, c byte, n int) {
		if n > 0 {
			list[i] = decoded{c, before + n}
		}
	}
	c, n := charCode(text, 1, 3, 8)
	add(0, c, n)
	if text[0] == '0' {
		c, n = charCode(text, 4, 4, 8)
		add(1, c, n)
	}
	if c, n = charCode(text, 1, 6, 16); n > 0 && n < len(text) && text[n] == ' ' {
		n++ // ends the number
	}
	add(2, c, n)
	return list
}

// entity reads what stands behind an ampersand: #45; or hyphen;.
func entity(text string) (c byte, n int) {
	end := strings.IndexByte(text, ';')
	if end <= 0 {
		return 0, 0
	}
	switch one := html.UnescapeString("&" + text[:end+1]); {
	case len(one) == 1:
		return one[0], end + 1
	case one == "\u2010": // people take &hyphen; and &dash; for the other hyphen
		return '-', end + 1
	}
	return 0, 0
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
	for n < min(most, len(text)) && (hex | upperHex).has(text[n]) && (base == 16 || text[n] < '0'+byte(base)) {
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

// softBreak returns the length of a line break at the start of text that is none of
// what the text means: behind = in mail, behind a backslash elsewhere.
func softBreak(text string) int {
	if text == "" || text[0] != '=' && text[0] != '\\' {
		return 0
	}
	if n := lineBreak(text[1:]); n > 0 && (text[0] == '=' || text[1] == '\n' || text[1] == '\r') {
		return 1 + n
	}
	return 0
}
