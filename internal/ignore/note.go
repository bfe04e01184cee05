package ignore

import (
	"strings"

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
		case !Valid(line):
			c.notes = append(c.notes, completion.NoteNoPattern(where, number))
		}
	}
}

// Backslashes reports whether a pattern holds a backslash that a person may have
// meant to part directories with. In a pattern it makes the character after it
// an ordinary one, and only these need that.
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
