package chat

import (
	"fmt"
	"strings"

	"github.com/llmls/llmls/internal/completion"
)

// history returns the turns that fit into room, whole and in order. The oldest
// go first, with one exception: a follow-up without code of its own is about
// the code of an earlier turn, and a model that no longer sees that answers
// about code it makes up. So the turn at index pinned (-1 if none) stays while
// younger ones go, and its answer is shortened before it goes itself.
func (p *Prompt) history(turns [][]completion.Message, pinned, room int) ([]completion.Message, error) {
	keep := make([]bool, len(turns))
	if pinned >= 0 {
		var err error
		if turns[pinned], err = p.fitCode(turns[pinned], room); err != nil {
			return nil, err
		}
		keep[pinned] = true
		room -= turnCost(turns[pinned])
	}
	for i := len(turns) - 1; i >= 0; i-- {
		if keep[i] {
			continue
		}
		if room -= turnCost(turns[i]); room < 0 {
			break
		}
		keep[i] = true
	}
	var kept []completion.Message
	dropped := 0
	for i, t := range turns {
		if !keep[i] {
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

// latestCode returns the index of the last turn that shows a selection, or -1.
// It goes by the heading that selection writes; a question that imitates one
// merely stays longer.
func latestCode(turns [][]completion.Message) int {
	for i := len(turns) - 1; i >= 0; i-- {
		c := turns[i][0].Content
		if strings.HasPrefix(c, selectionHeading) || strings.Contains(c, "\n"+selectionHeading) {
			return i
		}
	}
	return -1
}

// fitCode returns turn with its answer shortened to fit into room.
func (p *Prompt) fitCode(turn []completion.Message, room int) ([]completion.Message, error) {
	if turnCost(turn) <= room {
		return turn, nil
	}
	fit := turn[:1:1]
	room -= turnCost(fit)
	if room < 0 {
		return nil, refuse(completion.BadRequest,
			"the code this conversation is about no longer fits into context.maxTokens: raise it, or ask anew about a smaller selection")
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
