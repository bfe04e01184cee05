package chat

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/llmls/llmls/internal/completion/related"
)

// relatedHeading stands before the code of a file that the selection needs.
const relatedHeading = "Related code"

// A Shown piece is code that is in the prompt beside the selection.
type Shown struct {
	Path        string // as in the prompt: relative, with forward slashes
	Cell        int    // of a notebook, in which the lines count; 0 if it is of none
	First, Last int    // from 1, inclusive
	Why         string // as in related.Piece
}

// Place returns the path and lines of the piece, such as "a.go, lines 3-9".
func (s *Shown) Place() string { return place(s.Path, s.Cell, s.First, s.Last) }

// related returns the code that belongs to c: other files first, because they
// change least, then c's own. It takes at most limit tokens and half of room: the
// rest is for follow-ups, whose history holds this turn. Where there is no room,
// the least important pieces are dropped first.
func (p *Prompt) related(c *Code, limit, room int) (text string) {
	if c == nil || limit <= 0 {
		return ""
	}
	share, setting := limit, "context.related"
	if room/2 < limit {
		share, setting = room/2, "context.maxTokens"
	}
	pieces := p.torn(c)
	if c.Related != nil {
		pieces = merge(c.Related.Pieces, pieces)
		for _, o := range c.Related.Omitted {
			p.omit(place(o.Path, o.Cell, o.First, o.Last)+" ("+o.Why+")", cmp.Or(o.Cannot, "context.related leaves no room for it"))
		}
	}
	for text = c.render(pieces); cost(text) > share; text = c.render(pieces) {
		least := 0
		for i := range pieces {
			if pieces[i].Rank >= pieces[least].Rank {
				least = i
			}
		}
		x := &pieces[least]
		p.omit(place(c.shown(x), x.Cell, x.First, x.Last)+" ("+x.Why+")", setting+" leaves no room for it")
		pieces = slices.Delete(slices.Clone(pieces), least, least+1)
	}
	for i := range pieces {
		x := &pieces[i]
		p.Related = append(p.Related, Shown{Path: c.shown(x), Cell: x.Cell, First: x.First, Last: x.Last, Why: x.Why})
	}
	return text
}

// instructions returns the repository's instructions for a model, to be put behind the
// system prompt, if that takes at most half of room.
func (p *Prompt) instructions(conversation *Conversation, room int) string {
	if conversation.InstructionsFile == "" {
		return ""
	}
	why := conversation.InstructionsWhy
	text := instructionsHeading + conversation.Instructions
	switch {
	case why != "":
	case EstimateTokens(text) > room/2:
		why = "context.maxTokens leaves no room for it"
	default:
		p.Related = append(p.Related, Shown{
			Path: conversation.InstructionsFile, First: 1, Last: strings.Count(conversation.Instructions, "\n") + 1, Why: "instructions of this repository",
		})
		return text
	}
	p.omit(conversation.InstructionsFile, why)
	return ""
}

// merge puts torn lines among the pieces of the same file, which stand last.
func merge(pieces, torn []related.Piece) []related.Piece {
	own := len(pieces)
	for own > 0 && pieces[own-1].Own {
		own--
	}
	all := append(slices.Clone(pieces), torn...)
	slices.SortStableFunc(all[own:], func(a, b related.Piece) int { return cmp.Or(a.Cell-b.Cell, a.First-b.First) })
	return all
}

func (p *Prompt) omit(what, why string) {
	p.LeftOut = append(p.LeftOut, LeftOut{What: what, Why: why})
}

func place(path string, cell, first, last int) string {
	s := "line " + fmt.Sprint(first)
	if last > first {
		s = fmt.Sprintf("lines %d-%d", first, last)
	}
	if cell > 0 {
		s = fmt.Sprintf("cell %d, %s", cell, s)
	}
	if path == "" {
		return s
	}
	return quotePath(path) + ", " + s
}

// shown returns the path of a piece as the prompt has it.
func (c *Code) shown(x *related.Piece) string {
	if x.Own {
		return c.Path
	}
	return x.Path
}

// render puts the pieces of each file below a heading with its path, each piece
// below a line with its own lines.
func (c *Code) render(pieces []related.Piece) string {
	var b strings.Builder
	for n := 0; n < len(pieces); {
		m := n
		var text strings.Builder
		for ; m < len(pieces) && c.shown(&pieces[m]) == c.shown(&pieces[n]); m++ {
			x := &pieces[m]
			text.WriteString("@@ ")
			if x.Cell > 0 {
				fmt.Fprintf(&text, "cell %d, ", x.Cell)
			}
			text.WriteString(lineRange(x.First, x.Last) + "\n" + x.Text)
			if !strings.HasSuffix(x.Text, "\n") {
				text.WriteString("\n")
			}
		}
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		b.WriteString(relatedHeading)
		if path := c.shown(&pieces[n]); path != "" {
			b.WriteString(", `" + quotePath(path) + "`")
		}
		b.WriteString(":\n" + fenced(c.languageOf(&pieces[n]), text.String()))
		n = m
	}
	return b.String()
}

func lineRange(first, last int) string {
	if last <= first {
		return fmt.Sprint(first)
	}
	return fmt.Sprintf("%d-%d", first, last)
}

// languageOf returns what follows the fence of a piece: the language of the
// selection where the names of the files end alike.
func (c *Code) languageOf(x *related.Piece) string {
	ending := func(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
	if x.Own || ending(x.Path) == ending(c.Path) {
		return c.Language
	}
	return ending(x.Path)
}

// sideLimit is how much of a line is shown on each side of a selection that
// begins or ends inside it, in characters: a bundle is one line.
const sideLimit = 400

// torn returns the whole lines that the selection begins and ends inside of.
func (p *Prompt) torn(c *Code) []related.Piece {
	head, tail := c.sides()
	var pieces []related.Piece
	if head == "" && tail == "" {
		return nil
	}
	first, last := c.Text, c.Text
	if at := strings.IndexByte(c.Text, '\n'); at >= 0 {
		first, last = c.Text[:at], c.Text[strings.LastIndexByte(c.Text, '\n')+1:]
	}
	add := func(line int, left, middle, right string) {
		text := p.side(line, left, keepEnd) + p.side(line, middle, keepStart) + p.side(line, right, keepStart)
		text = breakTokens(text, func(string, int) {}) // which the selection may cut
		pieces = append(pieces, related.Piece{Cell: c.Cell, First: line, Last: line, Text: text, Own: true, Why: "the whole line that the selection is cut from"})
	}
	if c.FirstLine == c.LastLine {
		add(c.FirstLine, head, c.Text, tail)
		return pieces
	}
	if head != "" {
		add(c.FirstLine, head, first, "")
	}
	if tail != "" {
		add(c.LastLine, "", last, tail)
	}
	return pieces
}

func keepEnd(r []rune) string   { return "…" + string(r[len(r)-sideLimit:]) }
func keepStart(r []rune) string { return string(r[:sideLimit]) + "…" }

// side returns what is shown of a part of a line.
func (p *Prompt) side(line int, text string, keep func([]rune) string) string {
	if len(text) <= sideLimit {
		return text
	}
	r := []rune(text)
	if len(r) <= sideLimit {
		return text
	}
	p.omit(fmt.Sprintf("%d characters of line %d", len(r)-sideLimit, line), fmt.Sprintf("%d on each side of the selection are enough", sideLimit))
	return keep(r)
}

// sides returns what stands in front of the selection on its first line and
// behind it on its last, "" where that is white space.
func (c *Code) sides() (head, tail string) {
	head = c.Before[strings.LastIndexByte(c.Before, '\n')+1:]
	if !strings.HasSuffix(c.Text, "\n") {
		tail, _, _ = strings.Cut(c.After, "\n")
		tail = strings.TrimSuffix(tail, "\r")
	}
	if strings.TrimSpace(head) == "" {
		head = ""
	}
	if strings.TrimSpace(tail) == "" {
		tail = ""
	}
	return head, tail
}

// columns returns the columns at which the selection begins and ends, as text, ""
// if it consists of whole lines.
func (c *Code) columns() string {
	head, tail := c.sides()
	if head == "" && tail == "" {
		return ""
	}
	from := len([]rune(c.Before[strings.LastIndexByte(c.Before, '\n')+1:])) + 1
	to := len([]rune(c.Text[strings.LastIndexByte(c.Text, '\n')+1:]))
	if !strings.Contains(c.Text, "\n") {
		to += from - 1
	}
	if c.FirstLine == c.LastLine && to > from {
		return ", columns " + lineRange(from, to)
	}
	if c.FirstLine == c.LastLine {
		return fmt.Sprintf(", column %d", from)
	}
	s := ""
	if head != "" {
		s = fmt.Sprintf(", from column %d", from)
	}
	if tail != "" {
		s += fmt.Sprintf(", to column %d", to)
	}
	return s
}
