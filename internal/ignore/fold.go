package ignore

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold returns s as it is compared: in one letter case (Unicode's simple
// folding, and ß as ss) and with accents in one form (NFC). Some file systems
// distinguish neither, so that one file has several names.
func fold(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	for _, r := range norm.NFD.String(s) {
		if r == 'ß' || r == 'ẞ' {
			b.WriteString("ss")
			continue
		}
		b.WriteRune(foldRune(r))
	}
	return norm.NFC.String(b.String())
}

// foldRune returns the one letter that stands for r and all that differ from it
// in letter case.
func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return unicode.ToLower(least)
}

// composed returns s with accents in the form that fold gives them.
func composed(s string) []rune { return []rune(norm.NFC.String(s)) }
