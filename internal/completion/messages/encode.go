package messages

import (
	"math"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// defaultMaxTokens is the limit of an answer, in tokens, where the user set none: this
// format requires one. Most models allow more; where a model allows less, it is halved,
// up to MaxLongest times.
const defaultMaxTokens = 8192

// Encode returns the body of a request. What stays the same over a conversation, the
// system message and the turns before the last, is marked for the provider's cache.
// Nothing else that a server may refuse is in it, unless the user set it; without
// is what this endpoint has refused before.
func (Format) Encode(req *completion.Request, without upstream.Refused) []byte {
	b := make([]byte, 0, 512+req.Size()+req.Size()/8)
	b = append(b, `{"model":`...)
	b = appendString(b, req.Model)
	b = append(b, `,"max_tokens":`...)
	n := req.MaxOutputTokens
	if n <= 0 {
		n = defaultMaxTokens >> without.Longest
	}
	b = strconv.AppendInt(b, int64(n), 10)
	stable := appendMarked
	if without.CacheMarks {
		stable = appendString
	}
	turns := req.TurnsWithSystem()
	if system := req.System(); system != "" && !without.System {
		turns = req.Turns()
		b = append(b, `,"system":`...)
		b = stable(b, system)
	}
	// A turn without text is refused.
	turns = slices.DeleteFunc(turns, func(m completion.Message) bool { return m.Content == "" })
	b = append(b, `,"messages":[`...)
	for i, m := range turns {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"role":`...)
		b = appendString(b, string(m.Role))
		b = append(b, `,"content":`...)
		if i == len(turns)-2 {
			b = stable(b, m.Content)
		} else {
			b = appendString(b, m.Content)
		}
		b = append(b, '}')
	}
	b = append(b, ']')
	if !without.Stream {
		b = append(b, `,"stream":true`...)
	}
	if t := req.Temperature; t != nil && !without.Temperature && !math.IsNaN(*t) && !math.IsInf(*t, 0) {
		b = append(b, `,"temperature":`...)
		b = jsontext.AppendFloat(b, *t, 64)
	}
	if req.ReasoningEffort != "" && !without.Effort {
		b = append(b, `,"output_config":{"effort":`...)
		b = appendString(b, req.ReasoningEffort)
		b = append(b, '}')
	}
	return append(b, '}')
}

// appendMarked appends a text and marks it as the end of a part of the prompt that the
// provider caches.
func appendMarked(b []byte, text string) []byte {
	b = append(b, `[{"type":"text","text":`...)
	b = appendString(b, text)
	return append(b, `,"cache_control":{"type":"ephemeral"}}]`...)
}

func appendString(b []byte, s string) []byte {
	// The only error is for invalid UTF-8, and then U+FFFD stands in its place.
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
