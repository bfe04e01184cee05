package terminal

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A screen is a terminal of unlimited size that understands just what this
// package sends, and complains about the rest.
type screen struct {
	rows   [][]screenCell
	col    int
	sgr    string
	faults []string
}

type screenCell struct {
	text string // "" for the second column of a wide character
	sgr  string
}

// play interprets out.
func play(out string) *screen {
	s := &screen{rows: make([][]screenCell, 1)}
	for i := 0; i < len(out); {
		r, size := utf8.DecodeRuneInString(out[i:])
		i += size
		switch {
		case r == '\n':
			s.rows = append(s.rows, nil)
			s.col = 0
		case r == '\r':
			s.col = 0
		case r == '\x1b':
			i += s.escape(out[i:])
		case r == '\t':
			s.draw("\t", 1)
		case r < ' ' || r >= 0x7F && r < 0xA0:
			s.faults = append(s.faults, fmt.Sprintf("control character %U", r))
		default:
			s.rune(r)
		}
	}
	return s
}

// escape interprets a control sequence and returns its length.
func (s *screen) escape(seq string) int {
	end := strings.IndexAny(seq, "mDKABCGHJ")
	if end < 1 || seq[0] != '[' {
		s.faults = append(s.faults, fmt.Sprintf("escape sequence %.10q", seq))
		return 0
	}
	arg := seq[1:end]
	row := &s.rows[len(s.rows)-1]
	switch seq[end] {
	case 'm':
		s.sgr = strings.TrimPrefix(strings.TrimPrefix(arg, "0"), ";")
	case 'D':
		n, err := strconv.Atoi(arg)
		if err != nil || n < 1 || n > s.col {
			s.faults = append(s.faults, fmt.Sprintf("cursor left by %q in column %d", arg, s.col))
			break
		}
		s.col -= n
	case 'K':
		*row = (*row)[:min(s.col, len(*row))]
	default:
		s.faults = append(s.faults, fmt.Sprintf("escape sequence %q", seq[:end+1]))
	}
	return end + 1
}

// rune draws r, or adds it to the cluster before it.
func (s *screen) rune(r rune) {
	row := s.rows[len(s.rows)-1]
	w := newRow(0)
	if i := s.col - 1; i >= 0 && i < len(row) {
		for i > 0 && row[i].text == "" {
			i--
		}
		// The cluster's rules are the renderer's: that the screen joins what
		// the renderer counts as one is an assumption, not what is tested.
		w.text = []byte(row[i].text)
		w.cells = []cell{{end: len(w.text)}}
		if w.joins(r) {
			cluster := row[i].text + string(r)
			s.rows[len(s.rows)-1] = row[:i]
			s.col = i
			s.draw(cluster, w.cond.StringWidth(cluster))
			return
		}
	}
	s.draw(string(r), w.runeWidth(r))
}

func (s *screen) draw(text string, width int) {
	row := &s.rows[len(s.rows)-1]
	for len(*row) < s.col {
		*row = append(*row, screenCell{text: " "})
	}
	*row = (*row)[:s.col]
	sgr := s.sgr
	if text == " " {
		sgr = "" // no style of ours shows on a space
	}
	*row = append(*row, screenCell{text: text, sgr: sgr})
	for range width - 1 {
		*row = append(*row, screenCell{sgr: sgr})
	}
	s.col += max(width, 0)
}

// String is what a person sees, with styles as <1>bold<> where they change.
func (s *screen) String() string {
	var b strings.Builder
	for i, row := range s.rows {
		if i > 0 {
			b.WriteByte('\n')
		}
		sgr, line, spaces := "", "", ""
		for _, c := range row {
			switch {
			case c.text == " ":
				spaces += " "
				continue
			case c.sgr == sgr:
				line += spaces
			case c.sgr == "":
				line += "<>" + spaces
			default:
				line += spaces + "<" + c.sgr + ">"
			}
			sgr, spaces = c.sgr, ""
			line += c.text
		}
		if sgr != "" {
			line += "<>"
		}
		b.WriteString(line)
	}
	return b.String()
}

// widest returns the columns of the widest row.
func (s *screen) widest() int {
	n := 0
	for _, row := range s.rows {
		n = max(n, len(row))
	}
	return n
}
