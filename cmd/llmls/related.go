package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/completion/related"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/workspace"
)

// searchAround is how much of a file is read on each side of the selection, in
// bytes.
const searchAround = 256 << 10

// findRelated sets the related code of code. It returns the paths of the other files
// that it is from, and sentences about ineffective lines of the ignore files that applied
// to them.
func findRelated(ctx context.Context, code *chat.Code, options *settings.Settings) (paths, notes []string) {
	if code == nil || options.Context.Related == 0 || len(code.Text) > related.MaxSelection {
		return nil, nil
	}
	query := related.Query{
		First: code.FirstLine, Last: code.LastLine, Budget: options.Context.Related, Tokens: chat.EstimateTokens,
	}
	name := code.Path
	if path, err := filepath.Abs(filepath.FromSlash(code.Path)); err == nil && code.Path != "" {
		here, _ := os.Getwd() // "" if it is unknown; then no file is below it
		root, rel := workspace.RootOf(path, here)
		files := workspace.Open(ctx, &workspace.Options{Root: root, Allow: options.Context.Allow})
		defer files.Close()
		defer func() { paths, notes = below(root, code.Related), files.Notes() }()
		query.Source, name = files, rel
	}
	if code.Cell > 0 {
		query.File, query.Cell, query.LastCell = cellsOf(code, name), code.Cell, code.LastCell
		code.Related = related.Collect(&query)
		return paths, notes
	}
	before := code.Before // whole lines
	if far := len(before) - searchAround; far > 0 {
		before = before[far+strings.IndexByte(before[far:], '\n')+1:]
	}
	missing := code.FirstLine - 1 - strings.Count(before, "\n")
	query.File = related.NewPart(name, code.Language, before+code.Text+code.After[:min(len(code.After), searchAround)], missing)
	code.Related = related.Collect(&query)
	return paths, notes
}

// below returns the paths of the files below root that the pieces of r are of, but for
// that of the code itself.
func below(root string, r *related.Result) (paths []string) {
	for i := range r.Pieces {
		path := filepath.Join(root, filepath.FromSlash(r.Pieces[i].Path))
		if !r.Pieces[i].Own && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// cellsOf returns the notebook of code as a file of that name.
func cellsOf(code *chat.Code, name string) *related.File {
	text, err := readText(filepath.FromSlash(code.Path))
	n, ok := related.ReadNotebook(code.Path, text)
	if err != nil || !ok {
		n = &related.Notebook{}
	}
	return related.NewNotebook(name, code.Language, n.Cells)
}
