package related

import (
	"path"
	"slices"
	"strings"
)

// A ref is a definition in a file.
type ref struct {
	f  *File
	at int32
}

func (r ref) def() *def { return &r.f.defs[r.at] }

// A lookupKey is a name that is looked up in the scope of a file.
type lookupKey struct {
	f    *File
	name string
}

// A finder looks names up in the files of a source, within limits: however large
// the workspace is, a question reads only so many of its files and bytes.
type finder struct {
	source Source
	here   *File
	files  map[string]*File
	dirs   map[string][]*File
	leads  map[string][]*File

	known map[lookupKey][]ref

	looks int // files that may still be asked for
	bytes int // that may still be read
	steps int // of looking for a name that may still be taken
}

const (
	maxLooks    = 1500
	maxBytes    = 12 << 20
	maxSiblings = 300
	maxSteps    = 400_000
	maxRefs     = 8 // definitions of one name in a file
	maxDepth    = 4 // of imports that lead on to imports
)

func newFinder(source Source, here *File) *finder {
	return &finder{
		source: source, here: here, files: map[string]*File{here.Path: here}, dirs: map[string][]*File{}, leads: map[string][]*File{}, known: map[lookupKey][]ref{},
		looks: maxLooks, bytes: maxBytes, steps: maxSteps,
	}
}

// file returns the file at p, nil if there is none within the limits.
func (x *finder) file(p string) *File {
	f, ok := x.files[p]
	if ok {
		return f
	}
	if x.source == nil || x.looks <= 0 || p == "" || p == ".." || strings.HasPrefix(p, "../") || strings.HasPrefix(p, "/") {
		return nil
	}
	x.looks--
	if f = x.source.File(p); f != nil {
		if x.bytes -= min(len(f.text), maxText); x.bytes < 0 {
			f = nil
		}
	}
	x.files[p] = f
	return f
}

// inDirectory returns the files of a directory that f's language is in.
func (x *finder) inDirectory(f *File, dir string) []*File {
	key := dir + "\x00" + path.Ext(f.Path)
	if list, ok := x.dirs[key]; ok {
		return list
	}
	var list []*File
	if x.source != nil && !strings.HasPrefix(dir, "..") {
		names := x.source.Names(dir)
		test := strings.Contains(path.Base(f.Path), "_test.")
		var kept []string
		for _, name := range names {
			if path.Ext(name) == path.Ext(f.Path) && (test || !strings.Contains(name, "_test.")) && len(kept) < maxSiblings {
				kept = append(kept, name)
			}
		}
		slices.SortStableFunc(kept, func(a, b string) int { return platform(a) - platform(b) })
		for _, name := range kept {
			if g := x.file(path.Join(dir, name)); g != nil {
				list = append(list, g)
			}
		}
	}
	x.dirs[key] = list
	return list
}

// platform ranks file names: those for one system after those for all.
func platform(name string) int {
	stem := strings.TrimSuffix(name, path.Ext(name))
	for rank, suffix := range []string{"_linux", "_unix", "_amd64", "_posix", "_darwin", "_windows", "_js", "_wasm", "_plan9", "_arm64", "_stub", "_other", "_bsd", "_freebsd", "_wasip1"} {
		if strings.HasSuffix(stem, suffix) || strings.Contains(stem, suffix+"_") {
			return rank + 1
		}
	}
	return 0
}

// moduleFiles returns the files that a module leads to from f.
func (x *finder) moduleFiles(f *File, module string) []*File {
	if f.lang.leads == nil || x.source == nil {
		return nil
	}
	key := f.Path + "\x00" + module
	if list, ok := x.leads[key]; ok {
		return list
	}
	var list []*File
	for _, p := range f.lang.leads(x, f, module) {
		if dir, ok := strings.CutSuffix(p, "/"); ok {
			if list = x.inDirectory(f, dir); len(list) > 0 {
				break
			}
			continue
		}
		if g := x.file(path.Clean(p)); g != nil {
			list = []*File{g}
			break
		}
	}
	x.leads[key] = list
	return list
}

// lookup returns what defines name where f sees it: in f, by an import, in its
// directory, or in a file all of whose names f has.
func (x *finder) lookup(f *File, name string, depth int) []ref {
	key := lookupKey{f.parsed(), name}
	list, ok := x.known[key]
	if !ok {
		list = x.look(f, name, depth)
		x.known[key] = list
	}
	return list
}

func (x *finder) look(f *File, name string, depth int) []ref {
	if list := f.top(name); len(list) > 0 {
		return list
	}
	if x.steps -= 1 + len(f.imports)/8; depth > maxDepth || x.steps < 0 {
		return nil
	}
	for _, b := range f.imports {
		if b.name != name {
			continue
		}
		if b.member == "" {
			return nil
		}
		if b.module == "" { // export { a as b }
			return x.lookup(f, b.member, depth+1)
		}
		for _, g := range x.moduleFiles(f, b.module) {
			member := b.member
			if member == "default" {
				member = name
			}
			if g == f {
				continue
			}
			if list := x.lookup(g, member, depth+1); len(list) > 0 {
				return list
			}
		}
		if f.lang.name == "py" { // from package import module
			return nil
		}
	}
	if f.lang.sight == byDirectory {
		if list := x.definitionsIn(x.inDirectory(f, path.Dir(f.Path)), f, name); len(list) > 0 {
			return list
		}
	}
	for _, module := range f.globs {
		for _, g := range x.moduleFiles(f, module) {
			if g == f {
				continue
			}
			if list := x.lookup(g, name, depth+1); len(list) > 0 {
				return list
			}
		}
	}
	return nil
}

// definitionsIn returns what defines name at the top of one of files that are of the
// same package as f, if f is of one.
func (x *finder) definitionsIn(files []*File, f *File, name string) []ref {
	for _, g := range files {
		if x.steps--; x.steps < 0 {
			return nil
		}
		g = g.parsed()
		if f != nil && g.pkg != f.pkg && strings.TrimSuffix(f.pkg, "_test") != g.pkg {
			continue
		}
		if list := g.top(name); len(list) > 0 {
			return list
		}
	}
	return nil
}

// qualified returns what defines name in the module that f calls q.
func (x *finder) qualified(f *File, q, name string) []ref {
	files := x.modules(f, q, 0)
	if f.lang.name == "go" {
		return x.definitionsIn(files, nil, name)
	}
	for _, g := range files {
		if list := x.lookup(g, name, 2); len(list) > 0 {
			return list
		}
	}
	return nil
}

// modules returns the files of the module that f calls q.
func (x *finder) modules(f *File, q string, depth int) []*File {
	for _, b := range f.parsed().imports {
		switch {
		case b.name != q:
		case b.member == "":
			return x.moduleFiles(f, b.module)
		case f.lang.name == "py" || f.lang.name == "rs":
			return x.moduleFiles(f, submodule(f.lang, b))
		case f.lang.name == "ts" && depth < maxDepth: // a namespace that a module exports again
			for _, g := range x.moduleFiles(f, b.module) {
				if files := x.modules(g, b.member, depth+1); len(files) > 0 {
					return files
				}
			}
		}
	}
	return nil
}

func submodule(l *language, b binding) string {
	if l.name == "rs" {
		return join(b.module, b.member)
	}
	if strings.HasSuffix(b.module, ".") {
		return b.module + b.member
	}
	return b.module + "." + b.member
}

// isModule reports whether f imports a module under the name q.
func (f *File) isModule(q string) bool {
	for _, b := range f.imports {
		if b.name == q && (b.member == "" || f.lang.name == "py" || f.lang.name == "rs" || f.lang.name == "ts") {
			return true
		}
	}
	return false
}

// top returns the definitions of name in f that are members of nothing.
func (f *File) top(name string) []ref {
	var list []ref
	for _, at := range f.byName[name] {
		if len(list) == maxRefs {
			break
		}
		if f.defs[at].owner == "" {
			list = append(list, ref{f, at})
		}
	}
	return list
}
