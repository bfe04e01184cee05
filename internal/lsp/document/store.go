package document

import (
	"errors"
	"fmt"
	"hash/maphash"
	"math"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
)

const (
	// maxText bounds the texts of all open documents together, in bytes. People
	// have a few megabytes open; llmls may use 200 MB of memory, and a text that
	// is being replaced is there several times.
	maxText = 64 << 20
	// documentRoom is the most that a document takes beside its text, in bytes.
	documentRoom = 1 << 10
	// maxTextless is what documents without a text may take beyond maxText, in bytes:
	// enough for some thousands. Further ones are only counted.
	maxTextless = 8 << 20
)

// NoVersion stands for a version that the client did not give.
const NoVersion = math.MinInt32

// The faults of notifications that a Store reports; all but ErrReopened can be the
// cause of a DivergedError.
var (
	ErrReopened  = errors.New("it was open already and has been replaced")
	ErrNotOpen   = errors.New("it was changed but never opened")
	ErrStale     = errors.New("a change has an older version than the one before it")
	ErrMalformed = errors.New("a change cannot be read, or there are more than 100,000 at once")
	ErrSplit     = errors.New("a change starts or ends inside a character")
	ErrMissed    = errors.New("a message about it could not be read")
	ErrFull      = errors.New("the open documents have more than 64 MiB of text")
	ErrUnnamed   = errors.New("several documents without a name are open")
)

// A DivergedError says that our copy of an open document may differ from the
// editor's. Nothing is excerpted from it until it is opened again or replaced
// whole.
type DivergedError struct {
	URI   uri.URI
	First bool  // the copy was good until this change: the person should be told, once
	Err   error // ErrNotOpen, ErrStale, ErrMalformed, ErrSplit, ErrMissed, ErrFull or ErrUnnamed
}

func (e *DivergedError) Error() string {
	return fmt.Sprintf("follow the edits of %s: %v", base(e.URI), e.Err)
}

// Unwrap returns the cause.
func (e *DivergedError) Unwrap() error { return e.Err }

// Sentence tells a person what happened and what to do.
func (e *DivergedError) Sentence() string {
	switch {
	case errors.Is(e.Err, ErrUnnamed):
		return completion.DetailUnnamed
	case errors.Is(e.Err, ErrFull):
		return completion.DetailNoRoomFor(base(e.URI), e.Err)
	case errors.Is(e.Err, ErrMissed):
		return completion.DetailMissed(base(e.URI))
	}
	return completion.DetailLostTrack(base(e.URI))
}

// A Store follows the documents that the editor has open. It belongs to the wire loop;
// other goroutines read its Views. It copies what it keeps of its parameters.
type Store struct {
	enc     Encoding
	docs    index // by Key
	size    int   // what docs take, in bytes
	over    int   // how many more documents are open, for which docs has no room
	crowded bool  // the document that was opened last has no text for want of room
	steps   int   // in their histories so far
	unnamed int   // documents that are open and have no name
	mixed   bool  // unnamed was more than 1, and not 0 since: the text in docs may be that of any of them
	view    *View // of docs as they are, nil if View was not called since the last change

	notebooks map[uri.URI]*Notebook // by Key; changed by replacement only
}

// NewStore returns a Store for a client that counts positions in enc.
func NewStore(enc Encoding) *Store {
	return &Store{enc: enc, docs: index{seed: maphash.MakeSeed()}}
}

// Open adds a document. If it is open already it is replaced, and the error is an
// ErrReopened for the log. If there is no room for it the
// error is a *DivergedError: it is open without a text.
func (s *Store) Open(params *protocol.DidOpenTextDocumentParams) error {
	item := &params.TextDocument
	key := Key(item.URI)
	if unnamed(key) {
		s.unnamed++
		s.mixed = s.mixed || s.unnamed > 1
	}
	before, open := s.docs.get(key)
	again := open && before.diverged == nil
	s.remove(key) // its text goes before the new one comes
	if s.size > maxText+maxTextless {
		s.over++
		return &DivergedError{URI: item.URI, Err: ErrFull} // the person was told
	}
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
	first := s.size <= maxText || !s.crowded // one message is enough for thousands
	s.crowded = doc.diverged != nil && s.size > maxText
	s.put(key, doc)
	if doc.diverged != nil {
		return &DivergedError{URI: doc.URI, First: first, Err: doc.diverged}
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
	if s.mixed && unnamed(key) {
		return &DivergedError{URI: id.URI, Err: ErrUnnamed} // the person is told when he asks about one
	}
	doc, open := s.current(id.URI)
	first := doc.diverged == nil || !open
	others := s.size - doc.Text.Len()
	if id.Version != NoVersion && id.Version < doc.Version {
		doc.diverged = ErrStale
	} else {
		doc.Version = id.Version
		if doc.Text.Len() > maxCompared && replacesAll(params.ContentChanges) { // it goes before the next one comes
			s.remove(key)
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

// current returns a copy of a document, which the caller may change, and whether
// it is open.
func (s *Store) current(u uri.URI) (doc Document, open bool) {
	key := Key(u)
	if old, open := s.docs.get(key); open {
		return *old, true
	}
	return Document{
		URI: clone(u), LanguageID: languageOf(key), Version: NoVersion,
		Text: NewText(""), enc: s.enc, diverged: ErrNotOpen, history: s.step(),
	}, false
}

// Miss records that a message about a document could not be read. The error is a
// *DivergedError.
func (s *Store) Miss(u uri.URI) error {
	doc, _ := s.current(u)
	first := doc.diverged == nil
	doc.diverged, doc.Text, doc.history = ErrMissed, NewText(""), s.step()
	s.put(Key(u), &doc)
	return &DivergedError{URI: doc.URI, First: first, Err: doc.diverged}
}

// MissAll is Miss for each open document, and reports whether one of them could be
// trusted until now.
func (s *Store) MissAll() (first bool) {
	for doc := range s.docs.all() {
		var diverged *DivergedError
		first = errors.As(s.Miss(doc.URI), &diverged) && diverged.First || first
	}
	return first
}

// replacesAll reports whether nothing of the text before the changes is left.
func replacesAll(changes []protocol.TextDocumentContentChangeEvent) bool {
	if len(changes) == 0 {
		return false
	}
	_, whole := changes[0].(*protocol.TextDocumentContentChangeWholeDocument)
	return whole
}

// change applies one change to d, which no View has yet, and adds what it did to
// edits.
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
	if unnamed(key) && s.unnamed > 0 {
		s.unnamed--
		s.mixed = s.mixed && s.unnamed > 0
	}
	if !s.remove(key) && s.over > 0 {
		s.over--
	}
}

func (s *Store) remove(key uri.URI) (was bool) {
	s.view = nil
	doc, was := s.docs.get(key)
	if was {
		s.size -= doc.room()
		s.docs.set(key, nil)
	}
	return was
}

func (d *Document) room() int {
	return documentRoom + len(d.key) + len(d.URI) + d.Text.Len()
}

// View returns the documents as they are now. What it costs does not depend on how
// many are open.
func (s *Store) View() *View {
	if s.view == nil {
		s.view = &View{docs: s.docs, over: s.over > 0, mixed: s.mixed, notebooks: s.notebooks}
	}
	return s.view
}

func (s *Store) put(key uri.URI, doc *Document) {
	old, open := s.docs.get(key)
	switch {
	case open:
		s.size -= old.room()
		doc.key = old.key
	case s.size > maxText+maxTextless:
		return // docs stays as it is, and with it the View
	default:
		doc.key = clone(key)
	}
	s.size += doc.room()
	s.docs.set(key, doc)
	s.view = nil
}

// A View is every open document as it stood at one point of the wire.
// It never changes, so any goroutine may read it without locking.
type View struct {
	docs  index
	over  bool // more documents are open than docs has
	mixed bool // documents without a name cannot be told apart

	notebooks map[uri.URI]*Notebook // by Key
}

// Document returns the open document u, however u is spelled. While more documents
// are open than the Store had room for, any unknown one may be open, and is returned
// as a document that cannot be trusted.
func (v *View) Document(u uri.URI) (*Document, bool) {
	key := Key(u)
	if v.mixed && unnamed(key) {
		return &Document{URI: u, Version: NoVersion, Text: NewText(""), diverged: ErrUnnamed}, true
	}
	doc, ok := v.docs.get(key)
	if !ok && v.over {
		return &Document{URI: u, Version: NoVersion, Text: NewText(""), diverged: ErrFull}, true
	}
	return doc, ok
}

func clone(u uri.URI) uri.URI { return uri.URI(strings.Clone(string(u))) }
