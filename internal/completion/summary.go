package completion

import (
	"fmt"
	"strings"
	"time"
)

// A Summary is what the footer of an answer shows.
type Summary struct {
	Model      string        // as the endpoint names it
	Total      time.Duration // from the request to the end
	FirstDelta time.Duration // until the first word; 0 if none came
	Tokens     int           // of the answer; 0 if unknown
	Estimated  bool          // Tokens is an estimate: the endpoint sent no usage
	Prompt     int           // tokens of the prompt; 0 if unknown
	Cached     int           // of Prompt, what the endpoint had in its cache
	Secrets    int           // that were left out of the question
	Instead    *Retry        // the last one that named another endpoint; nil if the one asked for answered
}

// Count takes the counts of the endpoint, if it sent any.
func (s *Summary) Count(u *Usage) {
	if u != nil {
		s.Tokens, s.Prompt, s.Cached = u.CompletionTokens, u.PromptTokens, u.CachedTokens
	}
}

// String returns the footer of an answer, one line such as
// "gpt-4o-mini · 3.2 s · 812 tokens · first word after 0.4 s".
func (s Summary) String() string {
	var parts []string
	if s.Model != "" {
		parts = append(parts, Unlinked(strings.Join(strings.Fields(s.Model), " ")))
	}
	parts = append(parts, formatSeconds(s.Total))
	if s.Tokens > 0 {
		parts = append(parts, s.tokens())
	}
	if s.Cached > 0 {
		parts = append(parts, fmt.Sprintf("%d of %d prompt tokens cached", s.Cached, s.Prompt))
	}
	if s.FirstDelta > 0 {
		parts = append(parts, "first word after "+formatSeconds(s.FirstDelta))
	}
	if s.Secrets > 0 {
		parts = append(parts, countSecrets(s.Secrets)+" left out")
	}
	return strings.Join(parts, " · ")
}

func (s Summary) tokens() string {
	text := fmt.Sprintf("%d tokens", s.Tokens)
	if s.Tokens == 1 {
		text = "1 token"
	}
	if s.Estimated {
		return "≈ " + text
	}
	return text
}

// formatSeconds renders d in milliseconds up to a tenth of a second, in tenths up to ten
// seconds, then in whole seconds, then in minutes.
func formatSeconds(d time.Duration) string {
	switch {
	case d < 100*time.Millisecond:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 59500*time.Millisecond:
		return fmt.Sprintf("%.0f s", d.Seconds())
	default:
		d = d.Round(time.Second)
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	}
}
