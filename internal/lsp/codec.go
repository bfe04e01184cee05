package lsp

import (
	"context"
	"fmt"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/llmls/llmls/internal/lsp/answer"
)

// codec encodes LSP payloads with the union-aware encoders of protocol, whose
// own codec is not exported. A *RawMessage passes as it is: that is how a delta
// reaches the wire without being encoded twice.
type codec struct {
	ctx   context.Context // the server's
	large chan struct{}   // holds a value while a large result is on its way
}

func (c codec) Marshal(v any) ([]byte, error) {
	if raw, ok := v.(*jsonrpc2.RawMessage); ok {
		return *raw, nil
	}
	if textOf(v) >= largeFrame {
		select {
		case c.large <- struct{}{}: // until frames has written it
		case <-c.ctx.Done():
		}
	}
	return marshal(v)
}

// These are called outside of the guard: Marshal once a handler has returned,
// Unmarshal for what the client answers, on the reader.

func marshal(v any) (raw []byte, err error) {
	err = guarded(func() error {
		raw, err = protocol.Marshal(v)
		return err
	})
	return raw, err
}

func (codec) Unmarshal(data []byte, v any) error {
	return guarded(func() error { return protocol.Unmarshal(data, v) })
}

// guarded makes an error of a panic.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("llmls failed inside: %v", p)
		}
	}()
	return f()
}

// textOf is how much text there is in a result that may be large, in bytes.
func textOf(v any) int {
	switch v := v.(type) {
	case *answer.Result:
		return len(v.Text)
	case dryRunResult:
		return len(v.Body)
	case []answer.Summary:
		size := 0
		for i := range v {
			size += len(v[i].Text)
		}
		return size
	}
	return 0
}
