// Package messages is the wire format of Anthropic's Messages, and the variants of
// gateways and other providers. It knows members and their meaning; package upstream
// knows how an endpoint is reached and how it fails.
package messages

import "github.com/llmls/llmls/internal/completion/upstream"

// version is the only version of the API there has been.
const version = "2023-06-01"

// Format is Messages.
type Format struct{}

// Path is where requests go below a base URL.
func (Format) Path() string { return "/messages" }

// Header returns the version and the field that carries the key.
func (Format) Header(key string) map[string]string {
	h := map[string]string{"Anthropic-Version": version}
	if key != "" {
		h["X-Api-Key"] = key
	}
	return h
}

// NewDecoder returns what decodes one answer into a.
func (Format) NewDecoder(a *upstream.Answer) upstream.Decoder {
	return &decoder{Answer: a}
}
