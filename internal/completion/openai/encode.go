package openai

import (
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// Encode returns the body of a request. What an old relay may refuse is not in it,
// unless the user set it; without is what this endpoint has refused before.
func (Format) Encode(req *completion.Request, without upstream.Refused) []byte {
	size := 256
	for _, m := range req.Messages {
		size += len(m.Content) + len(m.Content)/8 + 64
	}
	b := make([]byte, 0, size)
	b = append(b, `{"model":`...)
	b = appendString(b, req.Model)
	b = append(b, `,"messages":[`...)
	messages := req.Messages
	if without.System {
		messages = req.TurnsWithSystem()
	}
	for i, m := range messages {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"role":`...)
		b = appendString(b, string(m.Role))
		b = append(b, `,"content":`...)
		b = appendString(b, m.Content)
		b = append(b, '}')
	}
	b = append(b, ']')
	if !without.Stream {
		b = append(b, `,"stream":true`...)
	}
	if !without.Stream && !without.StreamOptions {
		b = append(b, `,"stream_options":{"include_usage":true}`...)
	}
	if n := req.MaxOutputTokens; n > 0 {
		name := `,"max_tokens":`
		if without.MaxTokens {
			name = `,"max_completion_tokens":`
		}
		b = append(b, name...)
		b = strconv.AppendInt(b, int64(n), 10)
	}
	if t := req.Temperature; t != nil && !without.Temperature && !math.IsNaN(*t) && !math.IsInf(*t, 0) {
		b = append(b, `,"temperature":`...)
		b = jsontext.AppendFloat(b, *t, 64)
	}
	if req.ReasoningEffort != "" && !without.Effort {
		b = append(b, `,"reasoning_effort":`...)
		b = appendString(b, req.ReasoningEffort)
	}
	return append(b, '}')
}

func appendString(b []byte, s string) []byte {
	// The only error is for invalid UTF-8, and then U+FFFD stands in its place.
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
