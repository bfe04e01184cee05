package completion

import (
	"fmt"
	"strings"
	"time"
)

// Sentence tells a person what is wrong and what to do next: one sentence, or two
// short ones. It may quote the endpoint, but never a key.
func (e *Error) Sentence() string {
	host := e.Host
	if host == "" {
		host = "the endpoint"
	}
	var s string
	switch e.Kind {
	case Auth:
		s = e.authSentence(host)
	case RateLimit:
		s = e.rateLimitSentence(host)
	case NotFound:
		s = e.notFoundSentence(host)
	case BadRequest:
		s = e.badRequestSentence(host)
	case Server:
		s = e.serverSentence(host)
	case Network:
		s = e.networkSentence(host)
	case Timeout:
		s = e.timeoutSentence(host)
	case TLS:
		s = e.tlsSentence(host)
	case NotAnAPI:
		s = e.notAnAPISentence(host)
	case Config:
		s = e.configSentence(host)
	case Blocked:
		if e.Reason == Withheld {
			return e.Detail
		}
		s = fmt.Sprintf("Select something else, or change the settings that forbid it: llmls did not send this%s.", e.because())
	case Busy:
		if e.Reason == TooLarge {
			s = fmt.Sprintf("Wait until an answer ends, or stop one: there is no room for another long one%s.", e.because())
			break
		}
		s = fmt.Sprintf("Wait until an answer ends, or stop one: too many are waiting already%s.", e.because())
	default:
		s = fmt.Sprintf("Try again: the answer failed%s.", e.because())
	}
	if e.Also != "" {
		s += " " + e.Also
	}
	return Unlinked(s)
}

// IncompleteSentence tells a person why the text on the screen is cut and what
// to do. Use it where text had arrived before e; Sentence is for the rest.
func (e *Error) IncompleteSentence() string { return Unlinked(e.incompleteSentence()) }

func (e *Error) incompleteSentence() string {
	const again = "Ask again: the answer is incomplete, because "
	host := e.Host
	if host == "" {
		host = "the endpoint"
	}
	switch {
	case e.Kind == Timeout && e.Waited > 0:
		return fmt.Sprintf("Ask again, or raise timeouts.idle: the answer is incomplete, because %s fell silent for %s.", host, e.Waited)
	case e.Kind == Timeout:
		return fmt.Sprintf(again+"%s fell silent.", host)
	case e.Reason == Incomplete && e.Detail == "":
		return fmt.Sprintf(again+"%s ended it early.", host)
	case e.Reason == Unreadable:
		return fmt.Sprintf(again+"a part of what %s sent could not be read%s.", host, e.because())
	case e.Kind == Network:
		return fmt.Sprintf(again+"the connection to %s broke%s.", host, e.because())
	case e.Kind == Busy:
		return fmt.Sprintf("Wait until another answer ends, then ask again: this one is incomplete, because llmls stopped it%s.", e.because())
	case e.Reason == TooLarge:
		return fmt.Sprintf(again+"llmls stopped it%s.", e.because())
	case e.Kind == RateLimit:
		return fmt.Sprintf("Wait a moment, then ask again: the answer is incomplete, because %s stopped it%s.", host, e.because())
	default:
		return fmt.Sprintf(again+"%s stopped it%s.", host, e.because())
	}
}

// Unlinked keeps text that others wrote from becoming a link where an editor
// shows a message: VS Code turns [text](command:…) into a button that runs the
// command (src/vs/base/common/linkedText.ts).
func Unlinked(text string) string { return strings.ReplaceAll(text, "](", "] (") }

// Sentence tells a person that another attempt follows, and why.
func (r *Retry) Sentence() string { return Unlinked(r.sentence()) }

func (r *Retry) sentence() string {
	why := "the last one failed"
	if r.Cause != nil {
		why = fmt.Sprintf("%s failed%s", r.Cause.Host, r.Cause.because())
	}
	if r.Endpoint != "" {
		return fmt.Sprintf("Asking %s: %s.", r.Endpoint, why)
	}
	if r.Wait < time.Second {
		return fmt.Sprintf("Attempt %d: %s.", r.Attempt, why)
	}
	return fmt.Sprintf("Attempt %d in %s: %s.", r.Attempt, spoken(r.Wait), why)
}

// SentenceInstead tells a person that the endpoint of r answered instead of the one
// that was asked for.
func (r *Retry) SentenceInstead(asked string) string {
	why := ""
	if r.Cause != nil {
		why = r.Cause.because()
	}
	return Unlinked(fmt.Sprintf("%s answered instead of %s, which failed%s.", r.Endpoint, asked, why))
}

// SentenceFailedToo is about an endpoint that was asked in place of another.
func SentenceFailedToo(name, why string) string {
	return fmt.Sprintf("%s was asked instead, and failed too%s.", name, why)
}

// HeadingSources stands above the pages that an answer cites.
const HeadingSources = "Sources:"

// SentenceRefiled is for an answer in front of which thinking was printed, with a line
// between them.
const SentenceRefiled = "Read on below the line (---): what stands above it is the model's thinking, whose beginning it did not mark."

// Sentences for answers that ended otherwise than by an Error.
const (
	// SentenceEditsLost is for a message that could not be read and may have
	// changed any open document.
	SentenceEditsLost = "Close the open files and open them again: llmls could not read a message of the editor that may have changed any of them, and uses the text of none."
	// SentenceStopped is for an answer that the person stopped.
	SentenceStopped = "Ask again for the whole answer: it was stopped."
	// SentenceShutdown is for an answer that was running when the server ended.
	SentenceShutdown = "Ask again after the restart: the answer was cut off because llmls is shutting down."
	// SentenceLength is for FinishLength.
	SentenceLength = "Ask for the rest, or raise maxOutputTokens: the answer reached its limit of tokens and is cut."
	// SentenceFilter is for FinishContentFilter.
	SentenceFilter = "Ask in other words, or choose another model: the endpoint's filter cut the answer."
	// SentencePaused is for Paused.
	SentencePaused = "Ask the model to go on: it paused in the middle of its answer (pause_turn)."
	// SentenceUnknownEnd is for FinishUnknown.
	SentenceUnknownEnd = "Ask again if the answer looks unfinished: the endpoint did not say why it ended, so it may be cut."
)

// SentenceLumps is for an answer that came in n lumps.
func SentenceLumps(n int) string {
	return fmt.Sprintf("Turn off buffering in the proxy in front of the endpoint (in nginx proxy_buffering off): the answer came in %d lumps instead of word by word.", n)
}

// SentenceFailed is for what should not happen: an err that is no *Error.
func SentenceFailed(err error) string {
	return fmt.Sprintf("Try again; the log says more: the answer failed (%v).", err)
}

// Sentence tells a person what is special about the end of an answer, "" if
// nothing is.
func (f *Finish) Sentence() string {
	if f.Paused {
		return SentencePaused
	}
	switch f.Reason {
	case FinishLength:
		return SentenceLength
	case FinishContentFilter:
		return SentenceFilter
	case FinishUnknown:
		return SentenceUnknownEnd
	}
	return ""
}

func (e *Error) authSentence(host string) string {
	source := e.KeySource
	if source == "" {
		source = "OPENAI_API_KEY"
	}
	switch {
	case e.Reason == KeyHeader:
		return fmt.Sprintf(`Put headers = { "api-key" = "${apiKey}" } beside its baseUrl into config.toml: %s wants the key in a header field of its own%s.`, host, e.because())
	case e.Reason == NoKey:
		return fmt.Sprintf("Set a valid key in %s or store one with llmls login, and try again: %s wants a key%s.", source, host, e.because())
	case e.Status == 403:
		return fmt.Sprintf("Check what the key in %s may use, or choose another model: %s does not allow this%s.", source, host, e.because())
	default:
		return fmt.Sprintf("Set a valid key in %s and try again: %s refused the key%s.", source, host, e.because())
	}
}

func (e *Error) rateLimitSentence(host string) string {
	switch {
	case e.Reason == NoCredit:
		return fmt.Sprintf("Check plan and billing of the account, or use another key: at %s it has no credit left%s.", host, e.because())
	case e.RetryAfter > 0:
		return fmt.Sprintf("Try again in %s: %s has had too many requests%s.", spoken(e.RetryAfter), host, e.because())
	default:
		return fmt.Sprintf("Wait a moment and try again: %s has had too many requests%s.", host, e.because())
	}
}

func (e *Error) notFoundSentence(host string) string {
	if e.Reason == WrongPath && e.API != "" {
		return fmt.Sprintf("Check baseUrl, which often ends in /v1, and api: %s has no such address, or does not speak %s%s.", host, e.API, e.because())
	}
	if e.Reason == WrongPath {
		return fmt.Sprintf("Check baseUrl: it often ends in /v1. %s has no such address%s.", host, e.because())
	}
	if e.API != "" {
		return fmt.Sprintf("Check model, baseUrl and api: %s does not know the model %q, or does not speak %s at this address%s.", host, e.Model, e.API, e.because())
	}
	if e.Model != "" {
		return fmt.Sprintf("Check model and baseUrl: %s does not know the model %q, or not at this address%s.", host, e.Model, e.because())
	}
	return fmt.Sprintf("Check baseUrl: %s has nothing at this address%s.", host, e.because())
}

func (e *Error) badRequestSentence(host string) string {
	if e.Reason == ContextTooLong {
		return fmt.Sprintf("Select less, or lower context.maxTokens: the request is too long for the model%s.", e.because())
	}
	if e.Host == "" && e.Status == 0 && e.Detail != "" {
		return e.Detail // refused by llmls itself, before there was an endpoint
	}
	return fmt.Sprintf("Check model and the other settings: %s refused the request%s.", host, e.because())
}

func (e *Error) serverSentence(host string) string {
	wait := "in a moment"
	if e.RetryAfter > 0 {
		wait = "in " + spoken(e.RetryAfter)
	}
	switch e.Reason {
	case Loading:
		return fmt.Sprintf("Try again %s: %s is still loading the model%s.", wait, host, e.because())
	case NoText:
		return e.noTextSentence()
	case OnlyThought:
		return fmt.Sprintf("Ask again, turn thinking off where the model is served, or choose another model: %s only thought and gave no answer.", e.Model)
	case Pending:
		return fmt.Sprintf("Try again %s, or choose another model: %s took the request and has no answer yet%s.", wait, host, e.because())
	case Overloaded:
		return fmt.Sprintf("Try again %s: %s is overloaded%s.", wait, host, e.because())
	case TooLarge:
		return fmt.Sprintf("Ask again, or choose another model: what %s sends is too long%s.", host, e.because())
	default:
		return fmt.Sprintf("Try again %s, or choose another model: %s failed%s.", wait, host, e.because())
	}
}

func (e *Error) noTextSentence() string {
	switch FinishReason(e.Detail) {
	case FinishLength:
		return fmt.Sprintf("Raise maxOutputTokens, or choose another model: %s used up its tokens before the first word; thinking counts too.", e.Model)
	case FinishContentFilter:
		return fmt.Sprintf("Select other code, or choose another model: the endpoint's filter cut the answer of %s before the first word.", e.Model)
	case FinishToolCalls:
		return fmt.Sprintf("Ask again, or choose another model: %s asked for a tool instead of answering, and llmls offers none.", e.Model)
	default:
		return fmt.Sprintf("Ask again, or choose another model: %s ended its answer without a word.", e.Model)
	}
}

func (e *Error) networkSentence(host string) string {
	switch e.Reason {
	case Refused:
		return fmt.Sprintf("Start the server, or correct baseUrl: nothing is listening at %s (connection refused).", host)
	case UnknownHost:
		return fmt.Sprintf("Check baseUrl and the network: the host of %s is not known%s.", host, e.because())
	case Proxy:
		return fmt.Sprintf("Check HTTPS_PROXY, ALL_PROXY and NO_PROXY: the proxy on the way to %s cannot be used%s.", host, e.because())
	case NotLoopback:
		return fmt.Sprintf("Correct the hosts file, or write another host into baseUrl: %s stands for %s, which is not this machine, so nothing was sent.", host, e.Detail)
	case Incomplete:
		return fmt.Sprintf("Try again: %s closed the connection before it had answered%s.", host, e.because())
	default:
		return fmt.Sprintf("Check the network and try again: the connection to %s failed%s.", host, e.because())
	}
}

func (e *Error) timeoutSentence(host string) string {
	waited := ""
	if e.Waited > 0 {
		waited = " for " + e.Waited.String()
	}
	switch e.Reason {
	case Unreachable:
		return fmt.Sprintf("Check baseUrl and the network: no connection to %s came about%s.", host, e.because())
	case Idle:
		return fmt.Sprintf("Try again, or raise timeouts.idle: %s fell silent%s.", host, waited)
	case FirstByte:
		return fmt.Sprintf("Try again, or raise timeouts.firstByte: %s did not answer%s.", host, waited)
	default:
		return fmt.Sprintf("Try again: %s took too long%s.", host, e.because())
	}
}

func (e *Error) tlsSentence(host string) string {
	if e.Reason == NotTLS {
		return fmt.Sprintf("Check baseUrl, a server on this machine often wants http: %s does not speak https%s.", host, e.because())
	}
	return fmt.Sprintf("Correct baseUrl or, for an authority of your own, set caFile: the certificate of %s cannot be trusted%s.", host, e.because())
}

func (e *Error) notAnAPISentence(host string) string {
	if e.Reason == Firewall {
		return fmt.Sprintf("Ask who runs %s to let llmls pass, or use another network: a firewall in front of it blocked the request%s.", host, e.because())
	}
	if e.Reason == Redirected {
		return fmt.Sprintf("Set baseUrl to %s if the API lives there: %s redirects to it (HTTP %d), and llmls follows no redirect.", e.Detail, host, e.Status)
	}
	if e.Reason == Malformed {
		return fmt.Sprintf("Check baseUrl, or ask who runs %s to correct it: its response breaks the rules of HTTP%s.", host, e.because())
	}
	if e.API != "" {
		return fmt.Sprintf("Check baseUrl, which often ends in /v1, and api: what answers at %s does not speak %s%s.", host, e.API, e.because())
	}
	return fmt.Sprintf("Check baseUrl: it often ends in /v1. What answers at %s is no chat-completions API%s.", host, e.because())
}

func (e *Error) configSentence(host string) string {
	switch e.Reason {
	case PlainHTTP:
		return fmt.Sprintf("Use https for %s or, if you trust the network on the way there, set plainHttp = true beside that baseUrl in config.toml: key and code would travel unencrypted.", host)
	case BadBaseURL:
		return fmt.Sprintf("Set baseUrl to an address such as https://api.openai.com/v1: it cannot be used, because %s.", e.Detail)
	case BadSettings:
		return fmt.Sprintf("Correct your settings: %s Until then nothing is sent, because they decide where your code goes.", e.Detail)
	case UnknownEndpoint:
		return e.Detail
	case NoEndpoint:
		return e.noEndpointSentence()
	case UntrustedHost:
		return fmt.Sprintf("Run llmls trust %s in a terminal to use this endpoint: only the editor names it, and you have not agreed to it, so nothing was sent.", e.Detail)
	case BadKey:
		source := e.KeySource
		if source == "" {
			source = "its source"
		}
		return fmt.Sprintf("Correct the key in %s: it cannot be sent, because %s.", source, e.Detail)
	case ExposedKey:
		return fmt.Sprintf("Replace %s, and better the key too, with llmls login: its key is not used, because the file is not yours alone.", e.KeySource)
	case Keyring:
		return fmt.Sprintf("Unlock the keyring and try again, or store the key anew with llmls login: it does not give out the key for %s (%s).", host, e.Detail)
	case NoKeyring:
		return fmt.Sprintf("Run llmls login --file %s in a terminal to keep the key in a private file: it cannot be kept in a keyring (%s).", host, e.Detail)
	case BadCAFile:
		return fmt.Sprintf("Name a file of certificates in PEM in caFile or SSL_CERT_FILE, or none: that one cannot be used, because %s.", e.Detail)
	default:
		return fmt.Sprintf("Correct the settings and try again: they cannot work%s.", e.because())
	}
}

// noEndpointSentence also explains why an editor that was started from the desktop
// may not see a variable that is exported in a shell.
func (e *Error) noEndpointSentence() string {
	file := e.Detail
	if file == "" {
		file = "config.toml"
	}
	return fmt.Sprintf("Choose an endpoint: set baseUrl in %s or, for OpenAI, run llmls login or set %s. "+
		"Nothing was sent, because there is neither an endpoint nor a key; an editor that was started from the desktop does not see what a shell exports. "+
		"llmls check lists the model servers on this machine.", file, e.KeySource)
}

// because renders status and detail as a parenthesis with a space before it,
// or as nothing.
func (e *Error) because() string {
	detail := strings.TrimRight(e.Detail, " .")
	switch {
	case e.Status != 0 && detail != "":
		return fmt.Sprintf(" (HTTP %d: %s)", e.Status, detail)
	case e.Status != 0:
		return fmt.Sprintf(" (HTTP %d)", e.Status)
	case detail != "":
		return " (" + detail + ")"
	default:
		return ""
	}
}

// spoken rounds a wait up to what a person can use.
func spoken(d time.Duration) string {
	switch {
	case d <= time.Second:
		return "a second"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d seconds", int((d+time.Second-1)/time.Second))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int((d+time.Minute-1)/time.Minute))
	default:
		return fmt.Sprintf("%d hours", int((d+time.Hour-1)/time.Hour))
	}
}
