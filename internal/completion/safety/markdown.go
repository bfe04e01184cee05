package safety

import "bytes"

const (
	// maxSpan is how long code within a line may wait for its end.
	maxSpan = 4 << 10
	// maxName is how much of a link's text is compared with its target.
	maxName = 256
)

// markdown is the part of a Sanitizer that knows Markdown. It reads bytes: all
// that Markdown acts on is ASCII.
type markdown struct {
	out   []byte
	mode  mode
	begun bool // something that is no space was read

	line  line  // its start
	info  info  // what follows an opening fence
	fence fence // the block of code we are in

	// Within a line of text.
	slash bool // an odd number of backslashes stands before
	prev  byte // the last byte, 0 if it was escaped
	glued bool // a backslash may be no escape: since the last space there was what may be a URL
	loose bool // there was nothing but blanks since a backslash
	coded int  // how much of "xn--" was just read, which begins a name of a host that viewers decode
	wait  wait
	url   target
	name  []byte // what follows the last "["
	named bool   // it is all that follows
	host  bool   // it has not come to its path

	// Code within the line.
	run    int    // backticks that were just read
	opens  bool   // they open it
	ticks  int    // how many opened it, 0 outside
	held   []byte // what waits for its end
	again  []byte // what waited and is read as text
	inside marks  // what stands in it
	ended  bool   // it has, and the text of the link around it waits, too

	// Tables, whose cells are cut before code within a line is looked for.
	mixed  bool // the line holds what no delimiter row does
	dashed bool // and what each does
	piped  bool // its code holds a "|"
	warned bool // that of the line before did

	// Until the next blank line.
	table   bool  // there may be a table
	doubt   bool  // parsers may differ on what is code
	defines bool  // "]:" may make a link reference definition
	depth   int   // brackets that are open
	bent    bool  // one is escaped since the first of them: marked forgets that in a link's text
	outside marks // emphasis in what is no code
	skewed  bool  // a parser that looks for emphasis may pair backticks in another way

	// Between lines.
	empty   bool // the line is
	follows bool // the one before is not
	quoted  int  // quotes that it began with
	listed  bool // an item of a list may be open
	chunk   bool // what is not blank was indented code

	// Until the next bracket, which may be paragraphs away.
	unclosed bool // a "[" may begin a link reference definition
}

type mode uint8

const (
	modeStart mode = iota // at the start of a line, where a block may begin
	modeText
	modeInfo
	modeCode
	modeIndented
)

// A wait says what was read and not passed on.
type wait uint8

const (
	waitNone    wait = iota
	waitLess         // "<"
	waitAuto         // "<" and url
	waitBracket      // "]"
	waitLink         // "](" and url
)

// append appends what is decided of p, which holds bytes of these classes.
func (m *markdown) append(dst, p []byte, held class) []byte {
	m.out = dst
	for len(p) > 0 {
		if n := m.plain(p, held); n > 0 {
			p = p[n:]
			continue
		}
		m.step(p[0])
		p = p[1:]
	}
	dst, m.out = m.out, nil
	return dst
}

func (m *markdown) step(c byte) {
	if !m.mixed && m.mode < modeInfo {
		m.delimiter(c)
	}
	switch m.mode {
	case modeStart:
		m.start(c)
	case modeText:
		m.text(c)
	case modeInfo:
		m.readInfo(c)
	case modeCode:
		m.code(c)
	case modeIndented:
		m.indented(c)
	}
}

func (m *markdown) flush(dst []byte) []byte {
	m.out = dst
	switch m.mode {
	case modeStart:
		m.flushStart()
	case modeText:
		m.settle()
	case modeInfo:
		m.endWord()
		m.settle()
		m.closeBlock("\n")
	case modeCode:
		m.flushCode()
	}
	dst, m.out = m.out, nil
	return dst
}

// plain passes on the bytes at the start of p, which holds at most bytes of these
// classes, that mean nothing where they stand, and returns their number.
func (m *markdown) plain(p []byte, held class) int {
	n := 0
	switch {
	case (m.mode == modeCode && m.fence.at == atContent || m.mode == modeIndented) && !m.unclosed:
		if n = bytes.IndexByte(p, '\n'); n < 0 {
			n = len(p)
		}
	case m.mode == modeText && m.wait == waitNone && m.run == 0 && len(m.held) == 0 && m.mixed && !m.slash && !m.loose && !m.glued && !m.named:
		if held&acting == 0 {
			n = len(p)
		}
		for n < len(p) && classes[p[n]]&acting == 0 {
			n++
		}
		if n > 0 {
			m.prev = p[n-1]
			m.decodeAll(p[:n])
		}
	}
	m.out = append(m.out, p[:n]...)
	return n
}

// text goes on with a line of text.
func (m *markdown) text(c byte) {
	switch {
	case c == '\n':
		m.endLine()
	case m.run > 0 && c == '`':
		m.run++
		m.keep(c)
	case m.run > 0:
		m.endRun()
		m.text(c)
	case m.ticks > 0:
		m.span(c)
	case m.ended:
		m.label(c)
	case m.wait != waitNone:
		m.decide(c)
	case c == '`':
		m.tick()
	case m.slash && (c == '[' || c == ']'):
		m.bend()
		m.pass(c)
	case m.slash && !(c == '<' && m.glued):
		m.pass(c)
	case c == '&' && m.host: // marked lets an entity be more of the host
		m.put(" &")
		m.glued, m.host = false, false
	case c == '<':
		m.wait = waitLess
	case c == ']':
		m.wait, m.unclosed = waitBracket, false
		m.depth = max(0, m.depth-1)
	case c == '[':
		m.bracket()
	case c == '*' || c == '_' || c == '~':
		m.outside |= markOf(c)
		m.pass(c)
	case c == '-' && m.coded == len(punycode)-1: // the text of a link that viewers make shows another host
		m.put(" -")
		m.glued, m.host = false, false
	case c == '|' && m.warned && !m.mixed:
		m.put(`\|`)
	case c == '$': // some pair it before they look for code
		m.doubt = true
		m.pass(c)
	default:
		m.pass(c)
	}
}

// pass passes c on as it is.
func (m *markdown) pass(c byte) {
	m.loose = isBlank(c) && (m.slash || m.loose)
	switch {
	case isBlank(c):
		m.glued, m.host = false, false
	case c == '/' && m.prev == '/', c == '.' && m.prev == 'w', c == ':' && m.prev == 'o', c == '@': // http://, www., mailto:
		m.glued, m.host = true, true
	case c == '/' || c == '?' || c == '#':
		m.host = false
	}
	if m.named {
		m.name = append(m.name, c)
		m.named = len(m.name) < maxName
	}
	m.decode(c)
	m.out = append(m.out, c)
	m.prev = c
	if m.slash {
		m.prev = 0
	}
	m.slash = c == '\\' && !m.slash
}

// put passes on what is harmless as it stands, in place of what was read.
func (m *markdown) put(s string) {
	m.out = append(m.out, s...)
	m.prev, m.slash, m.loose, m.named, m.coded = 0, false, false, false, 0
}

// punycode begins a label of a host's name that stands for another (RFC 3492).
const punycode = "xn--"

// decode follows punycode, in either letter case, through the text.
func (m *markdown) decode(c byte) {
	switch {
	case m.coded < len(punycode) && c|0x20 == punycode[m.coded]|0x20:
		m.coded++
	case c|0x20 == punycode[0]:
		m.coded = 1
	default:
		m.coded = 0
	}
}

// decodeAll is decode for each byte of p, which is not empty.
func (m *markdown) decodeAll(p []byte) {
	switch p[len(p)-1] | 0x20 {
	case 'x', 'n', '-':
		for _, c := range p[max(0, len(p)-len(punycode)):] {
			m.decode(c)
		}
	default: // most text
		m.coded = 0
	}
}

// decide goes on with what waits.
func (m *markdown) decide(c byte) {
	switch m.wait {
	case waitLess:
		if c == 'h' {
			m.wait = waitAuto
			m.url.reset()
			m.url.next(c)
			return
		}
		m.wait, m.skewed = waitNone, true
		if isLetter(c) || c == '/' || c == '!' || c == '?' {
			m.less()
		} else {
			m.pass('<')
		}
		m.text(c)
	case waitBracket:
		switch {
		case c == '(' && !m.bent:
			m.wait = waitLink
			m.url.reset()
		case c == '(':
			m.wait = waitNone
			m.put(`]\(`)
		case c == ':' && m.defines:
			m.wait = waitNone
			m.put(`]\:`)
		default:
			m.settle()
			m.text(c)
		}
	default:
		end := byte(')')
		if m.wait == waitAuto {
			end = '>'
		}
		switch {
		case c == end && m.url.depth == 0 && len(m.url.authority()) > 0 && !m.url.isCoded():
			m.link()
		case c == ' ' && m.wait == waitLink && m.url.enterTitle():
			m.url.text = append(m.url.text, c)
		case m.url.next(c):
		default:
			m.settle()
			m.text(c)
		}
	}
}

// settle decides about what waits as if nothing followed.
func (m *markdown) settle() {
	if m.run > 0 {
		m.endRun()
	}
	if m.ticks > 0 || m.ended {
		m.misread()
	}
	wait := m.wait
	m.wait = waitNone
	switch wait {
	case waitLess:
		m.skewed = true
		m.pass('<')
	case waitBracket:
		m.pass(']')
	case waitAuto:
		m.skewed = true
		m.less()
		m.reread(m.url.text)
	case waitLink:
		m.put(`]\(`)
		m.reread(m.url.text)
	}
}

// less keeps "<" from opening HTML. A URL in text takes a backslash along, and
// ends before "<".
func (m *markdown) less() {
	if m.glued {
		m.put("&lt;")
	} else {
		m.put(`\<`)
	}
}

func (m *markdown) reread(p []byte) {
	for _, c := range p {
		m.text(c)
	}
}

func (m *markdown) endLine() {
	m.settle()
	m.glued = m.slash || m.loose // goldmark takes that for an escape of the next line's first byte
	m.put("\n")
	m.warned, m.piped = m.piped, false
	m.mixed, m.dashed = false, false
	m.quoted = m.line.quotes
	if m.line.item {
		m.quoted = m.line.outer
	}
	m.follows, m.chunk = !m.empty, m.chunk && m.empty
	m.empty = false
	m.line.reset()
	if m.mode == modeInfo {
		m.beginCode()
	} else {
		m.mode = modeStart
	}
}
