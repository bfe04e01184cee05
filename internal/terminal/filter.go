package terminal

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// A filter turns a stream of bytes into runes that a terminal only draws. What
// it would act on, or what draws nothing or changes the order of what is drawn,
// comes out as visible text: control pictures for C0 and DEL, "<U+202E>" for the
// rest. Line ends and tabs pass; carriage returns are dropped.
type filter struct {
	emit func(rune)

	part   [utf8.UTFMax]byte // the start of a sequence
	n      int
	prev   rune // the last rune that passed as it is
	marks  int  // combining marks since the last other rune
	joiner bool // a ZERO WIDTH JOINER after an emoji waits for the next
}

const (
	zwj = '\u200d'

	// maxMarks is how many combining marks may stack on one character. No
	// language needs more than six (Unicode UAX #15 allows 30 for buffers);
	// text that covers the lines above has hundreds.
	maxMarks = 8
)

func (f *filter) feed(p []byte) {
	for len(p) > 0 {
		if f.n > 0 {
			f.part[f.n] = p[0]
			f.n++
			p = p[1:]
			f.partial()
			continue
		}
		if p[0] >= utf8.RuneSelf && !utf8.FullRune(p) {
			f.n = copy(f.part[:], p)
			return
		}
		r, size := utf8.DecodeRune(p)
		p = p[size:]
		f.rune(r)
	}
}

// partial passes on what part holds as soon as that is whole or broken.
func (f *filter) partial() {
	for f.n > 0 && utf8.FullRune(f.part[:f.n]) {
		r, size := utf8.DecodeRune(f.part[:f.n])
		f.n = copy(f.part[:], f.part[size:f.n])
		f.rune(r)
	}
}

// flush passes on what is held at the end of the stream.
func (f *filter) flush() {
	for ; f.n > 0; f.n-- {
		f.rune(utf8.RuneError)
	}
	if f.joiner {
		f.joiner = false
		f.escape(zwj)
	}
}

func (f *filter) rune(r rune) {
	if f.joiner {
		f.joiner = false
		if isEmoji(r) {
			f.emit(zwj)
		} else {
			f.escape(zwj)
		}
	}
	if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
		f.marks++
	} else {
		f.marks = 0
	}
	switch {
	case r == '\r':
	case r == zwj && (isEmoji(f.prev) || f.prev == '\ufe0f'):
		f.joiner = true
	case r < ' ' && r != '\n' && r != '\t':
		f.pass(0x2400 + r) // SYMBOL FOR …
	case r == 0x7F:
		f.pass('\u2421')
	case f.draws(r):
		f.pass(r)
	default:
		f.escape(r)
	}
}

// draws reports whether r may reach the terminal after prev.
func (f *filter) draws(r rune) bool {
	switch {
	case r < 0x7F:
		return true
	case r == '\ufe0f' || r == '\ufe0e': // choose how an emoji looks
		return isEmoji(f.prev) || f.prev == '#' || f.prev == '*' || f.prev >= '0' && f.prev <= '9'
	case r == zwj || r == '\u200c': // shape Arabic and Indic letters
		return f.prev >= 0x600 && f.prev < 0xE00
	default:
		return f.marks <= maxMarks && !isHidden(r)
	}
}

func (f *filter) pass(r rune) {
	f.prev = r
	f.emit(r)
}

func (f *filter) escape(r rune) {
	for _, c := range fmt.Sprintf("<U+%04X>", r) {
		f.pass(c)
	}
}

// isHidden reports whether r draws nothing of its own or steers what is drawn:
// controls, bidi and other format characters, tags, variation selectors,
// fillers, line and paragraph separators.
func isHidden(r rune) bool {
	switch {
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
		return true
	case unicode.Is(unicode.Variation_Selector, r):
		return true
	}
	switch r {
	case '\u034f', '\u115f', '\u1160', '\u17b4', '\u17b5', '\u3164', '\uffa0':
		return true
	}
	return false
}

// isEmoji reports whether r is drawn as an emoji or can be. The blocks are
// coarser than Unicode's list; it decides only about joiners and selectors.
func isEmoji(r rune) bool {
	return r >= 0x1F000 && r <= 0x1FAFF || r >= 0x2190 && r <= 0x2BFF ||
		r == '©' || r == '®' || r == '\u203c' || r == '\u2049' || r == '\u2122' || r == '\u2139' ||
		r == '\u3030' || r == '\u303d' || r == '\u3297' || r == '\u3299'
}
