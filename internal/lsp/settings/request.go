package settings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/completion/secrets"
)

// A Prompt is what chat.Assemble made of a turn, and what was kept out of it.
type Prompt struct {
	*chat.Prompt
	Secrets int // that were replaced; LeftOut names them
}

// Request assembles the request for a turn of a conversation, history being
// the turns before it. Its errors are those of chat.Assemble.
//
// It is the one way from a turn to a request: what looks like a secret in any
// part of the turn, or is a key that f knows, is replaced here. History holds
// what Request made of earlier turns. The turn itself is not changed.
func (f *KeyFinder) Request(s *Settings, turn *chat.Turn, history []completion.Message) (*Prompt, *completion.Request, error) {
	f.fromEnvironment(s.APIKeyEnv) // which it knows from then on
	r := redaction{redactor: &f.secrets}
	turn = r.turn(turn)
	prompt, err := chat.Assemble(turn, &chat.Talk{
		History: history, SystemPrompt: r.text(s.SystemPrompt, "in systemPrompt"), Language: s.Language, MaxTokens: s.Context.MaxTokens,
	})
	if err != nil {
		return nil, nil, err
	}
	if len(r.found) > 0 {
		what, why := completion.LeftOutSecrets(r.found)
		prompt.LeftOut = append(prompt.LeftOut, chat.LeftOut{What: what, Why: why})
	}
	return &Prompt{prompt, len(r.found)}, &completion.Request{
		Model: s.Model, Messages: prompt.Messages, MaxOutputTokens: s.MaxOutputTokens, Temperature: s.Temperature,
	}, nil
}

// RedactError returns err without the secrets that the endpoint may have
// repeated, nil for nil. Its Body is for the log, which is redacted as a whole.
func (f *KeyFinder) RedactError(err *completion.Error) *completion.Error {
	if err == nil {
		return nil
	}
	safe := *err
	safe.Detail = f.secrets.Redact(err.Detail)
	return &safe
}

// RedactRetry is RedactError for the cause of another attempt.
func (f *KeyFinder) RedactRetry(r *completion.Retry) *completion.Retry {
	safe := *r
	safe.Cause = f.RedactError(r.Cause)
	return &safe
}

// A redaction replaces the secrets of one turn and keeps a list of them, such
// as "JWT on line 40".
type redaction struct {
	redactor *secrets.Redactor
	found    []string
}

func (r *redaction) turn(t *chat.Turn) *chat.Turn {
	redacted := *t
	if t.Code != nil {
		redacted.Code = r.code(t.Code)
	}
	redacted.Question = r.text(t.Question, "in the question")
	redacted.Diagnostics = slices.Clone(t.Diagnostics)
	for i := range redacted.Diagnostics {
		r.problem(&redacted.Diagnostics[i])
	}
	if t.Problem != nil {
		problem := *t.Problem
		r.problem(&problem)
		redacted.Problem = &problem
	}
	return &redacted
}

func (r *redaction) problem(d *chat.Diagnostic) {
	d.Message = r.text(d.Message, "in a reported problem")
	d.Source = r.text(d.Source, "in a reported problem")
}

func (r *redaction) text(text, where string) string {
	parts := []string{text}
	for _, s := range r.redactor.RedactParts(parts) {
		r.found = append(r.found, s.Kind+" "+where)
	}
	return parts[0]
}

// code redacts the selection and what stands around it as one text: a selection
// may begin or end in the middle of a private key.
func (r *redaction) code(c *chat.Code) *chat.Code {
	parts := []string{c.Before, c.Text, c.After}
	first := c.FirstLine - strings.Count(c.Before, "\n")
	for _, s := range r.redactor.RedactParts(parts) {
		// What is farther away was not to be sent in the first place.
		if first+s.LastLine >= c.FirstLine-chat.WindowLines && first+s.FirstLine <= c.LastLine+chat.WindowLines {
			r.found = append(r.found, fmt.Sprintf("%s on line %d", s.Kind, first+s.FirstLine))
		}
	}
	redacted := *c
	redacted.Before, redacted.Text, redacted.After = parts[0], parts[1], parts[2]
	redacted.Path = r.text(c.Path, "in the path")
	return &redacted
}
