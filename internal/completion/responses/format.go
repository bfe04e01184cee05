// Package responses is the wire format of OpenAI's Responses, and the variants of
// gateways and local servers. It knows members and their meaning; package upstream
// knows how an endpoint is reached and how it fails.
package responses

import "github.com/llmls/llmls/internal/completion/upstream"

// Format is Responses. Requests ask for answers that are not stored.
type Format struct{}

// Path is where requests go below a base URL.
func (Format) Path() string { return "/responses" }

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
