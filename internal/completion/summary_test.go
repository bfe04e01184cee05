package completion

import (
	"testing"
	"time"
)

func TestSummary(t *testing.T) {
	for _, tt := range []struct {
		s    Summary
		want string
	}{
		{
			Summary{Model: "gpt-4o-mini", Total: 3240 * time.Millisecond, Tokens: 812, FirstDelta: 400 * time.Millisecond},
			"gpt-4o-mini · 3.2 s · 812 tokens · first word after 0.4 s",
		},
		{Summary{Model: "m", Total: 12400 * time.Millisecond, Tokens: 1, Estimated: true}, "m · 12 s · ≈ 1 token"},
		{Summary{Model: "a\nb", Total: 59600 * time.Millisecond}, "a b · 1 min 0 s"},
		{Summary{Total: 45 * time.Millisecond, FirstDelta: 9 * time.Millisecond}, "45 ms · first word after 9 ms"},
		{Summary{Total: time.Second, Secrets: 1}, "1.0 s · 1 secret left out"},
		{Summary{Model: "m", Total: time.Second, Tokens: 3, Secrets: 2}, "m · 1.0 s · 3 tokens · 2 secrets left out"},
		{Summary{Total: time.Second, Tokens: 2, Prompt: 10, Cached: 8}, "1.0 s · 2 tokens · 8 of 10 prompt tokens cached"},
		{Summary{Total: 9960 * time.Millisecond}, "10 s"},
		{Summary{Total: 125 * time.Second}, "2 min 5 s"},
	} {
		if got := tt.s.String(); got != tt.want {
			t.Errorf("String = %q, want %q", got, tt.want)
		}
	}
}
