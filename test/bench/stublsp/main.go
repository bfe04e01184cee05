// Stublsp is a minimal language server on go.lsp.dev/protocol and
// go.lsp.dev/jsonrpc2: it answers initialize and nothing else. The difference to
// stub is the cost of those two libraries.
package main

import (
	"context"
	"os"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
)

func main() {
	conn := jsonrpc2.NewConn(jsonrpc2.NewStream(stdio{}), jsonrpc2.WithCodec(codec{}))
	conn.Go(context.Background(), func(_ context.Context, req *jsonrpc2.Request) (any, error) {
		if req.Method() != protocol.MethodInitialize {
			return nil, jsonrpc2.ErrMethodNotFound
		}
		var params protocol.InitializeParams
		if err := protocol.Unmarshal(req.Params(), &params); err != nil {
			return nil, err
		}
		return &protocol.InitializeResult{Capabilities: protocol.ServerCapabilities{
			TextDocumentSync: protocol.TextDocumentSyncKindIncremental,
		}}, nil
	})
	<-conn.Done()
}

type codec struct{}

func (codec) Marshal(v any) ([]byte, error)      { return protocol.Marshal(v) }
func (codec) Unmarshal(data []byte, v any) error { return protocol.Unmarshal(data, v) }

type stdio struct{}

func (stdio) Read(p []byte) (int, error)  { return os.Stdin.Read(p) }
func (stdio) Write(p []byte) (int, error) { return os.Stdout.Write(p) }
func (stdio) Close() error                { return os.Stdin.Close() }
