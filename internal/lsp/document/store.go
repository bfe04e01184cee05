package document

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

const (
	// maxText bounds the texts of all open documents together, in bytes. People
	// have a few megabytes open; llmls may use 200 MB of memory, and a text that
	// is being replaced is there several times.
	maxText = 64 << 20
	// documentRoom is what a document takes beside its text, at most.
	documentRoom = 1 << 10
)

// NoVersion stands for a version that the client did not give.
const NoVersion = math.MinInt32

// Why an edit is worth a line in the log; all but ErrReopened can be the cause
// of a DivergedError.
var (
	ErrReopened  = errors.New("it was open already and has been replaced")
	ErrNotOpen   = errors.New("it was changed but never opened")
	ErrStale     = errors.New("a change has an older version than the one before it")
	ErrMalformed = errors.New("a change cannot be read")
	ErrSplit     = errors.New("a change starts or ends inside a character")
	ErrFull      = errors.New("the open documents have more than 64 MiB of text")
)

// A DivergedError says that our copy of an open document may differ from the
// editor's. Nothing is excerpted from it until it is opened again or replaced
// whole.
type DivergedError struct {
	URI   uri.URI
	First bool  // the copy was good until this change: the person should be told, once
	Err   error // ErrNotOpen, ErrStale, ErrMalformed, ErrSplit or ErrFull
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("follow the edits of %s: %v", base(e.URI), e.Err)
}

// Unwrap returns the cause.
func (e *DivergedError) Unwrap() error { return e.Err }

// Sentence tells a person what happened and what to do.
func (e *DivergedError) Sentence() string {
	if errors.Is(e.Err, ErrFull) {
		return fmt.Sprintf("llmls has no room for the text of %s: %v. Close other large files, then close this one and open it again.", base(e.URI), e.Err)
	}
	return fmt.Sprintf("llmls has lost track of the edits in %s and does not use its text any more. Close the file and open it again.", base(e.URI))
}

// A Store follows the documents that the editor has open. It belongs to one
// goroutine, the one that reads the wire; other goroutines read its Views. What
// it keeps of its parameters it copies.
type Store struct {
	enc   Encoding
	docs  map[uri.URI]*Document // by Key
	size  int                   // what docs take, in bytes
	steps int                   // in their histories so far
	view  *View                 // of docs as they are, nil if nobody asked since the last change
}

// NewStore returns a Store for a client that counts positions in enc.
func NewStore(enc Encoding) *Store {
	return &Store{enc: enc, docs: map[uri.URI]*Document{}}
}

// Open takes up a document. If it is open already it is replaced all the same,
// and the error is an ErrReopened for the log. If there is no room for it the
// error is a *DivergedError: it is open without a text.
func (s *Store) Open(params *protocol.DidOpenTextDocumentParams) error {
	item := &params.TextDocument
	key := Key(item.URI)
	before, open := s.docs[key]
	again := open && before.diverged == nil
	s.Close(item.URI) // its text goes before the new one comes
	doc := &Document{
		URI:        clone(item.URI),
		LanguageID: strings.Clone(string(item.LanguageID)),
		Version:    item.Version,
		Text:       NewText(""),
		enc:        s.enc,
		history:    s.step(),
	}
	if s.size+len(item.Text) > maxText {
		doc.diverged = ErrFull
	} else {
		doc.Text = NewText(item.Text)
	}
	s.put(key, doc)
	if doc.diverged != nil {
		return &DivergedError{URI: doc.URI, First: true, Err: doc.diverged}
	}
	if again {
		return fmt.Errorf("open %s: %w", base(item.URI), ErrReopened)
	}
	return nil
}

// Change applies the changes in their order. A reversed range is turned, as VS
// Code does with its own; rangeLength, deprecated, is ignored.
//
// Where the copy cannot be trusted any more the error is a *DivergedError, for
// this change and for the ones that follow until the document is opened again
// or replaced whole. A version equal to the last is accepted: Neovim sends
// several changes of one changedtick. An older one is not applied.
func (s *Store) Change(params *protocol.DidChangeTextDocumentParams) error {
	id := &params.TextDocument
	key := Key(id.URI)
	var doc Document
	old, open := s.docs[key]
	if open {
		doc = *old
	} else {
		doc = Document{
			URI: clone(id.URI), LanguageID: languageOf(key), Version: NoVersion,
			Text: NewText(""), enc: s.enc, diverged: ErrNotOpen, history: s.step(),
		}
	}
	first := doc.diverged == nil || !open
	others := s.size - doc.Text.Len()
	if id.Version != NoVersion && id.Version < doc.Version {
		doc.diverged = ErrStale
	} else {
		doc.Version = id.Version
		if doc.Text.Len() > maxCompared && replacesAll(params.ContentChanges) { // it goes before the next one comes
			s.Close(id.URI)
			doc.Text, doc.history = NewText(""), s.step()
		}
		if doc.diverged != nil {
			doc.history = s.step()
		}
		var edits []Edit
		for _, change := range params.ContentChanges {
			edits = doc.change(change, edits)
		}
		next := s.step()
		doc.history.follow(edits, next)
		doc.history = next
	}
	if others+doc.Text.Len() > maxText {
		doc.diverged = ErrFull
	}
	if doc.diverged != nil {
		doc.Text = NewText("")
	}
	s.put(key, &doc)
	switch {
	case doc.diverged != nil:
		return &DivergedError{URI: doc.URI, First: first, Err: doc.diverged}
	case !open:
		return fmt.Errorf("change %s: %w", base(id.URI), ErrNotOpen)
	}
	return nil
}

// replacesAll tells whether nothing of the text before the changes is left.
func replacesAll(changes []protocol.TextDocumentContentChangeEvent) bool {
	if len(changes) == 0 {
		return false
	}
	_, whole := changes[0].(*protocol.TextDocumentContentChangeWholeDocument)
	return whole
}

// change applies one change to d, which nobody else has seen yet, and adds what
// it did to edits.
func (d *Document) change(event protocol.TextDocumentContentChangeEvent, edits []Edit) []Edit {
	start, end := 0, d.Text.Len()
	var with string
	switch event := event.(type) {
	case *protocol.TextDocumentContentChangeWholeDocument:
		with, d.diverged = event.Text, nil
	case *protocol.TextDocumentContentChangePartial:
		if d.diverged != nil {
			return edits
		}
		var okStart, okEnd bool
		start, okStart = d.Text.seek(event.Range.Start, d.enc)
		end, okEnd = start, okStart
		if event.Range.End != event.Range.Start {
			end, okEnd = d.Text.seek(event.Range.End, d.enc)
		}
		if !okStart || !okEnd {
			d.diverged = ErrSplit
			return edits
		}
		start, end, with = min(start, end), max(start, end), event.Text
	default:
		d.diverged = ErrMalformed
		return edits
	}
	old := d.Text
	d.Text = old.Replace(start, end, with)
	done := Edit{start, end, d.Text.Len() - old.Len() + end - start}
	if start < end && max(end-start, done.Inserted) <= maxCompared {
		done = editOf(start, old.Slice(start, end), d.Text.Slice(start, start+done.Inserted))
	}
	return append(edits, done)
}

// Close forgets a document.
func (s *Store) Close(u uri.URI) {
	key := Key(u)
	if doc, ok := s.docs[key]; ok {
		s.size -= doc.room()
		delete(s.docs, key)
	}
	s.view = nil
}

func (d *Document) room() int {
	return documentRoom + len(d.URI) + d.Text.Len()
}

// View returns the documents as they are now. It copies the index of the open
// documents, not their texts, and only if one has changed since the last call.
func (s *Store) View() *View {
	if s.view == nil {
		s.view = &View{docs: maps.Clone(s.docs)}
	}
	return s.view
}

func (s *Store) put(key uri.URI, doc *Document) {
	if old, ok := s.docs[key]; ok {
		s.size -= old.room()
	} else {
		key = clone(key)
	}
	s.size += doc.room()
	s.docs[key] = doc
	s.view = nil
}

// A View is every open document as it stood at one point of the wire.
// It never changes, so any goroutine may read it without locking.
type View struct{ docs map[uri.URI]*Document }

// Document returns the open document u, however u is spelled.
func (v *View) Document(u uri.URI) (*Document, bool) {
	doc, ok := v.docs[Key(u)]
	return doc, ok
}

func clone(u uri.URI) uri.URI { return uri.URI(strings.Clone(string(u))) }
