package terminal

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/llmls/llmls/test/screen"
)

// A played is what stands on a terminal without margins, and what should not
// have been sent to it.
type played struct {
	*screen.Screen
	faults []string
}

// sent matches what this package sends: text, styles, moves to the left and
// the end of a line erased.
var sent = regexp.MustCompile(`\x1b\[[\d;]*m|\x1b\[(\d+)D|\x1b\[K|[\n\r\t]|[^\x00-\x1f\x7f-\x{9f}]+`)

// play interprets out.
func play(out string) *played {
	p := &played{Screen: screen.Unlimited()}
	p.Measure = measure
	end := 0
	for _, at := range sent.FindAllStringSubmatchIndex(out, -1) {
		if at[0] > end {
			p.faults = append(p.faults, fmt.Sprintf("%q was sent", out[end:at[0]]))
		}
		end = at[1]
		if at[2] >= 0 {
			if n, _ := strconv.Atoi(out[at[2]:at[3]]); n < 1 || n > p.Column {
				p.faults = append(p.faults, fmt.Sprintf("left by %d in column %d", n, p.Column))
			}
		}
		p.Write(strings.ReplaceAll(out[at[0]:end], "\n", "\r\n"))
	}
	if end < len(out) {
		p.faults = append(p.faults, fmt.Sprintf("%q was sent", out[end:]))
	}
	return p
}

// measure has the rules of the renderer: that a screen joins what the renderer
// counts as one is an assumption, not what is tested.
func measure(before string, letter rune) (columns int, joins bool) {
	w := newRow(0)
	if before != "" {
		w.text = []byte(before)
		w.cells = []cell{{end: len(w.text)}}
		if w.joins(letter) {
			return w.cond.StringWidth(before + string(letter)), true
		}
	}
	return w.runeWidth(letter), false
}

// String is what a person sees, with styles as <1>bold<> where they change.
func (p *played) String() string {
	var rows []string
	for _, row := range p.Cells {
		style, line, spaces := "", "", ""
		for _, c := range row {
			now := sgr(c.Style)
			switch {
			case c.Text == " ":
				spaces += " "
				continue
			case now == style:
				line += spaces
			case now == "":
				line += "<>" + spaces
			default:
				line += spaces + "<" + now + ">"
			}
			style, spaces = now, ""
			line += c.Text
		}
		if style != "" {
			line += "<>"
		}
		rows = append(rows, line)
	}
	return strings.Join(rows, "\n")
}

// sgr returns the parameters that make this style.
func sgr(s screen.Style) string {
	var set []string
	for _, of := range []struct {
		set        bool
		parameters string
	}{{s.Bold, "1"}, {s.Dim, "2"}, {s.Italic, "3"}, {s.Foreground != "", "36"}} {
		if of.set {
			set = append(set, of.parameters)
		}
	}
	return strings.Join(set, ";")
}

// widest returns the columns of the widest row.
func (p *played) widest() int {
	n := 0
	for _, row := range p.Cells {
		for i, c := range row {
			if c.Text != " " {
				n = max(n, i+1)
			}
		}
	}
	return n
}
