package safety

import (
	"unicode"
	"unicode/utf8"
)

// Visible returns s without control characters and with everything else that
// draws nothing, or changes the order of what is drawn, spelt out: U+202E as
// "\u{202E}". Line ends and tabs pass.
func Visible(s string) string {
	var r runes
	return string(r.flush(r.append(nil, []byte(s))))
}

// runes turns a stream of bytes into characters that a screen only draws. What
// it would act on is dropped: C0, C1 and DEL, except for line ends and tabs.
// What draws nothing of its own or changes the order of what is drawn comes out
// as an escape, which means nothing to Markdown.
type runes struct {
	part   [utf8.UTFMax]byte // the start of a sequence
	n      int
	prev   rune // the last one that was passed on
	marks  int  // combining marks since the last other rune
	joiner bool // a ZERO WIDTH JOINER after an emoji waits for the next
}

const (
	zwj  = '\u200d'
	zwnj = '\u200c'

	// maxMarks is how many combining marks may stack on one character. No
	// language needs more than six (Unicode UAX #15 allows 30 for buffers);
	// text that covers the lines above has hundreds.
	maxMarks = 8
)

// clean reports whether p, which holds bytes of these classes, passes as it is.
func (f *runes) clean(p []byte, held class) bool {
	if f.n > 0 || f.joiner || held&hidden != 0 {
		return false
	}
	if len(p) > 0 {
		f.prev, f.marks = rune(p[len(p)-1]), 0
	}
	return true
}

// append appends what is drawn of p, which may end anywhere.
func (f *runes) append(dst, p []byte) []byte {
	for len(p) > 0 {
		if f.n > 0 {
			f.part[f.n] = p[0]
			f.n++
			p = p[1:]
			dst = f.partial(dst)
			continue
		}
		if p[0] >= utf8.RuneSelf && !utf8.FullRune(p) {
			f.n = copy(f.part[:], p)
			return dst
		}
		r, size := utf8.DecodeRune(p)
		p = p[size:]
		dst = f.rune(dst, r)
	}
	return dst
}

// partial passes on what part holds as soon as that is whole or broken.
func (f *runes) partial(dst []byte) []byte {
	for f.n > 0 && utf8.FullRune(f.part[:f.n]) {
		r, size := utf8.DecodeRune(f.part[:f.n])
		f.n = copy(f.part[:], f.part[size:f.n])
		dst = f.rune(dst, r)
	}
	return dst
}

// flush passes on what is held at the end of the stream.
func (f *runes) flush(dst []byte) []byte {
	for ; f.n > 0; f.n-- {
		dst = f.rune(dst, utf8.RuneError)
	}
	if f.joiner {
		f.joiner = false
		dst = f.escape(dst, zwj)
	}
	return dst
}

func (f *runes) rune(dst []byte, r rune) []byte {
	if r < ' ' && r != '\n' && r != '\t' || r >= 0x7F && r <= 0x9F {
		return dst
	}
	if f.joiner {
		f.joiner = false
		if IsEmoji(r) {
			dst = f.pass(dst, zwj)
		} else {
			dst = f.escape(dst, zwj)
		}
	}
	switch {
	case r < 0x7F:
		f.marks = 0
		return f.pass(dst, r)
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r):
		f.marks++
	default:
		f.marks = 0
	}
	switch {
	case r == zwj && (IsEmoji(f.prev) || f.prev == '\ufe0f'):
		f.joiner = true
		return dst
	case f.draws(r):
		return f.pass(dst, r)
	default:
		return f.escape(dst, r)
	}
}

// draws reports whether r may reach the screen after prev.
func (f *runes) draws(r rune) bool {
	switch r {
	case '\ufe0f', '\ufe0e': // choose how an emoji looks
		return IsEmoji(f.prev) || f.prev == '#' || f.prev == '*' || f.prev >= '0' && f.prev <= '9'
	case zwj, zwnj: // shape Arabic and Indic letters
		return f.prev >= 0x600 && f.prev < 0xE00
	default:
		return f.marks <= maxMarks && !isHidden(r)
	}
}

func (f *runes) pass(dst []byte, r rune) []byte {
	f.prev = r
	return utf8.AppendRune(dst, r)
}

func (f *runes) escape(dst []byte, r rune) []byte {
	f.prev, f.marks = '}', 0
	dst = append(dst, `\u{`...)
	shift := 12
	for shift < 20 && r>>(shift+4) > 0 {
		shift += 4
	}
	for ; shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789ABCDEF"[r>>shift&0xF])
	}
	return append(dst, '}')
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

// IsEmoji reports whether r is drawn as an emoji or can be. The blocks are
// coarser than Unicode's list; it decides only about joiners and selectors.
func IsEmoji(r rune) bool {
	return r >= 0x1F000 && r <= 0x1FAFF || r >= 0x2190 && r <= 0x2BFF ||
		r == '©' || r == '®' || r == '\u203c' || r == '\u2049' || r == '\u2122' || r == '\u2139' ||
		r == '\u3030' || r == '\u303d' || r == '\u3297' || r == '\u3299'
}
