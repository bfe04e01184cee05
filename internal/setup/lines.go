package setup

import (
	"strings"

	"github.com/llmls/llmls/internal/diff"
)

// fileLines are the lines of a file, each with its own end, which may be missing
// at the last. Editors on Windows write other ends, and files get mixed.
type fileLines struct {
	mark string // the byte order mark, or ""
	raw  []string
	end  string // of most lines
}

const byteOrderMark = "\ufeff"

func readLines(text string) *fileLines {
	l := &fileLines{end: "\n"}
	if rest, ok := strings.CutPrefix(text, byteOrderMark); ok {
		l.mark, text = byteOrderMark, rest
	}
	for line := range strings.Lines(text) {
		l.raw = append(l.raw, line)
	}
	if windows := strings.Count(text, "\r\n"); windows > strings.Count(text, "\n")-windows {
		l.end = "\r\n"
	}
	return l
}

// text returns the lines with ends that are all the same, the last one too.
func (l *fileLines) text() string {
	var text strings.Builder
	for _, line := range l.raw {
		text.WriteString(withoutEnd(line) + "\n")
	}
	return text.String()
}

func withoutEnd(line string) string {
	line, ended := strings.CutSuffix(line, "\n")
	if ended {
		line = strings.TrimSuffix(line, "\r")
	}
	return line
}

// changed returns the file after a change of its text. Unchanged lines stay as they were,
// byte for byte.
func (l *fileLines) changed(lines []diff.Line) string {
	var text strings.Builder
	text.WriteString(l.mark)
	old, ended := 0, true
	for _, change := range lines {
		if change.Mark == diff.Removed {
			old++
			continue
		}
		if !ended {
			text.WriteString(l.end)
		}
		next := strings.TrimSuffix(change.Text, "\n") + l.end
		if change.Mark == diff.Kept {
			next = l.raw[old]
			old++
		}
		text.WriteString(next)
		ended = strings.HasSuffix(next, "\n")
	}
	return text.String()
}

// Diff returns the change line by line: removed lines, added ones, and one line of
// context around them.
func (c *Change) Diff() string {
	var out strings.Builder
	above := "" // an unchanged line, shown if the next one changes
	changed := false
	for _, l := range c.lines {
		shown := string(l.Mark) + " " + strings.TrimSuffix(l.Text, "\n") + "\n"
		switch {
		case l.Mark != diff.Kept:
			out.WriteString(above + shown)
			above, changed = "", true
		case changed:
			out.WriteString(shown)
			changed = false
		default:
			above = shown
		}
	}
	return out.String()
}
