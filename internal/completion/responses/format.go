// Package responses is the wire form of OpenAI's Responses, and what gateways and
// local servers make of it. It knows members and their meaning; how an endpoint is
// reached and how it fails is upstream's.
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
