package chat

import (
	"strings"
	"unicode/utf8"
)

// EstimateTokens estimates how many tokens a model makes of s, in one pass
// without a vocabulary: it cuts s as byte-pair tokenizers do, into words,
// groups of three digits, runs of punctuation and of space, and charges each
// what it costs on average.
//
// Against o200k_base it was measured over 680 files of 26 kinds of code and markup,
// up to 30 of each: the mean is 1.02 (Haskell) to 1.24 (Protocol Buffers) times the
// count, Go's 1.18. It was under 0.95 for 14 of them, ten of which are scripts of Vim
// that consist of abbreviations: their mean is 0.98, the lowest 0.82. Against the larger
// count of o200k_base and cl100k_base it stays within 0.90 and 1.6 for base64, hex, emoji
// and ten natural languages. Where the two differ widely (Hindi, Arabic, Russian), it
// follows cl100k_base, so it over-counts for newer models. Other families (Llama, Qwen,
// Mistral) lie between the two or up to a tenth above.
func EstimateTokens(s string) int {
	e := estimator{s: s}
	for e.at < len(s) {
		c := s[e.at]
		switch {
		case c >= utf8.RuneSelf:
			e.symbol()
		case isLower(c) || isUpper(c):
			e.word()
		case isDigit(c):
			e.digits()
		case c <= ' ':
			e.space()
		default:
			e.punctuation()
		}
	}
	return (e.sum + 99) / 100
}

// Costs in hundredths of a token, fitted so that few texts are under-counted.
const (
	costWord       = 101 // a word or a part in camelCase, up to freeLower letters
	costLower      = 17  // each letter more
	costCapitals   = 161 // a run of capitals, up to freeCapitals
	costNoise      = 70  // each letter or sign more than code and prose have in a row
	costDigits     = 138 // up to three digits
	costSpaceDigit = 85  // the space before a number, which joins no token
	costPunct      = 92  // a run of punctuation that stands alone
	costPunctJoins = 45  // one sign that often joins the word behind it, such as a dot
	costPunctOdd   = 85  // another one that stands right in front of a word
	costPunctMore  = 28  // each further character that is not a repetition
	costLineWord   = 38  // line ends after a word
	costLinePunct  = 58  // line ends after punctuation
	costSpaces     = 128 // a run of two spaces or more
	costTabs       = 131
	costControl    = 100

	freeLower    = 5
	freeCapitals = 8
	noiseLetters = 20
	noiseSigns   = 8
)

// An estimator walks over s and sums up costs.
type estimator struct {
	s    string
	at   int
	sum  int
	prev byte // the byte before at, 0 at the start
}

// run moves past the bytes for which is holds and returns how many there were.
func (e *estimator) run(is func(byte) bool) int {
	start := e.at
	for e.at < len(e.s) && is(e.s[e.at]) {
		e.at++
	}
	if e.at > start {
		e.prev = e.s[e.at-1]
	}
	return e.at - start
}

func (e *estimator) word() {
	capitals := e.run(isUpper)
	lower := e.run(isLower)
	if lower > 0 {
		if capitals > 0 { // the last capital belongs to the word
			capitals--
			lower++
		}
		e.sum += costWord + costLower*max(0, lower-freeLower) + costNoise*max(0, lower-noiseLetters)
	}
	if capitals > 0 {
		e.sum += costCapitals + costNoise*max(0, capitals-freeCapitals)
	}
}

func (e *estimator) digits() {
	if e.prev == ' ' {
		e.sum += costSpaceDigit
	}
	e.sum += costDigits * ((e.run(isDigit) + 2) / 3)
}

func (e *estimator) space() {
	prev := e.prev
	switch e.s[e.at] {
	case ' ':
		if n := e.run(isSpace); n > 1 {
			e.sum += costSpaces + n/80*100
		}
	case '\t':
		e.sum += costTabs + e.run(isTab)/16*100
	case '\n', '\r':
		cost := costLineWord
		if isPunct(prev) {
			cost = costLinePunct
		}
		e.sum += cost + e.run(isLineEnd)/16*100
	default:
		e.prev = e.s[e.at]
		e.at++
		e.sum += costControl
	}
}

func (e *estimator) punctuation() {
	start, prev := e.at, e.prev
	n := e.run(isPunct)
	switch {
	case n > 1 || prev == ' ' || e.at == len(e.s) || !isLower(e.s[e.at]) && !isUpper(e.s[e.at]):
		e.sum += costPunct + n/64*100
	case strings.IndexByte("._(/", e.s[start]) >= 0:
		e.sum += costPunctJoins
	default:
		e.sum += costPunctOdd
	}
	for i := start + 1; i < start+n; i++ {
		switch {
		case e.s[i] == e.s[i-1]: // rulers
		case i < start+noiseSigns:
			e.sum += costPunctMore
		default:
			e.sum += costNoise
		}
	}
}

// symbol charges one rune outside ASCII.
func (e *estimator) symbol() {
	r, n := utf8.DecodeRuneInString(e.s[e.at:])
	e.at += n
	e.prev = utf8.RuneSelf
	e.sum += runeCost(r)
}

func runeCost(r rune) int {
	switch {
	case r == utf8.RuneError:
		return 200 // tokenizers fall back to bytes
	case r < 0xC0: // Latin-1 signs
		return 100
	case r < 0x250: // accented Latin letters; they also cut the word
		return 200
	case r < 0x530: // Greek, Cyrillic
		return 50
	case r < 0x900: // Hebrew, Arabic
		return 91
	case r < 0xE80 || r >= 0x1000 && r < 0x1100: // Indic and South-East Asian scripts
		return 136
	case r < 0x1000: // Lao, Tibetan
		return 205
	case r < 0x2000: // Ethiopic and others
		return 215
	case r < 0x2E80: // punctuation, arrows, mathematics, box drawing
		return 125
	case r < 0x3100: // CJK punctuation, kana
		return 116
	case r < 0xAC00: // Han
		return 101
	case r < 0xD7B0: // Hangul
		return 112
	case r < 0x10000:
		return 101
	default: // emoji, rare Han
		return 340
	}
}

func isLower(c byte) bool   { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool   { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool   { return '0' <= c && c <= '9' }
func isSpace(c byte) bool   { return c == ' ' }
func isTab(c byte) bool     { return c == '\t' }
func isLineEnd(c byte) bool { return c == '\n' || c == '\r' }

func isPunct(c byte) bool {
	return ' ' < c && c < utf8.RuneSelf && !isLower(c) && !isUpper(c) && !isDigit(c)
}
