package upstream

import (
	"net/http"
	"strings"
	"time"

	"github.com/llmls/llmls/internal/completion"
)

// failed makes the error for a person from what the server said. status is the
// response's; header may be nil.
func (t *target) failed(status int, header http.Header, f *failure) *completion.Error {
	if status < 400 {
		status = f.status // an error inside a good response
	}
	e := &completion.Error{Status: status, Host: t.host, Detail: t.detail(headline(f.message)), RetryAfter: f.wait(header, time.Now())}
	if !t.classifyWords(e, f) {
		t.classifyStatus(e, f)
	}
	switch e.Kind {
	case completion.Auth:
		e.KeySource = t.keySource
		switch {
		case t.key == "":
			e.Reason = completion.NoKey
		case !t.keyInside && newWording(f).any("missing subscription key", "ocp-apim-subscription-key", "audience is incorrect", "missing api-key", "'api-key' header is required"): // Azure's
			e.Reason = completion.KeyHeader
		}
	case completion.NotFound:
		e.API = t.api()
		if e.Reason == "" {
			e.Model = t.model
		}
	}
	if e.Reason == completion.Loading {
		e.Patience = max(t.firstByte, loadingPatience)
		if t.firstByte > 0 {
			e.Patience = t.firstByte
		}
	}
	return e
}

// api is what the setting api calls the format, "" for chat completions.
func (t *target) api() string {
	name := strings.TrimPrefix(t.url.Path, t.base.Path+"/")
	if strings.Contains(name, "/") {
		return ""
	}
	return name
}

// loadingPatience is how long a model may be loaded where nothing limits the wait
// for the first byte: the largest take that long from a slow disk.
const loadingPatience = 10 * time.Minute

// classifyWords recognises what servers answer under any of several statuses.
func (t *target) classifyWords(e *completion.Error, f *failure) bool {
	said := newWording(f)
	switch {
	case e.Status == http.StatusPaymentRequired, said.noCredit(),
		// Gemini sends this for its limits per minute, too, but with the time to wait.
		e.RetryAfter == 0 && said.any("exceeded your current quota"):
		e.Kind, e.Reason = completion.RateLimit, completion.NoCredit
	case e.Status == http.StatusRequestEntityTooLarge, said.tooLong(e.Status):
		e.Kind, e.Reason = completion.BadRequest, completion.ContextTooLong
	case said.wrongPath():
		e.Kind, e.Reason = completion.NotFound, completion.WrongPath
	case said.unknownModel():
		e.Kind = completion.NotFound
	case e.Status < 500 && e.Status != http.StatusTooManyRequests && said.badKey():
		e.Kind = completion.Auth
	case e.Status == http.StatusInternalServerError && said.any("invalid_api_key", "invalid api key", "incorrect api key", "api_key_invalid"):
		e.Kind = completion.Auth
	case e.Status != http.StatusUnauthorized && e.Status != http.StatusForbidden && e.Status != http.StatusNotFound && said.loading():
		e.Kind, e.Reason, e.Temporary = completion.Server, completion.Loading, true
	default:
		return false
	}
	return true
}

func (t *target) classifyStatus(e *completion.Error, f *failure) {
	switch s := e.Status; {
	case s == 0:
		classifyUnnumbered(e, f)
	case s == http.StatusUnauthorized, s == http.StatusForbidden:
		e.Kind = completion.Auth
	case s == http.StatusNotFound, s == http.StatusMethodNotAllowed, s == http.StatusGone:
		e.Kind = completion.NotFound
	case s == http.StatusTooManyRequests:
		e.Kind, e.Temporary = completion.RateLimit, true
	case s == http.StatusRequestTimeout, s == http.StatusGatewayTimeout, s == 524: // Cloudflare's
		e.Kind, e.Temporary = completion.Timeout, true
	case s == http.StatusConflict, s == http.StatusTooEarly:
		e.Kind, e.Temporary = completion.Server, true
	case s == http.StatusNotImplemented, s == http.StatusHTTPVersionNotSupported:
		e.Kind = completion.Server
	case s == http.StatusServiceUnavailable, s == 529: // Anthropic's
		e.Kind, e.Reason, e.Temporary = completion.Server, completion.Overloaded, true
	case s >= 500:
		e.Kind, e.Temporary = completion.Server, true
	default:
		e.Kind = completion.BadRequest
	}
}

// classifyUnnumbered classifies an error in a stream that has no status.
func classifyUnnumbered(e *completion.Error, f *failure) {
	e.Kind = completion.Server
	switch said := newWording(f); {
	case said.any("authentication", "unauthorized", "permission_denied", "permission_error"):
		e.Kind = completion.Auth
	case said.any("rate_limit", "rate limit", "ratelimit", "too many requests", "request limit", "resource_exhausted", "throttl"):
		e.Kind, e.Temporary = completion.RateLimit, true
	case said.any("overloaded", "capacity", "unavailable", "server is busy", "繁忙"):
		e.Reason, e.Temporary = completion.Overloaded, true
	case said.any("not_found_error"), strings.EqualFold(f.message, "not found"):
		e.Kind = completion.NotFound
	case said.any("invalid_request", "invalid_prompt", "bad_request", "invalid_argument", "not supported", "unsupported"):
		e.Kind = completion.BadRequest
	case said.any("timeout", "timed out", "deadline_exceeded"):
		e.Kind, e.Temporary = completion.Timeout, true
	case said.any("server_error", "internal", "api_error", "upstream"):
		e.Temporary = true
	}
}
