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
	// changesShare is how much of the room changes may take, in percent: the rest
	// is for the conversation.
	changesShare = 75
	// problemTokens bounds the message to explain. Template errors of C++ and
	// type errors of TypeScript run to pages; their beginning says most.
	problemTokens = 2000
)

// Assemble builds the prompt for turn. The selection, the question and the code
// that it mentions are sent whole or not at all: if they cannot fit, the error is a *completion.Error
// whose Detail has the next step. What else is sent depends on the room
// that is left, in this order: diagnostics, the earlier turns, the code related
// to the selection.
//
// What looks like a secret in any part of the turn, or is a key that conversation.Secrets
// knows, is replaced, and what a chat template would take for a control token is
// broken. The history is what Assemble made of earlier turns. The turn itself is
// not changed.
func Assemble(turn *Turn, conversation *Conversation) (*Prompt, error) {
	r := redaction{redactor: conversation.Secrets}
	turn = r.turn(turn)
	redacted := *conversation
	redacted.SystemPrompt = r.system(conversation.SystemPrompt)
	redacted.Instructions = r.text(conversation.Instructions, "in "+conversation.InstructionsFile)
	redacted.History = breakHistory(conversation.History)
	p, err := assemble(turn, &redacted)
	if err != nil {
		return p, err
	}
	if tokens := slices.Concat(r.tokens, p.tokens); len(tokens) > 0 {
		what, why := completion.LeftOutTokens(tokens)
		p.omit(what, why)
	}
	if found := slices.Concat(r.found, p.found); len(found) > 0 {
		what, why := completion.LeftOutSecrets(found)
		p.omit(what, why)
		p.Secrets = len(found)
	}
	return p, nil
}

func assemble(turn *Turn, conversation *Conversation) (*Prompt, error) {
	system, task := systemPrompt(conversation), turn.task(conversation)
	if task == "" {
		return nil, refuse(completion.BadRequest, completion.DetailNothingAsked)
	}
	if turn.Code != nil && strings.TrimSpace(turn.Code.Text+turn.Question) == "" && turn.Problem == nil {
		return nil, refuse(completion.BadRequest, completion.DetailBlank)
	}
	p, turns := &Prompt{}, split(conversation.History)
	turn = turn.once(turns)
	selection, mentioned := turn.Code.selection(), p.mentioned(turn.Materials)
	room, err := remaining(conversation.MaxTokens, system, selection, mentioned, task)
	if err != nil {
		return nil, err
	}
	if told := p.instructions(conversation, room); told != "" {
		system += told
		room -= EstimateTokens(told)
	}
	problems := p.diagnostics(turn.Diagnostics, room)
	room -= cost(problems)
	changes := p.changes(turn.Materials, room/100*changesShare)
	room -= cost(changes)
	pinned := -1
	if turn.Code == nil {
		pinned = latestCode(turns)
	}
	budget := conversation.MaxTokens - 2*messageTokens - EstimateTokens(system)
	if conversation.MaxTokens <= 0 {
		budget = unlimited
	}
	history, err := p.history(turns, pinned, budget, room)
	if err != nil {
		return nil, err
	}
	for _, m := range history {
		room -= messageTokens + cost(m.Content)
	}
	related := p.related(turn.Code, conversation.Related, room)

	content := strings.Join(slices.DeleteFunc([]string{related, selection, problems, mentioned, changes, task}, empty), "\n")
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

// cost returns the tokens of a part of a message: its text and the line end that
// separates it from the next.
func cost(part string) int {
	if part == "" {
		return 0
	}
	return EstimateTokens(part) + 1
}

// unlimited stands for a budget of 0: no prompt comes near it.
const unlimited = 1 << 40

// remaining returns the tokens that the parts that must be sent leave.
func remaining(limit int, system, selection, mentioned, task string) (int, error) {
	if limit <= 0 {
		return unlimited, nil
	}
	fixed := 2*messageTokens + EstimateTokens(system)
	left := limit - fixed - cost(selection) - cost(mentioned) - cost(task)
	switch {
	case left >= 0:
		return left, nil
	case fixed >= limit:
		return 0, refuse(completion.Config, completion.DetailBudget(limit, fixed))
	case cost(mentioned) >= max(cost(selection), cost(task)):
		return 0, refuse(completion.BadRequest, completion.DetailMentionsOverBudget(cost(mentioned), limit))
	case cost(selection) >= cost(task):
		return 0, refuse(completion.BadRequest, completion.DetailSelectionOverBudget(cost(selection), limit))
	default:
		return 0, refuse(completion.BadRequest, completion.DetailQuestionOverBudget(cost(task), limit))
	}
}

func refuse(kind completion.Kind, detail string) error {
	return &completion.Error{Kind: kind, Detail: detail}
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
