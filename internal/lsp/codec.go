package lsp

import (
	"fmt"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/llmls/llmls/internal/completion/jsonwalk"
)

// codec encodes LSP payloads with the union-aware encoders of protocol, whose
// own codec is not exported. A *RawMessage passes as it is: that is how a delta
// reaches the wire without being encoded twice.
type codec struct{}

func (codec) Marshal(v any) ([]byte, error) {
	if raw, ok := v.(*jsonrpc2.RawMessage); ok {
		return *raw, nil
	}
	return marshal(v)
}

// Marshal and Unmarshal are called outside of the guard, so they recover panics:
// Marshal once a handler has returned, Unmarshal for the client's responses, on the
// wire loop.

func marshal(v any) (raw []byte, err error) {
	err = guarded(func() error {
		raw, err = protocol.Marshal(v)
		return err
	})
	return raw, err
}

func (codec) Unmarshal(data []byte, v any) error {
	return guarded(func() error {
		if jsonwalk.Count(data) > maxValues {
			return fmt.Errorf("an answer of more than %d values", maxValues)
		}
		return protocol.Unmarshal(data, v)
	})
}

// guarded returns the error of f, or one that describes its panic.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("llmls failed inside: %v", p)
		}
	}()
	return f()
}
