package upstream

import (
	"bytes"
	"strings"

	"github.com/llmls/llmls/internal/completion/jsonwalk"
)

const (
	// maxEnvelopes is how many objects of gateways may stand around an answer.
	maxEnvelopes = 3
	// maxQuoted bounds an answer that stands in an envelope as text, in bytes.
	maxQuoted = 256 << 10
)

// enveloped returns what stands in the object that a gateway puts around an answer:
// {"code": 0, "data": {…}}. It is nil for any other object.
func enveloped(object []byte) []byte {
	for range maxEnvelopes {
		var inner []byte
		for name, v := range jsonwalk.Members(object) {
			switch string(name) {
			case "type", "object", "choices", "delta", "error":
				return nil // a chunk, or an event
			case "data", "result", "response", "body":
				inner = v
			}
		}
		switch inner = unquoted(inner); {
		case len(inner) == 0 || inner[0] != '{':
			return nil
		case holdsAnswer(inner):
			return inner
		}
		object = inner
	}
	return nil
}

// holdsAnswer reports whether an object has a member of an answer, of an event of one,
// or for an error.
func holdsAnswer(object []byte) bool {
	for name, v := range jsonwalk.Members(object) {
		switch string(name) {
		case "message":
			if v[0] == '{' {
				return true
			}
		case "choices", "delta", "usage", "content", "content_block", "output", "output_text", "item", "part", "error":
			if !jsonwalk.IsEmpty(v) {
				return true
			}
		case "type":
			kind := jsonwalk.String(v)
			if strings.HasPrefix(kind, "message") || strings.HasPrefix(kind, "response.") || isFailureKind([]byte(kind)) {
				return true
			}
		}
	}
	return false
}

// unquoted returns the value that a string holds as text, and any other value as it is.
func unquoted(value []byte) []byte {
	if len(value) == 0 || value[0] != '"' || len(value) > maxQuoted {
		return value
	}
	value, _, _ = jsonwalk.Cut(bytes.TrimSpace([]byte(jsonwalk.String(value))))
	return value
}
