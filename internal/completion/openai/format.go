// Package openai is the wire form of chat completions: OpenAI's own, and what
// the relays and local servers make of it that imitate it more or less well. It
// knows members and their meaning; how an endpoint is reached and how it fails
// is upstream's.
package openai

import "github.com/llmls/llmls/internal/completion/upstream"

// Format is chat completions.
type Format struct{}

// Path is where requests go below a base URL.
func (Format) Path() string { return "/chat/completions" }

// Header returns the field that carries the key.
func (Format) Header(key string) map[string]string {
	if key == "" {
		return nil
	}
	return map[string]string{"Authorization": "Bearer " + key}
}

// NewDecoder returns what decodes one answer into a.
func (Format) NewDecoder(a *upstream.Answer) upstream.Decoder {
	return &decoder{Answer: a}
}

// Rest does nothing: chunks hold nothing that is kept.
func (*decoder) Rest([]byte) {}
