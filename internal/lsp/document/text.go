// Package document holds the documents of a language server: texts that are
// edited in place of the editor's, positions in the negotiated encoding, and
// the files of the workspace that are not open.
package document

import (
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"
)

// A Text is the text of a document at one version. It never changes: Replace
// returns another one that shares what both have in common, so an edit costs
// the same in a document of 10 MB as in one of 100 KB, however long its lines,
// and old versions can be read from any goroutine.
//
// A Text is always valid UTF-8. Offsets count bytes from its start; one inside
// a UTF-8 sequence means the start of that sequence. Lines end at \n, \r\n or
// \r (LSP 3.18, "Text Documents") and are numbered from 0. Offsets outside
// [0, Len] and lines outside [0, LineCount) panic, as they do in a slice.
type Text struct{ root *node }

// NewText returns a copy of s as a Text. Each byte that is not part of valid
// UTF-8 becomes U+FFFD, and so does each surrogate that was encoded by itself.
func NewText(s string) *Text {
	return &Text{build(toValid(s))}
}

// Len returns the length in bytes.
func (t *Text) Len() int { return t.root.size() }

// LineCount returns the number of lines. A text that ends in a line break has
// an empty last line; the empty text has one line.
func (t *Text) LineCount() int {
	if t.root == nil {
		return 1
	}
	return t.root.breaks + 1
}

// String returns a copy of the whole text.
func (t *Text) String() string { return t.Slice(0, t.Len()) }

// Equal reports whether t and other are the same text. It copies neither.
func (t *Text) Equal(other *Text) bool {
	if t.Len() != other.Len() {
		return false
	}
	next, stop := iter.Pull(other.root.leaves())
	defer stop()
	var theirs string
	for ours := range t.root.leaves() {
		for ours != "" {
			if theirs == "" {
				theirs, _ = next()
			}
			n := min(len(ours), len(theirs))
			if ours[:n] != theirs[:n] {
				return false
			}
			ours, theirs = ours[n:], theirs[n:]
		}
	}
	return true
}

// Slice returns a copy of the text in [start, end).
func (t *Text) Slice(start, end int) string {
	t.check(start, end)
	if start == end {
		return ""
	}
	var b strings.Builder
	b.Grow(end - start)
	t.root.each(start, end, func(piece string) bool {
		b.WriteString(piece)
		return true
	})
	return b.String()
}

// Replace returns the text with [start, end) replaced by with, of which it
// keeps a copy, made valid as by NewText.
func (t *Text) Replace(start, end int, with string) *Text {
	t.check(start, end)
	return &Text{t.root.replace(start, end, toValid(with))}
}

// LineStart returns the offset at which a line starts.
func (t *Text) LineStart(line int) int {
	t.checkLine(line)
	if line == 0 {
		return 0
	}
	return t.root.pastBreak(line)
}

// LineEnd returns the offset at which a line ends, in front of its line break.
func (t *Text) LineEnd(line int) int {
	t.checkLine(line)
	if line == t.LineCount()-1 {
		return t.Len()
	}
	next := t.LineStart(line + 1)
	if next >= 2 && t.root.byteAt(next-1) == '\n' && t.root.byteAt(next-2) == '\r' {
		return next - 2
	}
	return next - 1
}

// at returns the sums of what stands in front of off. An offset between \r and
// \n is taken for the one in front of both: there the line ends.
func (t *Text) at(off int) sums {
	m := t.root.prefix(off)
	if m.endsCR && off < t.Len() && t.root.byteAt(off) == '\n' {
		return t.root.prefix(off - 1)
	}
	return m
}

// ceil returns the start of the first rune at or behind off, which may lie
// before the text.
func (t *Text) ceil(off int) int {
	if off <= 0 {
		return 0
	}
	if at := t.root.prefix(off).bytes; at < off {
		_, size := utf8.DecodeRuneInString(t.Slice(at, min(at+utf8.UTFMax, t.Len())))
		return at + size
	}
	return off
}

func (t *Text) check(start, end int) {
	if start < 0 || start > end || end > t.Len() {
		panic(fmt.Sprintf("document: [%d:%d) of a text of %d bytes", start, end, t.Len()))
	}
}

func (t *Text) checkLine(line int) {
	if line < 0 || line >= t.LineCount() {
		panic(fmt.Sprintf("document: line %d of %d", line, t.LineCount()))
	}
}

// toValid replaces what is not UTF-8 by U+FFFD. A surrogate that stands alone,
// as WTF-8 writes it, becomes one U+FFFD: it has the same length in all three
// encodings, so the editor's positions stay right.
func toValid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + utf8.UTFMax)
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == utf8.RuneError && size == 1 && isSurrogate(s) {
			size = 3
		}
		b.WriteRune(r)
		s = s[size:]
	}
	return b.String()
}

// isSurrogate reports whether s starts with a surrogate in three bytes.
func isSurrogate(s string) bool {
	return len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 && s[1] <= 0xBF && !utf8.RuneStart(s[2])
}
