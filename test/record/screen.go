//go:build linux

package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"
)

// A screen is what a terminal shows. It knows what programs that print and
// redraw lines, and Neovim, use of ECMA-48: cursor moves, erasing, scrolling,
// colours and styles. Everything else is swallowed.
type screen struct {
	columns, rows int
	cells         [][]cell
	top, bottom   int // the rows that scroll, from 0; bottom is behind the last
	row, column   int // of the cursor, from 0; column may be columns after a full line
	style         style
	hold          string // an escape sequence whose end has not arrived
}

// A cell is one place of the screen. The second half of a wide letter is empty.
type cell struct {
	text  string
	style style
}

// A style is how a cell looks. The zero value is plain.
type style struct {
	foreground, background string // "" or a CSS colour
	bold, dim, italic      bool
	underline, struck      bool
	reverse                bool
}

func newScreen(columns, rows int) *screen {
	s := &screen{columns: columns, rows: rows, bottom: rows}
	for range rows {
		s.cells = append(s.cells, s.blank())
	}
	return s
}

func (s *screen) blank() []cell {
	return slices.Repeat([]cell{{text: " "}}, s.columns)
}

// write shows text, which may end in the middle of an escape sequence.
func (s *screen) write(text string) {
	text, s.hold = s.hold+text, ""
	for text != "" {
		if text[0] == '\x1b' {
			n := escapeLength(text)
			if n == 0 {
				s.hold = text
				return
			}
			s.escape(text[:n])
			text = text[n:]
			continue
		}
		letter := []rune(text[:min(len(text), 4)])[0]
		s.put(letter)
		text = text[len(string(letter)):]
	}
}

// escapeLength is the length of the escape sequence at the start of text, or 0
// if its end is not there.
func escapeLength(text string) int {
	if len(text) < 2 {
		return 0
	}
	switch text[1] {
	case '[': // control sequence: parameters, then a final byte
		if i := strings.IndexFunc(text[2:], func(r rune) bool { return r >= '@' && r <= '~' }); i >= 0 {
			return 2 + i + 1
		}
	case 'P', '_': // device control string, application command: to ST
		if i := strings.Index(text, "\x1b\\"); i >= 0 {
			return i + 2
		}
	case '(', ')', '#', ' ': // with one more byte
		return min(3, len(text)) / 3 * 3
	case ']': // operating-system command: to BEL or ST
		if i := strings.IndexByte(text, '\a'); i >= 0 {
			return i + 1
		}
		if i := strings.Index(text, "\x1b\\"); i >= 0 {
			return i + 2
		}
	default:
		return 2
	}
	return 0
}

// put shows one letter at the cursor or obeys a control character.
func (s *screen) put(letter rune) {
	switch letter {
	case '\r':
		s.column = 0
	case '\n':
		s.feed()
	case '\b':
		s.column = max(0, s.column-1)
	case '\t':
		s.column = min(s.columns-1, s.column/8*8+8)
	default:
		width := runewidth.RuneWidth(letter)
		if letter < ' ' || letter == '\x7f' {
			return
		}
		if width == 0 { // joins the letter before it
			if s.column > 0 {
				s.cells[s.row][s.column-1].text += string(letter)
			}
			return
		}
		if s.column+width > s.columns {
			s.column = 0
			s.feed()
		}
		s.cells[s.row][s.column] = cell{string(letter), s.style}
		if width == 2 {
			s.cells[s.row][s.column+1] = cell{"", s.style}
		}
		s.column += width
	}
}

func (s *screen) feed() {
	switch {
	case s.row == s.bottom-1:
		s.scroll(s.top, 1)
	case s.row < s.rows-1:
		s.row++
	}
}

// scroll moves the rows from first to the end of the region up by count, or
// down if it is negative.
func (s *screen) scroll(first, count int) {
	region := s.cells[first:s.bottom]
	for range min(max(count, -count), len(region)) {
		if count > 0 {
			copy(region, region[1:])
			region[len(region)-1] = s.blank()
		} else {
			copy(region[1:], region)
			region[0] = s.blank()
		}
	}
}

// escape obeys one whole escape sequence.
func (s *screen) escape(sequence string) {
	if sequence[1] != '[' {
		return
	}
	final := sequence[len(sequence)-1]
	body := sequence[2 : len(sequence)-1]
	if strings.ContainsAny(body, "?<=>$! ") {
		return // modes and questions: the cursor is not drawn anyway
	}
	var parameters []int
	for number := range strings.SplitSeq(strings.ReplaceAll(body, ":", ";"), ";") {
		n, _ := strconv.Atoi(number) // an empty one counts as 0
		parameters = append(parameters, n)
	}
	count := max(1, parameters[0])
	switch final {
	case 'A', 'F':
		s.row = max(0, s.row-count)
	case 'B', 'E':
		s.row = min(s.rows-1, s.row+count)
	case 'C':
		s.column = min(s.columns-1, s.column+count)
	case 'D':
		s.column = max(0, s.column-count)
	case 'G':
		s.column = min(s.columns, count) - 1
	case 'H', 'f':
		s.row, s.column = min(s.rows, count)-1, 0
		if len(parameters) > 1 {
			s.column = min(s.columns, max(1, parameters[1])) - 1
		}
	case 'J':
		s.erase(parameters[0])
	case 'K':
		s.eraseLine(parameters[0])
	case 'm':
		if strings.HasPrefix(body, "4:") { // kinds of underline
			parameters = []int{4}
		}
		s.style.set(parameters)
	default:
		s.shift(final, count, parameters)
	}
	if final == 'E' || final == 'F' {
		s.column = 0
	}
}

// shift obeys what moves rows and cells.
func (s *screen) shift(final byte, count int, parameters []int) {
	row := s.cells[s.row]
	column := min(s.column, s.columns)
	switch final {
	case 'd': // to a row
		s.row = min(s.rows, count) - 1
	case 'r': // the region that scrolls
		s.top, s.bottom = count-1, s.rows
		if len(parameters) > 1 && parameters[1] > 0 {
			s.bottom = min(s.rows, parameters[1])
		}
		s.row, s.column = 0, 0
	case 'S':
		s.scroll(s.top, count)
	case 'T':
		s.scroll(s.top, -count)
	case 'L':
		s.scroll(s.row, -count)
	case 'M':
		s.scroll(s.row, count)
	case 'P': // deletes cells
		copy(row[column:], row[min(s.columns, column+count):])
		copy(row[max(column, s.columns-count):], s.blank())
	case '@': // inserts them
		copy(row[min(s.columns, column+count):], slices.Clone(row[column:]))
		copy(row[column:min(s.columns, column+count)], s.filled())
	case 'X':
		copy(row[column:min(s.columns, column+count)], s.filled())
	case 'b': // repeats the letter before the cursor
		for range count {
			s.put([]rune(row[max(0, s.column-1)].text)[0])
		}
	}
}

// filled is a row of blanks in the background that is set.
func (s *screen) filled() []cell {
	return slices.Repeat([]cell{{text: " ", style: style{background: s.style.background}}}, s.columns)
}

// erase is ED: 0 from the cursor on, 1 up to it, 2 and 3 all.
func (s *screen) erase(mode int) {
	s.eraseLine(min(mode, 2))
	for row := range s.cells {
		if mode >= 2 || mode == 0 && row > s.row || mode == 1 && row < s.row {
			s.cells[row] = s.blank()
		}
	}
}

// eraseLine is EL: 0 from the cursor on, 1 up to it, 2 all.
func (s *screen) eraseLine(mode int) {
	first, last := 0, s.columns
	switch mode {
	case 0:
		first = min(s.column, s.columns)
	case 1:
		last = min(s.column+1, s.columns)
	}
	copy(s.cells[s.row][first:last], s.filled())
}

// palette is the first 16 colours, chosen for the dark window they stand in.
func palette(n int) string {
	return [16]string{
		"#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4",
		"#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#ffffff",
	}[n]
}

// set is SGR.
func (s *style) set(parameters []int) {
	for i := 0; i < len(parameters); i++ {
		switch p := parameters[i]; {
		case p == 0:
			*s = style{}
		case p == 1:
			s.bold = true
		case p == 2:
			s.dim = true
		case p == 3:
			s.italic = true
		case p == 4:
			s.underline = true
		case p == 7:
			s.reverse = true
		case p == 9:
			s.struck = true
		case p == 22:
			s.bold, s.dim = false, false
		case p == 23:
			s.italic = false
		case p == 24:
			s.underline = false
		case p == 27:
			s.reverse = false
		case p == 29:
			s.struck = false
		case p >= 30 && p <= 37:
			s.foreground = palette(p - 30)
		case p >= 90 && p <= 97:
			s.foreground = palette(p - 90 + 8)
		case p == 39:
			s.foreground = ""
		case p >= 40 && p <= 47:
			s.background = palette(p - 40)
		case p == 49:
			s.background = ""
		case p == 38 || p == 48:
			colour, used := extended(parameters[i+1:])
			if i += used; p == 38 {
				s.foreground = colour
			} else {
				s.background = colour
			}
		}
	}
}

// extended is a colour of 256 (5;N) or of all (2;R;G;B), and how many
// parameters name it.
func extended(parameters []int) (colour string, used int) {
	switch {
	case len(parameters) >= 2 && parameters[0] == 5:
		return colour256(parameters[1]), 2
	case len(parameters) >= 4 && parameters[0] == 2:
		return rgb(parameters[1], parameters[2], parameters[3]), 4
	}
	return "", len(parameters)
}

// colour256 is xterm's palette: 16 named, a cube of 6×6×6, 24 greys.
func colour256(n int) string {
	switch {
	case n < 16:
		return palette(max(0, n))
	case n < 232:
		level := func(i int) int {
			if i == 0 {
				return 0
			}
			return 55 + 40*i
		}
		n -= 16
		return rgb(level(n/36), level(n/6%6), level(n%6))
	}
	grey := 8 + 10*(min(n, 255)-232)
	return rgb(grey, grey, grey)
}

func rgb(r, g, b int) string {
	hex := strconv.FormatInt(int64(1<<24|r<<16|g<<8|b), 16)
	return "#" + hex[1:]
}
