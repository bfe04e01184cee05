package safety

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Editors obey lines of the files that they open: a filetype is loaded, a mode
// is started, the buffer is locked. An answer may be in any of these lines, so
// each place where one could begin is broken, by a visible mark before the byte
// that would complete it:
//
//   - "-*-" (Emacs, set-auto-mode-1 of files.el);
//   - "Local Variables:" in any letter case (Emacs, hack-local-variables);
//   - "vi:", "vim:", "ex:" at the start of a line or behind a blank, "vim" also
//     with a version ("vim>802:"), "Vim:" if "set" follows (Vim and Neovim,
//     chk_modeline);
//   - "kate:", "kate-wildcard(", "kate-mimetype(" (KTextEditor,
//     DocumentPrivate::readVariableLine).
//
// The byte is the last one, so nothing waits for what follows.

// Inert returns s with a backslash in each place where an editor that opened it as
// a file would find something to obey. It is for text that no Sanitizer has seen.
func Inert(s string) string {
	return string(inert([]byte(s), func(dst []byte, c byte) []byte { return append(dst, '\\', c) }))
}

// InertJSON is Inert for JSON, whose strings hold the same.
func InertJSON(p []byte) []byte {
	return inert(p, func(dst []byte, c byte) []byte { return fmt.Appendf(dst, `\u%04x`, c) })
}

// inert returns p with each byte written by spell that completes a modeline.
func inert(p []byte, spell func(dst []byte, c byte) []byte) []byte {
	var m modelines
	var out []byte
	from := 0
	for i, c := range p {
		if m.completes(p[:i], c) {
			out = spell(append(out, p[from:i]...), c)
			from = i + 1
		}
	}
	if from == 0 {
		return p
	}
	return append(out, p[from:]...)
}

// maxBegin is how many bytes are looked at before the one that may complete a
// modeline. The longest are "Local Variables" with one letter of two bytes; a
// version may have more digits, and counts as one if it is that long.
const maxBegin = 24

// modelines finds what completes modelines in a stream of bytes.
type modelines struct {
	recent [256]byte // the last bytes of the earlier pieces
	n      int       // how many there are
	set    int       // how much of "set" may follow a "Vim:", 0 if none did
	out    []byte    // a piece that was changed
}

// pass returns p, which holds bytes of these classes, with what it completes broken by
// backslashes, and the classes of that: p itself, or what is valid until the next call.
func (m *modelines) pass(p []byte, held class) ([]byte, class) {
	if held&completing == 0 && m.set == 0 {
		m.keep(p)
		return p, held
	}
	m.out = m.out[:0]
	from := 0
	for i, c := range p {
		if (classes[c]&completing != 0 || m.set > 0) && m.completes(p[:i], c) {
			m.out = append(append(m.out, p[from:i]...), '\\')
			from = i
		}
	}
	m.keep(p)
	if len(m.out) == 0 {
		return p, held
	}
	m.out = append(m.out, p[from:]...)
	return m.out, held | classes['\\']
}

// keep remembers the end of p.
func (m *modelines) keep(p []byte) {
	p = p[max(0, len(p)-maxBegin):]
	if m.n+len(p) > len(m.recent) {
		m.n = copy(m.recent[:], m.recent[m.n-maxBegin:m.n])
	}
	m.n += copy(m.recent[m.n:], p)
}

// completes reports whether c completes a modeline behind p, of the same piece.
func (m *modelines) completes(p []byte, c byte) bool {
	if m.set > 0 && m.follows(c) {
		return true
	}
	var joined [2 * maxBegin]byte
	if len(p) < maxBegin {
		p = append(append(joined[:0], m.recent[max(0, m.n-maxBegin):m.n]...), p...)
	}
	p = p[max(0, len(p)-maxBegin):] // so that all is the same wherever p was cut
	switch c {
	case '-':
		return bytes.HasSuffix(p, []byte("-*"))
	case ':':
		return bytes.HasSuffix(p, []byte("kate")) || isLocalVariables(p) || m.isVim(p)
	case '(', '{': // the latter may come out as the former
		return bytes.HasSuffix(p, []byte("kate-wildcard")) || bytes.HasSuffix(p, []byte("kate-mimetype"))
	}
	return false
}

// follows reports whether c completes the "set" behind "Vim:".
func (m *modelines) follows(c byte) bool {
	switch {
	case isBlank(c) && m.set == 1:
		return false
	case c == "set"[m.set-1]:
		m.set++
		if m.set <= len("set") {
			return false
		}
		m.set = 0
		return true
	}
	m.set = 0
	return false
}

// isVim reports whether ":" behind p begins a modeline. Behind "Vim" that is
// decided by what follows.
func (m *modelines) isVim(p []byte) bool {
	name := p
	for len(name) > 0 && isDigit(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	if len(name) == 0 {
		return len(p) >= maxBegin
	}
	if c := name[len(name)-1]; c == '<' || c == '=' || c == '>' {
		name = name[:len(name)-1]
	}
	capital := false
	switch {
	case bytes.HasSuffix(name, []byte("vim")):
		name = name[:len(name)-3]
	case bytes.HasSuffix(name, []byte("Vim")):
		name, capital = name[:len(name)-3], true
	case len(name) == len(p) && (bytes.HasSuffix(name, []byte("vi")) || bytes.HasSuffix(name, []byte("ex"))):
		name = name[:len(name)-2]
	default:
		return false
	}
	if n := len(name); n > 0 && name[n-1] > ' ' && name[n-1] < utf8.RuneSelf {
		return false // what is beyond ASCII may be a blank
	}
	if capital {
		m.set = 1
	}
	return !capital
}

// isLocalVariables reports whether p ends in "Local Variables" as Emacs compares
// it: case is that of the language environment, and Turkish has two more of "i".
func isLocalVariables(p []byte) bool {
	const head, tail = "local var", "ables"
	p, ok := cutFold(p, tail)
	if !ok {
		return false
	}
	r, size := utf8.DecodeLastRune(p)
	if r != 'i' && r != 'I' && r != 'ı' && r != 'İ' {
		return false
	}
	_, ok = cutFold(p[:len(p)-size], head)
	return ok
}

// cutFold returns p without suffix, which it may have in any case of ASCII.
func cutFold(p []byte, suffix string) ([]byte, bool) {
	n := len(p) - len(suffix)
	if n < 0 || !bytes.EqualFold(p[n:], []byte(suffix)) {
		return p, false
	}
	return p[:n], true
}
