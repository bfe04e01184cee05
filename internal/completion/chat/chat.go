// Package chat turns what a person asks about a piece of code into the messages
// of a request: prompt assembly, the token budget, and questions that stand in
// comments. Everything here is a pure function of its arguments.
package chat

import (
	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/related"
	"github.com/llmls/llmls/internal/completion/secrets"
)

// A Turn is one thing a person asks. Its zero value asks nothing; with Code
// alone it asks for an explanation.
type Turn struct {
	Code        *Code        // nil in a follow-up: the code is in the history
	Diagnostics []Diagnostic // reported in the lines of Code
	Problem     *Diagnostic  // the one to explain, if that is what is asked
	Question    string       // "" asks for an explanation
	Block       string       // the part of Code that is meant, if that is a block of columns
	Materials   []Material   // what the Mentions of Question stand for
}

// Code is a selection and what stands around it.
type Code struct {
	Path      string          // relative to the workspace; any text, it is escaped
	Language  string          // LSP language identifier, may be empty
	Cell      int             // of a notebook, in which the lines count; 0 if it is of none
	LastCell  int             // if Text is whole cells, the last one, else 0
	FirstLine int             // 1-based
	LastLine  int             // 1-based, inclusive
	Lines     int             // how many the whole file or cell has, 0 if that is not known
	Text      string          // the selection, sent verbatim
	Before    string          // what stands right before Text, at most the whole file
	After     string          // what stands right after Text
	Related   *related.Result // what belongs to it, nil if nothing was looked for
	Changed   bool            // an earlier version of it was sent before
}

// A Diagnostic is a problem that a tool reported.
type Diagnostic struct {
	Severity Severity
	Line     int // 1-based
	Message  string
	Source   string // the tool, may be empty
	Code     string // what the tool calls such problems, may be empty
}

// A Severity is LSP's DiagnosticSeverity; 0 if the tool gave none.
type Severity int

// The severities of LSP.
const (
	SeverityError Severity = iota + 1
	SeverityWarning
	SeverityInformation
	SeverityHint
)

// A Conversation is what surrounds a Turn: the turns before it and the settings.
type Conversation struct {
	History      []completion.Message // earlier turns, oldest first, without a system message
	SystemPrompt string               // replaces the built-in one
	Instructions string               // of the repository, sent beside SystemPrompt where the budget has room for them; "" for none
	Language     string               // that the answer is written in; "" leaves it to the model
	Related      int                  // tokens for what is neither selection nor question, by EstimateTokens; 0 leaves it out
	MaxTokens    int                  // for all messages together, by EstimateTokens; 0 is no limit
	Secrets      *secrets.Redactor    // takes the secrets out of the turn; nil takes out none

	InstructionsFile string // where they stand, "" if there is no such file
	InstructionsWhy  string // why they are not sent, "" if they are
}

// A Prompt is an assembled Turn.
type Prompt struct {
	Messages []completion.Message // system, history, the new turn
	User     completion.Message   // the new turn alone, to append to the conversation
	Tokens   int                  // estimate for Messages
	Related  []Shown              // what is sent beside the selection, in the order in which it stands
	LeftOut  []LeftOut            // what was not sent for want of room, or because it looks like a secret
	Secrets  int                  // how many were replaced

	found, tokens []string // secrets and control tokens of changes, for a person
}

// LeftOut names something that is not in the prompt, for a person to read.
type LeftOut struct {
	What, Why string
}
