package lsp

import (
	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

// codec encodes LSP payloads with the union-aware encoders of protocol, whose
// own codec is not exported. A *RawMessage passes as it is: that is how a delta
// reaches the wire without being encoded twice.
type codec struct{}

func (codec) Marshal(v any) ([]byte, error) {
	if raw, ok := v.(*jsonrpc2.RawMessage); ok {
		return *raw, nil
	}
	return protocol.Marshal(v)
}

func (codec) Unmarshal(data []byte, v any) error {
	return protocol.Unmarshal(data, v)
}
