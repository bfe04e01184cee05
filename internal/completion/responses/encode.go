package responses

import (
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// Encode returns the body of a request, with the system message as its
// instructions. What a server may refuse is not in it, unless the user set it;
// without is what this endpoint has refused before.
func (Format) Encode(req *completion.Request, without upstream.Refused) []byte {
	b := make([]byte, 0, 512+req.Size()+req.Size()/8)
	b = append(b, `{"model":`...)
	b = appendString(b, req.Model)
	turns := req.TurnsWithSystem()
	if system := req.System(); system != "" && !without.System {
		turns = req.Turns()
		b = append(b, `,"instructions":`...)
		b = appendString(b, system)
	}
	b = append(b, `,"input":[`...)
	for i := range turns {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendTurn(b, &turns[i])
	}
	b = append(b, `],"store":false`...)
	if !without.Stream {
		b = append(b, `,"stream":true`...)
	}
	if n := req.MaxOutputTokens; n > 0 && !without.MaxTokens {
		b = append(b, `,"max_output_tokens":`...)
		b = strconv.AppendInt(b, int64(n), 10)
	}
	if t := req.Temperature; t != nil && !without.Temperature && !math.IsNaN(*t) && !math.IsInf(*t, 0) {
		b = append(b, `,"temperature":`...)
		b = jsontext.AppendFloat(b, *t, 64)
	}
	if req.ReasoningEffort != "" && !without.Effort {
		b = append(b, `,"reasoning":{"effort":`...)
		b = appendString(b, req.ReasoningEffort)
		b = append(b, '}')
	}
	return append(b, '}')
}

// appendTurn appends a turn as an item of the input. What the model wrote is sent as a
// list of parts, because llama-server accepts nothing else.
func appendTurn(b []byte, m *completion.Message) []byte {
	b = append(b, `{"type":"message","role":`...)
	b = appendString(b, string(m.Role))
	b = append(b, `,"content":`...)
	if m.Role != completion.Assistant {
		return append(appendString(b, m.Content), '}')
	}
	b = append(b, `[{"type":"output_text","text":`...)
	return append(appendString(b, m.Content), `}]}`...)
}

func appendString(b []byte, s string) []byte {
	// The only error is for invalid UTF-8, and then U+FFFD stands in its place.
	b, _ = jsontext.AppendQuote(b, s)
	return b
}
