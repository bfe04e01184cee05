// Package screen is a terminal for tests and recordings: what stands there after
// a program has written to it.
package screen

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"
)

// A Screen is what a terminal shows. It knows what programs that print and
// redraw lines, and Neovim, use of ECMA-48: cursor moves, erasing, scrolling,
// colours and styles. Everything else is swallowed.
type Screen struct {
	Cells [][]Cell // by rows; what is behind the end of a row is blank
	// Measure returns the columns of a letter, or, where it joins the letters
	// before it, those of all together.
	Measure func(before string, letter rune) (columns int, joins bool)

	// Row and Column are the cursor's, from 0. It is behind the last column
	// after a full line.
	Row, Column int

	columns, rows int
	top, bottom   int // the rows that scroll, from 0; bottom is behind the last
	style         Style
	hold          string // an escape sequence whose end has not arrived
}

// A Cell is one place of the screen. The second half of a wide letter is empty.
type Cell struct {
	Text  string
	Style Style
}

// New returns a blank screen of that size.
func New(columns, rows int) *Screen {
	s := &Screen{Measure: measure, columns: columns, rows: rows, bottom: rows}
	for range rows {
		s.Cells = append(s.Cells, s.blank())
	}
	return s
}

// Unlimited returns a screen that has room for lines of any length, and for any
// number of them.
func Unlimited() *Screen {
	return &Screen{Measure: measure, columns: math.MaxInt, rows: math.MaxInt, bottom: math.MaxInt, Cells: [][]Cell{nil}}
}

func measure(before string, letter rune) (columns int, joins bool) {
	columns = runewidth.RuneWidth(letter)
	if columns > 0 || before == "" {
		return columns, false
	}
	return runewidth.StringWidth(before), true
}

// blank is a row on which nothing stands.
func (s *Screen) blank() []Cell {
	if s.columns == math.MaxInt {
		return nil
	}
	return slices.Repeat([]Cell{{Text: " "}}, s.columns)
}

// Write shows text, which may end in the middle of an escape sequence.
func (s *Screen) Write(text string) {
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
func (s *Screen) put(letter rune) {
	switch letter {
	case '\r':
		s.Column = 0
	case '\n':
		s.feed()
	case '\b':
		s.Column = max(0, s.Column-1)
	case '\t':
		s.Column = min(s.columns-1, s.Column/8*8+8)
	default:
		if letter >= ' ' && letter != '\x7f' {
			s.show(letter)
		}
	}
}

func (s *Screen) show(letter rune) {
	before, first := s.before()
	text := string(letter)
	width, joins := s.Measure(before, letter)
	switch {
	case joins:
		text = before + text
		s.Column = first
	case width == 0: // there is nothing that it could join
		return
	case s.Column+width > s.columns:
		s.Column = 0
		s.feed()
	}
	for len(s.Cells[s.Row]) < s.Column+width {
		s.Cells[s.Row] = append(s.Cells[s.Row], Cell{Text: " "})
	}
	for i := range width {
		s.Cells[s.Row][s.Column+i] = Cell{text, s.style}
		text = ""
	}
	s.Column += width
}

// before returns what stands in front of the cursor, and where.
func (s *Screen) before() (text string, column int) {
	row := s.Cells[s.Row]
	column = min(s.Column, len(row)) - 1
	for column > 0 && row[column].Text == "" {
		column--
	}
	if column < 0 || s.Column > len(row) {
		return "", s.Column
	}
	return row[column].Text, column
}

func (s *Screen) feed() {
	switch {
	case s.Row == s.bottom-1:
		s.scroll(s.top, 1)
	case s.Row < s.rows-1:
		s.Row++
		if s.Row == len(s.Cells) {
			s.Cells = append(s.Cells, s.blank())
		}
	}
}

// scroll moves the rows from first to the end of the region up by count, or
// down if it is negative.
func (s *Screen) scroll(first, count int) {
	region := s.Cells[first:min(s.bottom, len(s.Cells))]
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
func (s *Screen) escape(sequence string) {
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
		s.Row = max(0, s.Row-count)
	case 'B', 'E':
		s.Row = min(len(s.Cells)-1, s.Row+count)
	case 'C':
		s.Column = min(s.columns-1, s.Column+count)
	case 'D':
		s.Column = max(0, s.Column-count)
	case 'G':
		s.Column = min(s.columns, count) - 1
	case 'H', 'f':
		s.Row, s.Column = min(len(s.Cells), count)-1, 0
		if len(parameters) > 1 {
			s.Column = min(s.columns, max(1, parameters[1])) - 1
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
		s.Column = 0
	}
}

// shift obeys what moves rows and cells.
func (s *Screen) shift(final byte, count int, parameters []int) {
	row := s.Cells[s.Row]
	column := min(s.Column, len(row))
	end := min(len(row), column+count)
	switch final {
	case 'd': // to a row
		s.Row = min(s.rows, count) - 1
	case 'r': // the region that scrolls
		s.top, s.bottom = count-1, s.rows
		if len(parameters) > 1 && parameters[1] > 0 {
			s.bottom = min(len(s.Cells), parameters[1])
		}
		s.Row, s.Column = 0, 0
	case 'S':
		s.scroll(s.top, count)
	case 'T':
		s.scroll(s.top, -count)
	case 'L':
		s.scroll(s.Row, -count)
	case 'M':
		s.scroll(s.Row, count)
	case 'P': // deletes cells
		copy(row[column:], row[end:])
		copy(row[max(column, len(row)-count):], s.blank())
	case '@': // inserts them
		copy(row[end:], slices.Clone(row[column:]))
		s.fill(row[column:end])
	case 'X':
		s.fill(row[column:end])
	case 'b': // repeats the letter before the cursor
		for range count {
			s.put([]rune(row[max(0, s.Column-1)].Text)[0])
		}
	}
}

// fill makes cells blank in the background that is set.
func (s *Screen) fill(cells []Cell) {
	for i := range cells {
		cells[i] = Cell{Text: " ", Style: Style{Background: s.style.Background}}
	}
}

// erase is ED: 0 from the cursor on, 1 up to it, 2 and 3 all.
func (s *Screen) erase(mode int) {
	s.eraseLine(min(mode, 2))
	for row := range s.Cells {
		if mode >= 2 || mode == 0 && row > s.Row || mode == 1 && row < s.Row {
			s.Cells[row] = s.blank()
		}
	}
}

// eraseLine is EL: 0 from the cursor on, 1 up to it, 2 all.
func (s *Screen) eraseLine(mode int) {
	row := s.Cells[s.Row]
	switch mode {
	case 0:
		row = row[min(s.Column, len(row)):]
	case 1:
		row = row[:min(s.Column+1, len(row))]
	}
	s.fill(row)
}
