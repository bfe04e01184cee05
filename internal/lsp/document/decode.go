package document

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// protocol.Unmarshal (v1.0.1) must not decode these two notifications. A change
// whose range it cannot read, {"range":{"start":{"line":-1,…}},"text":"x"}, it
// takes for a whole document "x", because that has a text as well; a range of
// null becomes 0:0-0:0; a version of null, which LSP allowed until 3.15, loses
// the whole edit. Each leaves a copy that differs from the editor's and looks
// sound.

const (
	// maxChanges bounds the changes of one message. Editors that replace all of
	// more places, such as VS Code from 20,000 on, send the whole text.
	maxChanges = 100_000
	// maxLanguage is the length of the longest name of a language, in bytes.
	maxLanguage = 100
)

// DecodeOpen decodes the parameters of textDocument/didOpen.
func DecodeOpen(data []byte) (*protocol.DidOpenTextDocumentParams, error) {
	var wire struct {
		TextDocument wireItem `json:"textDocument"`
	}
	if err := unmarshal(data, &wire); err != nil {
		return nil, fmt.Errorf("decode didOpen: %w", err)
	}
	params, err := wire.TextDocument.params()
	if err != nil {
		return nil, fmt.Errorf("decode didOpen: %w", err)
	}
	return params, nil
}

// decodeItem decodes one document that is opened with others.
func decodeItem(data []byte) (*protocol.DidOpenTextDocumentParams, error) {
	var wire wireItem
	if err := unmarshal(data, &wire); err != nil {
		return nil, err
	}
	return wire.params()
}

// A wireItem is a TextDocumentItem.
type wireItem struct {
	URI        string         `json:"uri"`
	LanguageID string         `json:"languageId"`
	Version    jsontext.Value `json:"version"`
	Text       *string        `json:"text"`
}

func (item *wireItem) params() (*protocol.DidOpenTextDocumentParams, error) {
	u, err := parseURI(item.URI)
	if err != nil {
		return nil, err
	}
	if item.Text == nil {
		return nil, errors.New("it has no text")
	}
	return &protocol.DidOpenTextDocumentParams{TextDocument: protocol.TextDocumentItem{
		URI: u, LanguageID: protocol.LanguageKind(item.LanguageID[:min(len(item.LanguageID), maxLanguage)]), Version: version(item.Version), Text: *item.Text,
	}}, nil
}

// DecodeChange decodes the parameters of textDocument/didChange. A change that
// it cannot read becomes a nil event, from which Store.Change knows that it has
// lost track; it fails only if the document is unknown.
func DecodeChange(data []byte) (*protocol.DidChangeTextDocumentParams, error) {
	var wire struct {
		TextDocument   wireVersioned `json:"textDocument"`
		ContentChanges wireChanges   `json:"contentChanges"`
	}
	if err := unmarshal(data, &wire); err != nil {
		return nil, fmt.Errorf("decode didChange: %w", err)
	}
	params, err := wire.TextDocument.params(&wire.ContentChanges)
	if err != nil {
		return nil, fmt.Errorf("decode didChange: %w", err)
	}
	return params, nil
}

// decodeChange is DecodeChange for one document that is changed with others.
func decodeChange(document, changes []byte) (*protocol.DidChangeTextDocumentParams, error) {
	var of wireVersioned
	if err := unmarshal(document, &of); err != nil {
		return nil, err
	}
	var wire wireChanges
	if unmarshal(changes, &wire) != nil {
		wire.list = false
	}
	return of.params(&wire)
}

// A wireVersioned is a VersionedTextDocumentIdentifier.
type wireVersioned struct {
	URI     string         `json:"uri"`
	Version jsontext.Value `json:"version"`
}

func (w *wireVersioned) params(changes *wireChanges) (*protocol.DidChangeTextDocumentParams, error) {
	u, err := parseURI(w.URI)
	if err != nil {
		return nil, err
	}
	params := &protocol.DidChangeTextDocumentParams{ContentChanges: changes.events}
	params.TextDocument.URI = u
	params.TextDocument.Version = version(w.Version)
	if !changes.list {
		params.ContentChanges = []protocol.TextDocumentContentChangeEvent{nil} // none can be read
	}
	return params, nil
}

// wireChanges decodes each change where it lies in the message: one may be a
// whole document, and every copy of it counts.
type wireChanges struct {
	list   bool // it was one, once, and not too long
	seen   bool
	events []protocol.TextDocumentContentChangeEvent
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (w *wireChanges) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	w.list = !w.seen && dec.PeekKind() == '['
	w.seen = true
	if !w.list {
		return dec.SkipValue()
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		raw, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if w.list = len(w.events) < maxChanges; w.list {
			w.events = append(w.events, decodeEvent(raw))
		}
	}
	_, err := dec.ReadToken()
	return err
}

type (
	wireChange struct {
		Range *wireRange `json:"range"`
		Text  *string    `json:"text"`
	}
	wireRange struct {
		Start wirePosition `json:"start"`
		End   wirePosition `json:"end"`
	}
	// A wirePosition has numbers that may be written 1.0, as by clients in Lua.
	wirePosition struct {
		Line      *float64 `json:"line"`
		Character *float64 `json:"character"`
	}
)

// decodeEvent returns nil for a change that it cannot read.
func decodeEvent(raw jsontext.Value) protocol.TextDocumentContentChangeEvent {
	var wire wireChange
	if err := unmarshal(raw, &wire); err != nil || wire.Text == nil {
		return nil
	}
	if wire.Range == nil {
		return &protocol.TextDocumentContentChangeWholeDocument{Text: *wire.Text}
	}
	start, okStart := wire.Range.Start.decode()
	end, okEnd := wire.Range.End.decode()
	if !okStart || !okEnd {
		return nil
	}
	return &protocol.TextDocumentContentChangePartial{Range: protocol.Range{Start: start, End: end}, Text: *wire.Text}
}

func (w wirePosition) decode() (pos protocol.Position, ok bool) {
	if w.Line == nil || w.Character == nil {
		return pos, false
	}
	pos.Line, ok = natural(*w.Line)
	if ok {
		pos.Character, ok = natural(*w.Character)
	}
	return pos, ok
}

// natural converts a whole number from 0; a larger one than fits is past the
// end of any document as well.
func natural(f float64) (uint32, bool) {
	if f < 0 || f != math.Trunc(f) {
		return 0, false
	}
	return uint32(min(f, math.MaxUint32)), true
}

// version returns NoVersion for null, for nothing and for what is no number.
func version(raw jsontext.Value) int32 {
	var f *float64
	if err := unmarshal(raw, &f); err != nil || f == nil || *f != math.Trunc(*f) || math.Abs(*f) > math.MaxInt32 {
		return NoVersion
	}
	return int32(*f)
}

// parseURI fails for a relative path of a file, which uri.Parse takes for one below
// the root: no rule of an ignore file would be found for it.
func parseURI(s string) (uri.URI, error) {
	if s == "" {
		return "", errors.New("it names no document")
	}
	if len(s) > MaxURI {
		return "", fmt.Errorf("it names a document with more than %d bytes", MaxURI)
	}
	u, err := uri.Parse(s)
	if err == nil && strings.EqualFold(u.Scheme(), "file") && !strings.HasPrefix(afterScheme(s), "/") {
		return "", errors.New("it names a file by a relative path")
	}
	return u, err
}

// afterScheme returns s without the scheme of files.
func afterScheme(s string) string {
	if scheme := "file:"; len(s) >= len(scheme) && strings.EqualFold(s[:len(scheme)], scheme) {
		return s[len(scheme):]
	}
	return s
}

// unmarshal is as lenient as the rest of the connection: a lone surrogate
// becomes U+FFFD.
func unmarshal(data []byte, v any) error {
	return json.Unmarshal(data, v, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
}
