// Package chat turns what a person asks about a piece of code into the messages
// of a request: prompt assembly, the token budget, and questions that stand in
// comments. Everything here is a pure function of its arguments.
package chat

import "github.com/llmls/llmls/internal/completion"

// A Turn is one thing a person asks. Its zero value asks nothing; with Code
// alone it asks for an explanation.
type Turn struct {
	Code        *Code        // nil in a follow-up: the code is in the history
	Diagnostics []Diagnostic // reported in the lines of Code
	Problem     *Diagnostic  // the one to explain, if that is what is asked
	Question    string       // "" asks for an explanation
}

// Code is a selection and what stands around it.
type Code struct {
	Path      string // relative to the workspace; any text, it is escaped
	Language  string // LSP language identifier, may be empty
	FirstLine int    // 1-based
	LastLine  int    // 1-based, inclusive
	Text      string // the selection, sent verbatim
	Before    string // what stands right before Text, at most the whole file
	After     string // what stands right after Text
}

// A Diagnostic is a problem that a tool reported.
type Diagnostic struct {
	Severity Severity
	Line     int // 1-based
	Message  string
	Source   string // the tool, may be empty
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

// A Talk is what surrounds a Turn: the conversation so far and the settings.
type Talk struct {
	History      []completion.Message // earlier turns, oldest first, without a system message
	SystemPrompt string               // replaces the built-in one
	Language     string               // that the answer is written in; "" leaves it to the model
	MaxTokens    int                  // for all messages together, by EstimateTokens; 0 is no limit
}

// A Prompt is an assembled Turn.
type Prompt struct {
	Messages []completion.Message // system, history, the new turn
	User     completion.Message   // the new turn alone, to append to the conversation
	Tokens   int                  // estimate for Messages
	LeftOut  []LeftOut            // what was not sent for want of room
}

// LeftOut names something that is not in the prompt, for a person to read.
type LeftOut struct {
	What, Why string
}
