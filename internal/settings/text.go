package settings

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// DecodeText returns text without its byte-order mark, converted to UTF-8 if the mark is
// one of UTF-16, which PowerShell writes. If text ends in the middle of a character, the
// result ends in a byte that is not valid UTF-8.
func DecodeText(text string) string {
	var order binary.ByteOrder
	switch {
	case strings.HasPrefix(text, "\xff\xfe"):
		order = binary.LittleEndian
	case strings.HasPrefix(text, "\xfe\xff"):
		order = binary.BigEndian
	default:
		return strings.TrimPrefix(text, "\ufeff")
	}
	var units []uint16
	data := []byte(text[2:])
	for ; len(data) >= 2; data = data[2:] {
		units = append(units, order.Uint16(data))
	}
	text = string(utf16.Decode(units))
	if len(data) > 0 {
		text += "\xff"
	}
	return text
}
