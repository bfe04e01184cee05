package lsp

import (
	"context"
	"path/filepath"
	"slices"
	"time"
	"weak"

	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/completion/related"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/workspace"
)

const (
	// shelfSize bounds what is kept of files that were read, in bytes: a few
	// hundred source files.
	shelfSize = 24 << 20
	// searchAround is how much of the asked document is read on each side of the
	// selection, in bytes.
	searchAround = 256 << 10
	// searchTime is how long the workspace may be searched: a question must not
	// hang because a network file system does.
	searchTime = 2 * time.Second
)

// related finds the code that belongs to code, which is a part of doc. Its caller holds
// the turnstile s.assembly, so that one search runs at a time.
func (s *Server) related(ctx context.Context, w *search, doc *document.Document, code *chat.Code, options *settings.Settings) (*related.Result, error) {
	if options.Context.Related == 0 || len(code.Text) > related.MaxSelection || doc.Text.Len() == 0 {
		return nil, nil
	}
	folder, rel, inFolder := s.folders.Locate(w.view.Home(doc.URI))
	if !inFolder {
		rel = code.Path
	}
	file := s.notebook(w.view, options.Context.Allow, doc, code, rel)
	if file == nil {
		text, missing := doc.Around(code.FirstLine, code.LastLine, searchAround)
		file = s.own.file(doc, related.NewPart(rel, doc.LanguageID, lineFeeds(text, ""), missing))
	}
	query := related.Query{
		File: file, Cell: code.Cell, First: code.FirstLine, Last: code.LastLine,
		Budget: options.Context.Related, Tokens: chat.EstimateTokens,
	}
	if !inFolder && len(w.places) == 0 {
		return related.Collect(&query), nil
	}
	select {
	case s.searching <- struct{}{}:
	default: // an earlier search still hangs
		return related.Collect(&query), nil
	}
	found := make(chan *related.Result, 1)
	w.allow, w.asked, w.folder, w.path, w.cell = options.Context.Allow, doc.URI, folder, rel, code.Cell
	s.background(func(ctx context.Context) {
		defer func() { <-s.searching }()
		found <- w.run(ctx, query)
	})
	select {
	case r := <-found:
		return r, nil
	case <-time.After(searchTime):
		return related.Collect(&query), nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// A search looks through the workspace for one question.
type search struct {
	s      *Server
	view   *document.View
	places contextPlaces

	ctx    context.Context
	allow  []string
	asked  uri.URI                     // the document
	folder string                      // the folder of the document, "" for none
	path   string                      // the path of the document
	cell   int                         // the number of the cell that it is, 0 if it is none
	files  map[string]*workspace.Files // by folder
}

// run answers query, with what it finds before ctx is done.
func (w *search) run(ctx context.Context, query related.Query) *related.Result {
	var cancel func()
	w.ctx, cancel = context.WithTimeout(ctx, searchTime)
	defer cancel()
	w.files = map[string]*workspace.Files{}
	defer w.close()
	if w.folder != "" {
		query.Source = w.below(w.folder)
	}
	query.Places = w.known()
	return related.Collect(&query)
}

// sources returns the files that the pieces of r are of, but for the document itself.
func (w *search) sources(r *related.Result) []uri.URI {
	var list []uri.URI
	if r == nil {
		return nil
	}
	for i := range r.Pieces {
		p := &r.Pieces[i]
		if p.Own {
			continue
		}
		of := w.placed(p.Path)
		if w.folder != "" {
			of = append(of, uri.File(filepath.Join(w.folder, filepath.FromSlash(p.Path))))
		}
		list = append(list, of...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// placed returns those of the places that pieces call path.
func (w *search) placed(path string) (list []uri.URI) {
	for i := range w.places {
		u := w.places[i].URI
		if _, rel, inFolder := w.s.folders.Locate(u); inFolder && rel == path || w.s.folders.RelPath(u) == path {
			list = append(list, u)
		}
	}
	return list
}

// below returns the files below a folder of the workspace.
func (w *search) below(folder string) *workspace.Files {
	files, open := w.files[folder]
	if !open {
		files = workspace.Open(w.ctx, &workspace.Options{
			Root: folder, Folders: w.s.folders.Paths(), Allow: w.allow, Shelf: w.s.shelf, Opened: w.s.opened(w.view, folder, w.allow),
		})
		w.files[folder] = files
	}
	return files
}

func (w *search) close() {
	for _, files := range w.files {
		w.s.tellRules(files.Notes())
		files.Close()
	}
}

// A parse caches the related.File of the document that was asked about last, because
// people often ask about the same document again. It does not keep the document itself.
type parse struct {
	of   weak.Pointer[document.Text]
	last *related.File
}

// file returns the cached file of doc if it is the same as f, which is not parsed
// yet, and else f.
func (p *parse) file(doc *document.Document, f *related.File) *related.File {
	if of := weak.Make(doc.Text); p.last == nil || p.of != of || !p.last.Same(f) {
		p.of, p.last = of, f
	}
	return p.last
}

// opened returns a function that looks up the text of an open document, or notebook, by
// its path below folder.
func (s *Server) opened(view *document.View, folder string, allow []string) func(string) (text string, usable, open bool) {
	return func(path string) (text string, usable, open bool) {
		u := uri.File(filepath.Join(folder, filepath.FromSlash(path)))
		doc, open := view.Document(u)
		if !open {
			return s.openedNotebook(view, u, allow)
		}
		if doc.Trusted() != nil {
			return "", false, true
		}
		return lineFeeds(doc.Text.String(), ""), true, true
	}
}
