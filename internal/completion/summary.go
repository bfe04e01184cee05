package completion

import (
	"fmt"
	"strings"
	"time"
)

// A Summary is what there is to say of an answer once it has ended.
type Summary struct {
	Model      string
	Total      time.Duration
	FirstDelta time.Duration // until the first word; 0 if none came
	Tokens     int           // of the answer; 0 if it is not known
	Estimated  bool          // Tokens is our estimate: the endpoint sent no usage
}

// String is one quiet line: "gpt-4o-mini · 3.2 s · 812 tokens".
func (s Summary) String() string {
	parts := []string{s.Model, fmt.Sprintf("%.1f s", s.Total.Seconds())}
	if s.Tokens > 0 {
		about := ""
		if s.Estimated {
			about = "≈ "
		}
		parts = append(parts, fmt.Sprintf("%s%d tokens", about, s.Tokens))
	}
	if s.FirstDelta > 0 {
		parts = append(parts, fmt.Sprintf("first word after %.1f s", s.FirstDelta.Seconds()))
	}
	return strings.Join(parts, " · ")
}
