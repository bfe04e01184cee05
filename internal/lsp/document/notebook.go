package document

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion/jsonwalk"
)

const (
	// maxNotebooks bounds the notebooks whose order of cells is known, and maxCells
	// the cells of each. The cells of others are documents without neighbours.
	maxNotebooks = 200
	maxCells     = 10_000
	// cellRoom is what a cell takes beside its document and its key, in bytes.
	cellRoom = 64
	// markupKind is LSP's NotebookCellKind of a cell that is text.
	markupKind = 1
)

// A Notebook is the order of the cells of an open notebook at one version. It never
// changes.
type Notebook struct {
	URI   uri.URI
	cells []cell
}

type cell struct {
	key    uri.URI // of its document
	markup bool
}

// A Cell is one cell of a notebook at one version.
type Cell struct {
	Document *Document
	Number   int  // in its notebook, from 1
	Markup   bool // it is text, not code
}

// room is what n takes in a Store, in bytes.
func (n *Notebook) room() int {
	size := documentRoom + len(n.URI)
	for i := range n.cells {
		size += cellRoom + len(n.cells[i].key)
	}
	return size
}

// Notebook returns the notebook of which u is a cell, and the number of the cell,
// from 1. ok is false for a document that is in no notebook.
func (v *View) Notebook(u uri.URI) (n *Notebook, number int, ok bool) {
	key := Key(u)
	for _, other := range v.notebooks {
		i := slices.IndexFunc(other.cells, func(c cell) bool { return c.key == key })
		if i >= 0 && (!ok || other.URI < n.URI) { // a cell is in one, but nothing keeps a client from saying more
			n, number, ok = other, i+1, true
		}
	}
	return n, number, ok
}

// CellsOf returns all cells of the notebook u, in their order: none if one of them cannot
// be trusted. open is false if u is no open notebook.
func (v *View) CellsOf(u uri.URI) (cells []Cell, open bool) {
	if len(v.notebooks) == 0 {
		return nil, false // nearly always, and a search asks for each file that it reads
	}
	n, open := v.notebooks[Key(u)]
	if !open {
		return nil, false
	}
	for i := range n.cells {
		doc, known := v.docs.get(n.cells[i].key)
		if !known || doc.Trusted() != nil {
			return nil, true
		}
		cells = append(cells, Cell{Document: doc, Number: i + 1, Markup: n.cells[i].markup})
	}
	return cells, true
}

// Home returns the URI of the notebook of which u is a cell, u itself if it is none.
func (v *View) Home(u uri.URI) uri.URI {
	if n, _, ok := v.Notebook(u); ok {
		return n.URI
	}
	return u
}

// Cells returns the cells of n around the one with that number, which is among them,
// in their order: those that can be trusted, and at most limit bytes of text on each
// side.
func (v *View) Cells(n *Notebook, number, limit int) []Cell {
	at := number - 1
	list := v.run(n, at, -1, limit)
	slices.Reverse(list)
	if doc, ok := v.docs.get(n.cells[at].key); ok {
		list = append(list, Cell{Document: doc, Number: number, Markup: n.cells[at].markup})
	}
	return append(list, v.run(n, at, 1, limit)...)
}

// run returns the cells on one side of the one with index at, from there on.
func (v *View) run(n *Notebook, at, step, limit int) (list []Cell) {
	for i := at + step; i >= 0 && i < len(n.cells); i += step {
		doc, open := v.docs.get(n.cells[i].key)
		if !open || doc.Trusted() != nil {
			continue
		}
		if limit -= doc.Text.Len(); limit < 0 {
			break
		}
		list = append(list, Cell{Document: doc, Number: i + 1, Markup: n.cells[i].markup})
	}
	return list
}

// OpenNotebook adds a notebook and its cells, from the parameters of
// notebookDocument/didOpen. Errors are as of Open, the gravest of all cells.
func (s *Store) OpenNotebook(params []byte) error {
	book, err := notebookIn(params)
	if err != nil {
		return fmt.Errorf("decode didOpen of a notebook: %w", err)
	}
	s.setNotebook(book, nil)
	err = s.openCells(jsonwalk.Member(params, "cellTextDocuments"))
	n := &Notebook{URI: clone(book)}
	var known bool
	if n.cells, known = s.cells(jsonwalk.Member(jsonwalk.Member(params, "notebookDocument"), "cells")); !known {
		return graver(err, fmt.Errorf("open %s: its cells cannot be read, or are more than %d", base(book), maxCells))
	}
	s.setNotebook(book, n)
	return err
}

// ChangeNotebook applies the parameters of notebookDocument/didChange: first the list of
// cells, then their kinds, then their texts. Errors are as of Change, the gravest of all
// cells.
func (s *Store) ChangeNotebook(params []byte) error {
	book, err := notebookIn(params)
	if err != nil {
		return &DivergedError{First: s.MissAll(), Err: ErrMissed}
	}
	change := jsonwalk.Member(jsonwalk.Member(params, "change"), "cells")
	if structure := jsonwalk.Member(change, "structure"); !jsonwalk.IsNull(structure) {
		err = s.restructure(book, structure)
	}
	s.retype(book, jsonwalk.Member(change, "data"))
	texts := jsonwalk.Member(change, "textContent")
	if !jsonwalk.IsNull(texts) && (texts[0] != '[' || countElements(texts) > maxCells) {
		return graver(err, s.missCells(book))
	}
	for text := range jsonwalk.Elements(texts) {
		edit, wrong := decodeChange(jsonwalk.Member(text, "document"), jsonwalk.Member(text, "changes"))
		if wrong == nil {
			wrong = s.Change(edit)
		}
		err = graver(err, wrong)
	}
	return err
}

// missCells is Miss for each cell of a notebook.
func (s *Store) missCells(book uri.URI) (err error) {
	if n := s.notebooks[Key(book)]; n != nil {
		for _, c := range n.cells {
			err = graver(err, s.Miss(c.key))
		}
	}
	return graver(err, fmt.Errorf("change %s: the texts of its cells cannot be read, or are more than %d", base(book), maxCells))
}

// countElements returns the length of an array, up to one more than maxCells.
func countElements(array []byte) (n int) {
	for range jsonwalk.Elements(array) {
		if n++; n > maxCells {
			break
		}
	}
	return n
}

// CloseNotebook forgets a notebook and its cells, from the parameters of
// notebookDocument/didClose.
func (s *Store) CloseNotebook(params []byte) error {
	book, err := notebookIn(params)
	if err != nil {
		return fmt.Errorf("decode didClose of a notebook: %w", err)
	}
	s.closeCells(jsonwalk.Member(params, "cellTextDocuments"))
	if n := s.notebooks[Key(book)]; n != nil {
		for _, c := range n.cells {
			if _, open := s.docs.get(c.key); open {
				s.Close(c.key)
			}
		}
	}
	s.setNotebook(book, nil)
	return nil
}

// restructure replaces cells by others. If the new order of a notebook cannot be
// determined, the notebook is forgotten, and its cells are documents without neighbours.
func (s *Store) restructure(book uri.URI, structure []byte) error {
	array := jsonwalk.Member(structure, "array")
	start, okStart := jsonwalk.Int(jsonwalk.Member(array, "start"))
	count, okCount := jsonwalk.Int(jsonwalk.Member(array, "deleteCount"))
	added, okAdded := s.cells(jsonwalk.Member(array, "cells"))
	s.closeCells(jsonwalk.Member(structure, "didClose"))
	err := s.openCells(jsonwalk.Member(structure, "didOpen"))
	old := s.notebooks[Key(book)]
	if old == nil {
		return err
	}
	if !okStart || !okCount || !okAdded || start < 0 || count < 0 || start > len(old.cells) || count > len(old.cells)-start || len(old.cells)-count+len(added) > maxCells {
		s.setNotebook(book, nil)
		return graver(err, fmt.Errorf("change %s: the order of its cells cannot be told", base(book)))
	}
	cells := slices.Concat(old.cells[:start], added, old.cells[start+count:])
	s.setNotebook(book, &Notebook{URI: old.URI, cells: cells})
	return err
}

// retype notes which cells are code by now, and which are text.
func (s *Store) retype(book uri.URI, data []byte) {
	old := s.notebooks[Key(book)]
	changed, ok := s.cells(data)
	if old == nil || !ok || len(changed) == 0 {
		return
	}
	markup := map[uri.URI]bool{}
	for _, c := range changed {
		markup[c.key] = c.markup
	}
	n := &Notebook{URI: old.URI, cells: slices.Clone(old.cells)}
	for i := range n.cells {
		if now, ok := markup[n.cells[i].key]; ok {
			n.cells[i].markup = now
		}
	}
	s.setNotebook(book, n)
}

// setNotebook replaces a notebook, or removes it if n is nil or there is no room for
// it. Views keep the map that they have.
func (s *Store) setNotebook(book uri.URI, n *Notebook) {
	key := Key(book)
	old := s.notebooks[key]
	if old == nil && n == nil {
		return
	}
	s.view = nil
	s.notebooks = maps.Clone(s.notebooks)
	if old != nil {
		s.size -= old.room()
		delete(s.notebooks, key)
	}
	if n == nil || len(s.notebooks) >= maxNotebooks || s.size+n.room() > maxText+maxTextless {
		return
	}
	if s.notebooks == nil {
		s.notebooks = map[uri.URI]*Notebook{}
	}
	s.notebooks[clone(key)] = n
	s.size += n.room()
}

// cells reads a list of cells. ok is false if there are too many, or one of them names
// no document.
func (s *Store) cells(list []byte) (cells []cell, ok bool) {
	for raw := range jsonwalk.Elements(list) {
		u, err := parseURI(jsonwalk.String(jsonwalk.Member(raw, "document")))
		if err != nil || len(cells) == maxCells {
			return nil, false
		}
		kind, _ := jsonwalk.Int(jsonwalk.Member(raw, "kind"))
		key := Key(u)
		if doc, open := s.docs.get(key); open {
			key = doc.key // one copy for both
		} else {
			key = clone(key)
		}
		cells = append(cells, cell{key, kind == markupKind})
	}
	return cells, true
}

// openCells opens the first maxCells documents of list.
func (s *Store) openCells(list []byte) (err error) {
	n := 0
	for raw := range jsonwalk.Elements(list) {
		if n++; n > maxCells {
			break
		}
		item, wrong := decodeItem(raw)
		if wrong == nil {
			wrong = s.Open(item)
		}
		err = graver(err, wrong)
	}
	return err
}

// closeCells closes the first maxCells documents of list.
func (s *Store) closeCells(list []byte) {
	n := 0
	for raw := range jsonwalk.Elements(list) {
		if n++; n > maxCells {
			break
		}
		if u, err := parseURI(jsonwalk.String(jsonwalk.Member(raw, "uri"))); err == nil {
			s.Close(u)
		}
	}
}

// graver returns the one of two errors that the person has to be told of, if one has to.
func graver(a, b error) error {
	var diverged *DivergedError
	if a == nil || errors.As(b, &diverged) && diverged.First {
		return b
	}
	return a
}

// notebookIn returns the notebook that params, of a notification, are about.
func notebookIn(params []byte) (uri.URI, error) {
	if _, _, err := jsonwalk.Cut(params); err != nil {
		return "", fmt.Errorf("read it: %w", err)
	}
	return parseURI(jsonwalk.String(jsonwalk.Member(jsonwalk.Member(params, "notebookDocument"), "uri")))
}
