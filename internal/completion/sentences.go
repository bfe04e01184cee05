package completion

import (
	"fmt"
	"strings"
	"time"
)

// Sentence tells a person what is wrong and what to do next: one sentence, or
// two short ones. Every text of that kind in llmls lives in
// this file, or in sentences_before.go if it is about what was not sent yet.
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
		s = fmt.Sprintf("llmls did not send this%s. Select something else, or change the settings that forbid it.", e.because())
	case Busy:
		if e.Reason == TooLarge {
			s = fmt.Sprintf("There is no room for another long answer%s. Wait until one ends, or stop one.", e.because())
			break
		}
		s = fmt.Sprintf("Too many answers are waiting already%s. Wait until one ends, or stop one.", e.because())
	default:
		s = fmt.Sprintf("The answer failed%s. Try again.", e.because())
	}
	return Unlinked(capitalised(s))
}

// IncompleteSentence tells a person why the text on the screen is cut and what
// to do. Use it where text had arrived before e; Sentence is for the rest.
func (e *Error) IncompleteSentence() string { return Unlinked(e.incompleteSentence()) }

func (e *Error) incompleteSentence() string {
	const next = " Ask again for the whole answer."
	host := e.Host
	if host == "" {
		host = "the endpoint"
	}
	switch {
	case e.Kind == Timeout && e.Waited > 0:
		return fmt.Sprintf("The answer is incomplete: %s fell silent for %s. Ask again, or raise timeouts.idle.", host, e.Waited)
	case e.Kind == Timeout:
		return fmt.Sprintf("The answer is incomplete: %s fell silent.", host) + next
	case e.Reason == Incomplete && e.Detail == "":
		return fmt.Sprintf("The answer is incomplete: %s ended it early.", host) + next
	case e.Kind == Network:
		return fmt.Sprintf("The answer is incomplete: the connection to %s broke%s.", host, e.because()) + next
	case e.Kind == Busy:
		return fmt.Sprintf("The answer is incomplete: llmls stopped it%s. Wait until one ends, then ask again.", e.because())
	case e.Reason == TooLarge:
		return fmt.Sprintf("The answer is incomplete: llmls stopped it%s.", e.because()) + next
	case e.Kind == RateLimit:
		return fmt.Sprintf("The answer is incomplete: %s stopped it%s. Wait a moment, then ask again.", host, e.because())
	default:
		return fmt.Sprintf("The answer is incomplete: %s stopped it%s.", host, e.because()) + next
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
	if r.Wait < time.Second {
		return fmt.Sprintf("Attempt %d: %s.", r.Attempt, why)
	}
	return fmt.Sprintf("Attempt %d in %s: %s.", r.Attempt, spoken(r.Wait), why)
}

// Sentences for answers that ended otherwise than by an Error.
const (
	// SentenceStopped is for an answer that the person stopped.
	SentenceStopped = "The answer was stopped. Ask again for the whole answer."
	// SentenceShutdown is for an answer that was running when the server ended.
	SentenceShutdown = "The answer was cut off because llmls is shutting down. Ask again after the restart."
	// SentenceLength is for FinishLength.
	SentenceLength = "The answer reached its limit of tokens and is cut. Ask for the rest, or raise maxOutputTokens."
	// SentenceFilter is for FinishContentFilter.
	SentenceFilter = "The endpoint's filter cut the answer. Ask in other words, or choose another model."
	// SentenceUnknownEnd is for FinishUnknown.
	SentenceUnknownEnd = "The endpoint did not say why the answer ended, so it may be cut. Ask again if it looks unfinished."
)

// SentenceFailed is for what should not happen: an err that is no *Error.
func SentenceFailed(err error) string {
	return fmt.Sprintf("The answer failed: %v. Try again; the log says more.", err)
}

// Sentence tells a person what is special about the end of an answer, "" if
// nothing is.
func (f *Finish) Sentence() string {
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
	case e.Reason == NoKey:
		return fmt.Sprintf("%s wants a key%s. Set one in %s or store one with llmls login, and try again.", host, e.because(), source)
	case e.Status == 403:
		return fmt.Sprintf("%s does not allow this%s. Check what the key in %s may use, or choose another model.", host, e.because(), source)
	default:
		return fmt.Sprintf("%s refused the key%s. Set a valid key in %s and try again.", host, e.because(), source)
	}
}

func (e *Error) rateLimitSentence(host string) string {
	switch {
	case e.Reason == NoCredit:
		return fmt.Sprintf("The account at %s has no credit left%s. Check its plan and billing, or use another key.", host, e.because())
	case e.RetryAfter > 0:
		return fmt.Sprintf("%s has had too many requests%s. Try again in %s.", host, e.because(), spoken(e.RetryAfter))
	default:
		return fmt.Sprintf("%s has had too many requests%s. Wait a moment and try again.", host, e.because())
	}
}

func (e *Error) notFoundSentence(host string) string {
	if e.Model != "" {
		return fmt.Sprintf("%s does not know the model %q, or not at this address%s. Check model and baseUrl.", host, e.Model, e.because())
	}
	return fmt.Sprintf("%s has nothing at this address%s. Check baseUrl.", host, e.because())
}

func (e *Error) badRequestSentence(host string) string {
	if e.Reason == ContextTooLong {
		return fmt.Sprintf("The request is too long for the model%s. Select less, or lower context.maxTokens.", e.because())
	}
	if e.Host == "" && e.Status == 0 && e.Detail != "" {
		return e.Detail // refused by llmls itself, before there was an endpoint
	}
	return fmt.Sprintf("%s refused the request%s. Check model and the other settings.", host, e.because())
}

func (e *Error) serverSentence(host string) string {
	wait := "in a moment"
	if e.RetryAfter > 0 {
		wait = "in " + spoken(e.RetryAfter)
	}
	switch e.Reason {
	case Loading:
		return fmt.Sprintf("%s is still loading the model%s. Try again %s.", host, e.because(), wait)
	case NoText:
		return e.noTextSentence()
	case Overloaded:
		return fmt.Sprintf("%s is overloaded%s. Try again %s.", host, e.because(), wait)
	case TooLarge:
		return fmt.Sprintf("What %s sends is too long%s. Ask again, or choose another model.", host, e.because())
	default:
		return fmt.Sprintf("%s failed%s. Try again %s, or choose another model.", host, e.because(), wait)
	}
}

func (e *Error) noTextSentence() string {
	switch FinishReason(e.Detail) {
	case FinishLength:
		return fmt.Sprintf("%s used up its tokens before the first word; thinking counts too. Raise maxOutputTokens, or choose another model.", e.Model)
	case FinishContentFilter:
		return fmt.Sprintf("The endpoint's filter cut the answer of %s before the first word. Select other code, or choose another model.", e.Model)
	case FinishToolCalls:
		return fmt.Sprintf("%s asked for a tool instead of answering, and llmls offers none. Ask again, or choose another model.", e.Model)
	default:
		return fmt.Sprintf("%s ended its answer without a word. Ask again, or choose another model.", e.Model)
	}
}

func (e *Error) networkSentence(host string) string {
	switch e.Reason {
	case Refused:
		return fmt.Sprintf("Nothing is listening at %s (connection refused). Start the server there, or correct baseUrl.", host)
	case UnknownHost:
		return fmt.Sprintf("The host of %s is not known%s. Check baseUrl and the network.", host, e.because())
	case Proxy:
		return fmt.Sprintf("The proxy on the way to %s cannot be used%s. Check HTTPS_PROXY and NO_PROXY.", host, e.because())
	case NotLoopback:
		return fmt.Sprintf("%s stands for %s, which is not this machine, so nothing was sent. Correct the hosts file, or write another host into baseUrl.", host, e.Detail)
	case Incomplete:
		return fmt.Sprintf("%s closed the connection before it had answered%s. Try again.", host, e.because())
	default:
		return fmt.Sprintf("The connection to %s failed%s. Check the network and try again.", host, e.because())
	}
}

func (e *Error) timeoutSentence(host string) string {
	waited := ""
	if e.Waited > 0 {
		waited = " for " + e.Waited.String()
	}
	switch e.Reason {
	case Unreachable:
		return fmt.Sprintf("No connection to %s came about%s. Check baseUrl and the network.", host, e.because())
	case Idle:
		return fmt.Sprintf("%s fell silent%s. Try again, or raise timeouts.idle.", host, waited)
	case FirstByte:
		return fmt.Sprintf("%s did not answer%s. Try again, or raise timeouts.firstByte.", host, waited)
	default:
		return fmt.Sprintf("%s took too long%s. Try again.", host, e.because())
	}
}

func (e *Error) tlsSentence(host string) string {
	if e.Reason == NotTLS {
		return fmt.Sprintf("%s does not speak https%s. Check baseUrl: a server on this machine often wants http.", host, e.because())
	}
	return fmt.Sprintf("The certificate of %s cannot be trusted%s. Correct baseUrl or, for an authority of your own, set caFile.", host, e.because())
}

func (e *Error) notAnAPISentence(host string) string {
	if e.Reason == Redirected {
		return fmt.Sprintf("%s redirects to %s (HTTP %d), and llmls follows no redirect. If the API lives there, set baseUrl to it.", host, e.Detail, e.Status)
	}
	return fmt.Sprintf("What answers at %s is not a chat-completions API%s. Check baseUrl: it often ends in /v1.", host, e.because())
}

func (e *Error) configSentence(host string) string {
	switch e.Reason {
	case PlainHTTP:
		return fmt.Sprintf("baseUrl would send the key and the code to %s unencrypted. Use https, or a tunnel to this machine.", host)
	case BadBaseURL:
		return fmt.Sprintf("baseUrl cannot be used: %s. Set it to an address such as https://api.openai.com/v1.", e.Detail)
	case UntrustedHost:
		return fmt.Sprintf("Only the editor names %s as the endpoint, and you have not agreed to it, so nothing was sent. To use it, run llmls trust %s in a terminal.", e.Detail, e.Detail)
	case BadKey:
		source := e.KeySource
		if source == "" {
			source = "its source"
		}
		return fmt.Sprintf("The key from %s cannot be sent: %s. Correct it there.", source, e.Detail)
	case ExposedKey:
		return fmt.Sprintf("The key in %s is not used: the file is not yours alone. Replace it, and better the key too, with llmls login.", e.KeySource)
	case Keyring:
		return fmt.Sprintf("The keyring does not give out the key for %s (%s). Unlock it and try again, or store the key anew with llmls login.", host, e.Detail)
	case NoKeyring:
		return fmt.Sprintf("The key cannot be kept in a keyring (%s). To keep it in a file that only you can read, run llmls login --file %s in a terminal.", e.Detail, host)
	case BadCAFile:
		return fmt.Sprintf("caFile cannot be used: %s. Name a file of certificates in PEM there or in SSL_CERT_FILE, or none.", e.Detail)
	default:
		return fmt.Sprintf("The settings cannot work%s. Correct them and try again.", e.because())
	}
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

// capitalised makes "the endpoint …" start a sentence. A host stays as it is:
// names of hosts are written small.
func capitalised(s string) string {
	if rest, ok := strings.CutPrefix(s, "the endpoint"); ok {
		return "The endpoint" + rest
	}
	return s
}
