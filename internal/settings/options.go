// Package settings knows every setting of llmls: its default, where its value
// may come from, which source won, and the message about a value that cannot be
// used. It knows no key, no endpoint but its address, and nothing
// of LSP.
//
// Options is the one source for all of that: the decoders, the table that
// "llmls settings" prints, the JSON Schema, the settings of VS Code and the
// documentation are derived from its fields, their tags and their comments.
package settings

import "time"

//go:generate go run ./gen

// Options are the settings of llmls. The comments of the fields are the user's
// documentation; their tags declare everything else:
//
//	json      its name
//	scope     who may set it: user (config.toml and the environment alone),
//	          machine (an editor, too, but no workspace in VS Code) or window
//	          (a trusted workspace, too). What an editor sends may come from the
//	          repository that is open in it: whatever chooses a key, runs a
//	          program, writes a file or lifts a protection is user. baseUrl is
//	          not; access decides what may be done with an editor's
//	env       the environment variable that holds it, if one does
//	route     "true" if it decides where code goes, or with which key: nothing is
//	          sent while its value cannot be used
//	check     a rule in convert.go
//	min, max  the range of a number; of a duration, in seconds
//	enum      the values of a string
//	vscode    "none" if the extension for VS Code has no use for it
type Options struct {
	Connection

	// The name of the endpoint that answers, one of those in `config.toml`. The
	// settings above all tables describe the one called `default`. An editor may
	// choose among these names.
	Endpoint string `json:"endpoint" scope:"machine" env:"LLMLS_ENDPOINT" check:"endpoint" route:"true"`

	// The names of the endpoints that are asked next, in this order, if one fails
	// before any text arrived: because of the network, a timeout, a failure of the
	// server or a rate limit. Each is asked with its own key and model. An editor
	// cannot set this.
	Fallback []string `json:"fallback" scope:"user" check:"endpoints" route:"true"`

	// The system prompt, in place of the built-in one; empty means the built-in
	// one. A sentence that code and comments are material, not instructions, is
	// added in either case.
	SystemPrompt string `json:"systemPrompt" scope:"window" check:"text"`

	// The language that answers are written in, such as `German`. If it is
	// empty, the model is asked to answer in the language of the question and to
	// explain in English, unless you set a `systemPrompt`.
	Language string `json:"language" scope:"window" check:"line"`

	Timeouts Timeouts `json:"timeouts"`

	// How often a request is sent again after it failed before any text
	// arrived.
	Retries int `json:"retries" scope:"window" min:"0" max:"10"`

	Context Context `json:"context"`

	History History `json:"history"`

	// Whether the first sentences of an answer are also shown at its code, as a
	// diagnostic of severity information, in editors without a plugin of llmls.
	Inline bool `json:"inline" scope:"machine" vscode:"none"`

	// The log file, by its absolute path. If it is empty, the log is kept in
	// your state directory. An editor cannot set this.
	LogFile string `json:"logFile" scope:"user" check:"path"`

	// How much is logged. No level logs prompts, answers or keys.
	LogLevel string `json:"logLevel" scope:"machine" env:"LLMLS_LOG_LEVEL" enum:"error,warn,info,debug"`
}

// A Connection is how one endpoint is reached, and how it is asked. In Options
// it is that of the endpoint called default; each that config.toml names beside
// it has one of its own.
type Connection struct {
	// The model that answers, by the name the endpoint gives it.
	Model string `json:"model" scope:"window" env:"LLMLS_MODEL" check:"name"`

	// The address of the endpoint. A bare host, an address that ends in `/v1` and
	// the full address that requests go to all reach the same place. An editor may
	// choose among the addresses that `config.toml` or the environment name, or
	// name a server on this machine, which then gets no key; for any other you are
	// asked first. Where nothing sets it, the default is used if there is a key
	// for it, and else nothing is sent.
	BaseURL string `json:"baseUrl" scope:"machine" env:"OPENAI_BASE_URL" check:"url" route:"true"`

	// The API of the endpoint: `chat` is OpenAI's chat completions, which nearly all
	// endpoints have, `responses` is OpenAI's Responses, and `messages` is
	// Anthropic's Messages. An editor cannot set this.
	API string `json:"api" scope:"user" enum:"chat,responses,messages" route:"true"`

	// The environment variable that holds the key. An editor cannot set this.
	APIKeyEnv string `json:"apiKeyEnv" scope:"user" check:"variable" route:"true"`

	// The program that prints the key, and its arguments, such as
	// `["pass", "show", "openai"]`. It runs without a shell in your home
	// directory, without the variables that hold keys, has 10 seconds, and is
	// preferred to the environment variable. Name it by an absolute path or let
	// it be found in `PATH`. An editor cannot set this.
	APIKeyCommand []string `json:"apiKeyCommand" scope:"user" check:"command" route:"true"`

	// A file of certificates in PEM, by its absolute path: authorities that are
	// trusted beside the system's, such as a company's own. An editor cannot set
	// this.
	CAFile string `json:"caFile" scope:"user" env:"SSL_CERT_FILE" check:"path" route:"true"`

	// Header fields that are sent where the key is sent, and nowhere else, such as
	// `{ "x-team" = "compilers" }`. In a value, `${apiKey}` stands for the key,
	// which is then sent in no other field. They hold for the `baseUrl` beside them
	// in `config.toml`. An editor cannot set this.
	Headers map[string]string `json:"headers" scope:"user" check:"headers" route:"true"`

	// Whether an address that begins with `http://` may be used although it leads
	// to another machine: to exactly the host of the `baseUrl` beside it in
	// `config.toml`. Key and code travel unencrypted then. An editor cannot set
	// this.
	PlainHTTP bool `json:"plainHttp" scope:"user"`

	// The longest answer, in tokens. With 0 no limit is sent and the endpoint
	// decides, except with `messages`, which requires a limit: it is 8,192 then, or
	// less where a model allows less.
	MaxOutputTokens int `json:"maxOutputTokens" scope:"window" min:"0" max:"10000000"`

	// How random an answer is, from 0 (least) to 2. Unless you set it, it is not
	// sent and the endpoint decides.
	Temperature *float64 `json:"temperature" scope:"window" min:"0" max:"2"`

	// How much a model thinks before it answers, such as `low` or `high`; which
	// words there are depends on the endpoint. If it is empty, it is not sent.
	ReasoningEffort string `json:"reasoningEffort" scope:"window" check:"line"`
}

// Timeouts are how long llmls waits for the endpoint.
type Timeouts struct {
	// The longest silence before the first byte of an answer: a number of
	// seconds, or a string such as `"2m"`. It is long by default because a
	// local server that is busy sends nothing for minutes.
	FirstByte time.Duration `json:"firstByte" scope:"window" min:"0.001" max:"86400"`

	// The longest silence in the middle of an answer: a number of seconds, or
	// a string such as `"90s"`. What had arrived is kept and marked as
	// incomplete.
	Idle time.Duration `json:"idle" scope:"window" min:"0.001" max:"86400"`
}

// Context limits what is sent along with a question.
type Context struct {
	// The most tokens that are sent for one question, by an estimate: the code,
	// related code and the earlier turns of the conversation. What does not fit is
	// left out, beginning with the oldest turns and the least important code.
	MaxTokens int `json:"maxTokens" scope:"window" min:"100" max:"10000000"`

	// How many of these tokens may go to code beside the selection: what
	// encloses it, what defines the names it uses, in its file and in others of
	// the workspace, and a few lines around it. With 0 nothing but the selection
	// is sent.
	Related int `json:"related" scope:"window" min:"0" max:"1000000"`

	// Whether `AGENTS.md` of the repository is given to the model as instructions, once
	// you have agreed to what it says. An editor cannot set this.
	Instructions bool `json:"instructions" scope:"user"`

	// Files that may be sent although they often hold secrets, or a `.aiignore`,
	// `.aiexclude` or `.cursorignore` names them: patterns in the syntax of
	// `.gitignore`, for absolute paths, such as `["**/testdata/*.pem"]`. What looks
	// like a secret in them is still replaced. An editor cannot set this.
	Allow []string `json:"allow" scope:"user" check:"patterns"`
}

// History is about the conversations that are kept on this machine.
type History struct {
	// Whether each conversation is kept as a file in your state directory, so that it
	// can be read and continued later; `history = false` is short for turning that
	// off. An editor cannot set this.
	Enabled bool `json:"enabled" scope:"user"`

	// How many days a conversation is kept after its last answer. An editor cannot
	// set this.
	Days int `json:"days" scope:"user" min:"1" max:"36500"`
}

// Default returns the built-in values of all settings.
func Default() Options {
	return Options{
		Connection: Connection{ //nolint:gosec // the name of a variable, no key
			Model: "gpt-4o-mini", BaseURL: "https://api.openai.com/v1", API: "chat", APIKeyEnv: "OPENAI_API_KEY",
		},
		Endpoint: DefaultEndpoint,
		Timeouts: Timeouts{FirstByte: 120 * time.Second, Idle: 60 * time.Second},
		Retries:  2,
		Context:  Context{MaxTokens: 16000, Related: 1200},
		History:  History{Enabled: true, Days: 90},
		LogLevel: "info",
	}
}
