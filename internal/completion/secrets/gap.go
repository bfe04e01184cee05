package secrets

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// withoutGap returns n as it is without the comments and the spaces of other
// scripts between its end and the value, in a copy of the text around it, and
// what to add to where something stands behind them there.
func (n name) withoutGap() (plain name, shift int) {
	const longestGap, before, after = 240, 1 << 10, longest + 1<<10
	var kept strings.Builder
	at, signed, end := n.end, false, min(len(n.text), n.end+longestGap)
	if at < end && n.before("\"'`") && n.text[at] == n.text[n.start-1] {
		kept.WriteByte(n.text[at])
		at++
	}
	changed := false
	for at < end {
		rest := n.text[at:end]
		length, sign := ignored(rest)
		if signed && length == 0 {
			length, sign = lineComment(rest), " "
		}
		if length > 0 {
			kept.WriteString(sign)
			signed = signed || strings.Trim(sign, " ") != ""
			changed = true
			at += length
			continue
		}
		if strings.IndexByte(" \t\r\n(=:>-", rest[0]) < 0 {
			break
		}
		signed = signed || rest[0] == '=' || rest[0] == ':' || rest[0] == '>'
		kept.WriteByte(rest[0])
		at++
	}
	if !changed {
		return n, 0
	}
	from := max(0, n.start-before)
	text := n.text[from:n.end] + kept.String() + n.text[at:min(len(n.text), at+after)]
	shift = at - (n.end - from + kept.Len())
	n.text, n.start, n.end = text, n.start-from, n.end-from
	return n, shift
}

// ignored returns the length of a comment, a space or a sign at the beginning of
// s that is written otherwise in plain, 0 if there is none.
func ignored(s string) (length int, plain string) {
	for _, comment := range [][2]string{{"/*", "*/"}, {"<!--", "-->"}, {"(*", "*)"}, {"--[[", "]]"}} {
		if strings.HasPrefix(s, comment[0]) {
			if i := strings.Index(s[len(comment[0]):], comment[1]); i >= 0 {
				return len(comment[0]) + i + len(comment[1]), " "
			}
			return 0, ""
		}
	}
	if s[0] < utf8.RuneSelf {
		return 0, ""
	}
	switch r, size := utf8.DecodeRuneInString(s); {
	case r == '→' || r == '⇒' || r == '⟶' || r == '➜':
		return size, "=>"
	case r == '＝':
		return size, "="
	case r == '：':
		return size, ":"
	case unicode.IsSpace(r):
		return size, " "
	case unicode.Is(unicode.Cf, r): // without width
		return size, ""
	}
	return 0, ""
}

// lineComment returns the length of a comment up to the end of the line that s
// begins with, 0 if there is none.
func lineComment(s string) int {
	if strings.HasPrefix(s, "//") || strings.HasPrefix(s, "# ") || strings.HasPrefix(s, "-- ") {
		return max(0, strings.IndexByte(s, '\n'))
	}
	return 0
}
