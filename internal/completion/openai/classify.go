package openai

import (
	"net/http"
	"strconv"
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
	e := &completion.Error{
		Status: status, Host: t.host, Detail: t.detail(f.message),
		RetryAfter: retryAfter(header, time.Now()),
	}
	if e.RetryAfter == 0 {
		e.RetryAfter = f.retry
	}
	if !t.classifyWords(e, f) {
		t.classifyStatus(e, f)
	}
	switch e.Kind {
	case completion.Auth:
		e.KeySource = t.keySource
		if t.key == "" {
			e.Reason = completion.NoKey
		}
	case completion.NotFound:
		e.Model = t.model
	}
	return e
}

// classifyWords recognises what servers answer under any of several statuses.
func (t *target) classifyWords(e *completion.Error, f *failure) bool {
	said := newWording(f)
	switch {
	case e.Status == http.StatusPaymentRequired,
		said.any("insufficient_quota", "insufficient balance", "insufficient_balance", "insufficient credit", "insufficient funds",
			"billing_hard_limit", "billing hard limit", "credit balance", "not enough credit", "out of credit", "arrearage",
			"余额不足", "余额已用尽", "额度不足", "额度已用尽", "欠费"),
		// Gemini says this of its limits per minute too, but then when to come back.
		e.RetryAfter == 0 && said.any("exceeded your current quota"):
		e.Kind, e.Reason = completion.RateLimit, completion.NoCredit
	// A rate limit speaks of input tokens too, per minute.
	case e.Status < 500 && e.Status != http.StatusTooManyRequests && said.any("context_length_exceeded", "exceed_context_size", "context length", "context window", "context size",
		"prompt is too long", "input is too long", "reduce the length", "too many tokens", "input length", "input token",
		"上下文长度", "超出最大长度", "输入过长"),
		e.Status == http.StatusRequestEntityTooLarge:
		e.Kind, e.Reason = completion.BadRequest, completion.ContextTooLong
	case said.any("model_not_found", "model not found", "no such model", "unknown model", "not a valid model", "invalid model",
		"no available channel", "无可用渠道", "模型不存在"),
		said.any("model") && said.any("does not exist", "not exist", "is not available", "not supported by"):
		e.Kind = completion.NotFound
	case e.Status < 500 && said.any("api key not valid", "invalid api key", "invalid_api_key", "incorrect api key", "invalid token", "无效的令牌"):
		e.Kind = completion.Auth
	case said.any("loading model", "model is loading", "model is currently loading") && e.Status >= 500:
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

// classifyUnnumbered is for an error without any status, in a stream.
func classifyUnnumbered(e *completion.Error, f *failure) {
	e.Kind = completion.Server
	switch said := newWording(f); {
	case said.any("authentication", "unauthorized", "permission_denied"):
		e.Kind = completion.Auth
	case said.any("rate_limit", "rate limit", "ratelimit", "too many requests", "resource_exhausted", "throttl"):
		e.Kind, e.Temporary = completion.RateLimit, true
	case said.any("overloaded", "capacity", "unavailable", "server is busy", "繁忙"):
		e.Reason, e.Temporary = completion.Overloaded, true
	case said.any("not_found_error"):
		e.Kind = completion.NotFound
	case said.any("invalid_request", "bad_request", "invalid_argument", "not supported", "unsupported"):
		e.Kind = completion.BadRequest
	case said.any("timeout", "timed out", "deadline_exceeded"):
		e.Kind, e.Temporary = completion.Timeout, true
	case said.any("server_error", "internal", "api_error", "upstream"):
		e.Temporary = true
	}
}

// A wording is everything a failure says, in small letters.
type wording string

func newWording(f *failure) wording {
	return wording(strings.ToLower(f.code + "\n" + f.kind + "\n" + f.message))
}

func (w wording) any(words ...string) bool {
	for _, word := range words {
		if strings.Contains(string(w), word) {
			return true
		}
	}
	return false
}

// longestRetry is the longest wait that is believed. What lies beyond it is a
// clock that is wrong, or a number that means something else.
const longestRetry = 24 * time.Hour

// retryAfter reads how long the endpoint asks to wait, from the headers that
// are in use for it: Retry-After in seconds or as a date (RFC 9110, section
// 10.2.3), retry-after-ms (Azure), x-ratelimit-reset-requests and -tokens
// (OpenAI: "1s", "6m0s") and x-ratelimit-reset. It is 0 if there is none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil {
		return believed(ms, time.Millisecond)
	}
	if text := h.Get("Retry-After"); text != "" {
		if s, err := strconv.ParseFloat(text, 64); err == nil {
			return believed(s, time.Second)
		}
		if at, err := http.ParseTime(text); err == nil {
			return believed(float64(at.Sub(now)), 1)
		}
	}
	var longest time.Duration
	for _, name := range []string{"X-Ratelimit-Reset-Requests", "X-Ratelimit-Reset-Tokens", "X-Ratelimit-Reset"} {
		longest = max(longest, resetAfter(h.Get(name), now))
	}
	return longest
}

// resetAfter reads a duration such as "6m0s", a number of seconds, or a Unix
// time in seconds or milliseconds.
func resetAfter(text string, now time.Time) time.Duration {
	if d, err := time.ParseDuration(text); err == nil {
		return believed(float64(d), 1)
	}
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil:
		return 0
	case n > 1e12:
		return believed(n-float64(now.UnixMilli()), time.Millisecond)
	case n > 1e9:
		return believed(n-float64(now.Unix()), time.Second)
	default:
		return believed(n, time.Second)
	}
}

func believed(n float64, unit time.Duration) time.Duration {
	if d := n * float64(unit); d > 0 && d <= float64(longestRetry) {
		return time.Duration(d)
	}
	return 0
}
