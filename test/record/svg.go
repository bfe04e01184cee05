//go:build linux

package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/llmls/llmls/test/screen"
)

// Geometry of the picture in CSS pixels: a cell of a 14 px monospaced font,
// and the window around the terminal.
const (
	cellWidth  = 8.4
	cellHeight = 19.0
	baseline   = 14.0 // of a line, below its top
	padding    = 18.0
	titleBar   = 36.0
)

const (
	// lastFrame is how long the end stays before the picture starts again.
	lastFrame = 6 * time.Second

	// finest is the shortest time a frame is shown: 25 a second.
	finest = 40 * time.Millisecond
)

// fonts are the monospaced fonts of the usual systems: a picture on a page may
// not load its own.
const fonts = "ui-monospace,SFMono-Regular,Menlo,Consolas,DejaVu Sans Mono,Liberation Mono,monospace"

// A frame is the screen from at on: for each row, the number of its picture,
// or -1 where it is blank.
type frame struct {
	at   time.Duration
	rows []int
}

// render draws c as an SVG that moves by CSS alone, because pages that embed
// pictures forbid scripts. It is as smooth as fits into limit bytes.
func render(c *cast, limit int) []byte {
	for interval := finest; ; interval = interval * 3 / 2 {
		picture := draw(c, interval)
		if len(picture) <= limit || interval > time.Second {
			return picture
		}
	}
}

// draw renders c with a frame for each interval in which something changed.
func draw(c *cast, interval time.Duration) []byte {
	frames, lines := play(c, interval)
	duration := (frames[len(frames)-1].at + lastFrame).Seconds()
	inner, tall := float64(c.columns)*cellWidth, float64(used(frames))*cellHeight
	width, height := inner+2*padding, tall+titleBar+padding

	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" role="img" xml:space="preserve" fill="#e6edf3" font-size="14" font-family="%s">`+"\n", width, height, width, height, fonts)
	fmt.Fprintf(&b, "<title>%s</title>\n<style>\n", escaped("Terminal recording: "+c.title))
	b.WriteString("text{white-space:pre}\n")
	fmt.Fprintf(&b, ".f{animation:f %.2fs step-end infinite}\n@keyframes f{", duration)
	for i, f := range frames {
		fmt.Fprintf(&b, "%.3f%%{transform:translateX(%.0fpx)}", f.at.Seconds()/duration*100, -float64(i)*width)
	}
	// Whoever wants no motion sees the end.
	fmt.Fprintf(&b, "}\n@media (prefers-reduced-motion:reduce){.f{animation:none;transform:translateX(%.0fpx)}}\n</style>\n", -float64(len(frames)-1)*width)
	b.WriteString("<defs>\n")
	for i, line := range lines {
		fmt.Fprintf(&b, `<g id="l%d">%s</g>`+"\n", i, line)
	}
	b.WriteString("</defs>\n")
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" rx="10" fill="#0d1117"/><rect x=".5" y=".5" width="%.0f" height="%.0f" rx="9.5" fill="none" stroke="#30363d"/>`+"\n", width, height, width-1, height-1)
	for i, colour := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%d" cy="18" r="6" fill="%s"/>`, 20+20*i, colour)
	}
	fmt.Fprintf(&b, "\n"+`<svg x="%.0f" y="%.0f" width="%.1f" height="%.0f"><g class="f">`+"\n", padding, titleBar, inner, tall)
	for i, f := range frames {
		fmt.Fprintf(&b, `<g transform="translate(%.0f)">`, float64(i)*width)
		for row, line := range f.rows {
			if line >= 0 {
				fmt.Fprintf(&b, `<use href="#l%d" y="%.0f"/>`, line, float64(row)*cellHeight)
			}
		}
		b.WriteString("</g>\n")
	}
	b.WriteString("</g></svg>\n</svg>\n")
	return b.Bytes()
}

// play runs c on a screen. It returns the frames and the different lines that
// occur in them, as SVG.
func play(c *cast, interval time.Duration) (frames []frame, lines []string) {
	known := map[string]int{"": -1}
	s := screen.New(c.columns, c.rows)
	for i, e := range c.events {
		s.Write(e.text)
		// Frames stand on a grid, so that events close together share one.
		if i+1 < len(c.events) && c.events[i+1].at/interval == e.at/interval {
			continue
		}
		f := frame{at: e.at.Truncate(interval)}
		for _, row := range s.Cells {
			line := drawLine(row)
			n, ok := known[line]
			if !ok {
				n = len(lines)
				known[line] = n
				lines = append(lines, line)
			}
			f.rows = append(f.rows, n)
		}
		if len(frames) == 0 || !slices.Equal(frames[len(frames)-1].rows, f.rows) {
			frames = append(frames, f)
		}
	}
	return frames, lines
}

// used is how many rows hold anything in any of the frames.
func used(frames []frame) int {
	rows := 1
	for _, f := range frames {
		for row, line := range f.rows {
			if line >= 0 {
				rows = max(rows, row+1)
			}
		}
	}
	return rows
}

// drawLine draws the cells of one row, a text for each run of one style. Each
// run has its place and its length, so that columns stay columns in any font.
func drawLine(cells []screen.Cell) string {
	var b strings.Builder
	for start := 0; start < len(cells); {
		end := start + 1
		for end < len(cells) && cells[end].Style == cells[start].Style && narrow(cells, end) == narrow(cells, start) {
			end++
		}
		drawRun(&b, cells[start:end], start)
		start = end
	}
	return b.String()
}

// narrow reports whether the cell at i holds a letter of one cell. Letters
// of two are a run of their own: fonts differ in how wide they make them.
func narrow(cells []screen.Cell, i int) bool {
	return cells[i].Text != "" && (i+1 == len(cells) || cells[i+1].Text != "")
}

func drawRun(b *strings.Builder, run []screen.Cell, column int) {
	look := run[0].Style
	foreground, background := look.Foreground, look.Background
	if look.Reverse {
		foreground, background = or(background, "#0d1117"), or(foreground, "#e6edf3")
	}
	if background != "" {
		fmt.Fprintf(b, `<rect x="%s" width="%s" height="%.0f" fill="%s"/>`, number(column), number(len(run)), cellHeight, background)
	}
	var text strings.Builder
	for _, c := range run {
		text.WriteString(c.Text)
	}
	trimmed := strings.TrimRight(text.String(), " ")
	length := len(run) - (text.Len() - len(trimmed))
	indent := len(trimmed) - len(strings.TrimLeft(trimmed, " "))
	if trimmed == "" {
		return
	}
	fmt.Fprintf(b, `<text x="%s" y="%.0f" textLength="%s"`, number(column+indent), baseline, number(length-indent))
	for _, attribute := range []struct {
		on   bool
		text string
	}{
		{foreground != "", ` fill="` + foreground + `"`},
		{look.Bold, ` font-weight="bold"`},
		{look.Dim, ` opacity=".6"`},
		{look.Italic, ` font-style="italic"`},
		{look.Underline, ` text-decoration="underline"`},
		{look.Struck, ` text-decoration="line-through"`},
	} {
		if attribute.on {
			b.WriteString(attribute.text)
		}
	}
	fmt.Fprintf(b, ">%s</text>", escaped(trimmed[indent:]))
}

// number is the width of n cells.
func number(n int) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)*cellWidth), ".0") }

func or(colour, otherwise string) string {
	if colour == "" {
		return otherwise
	}
	return colour
}

func escaped(text string) string {
	var b strings.Builder
	must(xml.EscapeText(&b, []byte(text)))
	return b.String()
}
