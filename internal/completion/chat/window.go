package chat

import "strings"

// WindowLines and windowTokens bound what is sent around a selection: a
// function's neighbours, not the file. More costs the reader seconds before the
// first word and draws the answer away from the selection.
const (
	WindowLines  = 60 // a side
	windowTokens = 2000
)

// around returns the lines before and after c's text, each under a heading that
// calls it context. They take at most half of room: the rest is for the answer's
// follow-ups, which carry this turn along.
func (p *Prompt) around(c *Code, room int) (before, after string) {
	if c == nil {
		return "", ""
	}
	share := min(windowTokens, room/2)
	// The line end that the selection left behind is no line of its own.
	rest := strings.TrimPrefix(strings.TrimPrefix(c.After, "\r"), "\n")
	if strings.HasSuffix(c.Text, "\n") {
		rest = c.After
	}
	w := window{
		before: c.Before, after: rest,
		room: share - cost(beforeHeading+fenced(c.Language, "")) - cost(afterHeading+fenced(c.Language, "")),
	}
	if cut := w.grow(); cut && share < windowTokens {
		p.leaveOut("lines around the selection")
	}
	label := func(heading, text string) string {
		if strings.TrimSpace(text) == "" {
			return ""
		}
		return heading + fenced(c.Language, text)
	}
	return label(beforeHeading, c.Before[len(w.before):]), label(afterHeading, rest[:w.taken])
}

// A window takes lines from the end of before and from the start of after.
type window struct {
	before, after string // what is not taken yet
	room          int
	taken         int // bytes of after
}

// grow takes lines by turns on both sides, nearest first. A side ends for good
// at a line that does not fit, so that no gap goes unnoticed. It reports
// whether the room and not the number of lines ended a side.
func (w *window) grow() (cut bool) {
	up, down := true, true
	for range WindowLines {
		if up = up && w.before != ""; up {
			line := w.before[strings.LastIndexByte(strings.TrimSuffix(w.before, "\n"), '\n')+1:]
			if up = w.fits(line); up {
				w.before = w.before[:len(w.before)-len(line)]
			}
			cut = cut || !up
		}
		if down = down && w.after != ""; down {
			line, _, _ := strings.Cut(w.after, "\n")
			line = w.after[:min(len(line)+1, len(w.after))]
			if down = w.fits(line); down {
				w.after = w.after[len(line):]
				w.taken += len(line)
			}
			cut = cut || !down
		}
	}
	return cut
}

func (w *window) fits(line string) bool {
	// A line of so many bytes never fits, and need not be read.
	if len(line) > 16*windowTokens {
		return false
	}
	n := EstimateTokens(line)
	if n > w.room {
		return false
	}
	w.room -= n
	return true
}
