package lsp

import (
	"context"
	"runtime/debug"
	"strings"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/lsp/document"
)

// handler is what every message from the client goes through:
//
//	guard → lifecycle → cancellation → methods
//
// protocol.NewServer is not used: it makes every message concurrent, edits
// included, and edits out of order corrupt documents.
func (s *Server) handler() jsonrpc2.Handler {
	calls := protocol.CancelHandler(s.dispatch)
	return s.guard(func(ctx context.Context, req *jsonrpc2.Request) (any, error) {
		// A context derived from a request that stays on the reader outlives the
		// pooled request and crashes the process, so these two never reach the
		// cancellation.
		switch req.Method() {
		case protocol.MethodInitialize:
			return s.initialize(req)
		case protocol.MethodExit:
			s.exit()
			return nil, nil
		}
		if err := s.state.admits(req); err != nil {
			return nil, err
		}
		if !req.IsCall() && req.Method() != protocol.MethodCancelRequest {
			return nil, s.notified(req)
		}
		return calls(ctx, req)
	})
}

// guard keeps the connection alive whatever a handler does: jsonrpc2 closes it
// when a notification's handler returns an error and when any handler panics.
func (s *Server) guard(next jsonrpc2.Handler) jsonrpc2.Handler {
	return func(ctx context.Context, req *jsonrpc2.Request) (result any, err error) {
		method := strings.Clone(req.Method())
		defer func() {
			if p := recover(); p != nil {
				s.log.Error("a handler panicked", zap.String("method", method),
					zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
				result, err = nil, jsonrpc2.Errorf(jsonrpc2.InternalError, "%s failed inside llmls; the log has the details", method)
			}
			if err != nil && !req.IsCall() {
				s.log.Warn("a notification was not understood", zap.String("method", method), zap.Error(err))
				result, err = nil, nil
			}
			err = s.redact(toWire(err))
		}()
		return next(ctx, req)
	}
}

// A call is one request of the client, taken off the reader.
type call struct {
	method string
	params jsonrpc2.RawMessage
	view   *document.View // the documents as they stood when it arrived
	order  uint64         // counts the requests as they arrived
}

const (
	// maxAsked bounds the requests that have no response yet, in bytes: what is
	// large must not pile up behind an editor that does not read, or behind
	// answers that run.
	maxAsked = 32 << 20
	// requestRoom is what a request takes beside its parameters.
	requestRoom = 8 << 10
	// smallRequest is one with parameters that nobody notices, such as a stop.
	// Those have smallReserve, in bytes, for themselves.
	smallRequest = requestRoom + 4<<10
	smallReserve = 4 << 20
)

// dispatch answers a request. It captures the documents while it is still on
// the reader, and then leaves it: nothing a request does can hold up the next
// message.
func (s *Server) dispatch(ctx context.Context, req *jsonrpc2.Request) (any, error) {
	s.arrived++
	room, ok := s.claim(req)
	defer s.asked.Add(-room)
	c := &call{view: s.documents.View(), order: s.arrived}
	jsonrpc2.Async(ctx)                             // always: its context was derived already
	c.method, c.params = req.Method(), req.Params() // the request owns them from here on
	if !ok {
		return nil, &completion.Error{Kind: completion.Busy, Detail: "they have more than 32 MiB"}
	}
	switch c.method {
	case protocol.MethodShutdown:
		return nil, s.shutdown(ctx)
	case protocol.MethodTextDocumentCodeAction:
		return handle(ctx, c, s.codeAction)
	case protocol.MethodWorkspaceExecuteCommand:
		return handle(ctx, c, s.executeCommand)
	case protocol.MethodTextDocumentHover:
		return handle(ctx, c, s.hover)
	case protocol.MethodTextDocumentCodeLens:
		return handle(ctx, c, s.codeLens)
	case protocol.MethodTextDocumentInlayHint:
		return handle(ctx, c, s.inlayHint)
	case protocol.MethodWorkspaceTextDocumentContent:
		return handle(ctx, c, s.textDocumentContent)
	}
	return nil, jsonrpc2.Errorf(jsonrpc2.MethodNotFound, "llmls does not offer %s", c.method)
}

// claim takes room for a request, if there is some. One that is refused takes
// none, while it is still on the reader: the next one may be a stop.
func (s *Server) claim(req *jsonrpc2.Request) (room int64, ok bool) {
	room = requestRoom + int64(len(req.Params()))
	limit := int64(maxAsked)
	if room <= smallRequest {
		limit += smallReserve
	}
	asked := s.asked.Add(room)
	if asked > limit && asked > room && req.Method() != protocol.MethodShutdown {
		s.asked.Add(-room)
		return 0, false
	}
	return room, true
}

// handle decodes the parameters that f wants and calls it.
func handle[P, R any](ctx context.Context, c *call, f func(context.Context, *call, *P) (R, error)) (any, error) {
	params := new(P)
	if err := decode(c.method, c.params, params); err != nil {
		return nil, err
	}
	return f(ctx, c, params)
}

func decode(method string, raw jsonrpc2.RawMessage, params any) error {
	if len(raw) == 0 {
		return invalidParams("%s needs parameters", method)
	}
	if err := protocol.Unmarshal(raw, params); err != nil {
		return invalidParams("%s: %v", method, err)
	}
	return nil
}

// notified handles a notification on the reader, in the order of the wire. It
// never blocks: whatever takes time or writes goes to the background.
func (s *Server) notified(req *jsonrpc2.Request) error {
	switch req.Method() {
	case protocol.MethodInitialized:
		s.initialized()
		return nil
	case protocol.MethodTextDocumentDidOpen:
		return s.didOpen(req.Params())
	case protocol.MethodTextDocumentDidChange:
		return s.didChange(req.Params())
	case protocol.MethodTextDocumentDidClose:
		return notify(req, s.didClose)
	case protocol.MethodWorkspaceDidChangeConfiguration:
		return notify(req, s.didChangeConfiguration)
	case protocol.MethodWorkspaceDidChangeWorkspaceFolders:
		return notify(req, s.didChangeWorkspaceFolders)
	case protocol.MethodWindowWorkDoneProgressCancel:
		return notify(req, s.workDoneProgressCancel)
	}
	return nil // LSP: unknown notifications are ignored
}

func notify[P any](req *jsonrpc2.Request, f func(*P) error) error {
	params := new(P)
	if err := decode(req.Method(), req.Params(), params); err != nil {
		return err
	}
	return f(params)
}

// background runs f beside the reader until it is done or the server ends; f
// must return soon after ctx, the server's, is cancelled.
func (s *Server) background(f func(ctx context.Context)) {
	s.running.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				s.log.Error("background work panicked", zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
			}
		}()
		f(s.ctx)
	})
}
