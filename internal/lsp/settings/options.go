// Package settings knows every setting of llmls: its default, where its value
// may come from, which source won, and what a person is told about a value
// that cannot be used. It also finds the key and decides whether an endpoint
// may have it.
//
// Options is the one source for all of that: the decoders, the table that
// "llmls settings" prints, the JSON Schema and the documentation are derived
// from its fields, their tags and their comments.
package settings

import "time"

//go:generate go run ./gen

// Options are the settings of llmls. The comments of its fields are the user's
// documentation. In their tags, json is the name, min and max are the range of
// a number (a duration's in seconds), enum lists the values of a string, and
// check names a rule in the checks of this package.
type Options struct {
	// The model that answers, by the name the endpoint gives it.
	Model string `json:"model" check:"name"`

	// The endpoint, which must speak OpenAI's chat completions. A bare host, an
	// address that ends in `/v1` and the full address of `/chat/completions`
	// all reach the same place. An editor may choose among the endpoints that
	// `config.toml` or the environment name, or name a server on this machine,
	// which then gets no key; for any other you are asked first.
	BaseURL string `json:"baseUrl" check:"url"`

	// The environment variable that holds the key. An editor cannot set this.
	APIKeyEnv string `json:"apiKeyEnv" check:"variable"`

	// The program that prints the key, and its arguments, such as
	// `["pass", "show", "openai"]`. It runs without a shell in your home
	// directory, without the variables that hold keys, has 10 seconds, and is
	// preferred to the environment variable. Name it by an absolute path or let
	// it be found in `PATH`. An editor cannot set this.
	APIKeyCommand []string `json:"apiKeyCommand" check:"command"`

	// A file of certificates in PEM, by its absolute path: authorities that are
	// trusted beside the system's, such as a company's own. An editor cannot set
	// this.
	CAFile string `json:"caFile" check:"path"`

	// The longest answer, in tokens. With 0 the endpoint decides, and nothing
	// is sent about it.
	MaxOutputTokens int `json:"maxOutputTokens" min:"0" max:"10000000"`

	// How much chance there is in an answer, from 0 (least) to 2. Unless you
	// set it, nothing is sent about it and the endpoint decides.
	Temperature *float64 `json:"temperature" min:"0" max:"2"`

	// What the model is told before each conversation, instead of the text
	// that is built in. Empty means the built-in one.
	SystemPrompt string `json:"systemPrompt" check:"text"`

	// The language that answers are written in, such as `German`. If it is
	// empty, an answer is in the language of the question, and an explanation
	// in English.
	Language string `json:"language" check:"line"`

	Timeouts Timeouts `json:"timeouts"`

	// How often a request is sent again after it failed before any text
	// arrived.
	Retries int `json:"retries" min:"0" max:"10"`

	Context Context `json:"context"`

	// Whether the first sentences of an answer are also shown at its code, as an
	// information like those of a compiler, in an editor that shows answers by
	// no plugin of ours.
	Inline bool `json:"inline"`

	// The log file, by its absolute path. If it is empty, the log is kept in
	// your state directory. An editor cannot set this.
	LogFile string `json:"logFile" check:"path"`

	// How much the log tells. Prompts, answers and keys are in none of the
	// levels.
	LogLevel string `json:"logLevel" enum:"error,warn,info,debug"`
}

// Timeouts are how long llmls waits for the endpoint.
type Timeouts struct {
	// The longest silence before the first byte of an answer: a number of
	// seconds, or a string such as `"2m"`. It is long by default because a
	// local server that is busy sends nothing for minutes.
	FirstByte time.Duration `json:"firstByte" min:"0.001" max:"86400"`

	// The longest silence in the middle of an answer: a number of seconds, or
	// a string such as `"90s"`. What had arrived is kept and marked as
	// incomplete.
	Idle time.Duration `json:"idle" min:"0.001" max:"86400"`
}

// Context limits what is sent along with a question.
type Context struct {
	// The most tokens that are sent for one question, by a careful estimate:
	// the code, what surrounds it and the earlier turns of the conversation.
	// What does not fit is left out, the oldest turns and the farthest lines
	// first.
	MaxTokens int `json:"maxTokens" min:"100" max:"10000000"`

	// Files that are sent although llmls keeps such files back, because they
	// often hold secrets or a `.aiignore`, `.aiexclude` or `.cursorignore`
	// names them: patterns in the syntax of `.gitignore`, about absolute paths,
	// such as `["**/testdata/*.pem"]`. What looks like a secret in them is
	// replaced all the same. An editor cannot set this.
	Allow []string `json:"allow" check:"patterns"`
}

// Default returns the settings of somebody who set nothing.
func Default() Options {
	return Options{ //nolint:gosec // the name of a variable, no key
		Model:     "gpt-4o-mini",
		BaseURL:   "https://api.openai.com/v1",
		APIKeyEnv: "OPENAI_API_KEY",
		Timeouts:  Timeouts{FirstByte: 120 * time.Second, Idle: 60 * time.Second},
		Retries:   2,
		Context:   Context{MaxTokens: 16000},
		LogLevel:  "info",
	}
}
