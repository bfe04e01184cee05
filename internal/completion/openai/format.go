// Package openai is the wire format of chat completions: OpenAI's own, and the variants
// of the relays and local servers that imitate it. It knows members and their meaning;
// package upstream knows how an endpoint is reached and how it fails.
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

// Rest does nothing: Decode gives the Answer nothing to keep.
func (*decoder) Rest([]byte) {}
