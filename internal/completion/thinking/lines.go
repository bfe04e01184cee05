package thinking

// lines follows Markdown as far as it takes to know what is code: where a line
// begins, fences (CommonMark 0.31, section 4.5) and code spans (6.1), which end
// with their paragraph here.
type lines struct {
	place  place
	indent int  // columns of space at the start of this line
	mark   byte // of the run that this line starts with
	marks  int  // its length

	fence    byte // of the block of code that is open, 0 if none is
	fenceLen int
	span     int // length of the backticks that opened a code span, 0 if none is open
	ticks    int // backticks right before
}

// place is where in a line the text stands.
type place uint8

const (
	head    place = iota // nothing but space so far
	run                  // a run of ` or ~ that the line starts with
	closing              // space behind a run that may close a fence
	middle
)

// isHead reports whether a tag here would start a line that is no code.
func (l *lines) isHead() bool {
	return l.place == head && l.indent < 4 && l.fence == 0 && l.span == 0
}

// isText reports whether this is neither a block of code nor a span.
func (l *lines) isText() bool { return l.fence == 0 && l.span == 0 && l.ticks == 0 }

func (l *lines) advance(c byte) {
	if c == '\n' {
		l.endLine()
		return
	}
	switch l.place {
	case head:
		switch {
		case c == ' ':
			l.indent++
			return
		case c == '\t':
			l.indent += 4
			return
		case (c == '`' || c == '~') && l.indent < 4:
			l.place, l.mark, l.marks = run, c, 1
			return
		}
		l.place = middle
	case run:
		if c == l.mark {
			l.marks++
			return
		}
		l.place = l.afterRun(c)
		if l.place == closing {
			return
		}
	case closing:
		if c == ' ' || c == '\t' || c == '\r' {
			return
		}
		l.place = middle
	case middle:
	}
	l.inLine(c)
}

// afterRun decides what the run that a line starts with is, when c follows it.
func (l *lines) afterRun(c byte) place {
	switch {
	case l.marks >= 3 && l.fence == 0:
		l.fence, l.fenceLen = l.mark, l.marks
	case l.fence != 0 && l.mark == l.fence && l.marks >= l.fenceLen && (c == ' ' || c == '\t' || c == '\r'):
		return closing
	case l.fence == 0 && l.mark == '`':
		l.toggle(l.marks)
	}
	return middle
}

func (l *lines) inLine(c byte) {
	switch {
	case l.fence != 0:
	case c == '`':
		l.ticks++
	case l.ticks > 0:
		l.toggle(l.ticks)
		l.ticks = 0
	}
}

// toggle opens or closes a code span.
func (l *lines) toggle(ticks int) {
	switch l.span {
	case 0:
		l.span = ticks
	case ticks:
		l.span = 0
	}
}

func (l *lines) endLine() {
	switch {
	case l.place == head:
		l.span = 0 // a blank line ends the paragraph
	case l.place == closing, l.place == run && l.fence != 0 && l.mark == l.fence && l.marks >= l.fenceLen:
		l.fence = 0
	case l.place == run:
		l.afterRun('\n')
	case l.ticks > 0:
		l.toggle(l.ticks)
	}
	if l.fence != 0 {
		l.span = 0
	}
	l.place, l.indent, l.mark, l.marks, l.ticks = head, 0, 0, 0, 0
}
