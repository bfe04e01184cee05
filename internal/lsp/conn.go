package lsp

import (
	"context"
	"runtime/debug"
	"strings"
	"sync"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/jsonwalk"
	"github.com/llmls/llmls/internal/lsp/document"
)

// handler is what every message from the client goes through:
//
//	guard → lifecycle → cancellation → methods
//
// It runs on the wire loop, the one goroutine of jsonrpc2 that reads messages and
// hands each on before it reads the next; dispatch moves requests off it.
//
// protocol.NewServer is not used: it makes every message concurrent, edits
// included, and edits out of order corrupt documents.
func (s *Server) handler() jsonrpc2.Handler {
	calls := protocol.CancelHandler(s.dispatch)
	return s.guard(func(ctx context.Context, req *jsonrpc2.Request) (any, error) {
		// A context derived from a request that stays on the wire loop outlives the
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
		if req.IsCall() {
			return calls(ctx, req)
		}
		if req.Method() != protocol.MethodCancelRequest {
			return nil, s.notified(req)
		}
		if err := decode(req.Method(), req.Params(), new(protocol.CancelParams)); err != nil {
			return nil, err
		}
		return calls(ctx, req)
	})
}

// guard keeps the connection alive whatever a handler does: jsonrpc2 closes it
// when a notification's handler returns an error and when any handler panics.
func (s *Server) guard(next jsonrpc2.Handler) jsonrpc2.Handler {
	return func(ctx context.Context, req *jsonrpc2.Request) (result any, err error) {
		method, isCall := strings.Clone(req.Method()), req.IsCall() // dispatch may empty the request
		defer func() {
			if p := recover(); p != nil {
				s.log.Error("a handler panicked", zap.String("method", method),
					zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
				result, err = nil, jsonrpc2.Errorf(jsonrpc2.InternalError, "%s failed inside llmls; the log has the details", method)
			}
			if err != nil && !isCall {
				s.log.Warn("a notification was not understood", zap.String("method", method), zap.Error(err))
				result, err = nil, nil
			}
			err = s.redact(toWire(err))
		}()
		return next(ctx, req)
	}
}

// A call is one request of the client, taken off the wire loop.
type call struct {
	method string
	params jsonrpc2.RawMessage
	view   *document.View // the documents as they stood when it arrived
	order  uint64         // counts the requests as they arrived
	leave  sync.Once
}

const (
	// maxAsked bounds the requests that have no response yet, in bytes: large ones
	// must not pile up while an editor does not read, or while answers run.
	maxAsked = 32 << 20
	// requestRoom is what a request takes beside its parameters, valueRoom what
	// decoding allocates for each value in them, in bytes.
	requestRoom, valueRoom = 8 << 10, 128
	// smallRequest is the size up to which a request counts as small, such as a
	// stop. Small requests have smallReserve for themselves; both in bytes.
	smallRequest = requestRoom + 4<<10
	smallReserve = 4 << 20
)

// dispatch answers a request. It captures the documents while it is still on
// the wire loop, and then leaves it, so that no request delays the next message. The
// memory that the request takes counts until its result is ready to be written; a
// request that is refused keeps none.
func (s *Server) dispatch(ctx context.Context, req *jsonrpc2.Request) (any, error) {
	s.arrived++
	room, ok := s.claim(req)
	defer s.asked.Add(-room)
	c := &call{view: s.documents.View(), order: s.arrived}
	defer s.leave(c)
	if !ok {
		c.view, *req = nil, jsonrpc2.Request{}
	}
	jsonrpc2.Async(ctx)                             // always: its context was derived already
	c.method, c.params = req.Method(), req.Params() // the request owns them from here on
	if !ok {
		return nil, &completion.Error{Kind: completion.Busy, Detail: "they have more than 32 MiB"}
	}
	return s.serve(ctx, c)
}

// leave waits until c may make and encode its result. Results are made one at a time,
// because an editor may not read. A handler calls leave before it makes a large result;
// for the others dispatch calls it when the handler returns.
func (s *Server) leave(c *call) { c.leave.Do(func() { s.frames.ledger.leave(s.ctx) }) }

func (s *Server) serve(ctx context.Context, c *call) (any, error) {
	switch c.method {
	case protocol.MethodShutdown:
		return nil, s.shutdown(ctx)
	case protocol.MethodTextDocumentCodeAction:
		return fromMemory(ctx, s, c, s.codeAction, needsDocument+needsRange+"context")
	case protocol.MethodWorkspaceExecuteCommand:
		return handle(ctx, c, s.executeCommand, "")
	case protocol.MethodTextDocumentHover:
		return fromMemory(ctx, s, c, s.hover, needsDocument+"position.line position.character")
	case protocol.MethodTextDocumentCodeLens:
		return fromMemory(ctx, s, c, s.codeLens, needsDocument)
	case protocol.MethodTextDocumentInlayHint:
		return fromMemory(ctx, s, c, s.inlayHint, needsDocument+needsRange)
	case protocol.MethodWorkspaceTextDocumentContent:
		return fromMemory(ctx, s, c, s.textDocumentContent, "uri")
	}
	return nil, jsonrpc2.Errorf(jsonrpc2.MethodNotFound, "llmls does not offer %s", c.method)
}

// claim reserves memory for a request, in bytes, and reports whether there is
// enough. It runs on the wire loop, so that a refused request takes none: the next
// one may be a stop.
func (s *Server) claim(req *jsonrpc2.Request) (room int64, ok bool) {
	values := min(jsonwalk.Count(req.Params()), maxValues)
	room = requestRoom + int64(len(req.Params())) + int64(values)*valueRoom
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

// The members that requests cannot do without, as paths: see missing.
const (
	needsDocument = "textDocument.uri "
	needsRange    = "range.start.line range.start.character range.end.line range.end.character "
)

// handle decodes the parameters that f wants and calls it. The decoders of
// protocol take what is missing for zero; needs says what may not be.
func handle[P, R any](ctx context.Context, c *call, f func(context.Context, *call, *P) (R, error), needs string) (any, error) {
	params := new(P)
	if err := decode(c.method, c.params, params); err != nil {
		return nil, err
	}
	if path := missing(c.params, needs); path != "" {
		return nil, invalidParams("%s needs %s", c.method, path)
	}
	return f(ctx, c, params)
}

// fromMemory is handle for a request whose result is made at once.
func fromMemory[P, R any](ctx context.Context, s *Server, c *call, f func(context.Context, *call, *P) (R, error), needs string) (any, error) {
	s.leave(c)
	return handle(ctx, c, f, needs)
}

// missing returns the first of the paths, such as "range.start.line", that leads
// to nothing or to null in raw, which was decoded; "" if each leads somewhere.
func missing(raw []byte, paths string) string {
	for path := range strings.FieldsSeq(paths) {
		value := raw
		for name := range strings.SplitSeq(path, ".") {
			value = jsonwalk.Member(value, name)
		}
		if jsonwalk.IsNull(value) {
			return path
		}
	}
	return ""
}

// notified handles a notification on the wire loop, in the order of the wire. It
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
	case protocol.MethodNotebookDocumentDidOpen:
		return s.notebookChanged(s.documents.OpenNotebook, req.Params())
	case protocol.MethodNotebookDocumentDidChange:
		return s.notebookChanged(s.documents.ChangeNotebook, req.Params())
	case protocol.MethodNotebookDocumentDidClose:
		return s.notebookChanged(s.documents.CloseNotebook, req.Params())
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

// background runs f beside the wire loop until it is done or the server ends; f
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
