package lsp

import (
	"errors"

	"github.com/go-json-experiment/json/jsontext"
	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/jsonwalk"
	"github.com/llmls/llmls/internal/lsp/document"
)

// What an editor sends is measured before it is decoded: a value of two bytes may
// become a struct of hundreds of bytes. Lists that can be long are decoded element by
// element: contentChanges by package document, the others by the type few.
const (
	// maxValues bounds the values of what is decoded as a whole. The settings of
	// all servers of an editor have some thousands.
	maxValues = 100_000
	// maxListValues bounds the values of lists of which only a few elements are decoded:
	// each of the others has to be read, in a tenth of a microsecond.
	maxListValues = 1_000_000
	// maxParams bounds its length in bytes. Only texts of documents, diagnostics
	// and settings may be longer.
	maxParams = 4 << 20
	// maxName bounds the method and the id of a message and a progress token, in
	// bytes: they are repeated in messages, and stored.
	maxName = 1 << 10
)

// decode reads the parameters of a message.
func decode(method string, raw jsonrpc2.RawMessage, params any) error {
	if len(raw) == 0 {
		return invalidParams("%s needs parameters", method)
	}
	if _, _, err := jsonwalk.Cut(raw); err != nil {
		return invalidParams("%s: %v, or too deep", method, err)
	}
	if err := fits(method, raw); err != nil {
		return err
	}
	if err := protocol.Unmarshal(raw, params); err != nil {
		return invalidParams("%s: %v", method, err)
	}
	return nil
}

// fits fails if raw, the parameters of a message, is too long or has too many values
// to be decoded.
func fits(method string, raw jsonrpc2.RawMessage) error {
	values := maxValues
	switch method {
	case protocol.MethodTextDocumentCodeAction: // its lists are few
		if err := known(jsonwalk.Member(raw, "textDocument")); err != nil {
			return err
		}
		values = maxListValues
	case protocol.MethodInitialize, protocol.MethodWorkspaceDidChangeConfiguration:
	default:
		if len(raw) > maxParams {
			return invalidParams("%s has more than %d MiB of parameters", method, maxParams>>20)
		}
	}
	if jsonwalk.Count(raw) > values {
		return invalidParams("%s has more than %d values", method, values)
	}
	return nil
}

// known fails if the URI of a document is longer than document.MaxURI.
func known[S ~string | ~[]byte](name S) error {
	if len(name) > document.MaxURI {
		return invalidParams("a URI has more than %d bytes", document.MaxURI)
	}
	return nil
}

// maxResult bounds the texts in a result, in bytes: as much as is remembered of answers
// that have ended. The texts of running answers may be added to that.
const maxResult = 16 << 20

// tooLong fails for a result with that much text.
func tooLong(size int) error {
	if size <= maxResult {
		return nil
	}
	return &completion.Error{Kind: completion.Busy, Reason: completion.TooLarge, Detail: "the answers here have more than 16 MiB"}
}

// isLong reports whether a token is longer than maxName.
func isLong(token protocol.ProgressToken) bool {
	s, ok := token.(protocol.String)
	return ok && len(s) > maxName
}

var errNoList = errors.New("a list was expected")

// A few holds the first elements of a list, as many as are used. The rest is
// skipped, and so are elements beyond the limit in bytes.
type few[T any] []T

const (
	maxFew      = 100
	maxFewBytes = 256 << 10
)

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (f *few[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if *f != nil || dec.PeekKind() == 'n' { // of two members of one name the first counts
		return dec.SkipValue()
	}
	*f = few[T]{}
	switch token, err := dec.ReadToken(); {
	case err != nil:
		return err
	case token.Kind() != '[':
		return errNoList
	}
	room := maxFewBytes
	for dec.PeekKind() != ']' {
		raw, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if len(*f) == maxFew || len(raw) > room {
			continue
		}
		var element T
		if err := protocol.Unmarshal(raw, &element); err != nil {
			return err
		}
		*f = append(*f, element)
		room -= len(raw)
	}
	_, err := dec.ReadToken()
	return err
}
