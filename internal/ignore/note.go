package ignore

import (
	"strings"
	"unicode"

	"github.com/llmls/llmls/internal/completion"
)

// maxNotes bounds the notes of one question: a person reads no more.
const maxNotes = 8

// Notes returns sentences about ineffective lines of the ignore files that were
// read, by file and line number.
func (c *Checker) Notes() []string { return c.notes }

func (c *Checker) note(where, text string) {
	for number, line := range lines(text) {
		if len(c.notes) >= maxNotes {
			return
		}
		switch {
		case Backslashes(line):
			c.notes = append(c.notes, completion.NoteBackslash(where, number))
		case surrounded(line):
			c.notes = append(c.notes, completion.NoteSurrounded(where, number))
		case !Valid(line):
			c.notes = append(c.notes, completion.NoteNoPattern(where, number))
		}
	}
}

// Backslashes reports whether a pattern has a backslash that a person may have meant as a
// separator of directories: in front of a character that needs no escape.
func Backslashes(line string) bool {
	for i := 0; i < len(line); i++ {
		if line[i] != '\\' {
			continue
		}
		if i++; i < len(line) && strings.IndexByte(` #!*?[]`+"\t", line[i]) < 0 {
			return true
		}
	}
	return false
}

// surrounded reports whether a pattern has characters around a name, or in place of a line
// end, that its author may not have meant as part of it: white space, an invisible
// character, quotation marks, or a dot for the directory itself.
func surrounded(line string) bool {
	unseen := func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }
	line = strings.TrimPrefix(line, "!")
	if strings.TrimLeftFunc(line, unseen) != line || strings.TrimRightFunc(line, func(r rune) bool { return r != ' ' && unseen(r) }) != line {
		return true
	}
	quote := line[:min(1, len(line))]
	return quote != "" && strings.Contains("\"'`", quote) && len(line) > 1 && strings.HasSuffix(line, quote) ||
		strings.ContainsAny(line, "\u0085\u2028\u2029") || strings.Contains("/"+line, "/./") || strings.Contains("/"+line, "/../")
}
