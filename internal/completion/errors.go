package completion

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Kind classifies an Error by what the person can do about it.
type Kind string

// The kinds of Error. The values are part of the protocol (docs/protocol.md).
const (
	Auth       Kind = "auth"        // the key is missing, wrong or not allowed
	RateLimit  Kind = "rate_limit"  // too many requests, or no credit left
	NotFound   Kind = "not_found"   // no such model or path
	BadRequest Kind = "bad_request" // the endpoint refuses this request
	Server     Kind = "server"      // the endpoint failed
	Network    Kind = "network"     // it could not be reached, or the connection broke
	Timeout    Kind = "timeout"     // it stayed silent too long
	TLS        Kind = "tls"         // its certificate cannot be trusted
	NotAnAPI   Kind = "not_an_api"  // something else than such an API answered
	Config     Kind = "config"      // the settings cannot work
	Blocked    Kind = "blocked"     // llmls itself refuses to send this
	Busy       Kind = "busy"        // too many answers wait already
)

// A Reason narrows a Kind where the next step for the person differs.
type Reason string

// The reasons. Most errors have none: their Kind says enough.
const (
	NoKey           Reason = "no key"           // Auth: no key was sent
	KeyHeader       Reason = "key header"       // Auth: it wants the key in a header field of its own
	NoCredit        Reason = "no credit"        // RateLimit: the quota or the balance is used up
	ContextTooLong  Reason = "context too long" // BadRequest: the prompt does not fit the model
	Loading         Reason = "loading"          // Server: the model is still being loaded
	Pending         Reason = "pending"          // Server: it took the request and has no answer yet
	Overloaded      Reason = "overloaded"       // Server: too much to do at the moment
	NoText          Reason = "no text"          // Server: it ended its answer without a word
	OnlyThought     Reason = "only thought"     // Server: its answer held nothing but thinking
	Refused         Reason = "refused"          // Network: nothing listens there
	UnknownHost     Reason = "unknown host"     // Network: the name does not resolve
	Proxy           Reason = "proxy"            // Network: the proxy cannot be used
	Incomplete      Reason = "incomplete"       // Network: the stream ended before the answer did
	Unreachable     Reason = "unreachable"      // Timeout: no connection came about
	FirstByte       Reason = "first byte"       // Timeout: connected, but nothing came back
	Idle            Reason = "idle"             // Timeout: it stopped in the middle
	TooLarge        Reason = "too large"        // Server, Busy: llmls stopped the answer, because it or those beside it are too long
	NotTLS          Reason = "not tls"          // TLS: it speaks plain http
	WrongPath       Reason = "wrong path"       // NotFound: the address is not that of the API
	Firewall        Reason = "firewall"         // NotAnAPI: something in front of the API blocked the request
	Redirected      Reason = "redirected"       // NotAnAPI: Detail is the host or the base URL it points to
	Malformed       Reason = "malformed"        // NotAnAPI: its response breaks the rules of HTTP
	Unreadable      Reason = "unreadable"       // Server: a part of the answer could not be read
	PlainHTTP       Reason = "plain http"       // Config: the base URL is not https, and the user did not allow that
	BadBaseURL      Reason = "base url"         // Config: Detail says what is wrong with it
	BadSettings     Reason = "settings"         // Config: what decides where code goes cannot be used; Detail says what, in sentences
	UnknownEndpoint Reason = "unknown endpoint" // Config: no endpoint has that name; Detail is the whole sentence
	NoEndpoint      Reason = "no endpoint"      // Config: no setting names one, and there is no key; Detail is the path of config.toml
	UntrustedHost   Reason = "untrusted host"   // Config: only the editor names it; Detail is the origin
	BadKey          Reason = "key"              // Config: the key cannot stand in a header
	ExposedKey      Reason = "exposed key"      // Config: others could read the file that KeySource names
	Keyring         Reason = "keyring"          // Config: the keyring does not give out the key
	NoKeyring       Reason = "no keyring"       // Config: there is none to store the key in
	BadCAFile       Reason = "ca file"          // Config: Detail says what is wrong with it
	NotLoopback     Reason = "not loopback"     // Network: localhost leads to another machine, which Detail names
	Withheld        Reason = "withheld"         // Blocked: a file that does not leave the machine; Detail is the whole sentence
)

// An Error is why an answer failed. Its texts never hold a key. Detail may quote the
// endpoint, and the endpoint the prompt.
type Error struct {
	Kind       Kind
	Reason     Reason        // narrows Kind; often ""
	Status     int           // HTTP status, 0 if there was none
	Host       string        // host[:port] of the endpoint, "" if none was to be reached
	Model      string        // the model that was asked for, "" if that does not matter
	API        string        // what it was asked to speak, as the setting api has it; "" for chat completions
	KeySource  string        // where the key came from, such as OPENAI_API_KEY; "" if not known
	Detail     string        // the endpoint's own message, or the cause, in one short line
	RetryAfter time.Duration // how long the endpoint asks to wait; 0 if it did not say
	Waited     time.Duration // Timeout: the limit that passed
	Patience   time.Duration // Loading: how long it makes sense to go on trying
	Temporary  bool          // the same request may succeed a moment later
	Also       string        // how the other endpoints that were asked failed, in sentences
	Err        error         // the cause, if there is one
}

// Error says what happened. It may quote the endpoint, which may quote the
// prompt: a log gets Kind, Reason and Status instead, and a person gets
// Sentence.
func (e *Error) Error() string {
	s := string(e.Kind)
	if e.Host != "" {
		s += " " + e.Host
	}
	if e.Status != 0 {
		s += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// besides returns a copy of e whose Also says that the endpoint of that name
// failed as well.
func (e *Error) besides(name string, other *Error) *Error {
	both := *e
	why := other.because()
	if why == "" {
		why = " (" + string(other.Kind) + ")"
	}
	both.Also = strings.TrimSpace(both.Also + " " + SentenceFailedToo(name, why))
	return &both
}

// NoTextError returns the error for an answer that ended without any text, for the reason
// in f.
func NoTextError(f *Finish, req *Request) *Error {
	e := &Error{Kind: Server, Reason: NoText, Model: req.Model, Detail: string(f.Reason)}
	if f.Model != "" {
		e.Model = f.Model
	}
	if f.Thought && (f.Reason == FinishStop || f.Reason == FinishUnknown) {
		e.Reason = OnlyThought
	}
	return e
}

// Undecided reports whether err means that nothing is sent because no usable
// endpoint is set: the settings must be corrected, or an endpoint chosen.
func Undecided(err error) bool {
	e := AsError(err)
	return e != nil && (e.Reason == BadSettings || e.Reason == NoEndpoint)
}

// AsError returns the *Error in err's chain, or nil.
func AsError(err error) *Error {
	e, _ := errors.AsType[*Error](err) // unlike As, it allocates nothing when there is none
	return e
}
