package chat

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/llmls/llmls/internal/completion"
)

const (
	// messageTokens is what a chat template spends on a message's role and
	// its borders (three to five in OpenAI's and Llama's).
	messageTokens = 5
	// diagnosticTokens bounds the list of diagnostics: a broken file can have
	// thousands, and each repeats the first.
	diagnosticTokens = 800
	// problemTokens bounds the message to explain. Template errors of C++ and
	// type errors of TypeScript run to pages; their beginning says most.
	problemTokens = 2000
)

// Assemble builds the prompt for turn. The selection and the question are sent
// whole or not at all: if they cannot fit, the error is a *completion.Error
// whose Detail ends in the next step. What else is sent depends on the room
// that is left, in this order: diagnostics, the earlier turns, the lines around
// the selection.
func Assemble(turn *Turn, talk *Talk) (*Prompt, error) {
	system, task := systemPrompt(talk), turn.task()
	if task == "" {
		return nil, refuse(completion.BadRequest, "nothing was asked: select code or type a question")
	}
	selection := turn.Code.selection()
	room, err := remaining(talk.MaxTokens, system, selection, task)
	if err != nil {
		return nil, err
	}
	p := &Prompt{}
	problems := p.diagnostics(turn.Diagnostics, room)
	room -= cost(problems)
	turns, pinned := split(talk.History), -1
	if turn.Code == nil {
		pinned = latestCode(turns)
	}
	history, err := p.history(turns, pinned, room)
	if err != nil {
		return nil, err
	}
	for _, m := range history {
		room -= messageTokens + cost(m.Content)
	}
	before, after := p.around(turn.Code, room)

	content := strings.Join(slices.DeleteFunc([]string{before, selection, after, problems, task}, empty), "\n")
	p.User = completion.Message{Role: completion.User, Content: content}
	p.Messages = append(p.Messages, completion.Message{Role: completion.System, Content: system})
	for _, m := range append(history, p.User) {
		p.add(m)
	}
	for _, m := range p.Messages {
		p.Tokens += messageTokens + EstimateTokens(m.Content)
	}
	return p, nil
}

func empty(s string) bool { return s == "" }

// cost is what a part of a message takes: its text and the line end that parts
// it from the next.
func cost(part string) int {
	if part == "" {
		return 0
	}
	return EstimateTokens(part) + 1
}

// unlimited stands for a budget of 0: no prompt comes near it.
const unlimited = 1 << 40

// remaining returns the tokens left when what must be sent is sent.
func remaining(limit int, system, selection, task string) (int, error) {
	if limit <= 0 {
		return unlimited, nil
	}
	fixed := 2*messageTokens + EstimateTokens(system)
	left := limit - fixed - cost(selection) - cost(task)
	switch {
	case left >= 0:
		return left, nil
	case fixed >= limit:
		return 0, refuse(completion.Config, "context.maxTokens is %d, and the instructions alone take about %d: raise it", limit, fixed)
	case cost(selection) >= cost(task):
		return 0, refuse(completion.BadRequest, "the selection is about %d tokens, and context.maxTokens allows %d in all: select less, or raise it", cost(selection), limit)
	default:
		return 0, refuse(completion.BadRequest, "the question is about %d tokens, and context.maxTokens allows %d in all: shorten it, or raise it", cost(task), limit)
	}
}

func refuse(kind completion.Kind, format string, args ...any) error {
	return &completion.Error{Kind: kind, Detail: fmt.Sprintf(format, args...)}
}

// add appends m. Two messages of one role in a row become one: several chat
// templates (Gemma, Mistral) refuse roles that do not alternate, and a turn
// that was stopped before its answer leaves a question alone.
func (p *Prompt) add(m completion.Message) {
	last := &p.Messages[len(p.Messages)-1]
	if last.Role == m.Role {
		last.Content += "\n\n" + m.Content
		return
	}
	p.Messages = append(p.Messages, m)
}

func (p *Prompt) leaveOut(what string) {
	p.LeftOut = append(p.LeftOut, LeftOut{What: what, Why: "context.maxTokens leaves no room for it"})
}

// diagnostics lists as many of ds as fit, the gravest first.
func (p *Prompt) diagnostics(ds []Diagnostic, room int) string {
	if len(ds) == 0 {
		return ""
	}
	ds = slices.Clone(ds)
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(a.Line, b.Line))
	})
	room = min(room, diagnosticTokens)
	list := problemsHeading
	for i, d := range ds {
		more := "- " + d.place() + ": " + oneLine(d.Message, 500) + "\n"
		if cost(list+more) > room {
			p.LeftOut = append(p.LeftOut, LeftOut{
				What: fmt.Sprintf("%d of %d reported problems", len(ds)-i, len(ds)),
				Why:  fmt.Sprintf("the list is limited to %d tokens", max(room, 0)),
			})
			if i == 0 {
				return ""
			}
			break
		}
		list += more
	}
	return list
}
