package safetytest

import "strings"

// Tokens returns pieces of text on which Markdown parsers disagree, or that would do
// harm. A byte of a program stands for one of them.
func Tokens() []string {
	return []string{
		// What does something, and must not.
		"![i](http://e.x/i)", "![i](u)", "<img src=x>", "<b>", "[l](j:x)", "](j:x)", "](http://e.x/)", "[l](http://e.x/)", "[l](http://e.x 't')",
		"![i][r]", "[r]", "[r]: j:x", "[r]:", "[l][r]", "<http://e.x/>", "<j:x>", "http://e.x/", "www.e.x", "a@e.x", "xn--80a.x", "<!--", "-->", "<?", "</b>", "<a href=x>", "<script>", "<pre>",
		// Code, and what may be.
		"`", "`", "`", "``", "```", "````", "~", "~~", "~~~", "~~~~", "```\n", "~~~\n", "\n```\n", "\n~~~\n", "\n\n    ", "```go\n", "```mermaid\n", "```math\n", "mermaid", "math",
		// Emphasis, math, tables.
		"*", "*", "**", "_", "__", "$", "$$", "|", "|", "\n-|-\n", "\n|-|\n", "\n:-\n", "\n--|--\n", "x|y\n-|-\n",
		// Brackets, escapes and entities.
		"[", "[", "]", "]", "(", ")", "<", ">", "{", "}", "!", "!", "\\", "\\", "\\", "&", "&lt;", "&#33;", "&#91;", "&#96;", ":", "::", ":::", "\"", "'",
		// The start of a line.
		"\n", "\n", "\n", "\n", "\n\n", "\n\n", "> ", ">", "- ", "-", "* ", "+ ", "1. ", "10) ", "# ", "#", "[^a]: ", "[^a]", "^[", "=", "\n===\n", "\n---\n", "---\n", "\\begin{a}", ": ", "[ ] ",
		// Spaces of every kind.
		" ", " ", " ", "  ", "   ", "    ", "\t", " \t", "\u00a0", "\u1680", "\u2003", "\u2028", "\u202f", "\u205f", "\u3000", "\ufeff", "\u0085", "\v", "\f", "\r", "\u200b",
		// Text.
		"a", "a", "a", "b c", "e.x", "x.", "é", "中", "🙂", "\u0301", "K", "/", "//", "h", "http", "0", "1", "^", "%", "=", ".", ",", ";", "@", "\x00", "\u00ad", "\ufffd", "~`", "*`", "`*", "_`",
	}
}

// corners are tokens that lie close to each other: what a parser sees in one kind
// of text depends on these.
func corners() [][]string {
	return [][]string{
		{"`", "`", "``", "```", "~", "*", "_", "**", "[", "]", "(", ")", "\\", "<b>", "![i](u)", "a", " ", "\n", "<", ">", "|", "$"},
		{"`", "`", "``", "*", "_", "[", "]", "\\", "<b>", "![i](u)", "a", "~", "<", ">"},
		{"```", "~~~", "````", "\n", "\n", "\n", "> ", ">", "- ", "* ", "1. ", " ", "  ", "    ", "\t", "<b>", "<b>", "a", "```go\n", "\n\n"},
		{"```", "~~~", "\n", "\n", "> ", "- ", "-", "10) ", " ", "  ", "   ", "<b>", "a", "\n\n", ": ", "[^a]: ", "\u00a0", "#"},
		{"[", "]", ":", "[r]: j:x", "[r]", "[l][r]", "(", ")", "\\", "![i](http://e.x/i)", "](http://e.x/)", "\n", "\n\n", "`", "a", "!", "](j:x)", "> ", "- ", "```\n"},
		{"|", "|", "\n-|-\n", "\n|-|\n", "\n:-\n", "`", "`", "``", "<b>", "\\", "a", "\n", "![i](u)", "```\n", " ", "*", "> ", "- ", "\n\n", "x|y\n-|-\n"},
		{"\n\n    ", "    ", "    ", "\n", "\n", "<b>", "a", "- ", "1. ", "> ", "```\n", "`", "\t", "  ", "\n\n", "* ", "[^a]: ", "---\n"},
		{"$", "$$", "`", "<b>", "\\", "\\begin{a}", "\n", "a", " ", "```\n", "![i](u)", "_", "\n\n", "0"},
		{"http://e.x/", "www.e.x", "a@e.x", "xn--80a.x", "`", "<b>", "\\", "<", ">", "&lt;", "(", ")", "*", "_", "a", " ", "[", "]", "](http://e.x/)", "//", "http", ":", "&", "~"},
	}
}

// Cut is the byte of a program at which the text arrives in another piece.
const Cut = 0xFF

// tokensOf returns what the bytes behind the first one stand for.
func tokensOf(program []byte) []string {
	c := corners()
	if len(program) == 0 || int(program[0])%(len(c)+1) == 0 {
		return Tokens()
	}
	return c[int(program[0])%(len(c)+1)-1]
}

// Text returns the text that program stands for, in the pieces in which it
// arrives. Its first byte chooses the tokens: all, or those of a corner.
func Text(program []byte) []string {
	tokens := tokensOf(program)
	var pieces []string
	var piece strings.Builder
	for _, b := range program[min(1, len(program)):] {
		if b == Cut {
			pieces = append(pieces, piece.String())
			piece.Reset()
			continue
		}
		piece.WriteString(tokens[int(b)%len(tokens)])
	}
	return append(pieces, piece.String())
}

// Program returns a program whose Text is text, without the parts that no token spells.
func Program(text string) []byte {
	tokens := Tokens()
	program := []byte{0}
	for len(text) > 0 {
		best := -1
		for i, token := range tokens {
			if strings.HasPrefix(text, token) && (best < 0 || len(token) > len(tokens[best])) {
				best = i
			}
		}
		if best < 0 {
			text = text[1:]
			continue
		}
		program = append(program, byte(best))
		text = text[len(tokens[best]):]
	}
	return program
}
