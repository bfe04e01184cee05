package ignore

import (
	"strings"
	"unicode"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/safety"
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
		case Surrounded(line):
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

// Surrounded reports whether a pattern has something around or in a name, or instead
// of a line end, that a person may take for no part of it: white space, an invisible
// character, quotation marks, a comment, a list in braces, a dot for the directory
// itself or a tilde for that of the person.
func Surrounded(line string) bool {
	line = strings.TrimPrefix(line, "!")
	quote := line[:min(1, len(line))]
	_, list, _ := strings.Cut(line, "{")
	list, _, closed := strings.Cut(list, "}")
	return strings.HasPrefix(line, " ") || strings.ContainsFunc(line, func(r rune) bool { return r != ' ' && unicode.IsSpace(r) }) || safety.Visible(line) != line ||
		quote != "" && strings.Contains("\"'`", quote) && len(line) > 1 && strings.HasSuffix(line, quote) ||
		closed && strings.Contains(list, ",") || strings.Contains(line, " #") || strings.HasPrefix(line, "~/") || strings.Contains("/"+line, "/./") || strings.Contains("/"+line, "/../")
}
