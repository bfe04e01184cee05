package safety

// A fence is an open block of code.
type fence struct {
	mark   byte
	length int
	quotes int
	indent int    // of the opening fence as it was written
	kept   int    // of it in the output
	prefix []byte // of each line: quote markers and that indentation

	// The line.
	at     place
	seen   int    // quote markers
	column int    // behind the blanks after them
	run    int    // marks of what may be the closing fence
	waits  []byte // what was read of its start
	blanks int    // where in waits the blanks after the quotes begin
	body   int    // and where they end
}

type place uint8

const (
	atBlanks  place = iota // that a line begins with
	atRun                  // of marks
	atTail                 // blanks after it
	atContent              // of the line, to its end
)

// beginCode begins a block of code.
func (m *markdown) beginCode() {
	m.mode = modeCode
	m.endParagraph()
	m.fence.nextLine()
}

func (f *fence) nextLine() {
	f.at, f.seen, f.column, f.run = atBlanks, 0, 0, 0
	f.waits, f.blanks, f.body = f.waits[:0], 0, 0
}

// bare reports whether the block is neither indented nor quoted. Its lines pass at once,
// because none of them is changed.
func (f *fence) bare() bool { return f.quotes == 0 && f.indent == 0 }

// code goes on with a block of code.
func (m *markdown) code(c byte) {
	f := &m.fence
	switch {
	case f.at == atContent:
		m.passCode(c)
		if c == '\n' {
			f.nextLine()
		}
	case f.seen < f.quotes:
		m.quote(c)
	case c == '\n':
		m.endCodeLine()
	case f.at == atBlanks && isBlank(c):
		m.indentation(c)
	case f.at != atTail && c == f.mark:
		f.at = atRun
		f.run++
		m.delay(c)
	case f.at != atBlanks && isBlank(c) && f.closes():
		f.at = atTail
		m.delay(' ') // CommonMark once knew no tab there
	default:
		m.passStart()
		if f.at == atRun && f.closes() && (c == '`' || c == '~') {
			m.out = append(m.out, ' ') // marked takes both for a closing fence's
		}
		f.at = atContent
		m.passCode(c)
	}
}

// passCode passes on what is code. As long as a definition may have begun before
// it, that ends nowhere in it.
func (m *markdown) passCode(c byte) {
	if m.unclosed {
		if c == ':' && m.prev == ']' {
			m.out = append(m.out, '\\')
		}
		m.unclosed = c != '[' || m.prev == '\\'
		m.prev = c
	}
	m.out = append(m.out, c)
}

// quote goes on with the quote markers that a line begins with. A line without
// them ends the quote, and with it the block; for a parser that sees this
// otherwise, the block is closed.
func (m *markdown) quote(c byte) {
	f := &m.fence
	room := maxIndent
	if f.seen > 0 {
		room++ // the marker's own
	}
	switch {
	case c == '>':
		f.waits = append(f.waits, c)
		f.seen++
		f.blanks, f.body = len(f.waits), len(f.waits)
	case c == ' ' && len(f.waits)-f.blanks < room:
		f.waits = append(f.waits, c)
	default:
		f.run = f.length
		m.closeCode()
		m.out = append(m.out, '\n')
		m.endCode(f.quotes)
		for _, c := range f.waits {
			m.step(c)
		}
		m.step(c)
	}
}

// indentation goes on with the blanks before the content of a line.
func (m *markdown) indentation(c byte) {
	f := &m.fence
	if own := f.quotes > 0 && len(f.waits) == f.blanks; own && c == '\t' {
		f.column = advance(2*f.quotes-1, c) - 2*f.quotes // the marker takes one column of it
	} else if !own {
		f.column = advance(2*f.quotes+f.column, c) - 2*f.quotes
	}
	m.delay(c)
	f.body = len(f.waits)
}

// delay lets c wait for what the line is, if that can change it.
func (m *markdown) delay(c byte) {
	if m.fence.bare() {
		m.out = append(m.out, c)
	} else {
		m.fence.waits = append(m.fence.waits, c)
	}
}

// closes reports whether the line is a closing fence, were it to end here.
func (f *fence) closes() bool {
	return f.run >= f.length && f.column <= f.indent+maxIndent
}

// endCodeLine ends a line of code of which all waits.
func (m *markdown) endCodeLine() {
	f := &m.fence
	switch {
	case f.closes():
		m.closeCode()
		m.endCode(f.quotes)
	case f.at == atBlanks:
		m.out = append(m.out, f.waits...)
	default:
		m.passStart()
	}
	m.out = append(m.out, '\n')
	f.nextLine()
}

// endCode ends the block; a line of text begins.
func (m *markdown) endCode(quotes int) {
	m.line.reset()
	m.follows, m.quoted, m.mixed, m.dashed = true, quotes, false, false
	m.mode = modeStart
}

// closeCode passes on a closing fence in place of what waits.
func (m *markdown) closeCode() {
	f := &m.fence
	if f.bare() {
		return
	}
	m.out = append(m.out, f.prefix...)
	for range f.run {
		m.out = append(m.out, f.mark)
	}
}

// passStart passes on the start of a line of content, which waited. It is
// indented as much as the fence, so that it cannot leave the list that some
// parsers see the fence in; CommonMark takes that away again.
func (m *markdown) passStart() {
	f := &m.fence
	if f.bare() {
		return
	}
	m.out = append(m.out, f.prefix[:2*f.quotes]...)
	blanks := f.waits[f.blanks:f.body]
	if f.quotes > 0 && len(blanks) > 0 && blanks[0] == ' ' {
		blanks = blanks[1:] // the marker's own is in the prefix
	}
	column := max(f.kept, f.column-(f.indent-f.kept))
	if column == f.column && (f.quotes == 0 || f.kept == 0) {
		m.out = append(m.out, blanks...)
	} else { // a tab has another width further right
		for range column {
			m.out = append(m.out, ' ')
		}
	}
	m.out = append(m.out, f.waits[f.body:]...)
}

// flushCode passes on what waits of the last line, and closes the block: what
// follows the text must not become code.
func (m *markdown) flushCode() {
	f := &m.fence
	switch {
	case f.at == atContent:
	case f.at == atBlanks && f.column == 0 && len(f.waits) == 0: // nothing stands in the line
		m.closeBlock("")
		return
	case f.seen < f.quotes || f.at == atBlanks:
		m.out = append(m.out, f.waits...)
	case f.closes():
		m.closeCode()
		return
	default:
		m.passStart()
	}
	m.closeBlock("\n")
}

// closeBlock appends a fence that closes the block, behind before.
func (m *markdown) closeBlock(before string) {
	f := &m.fence
	m.out = append(m.out, before...)
	m.out = append(m.out, f.prefix...)
	for range f.length {
		m.out = append(m.out, f.mark)
	}
}

// isIndented reports whether a line that goes on with c is indented code for all
// parsers: it is as deep as that takes, and there is no list that it may belong
// to and no paragraph that it may go on with. What begins with a fence is meant as
// one.
func (m *markdown) isIndented(c byte) bool {
	l := &m.line
	deep := l.column >= tabStop && l.quotes == 0 && !l.item && !isBlank(c) && c != '\n'
	return deep && !m.listed && (m.chunk || !m.follows && c != '`' && c != '~')
}

// indented goes on with a line of indented code.
func (m *markdown) indented(c byte) {
	m.passCode(c)
	if c == '\n' {
		m.endCode(0)
	}
}
