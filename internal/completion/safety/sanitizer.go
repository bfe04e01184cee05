package safety

import "strings"

// A Sanitizer makes text that a model writes safe to be shown by whatever reads
// Markdown, while it arrives:
//
//   - control characters are dropped, and invisible ones spelt out, see Visible;
//   - no image is left, in no form, and no HTML;
//   - the only links are to http and https, and their text shows the host; there is
//     none to a host in Punycode, which viewers show as another;
//   - no code block is left that a viewer would draw as a diagram;
//   - no line is left that an editor would obey in a file, see Inert;
//   - the block of code that it ends in is closed, see Flush.
//
// It does so by escapes that hold whatever a parser makes of the text around
// them: it is no parser. Text in code stays as it is, but for what an editor
// would obey; where parsers could differ on whether it is code, it is escaped.
// Everything else passes byte by byte.
//
// A piece waits only while it may still turn out to be one that is changed:
// plain text and code blocks never do. However the text is cut, the whole output
// is the same. The zero value is ready for a text.
type Sanitizer struct {
	runes     runes
	visible   []byte
	modelines modelines
	markdown  markdown
}

// Append appends to dst what is decided of the text so far, of which p is the
// next piece. p may end anywhere, also within a character.
func (s *Sanitizer) Append(dst, p []byte) []byte {
	held := classify(p)
	if !s.runes.clean(p, held) {
		s.visible = s.runes.append(s.visible[:0], p)
		p, held = s.visible, classify(s.visible)
	}
	p, held = s.modelines.pass(p, held)
	return s.markdown.append(dst, p, held)
}

// Flush appends what waits, and what closes the block of code that the text ends
// in: what is written below it is no code. The text ends there; the next Append
// begins another.
func (s *Sanitizer) Flush(dst []byte) []byte {
	s.visible = s.runes.flush(s.visible[:0])
	p, held := s.modelines.pass(s.visible, classify(s.visible))
	dst = s.markdown.append(dst, p, held)
	dst = s.markdown.flush(dst)
	*s = Sanitizer{}
	return dst
}

// Closed returns text, which a Sanitizer has made safe and which may still grow, with
// the block of code closed that it ends in.
func Closed(text string) string {
	lines := strings.TrimSuffix(text, "\n") + "\n"
	var m markdown
	m.append(nil, []byte(lines), classify([]byte(lines)))
	if m.mode != modeCode {
		return text
	}
	m.closeBlock("")
	return lines + string(m.out)
}
