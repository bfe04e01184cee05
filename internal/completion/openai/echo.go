package openai

import (
	"strings"

	"github.com/llmls/llmls/internal/completion"
)

// echoLength is how many bytes of a prompt, repeated in a row, count as an
// echo: shorter pieces are words that anybody uses.
const echoLength = 12

// withoutEcho leaves out of text what repeats the messages of req. Servers
// quote the request in their errors, and a log may hold none of it.
func withoutEcho(text string, req *completion.Request) string {
	pieces := map[string]struct{}{}
	for _, m := range req.Messages {
		for i := range len(m.Content) - echoLength + 1 {
			pieces[m.Content[i:i+echoLength]] = struct{}{}
		}
	}
	var b strings.Builder
	end := 0 // of the echo that is being left out
	for i := range len(text) {
		if _, echo := pieces[text[i:min(i+echoLength, len(text))]]; echo {
			if i >= end {
				b.WriteString("[prompt]")
			}
			end = i + echoLength
		}
		if i >= end {
			b.WriteByte(text[i])
		}
	}
	return strings.ToValidUTF8(b.String(), "")
}
