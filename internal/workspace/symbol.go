package workspace

import (
	"context"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/completion/related"
)

// Limits of the search for one symbol.
const (
	maxDefinitions = 4
	maxLevels      = 64
	maxSearched    = 20_000   // files and directories
	maxSearchedIn  = 64 << 20 // bytes
)

// symbol finds what defines the name of m: in the file that is asked about, else
// in its directory, else anywhere in the workspace.
func (r *Reader) symbol(ctx context.Context, m *chat.Mention) ([]chat.Material, error) {
	if r.Home.Options == nil {
		return nil, refuse(completion.DetailNoSymbol(m.String(), completion.SearchedAll))
	}
	s := search{files: r.open(ctx, &r.Home), mention: m, seen: map[string]bool{}}
	home := path.Clean(r.Home.Path)
	if s.file(home); len(s.found) == 0 {
		s.below(path.Dir(home), 1)
	}
	if len(s.found) == 0 {
		s.below(".", maxLevels)
	}
	if len(s.found) == 0 {
		where := completion.SearchedAll
		if s.over() {
			where = completion.SearchedPart
		}
		return nil, refuse(completion.DetailNoSymbol(m.String(), where))
	}
	if more := len(s.found) - maxDefinitions; more > 0 {
		s.found = s.found[:maxDefinitions]
		s.found[0].More = more
	}
	for i := range s.found {
		r.paths = append(r.paths, filepath.Join(r.Home.Options.Root, filepath.FromSlash(s.found[i].Path)))
	}
	return s.found, nil
}

// A search looks for the definitions of a symbol.
type search struct {
	files   *Files
	mention *chat.Mention
	seen    map[string]bool
	looks   int
	bytes   int
	found   []chat.Material
}

func (s *search) over() bool {
	return s.looks > maxSearched || s.bytes > maxSearchedIn || s.files.ctx.Err() != nil
}

// file looks into the file at p.
func (s *search) file(p string) {
	if s.seen[p] || s.over() {
		return
	}
	s.seen[p] = true
	f := s.files.File(p)
	if f == nil {
		return
	}
	s.bytes += f.Len()
	for _, d := range f.Definitions(s.mention.Name) {
		s.found = append(s.found, chat.Material{
			Mention: s.mention.Text, Path: p, First: d.First, Last: d.Last, Text: d.Text, Before: d.Before, After: d.After,
		})
	}
}

// below looks into the files of a directory and of those below it, so many levels.
func (s *search) below(dir string, levels int) {
	for dirs := []string{dir}; len(dirs) > 0 && len(s.found) == 0 && levels > 0; levels-- {
		var next []string
		for _, dir := range dirs {
			for _, name := range s.files.Names(dir) {
				p := path.Join(dir, name)
				if s.looks++; s.over() {
					return
				}
				switch s.files.kind(p) {
				case 0:
					if related.Knows(name) {
						s.file(p)
					}
				case fs.ModeDir:
					if !vendored(name) {
						next = append(next, p)
					}
				}
			}
		}
		dirs = next
	}
}

// vendored reports whether a directory of that name holds code of others or generated
// code.
func vendored(name string) bool {
	switch name {
	case "node_modules", "vendor", "target", "dist", "build", "__pycache__", "venv":
		return true
	}
	return strings.HasPrefix(name, ".")
}

// kind returns 0 for a regular file and fs.ModeDir for a directory, but not for a link to
// one, which could lead in a circle.
func (f *Files) kind(p string) fs.FileMode {
	info, err := f.root.Lstat(filepath.FromSlash(p))
	if err != nil {
		return fs.ModeIrregular
	}
	return info.Mode().Type()
}
