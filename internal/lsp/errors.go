package lsp

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/lsp/answer"
)

// codeRequestFailed is RequestFailed of LSP 3.17: the request was in order,
// but it failed.
const codeRequestFailed jsonrpc2.Code = -32803

// errorData is the data of a failed request; docs/protocol.md lists the kinds.
type errorData struct {
	Kind   completion.Kind `json:"kind"`
	Status int             `json:"status,omitzero"`
}

// toWire turns whatever a handler returned into the error the client gets. An error
// of an unknown type is a defect, and its message says so.
func toWire(err error) error {
	var wire *jsonrpc2.Error
	switch failed := completion.AsError(err); {
	case err == nil:
		return nil
	case failed != nil:
		data, jerr := json.Marshal(errorData{Kind: failed.Kind, Status: failed.Status})
		if jerr != nil {
			return jerr
		}
		return &jsonrpc2.Error{Code: codeRequestFailed, Message: failed.Sentence(), Data: jsonrpc2.RawMessage(data)}
	case isCancelled(err):
		return jsonrpc2.NewError(protocol.CodeRequestCancelled, "cancelled")
	case errors.As(err, &wire):
		return err
	default:
		return jsonrpc2.Errorf(jsonrpc2.InternalError, "internal error: %v", err)
	}
}

// redact removes keys from an error for the client: it may quote anything.
func (s *Server) redact(err error) error {
	var wire *jsonrpc2.Error
	if !errors.As(err, &wire) {
		return err
	}
	safe := *wire
	safe.Message = s.access.Redactor().Redact(wire.Message)
	return &safe
}

// isCancelled reports whether err means that the answer was stopped on request.
func isCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, answer.ErrStopped) || errors.Is(err, answer.ErrShutdown)
}

// errContentModified answers a command whose range was chosen in an older
// version of the document: explaining the wrong lines is worse than nothing.
var errContentModified = jsonrpc2.NewError(protocol.CodeContentModified, "the document changed since; select the code again")

func invalidParams(format string, args ...any) error {
	return jsonrpc2.NewError(jsonrpc2.InvalidParams, fmt.Sprintf(format, args...))
}
