package openai

import (
	"strings"

	"github.com/llmls/llmls/internal/completion"
)

// echoLength is how many bytes of a prompt, repeated in a row, count as an
// echo: shorter pieces are words that anybody uses.
const echoLength = 12

// withoutEcho is withoutEcho for one body at a time: it takes some forty bytes
// for each of its bytes, and 64 endpoints may refuse at once.
func (c *Client) withoutEcho(text string, req *completion.Request) string {
	c.echo.Lock()
	defer c.echo.Unlock()
	return withoutEcho(text, req)
}

// withoutEcho leaves out of text what repeats the messages of req. Servers
// quote the request in their errors, and a log may hold none of it.
func withoutEcho(text string, req *completion.Request) string {
	// The pieces are those of text, which is short; a prompt may be as long as
	// its owner likes.
	repeated := map[string]bool{}
	for i := range len(text) - echoLength + 1 {
		repeated[text[i:i+echoLength]] = false
	}
	for _, m := range req.Messages {
		for i := range len(m.Content) - echoLength + 1 {
			if _, known := repeated[m.Content[i:i+echoLength]]; known {
				repeated[m.Content[i:i+echoLength]] = true
			}
		}
	}
	var b strings.Builder
	end := 0 // of the echo that is being left out
	for i := range len(text) {
		if repeated[text[i:min(i+echoLength, len(text))]] {
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
