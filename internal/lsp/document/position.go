package document

import (
	"go.lsp.dev/protocol"
)

// An Encoding is the unit in which a Position counts characters. The zero value
// is UTF-16, which LSP prescribes where nothing was negotiated.
type Encoding uint8

// The encodings of LSP 3.17 and later.
const (
	UTF16 Encoding = iota
	UTF8
	UTF32
)

// Negotiate returns the first encoding that the client offers and we know: the
// specification orders them by the client's preference. Without one it is
// UTF-16.
func Negotiate(offered []protocol.PositionEncodingKind) Encoding {
	for _, kind := range offered {
		switch kind {
		case protocol.PositionEncodingKindUTF8:
			return UTF8
		case protocol.PositionEncodingKindUTF16:
			return UTF16
		case protocol.PositionEncodingKindUTF32:
			return UTF32
		}
	}
	return UTF16
}

// Kind returns the name of e in the protocol.
func (e Encoding) Kind() protocol.PositionEncodingKind {
	switch e {
	case UTF8:
		return protocol.PositionEncodingKindUTF8
	case UTF32:
		return protocol.PositionEncodingKindUTF32
	default:
		return protocol.PositionEncodingKindUTF16
	}
}

// Offset returns the offset of pos. It clamps as LSP 3.18 ("Position") says: a
// character past the end of its line means the end of the line, in front of
// the line break; a line past the last one means the end of the text. A
// position inside a character means its start.
func (t *Text) Offset(pos protocol.Position, enc Encoding) int {
	off, _ := t.seek(pos, enc)
	return off
}

// seek is Offset, and also reports whether pos stands between two characters.
func (t *Text) seek(pos protocol.Position, enc Encoding) (off int, exact bool) {
	if uint64(pos.Line) >= uint64(t.LineCount()) {
		return t.Len(), true
	}
	start, end := t.LineStart(int(pos.Line)), t.LineEnd(int(pos.Line))
	// No encoding has more units than bytes. This also keeps the sum below from
	// overflowing an int of 32 bits.
	if uint64(pos.Character) >= uint64(end-start) {
		return end, true
	}
	before := t.root.prefix(start)
	off, exact = t.root.seek(before.units(enc)+int(pos.Character), enc)
	if off >= end {
		return end, true
	}
	return off, exact
}

// Position returns the position of an offset. Between \r and \n it is the end
// of the line.
func (t *Text) Position(offset int, enc Encoding) protocol.Position {
	t.check(offset, offset)
	here := t.at(offset)
	start := t.root.prefix(t.LineStart(here.breaks))
	return protocol.Position{
		Line:      uint32(here.breaks),
		Character: uint32(here.units(enc) - start.units(enc)),
	}
}
