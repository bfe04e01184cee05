package upstream

import (
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// longestRetry is the longest wait that is believed. What lies beyond it is a
// clock that is wrong, or a number that means something else.
const longestRetry = 31 * 24 * time.Hour

// wait is how long the endpoint asks to wait: what a header made for that says,
// else what it says in words, else in the body, else when its limits are reset.
// Those say when a bucket is full again, which may be long after there is room
// for one request. It is 0 if there is none.
func (f *failure) wait(header http.Header, now time.Time) time.Duration {
	for _, wait := range []time.Duration{
		retryAfter(header, now), spokenWait(f.message), spokenTime(f.message, now), f.retry, retryAfter(f.header, now), resetWait(f.header, now), resetWait(header, now),
	} {
		if wait > 0 {
			return wait
		}
	}
	return 0
}

// retryAfter reads how long the endpoint asks to wait, from the headers that
// are in use for it: Retry-After in seconds or as a date (RFC 9110, section
// 10.2.3) and retry-after-ms (Azure). It is 0 if there is none.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil {
		return believed(ms, time.Millisecond)
	}
	if text := h.Get("Retry-After"); text != "" {
		if s, err := strconv.ParseFloat(text, 64); err == nil {
			return believed(s, time.Second)
		}
		if d, err := time.ParseDuration(text); err == nil {
			return believed(float64(d), 1)
		}
		if at, err := http.ParseTime(text); err == nil {
			return believed(float64(at.Sub(now)), 1)
		}
	}
	return 0
}

// resetWait reads when the limits are reset: x-ratelimit-reset-requests and
// -tokens (OpenAI: "1s", "6m0s"), x-ratelimit-reset, and RateLimit and RateLimit-Reset (an
// Internet-Draft of the IETF's). It is 0 if there is none.
func resetWait(h http.Header, now time.Time) time.Duration {
	var longest time.Duration
	for _, name := range []string{
		"X-Ratelimit-Reset-Requests", "X-Ratelimit-Reset-Tokens", "X-Ratelimit-Reset", "X-Ratelimit-Reset-After",
		"Anthropic-Ratelimit-Requests-Reset", "Anthropic-Ratelimit-Tokens-Reset", "Anthropic-Ratelimit-Input-Tokens-Reset", "Anthropic-Ratelimit-Output-Tokens-Reset",
	} {
		longest = max(longest, resetAfter(h.Get(name), now))
	}
	if left := h.Get("Ratelimit-Remaining"); left == "" || left == "0" {
		longest = max(longest, resetAfter(h.Get("Ratelimit-Reset"), now))
	}
	for _, value := range h.Values("Ratelimit") {
		for _, m := range usedUp().FindAllStringSubmatch(value, -1) {
			longest = max(longest, resetAfter(m[1]+m[2], now))
		}
	}
	return longest
}

// usedUp finds when a limit is reset of which nothing remains, in the forms of a RateLimit
// field: "limit=10, remaining=0, reset=7200" and "\"day\";r=0;t=7200".
var usedUp = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\bremaining=0\s*,\s*reset=(\d+)|\br=0\s*;\s*t=(\d+)`)
})

// resetAfter reads a duration such as "6m0s", a number of seconds, or a time: as
// RFC 3339 has it, or Unix's in seconds or milliseconds.
func resetAfter(text string, now time.Time) time.Duration {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return believed(float64(at.Sub(now)), 1)
	}
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
