package chat

import (
	"fmt"
	"strings"

	"github.com/llmls/llmls/internal/completion"
)

// history returns the messages of the turns that are sent, in order: whole turns,
// so many of the latest as fit into room. budget is the limit for the whole
// conversation in tokens, room what the new turn leaves of it. The oldest turns
// are dropped first, with one exception: a follow-up without code of its own is
// about the code of an earlier turn, and a model that no longer sees that code
// invents some. So the turn at index pinned (-1 if none) is kept while later ones
// are dropped; its answer is shortened if need be.
func (p *Prompt) history(turns [][]completion.Message, pinned, budget, room int) ([]completion.Message, error) {
	w := newWindow(turns, budget)
	if pinned >= 0 {
		var err error
		if turns[pinned], err = p.fitCode(turns[pinned], room); err != nil {
			return nil, err
		}
		w.costs[pinned] = turnCost(turns[pinned])
	}
	w.shrink(len(turns), pinned, room)
	var kept []completion.Message
	dropped := 0
	for i, t := range turns {
		if i < w.first && i != pinned {
			dropped++
			continue
		}
		kept = append(kept, t...)
	}
	if dropped > 0 {
		p.leaveOut(fmt.Sprintf("%d of %d earlier turns", dropped, len(turns)))
	}
	return kept, nil
}

// keptShare is how much of the budget, in percent, a conversation takes after one
// that exceeded it was cut. If only the oldest turn were dropped each time, each
// request would begin differently from the last one, and no prompt cache would
// ever match.
const keptShare = 60

// A window is the youngest turns of a conversation, from the first on.
type window struct {
	costs  []int
	budget int
	first  int
}

// newWindow goes through the conversation turn by turn, because what is left of
// it depends on when it exceeded budget.
func newWindow(turns [][]completion.Message, budget int) *window {
	w := &window{costs: make([]int, len(turns)), budget: budget}
	code := -1
	for i, t := range turns {
		w.costs[i] = turnCost(t)
		pinned := code
		if latestCode(turns[i:i+1]) == 0 {
			pinned, code = -1, i
		}
		w.shrink(i, pinned, budget-turnCost(t[:1]))
	}
	return w
}

// shrink drops the oldest of the turns up to end if they do not fit into room,
// until they take keptShare of the budget.
func (w *window) shrink(end, pinned, room int) {
	sum := 0
	for _, c := range w.costs[w.first:end] {
		sum += c
	}
	if pinned >= 0 && pinned < w.first {
		sum += w.costs[pinned]
	}
	if sum <= room {
		return
	}
	for room = min(room, w.budget/100*keptShare); sum > room && w.first < end; w.first++ {
		if w.first != pinned {
			sum -= w.costs[w.first]
		}
	}
}

// split cuts a conversation into turns: a question and what answered it.
func split(messages []completion.Message) [][]completion.Message {
	var turns [][]completion.Message
	for _, m := range messages {
		switch {
		case m.Role == completion.System || strings.TrimSpace(m.Content) == "":
		case m.Role == completion.User || len(turns) == 0:
			turns = append(turns, []completion.Message{m})
		default:
			turns[len(turns)-1] = append(turns[len(turns)-1], m)
		}
	}
	return turns
}

// latestCode returns the index of the last turn that shows a selection or code
// that its question mentions, or -1. It goes by their headings; a question that
// imitates one merely stays longer.
func latestCode(turns [][]completion.Message) int {
	for i := len(turns) - 1; i >= 0; i-- {
		c := "\n" + turns[i][0].Content
		if strings.Contains(c, "\n"+selectionHeading) || strings.Contains(c, "\n"+mentionHeading) || strings.Contains(c, "\n"+changesHeading) {
			return i
		}
	}
	return -1
}

// once returns t without its code if t has a question and the last code of the
// conversation is the same, so that it is not sent twice.
func (t *Turn) once(turns [][]completion.Message) *Turn {
	if t.Code == nil || t.Question == "" || t.Problem != nil {
		return t
	}
	seen := latestCode(turns)
	if seen < 0 {
		return t
	}
	text := turns[seen][0].Content
	if !strings.Contains(text, ", `"+quotePath(t.Code.Path)+"`, ") || !strings.Contains(text, ":\n"+fenced(t.Code.Language, t.Code.Text)) {
		return t
	}
	without := *t
	without.Code = nil
	return &without
}

// fitCode returns turn with its answer shortened to fit into room.
func (p *Prompt) fitCode(turn []completion.Message, room int) ([]completion.Message, error) {
	if turnCost(turn) <= room {
		return turn, nil
	}
	fit := turn[:1:1]
	room -= turnCost(fit)
	if room < 0 {
		return nil, refuse(completion.BadRequest, completion.DetailCodeOverBudget)
	}
	p.leaveOut("the end of an earlier answer")
	for _, m := range turn[1:] {
		if room -= messageTokens + 10; room <= 0 { // 10: room for the mark itself
			break
		}
		m.Content = shorten(m.Content, room)
		room -= EstimateTokens(m.Content)
		fit = append(fit, m)
	}
	return fit, nil
}

func turnCost(turn []completion.Message) int {
	n := 0
	for _, m := range turn {
		n += messageTokens + cost(m.Content)
	}
	return n
}
