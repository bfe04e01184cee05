// Package ignore knows which files do not leave the machine: those that often
// hold secrets, by a list of its own, and those that .aiignore and files of its
// kind name, in the syntax of gitignore(5). Only the user's own setting
// context.allow makes an exception; nothing that a repository contains does.
package ignore

import (
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/llmls/llmls/internal/completion"
)

// files are the names of the files that forbid. Each is a set of rules of its
// own: what one forbids, no other permits.
func files() []string { return []string{".aiignore", ".aiexclude", ".cursorignore"} }

// A File is one of which somebody wants to send something.
type File struct {
	Path   string // absolute, in the form of the operating system
	Folder string // the folder of the workspace that holds it, or "": then every directory above it counts
	Name   string // what a person calls it
}

// Check fails with a *completion.Error of kind Blocked if f may not be sent. It
// looks at where f leads as well, if it is a symbolic link or is below one.
// allow are the patterns of context.allow. They are about absolute paths.
//
// A file of rules that is there and cannot be read forbids all that it may be
// about.
func Check(f File, allow []string) error {
	allowed := Parse(strings.Join(allow, "\n"))
	places := slices.DeleteFunc(f.places(), func(p place) bool { return allowed.excludes(p.absolute()) })
	for _, forbidden := range []func(place) string{denied, ignored} {
		for _, p := range places {
			if why := forbidden(p); why != "" {
				return blocked(p.name, why)
			}
		}
	}
	return nil
}

// CheckName is Check for a document that is no file of this machine, by the
// path that its URI has.
func CheckName(name string, allow []string) error {
	p := place{rel: name, name: shown(path.Base(name))}
	if why := denied(p); why != "" && !Parse(strings.Join(allow, "\n")).excludes(p.rel) {
		return blocked(p.name, why)
	}
	return nil
}

func blocked(name, why string) error {
	return &completion.Error{Kind: completion.Blocked, Reason: completion.Withheld, Detail: completion.DetailWithheld(name, why)}
}

// A place is one of the paths by which a file is known.
type place struct {
	root string // a directory, "" if there is none to read rules in
	rel  string // the path inside it, with forward slashes
	name string // for a person

	confined bool // symbolic links do not lead out of root
}

// absolute returns the whole path of p, with forward slashes and without the
// first.
func (p place) absolute() string {
	return strings.TrimPrefix(path.Join(filepath.ToSlash(p.root), p.rel), "/")
}

// places returns where f is said to be, and where it is.
func (f *File) places() []place {
	named := f.place(f.Path, f.Folder, shown(f.Name))
	target, err := filepath.EvalSymlinks(f.Path)
	if err != nil { // it is not saved yet, and its directory may be
		dir, err := filepath.EvalSymlinks(filepath.Dir(f.Path))
		if err != nil {
			return []place{named}
		}
		target = filepath.Join(dir, filepath.Base(f.Path))
	}
	if target == filepath.Clean(f.Path) {
		return []place{named}
	}
	folder, err := filepath.EvalSymlinks(f.Folder)
	if f.Folder == "" || err != nil {
		folder = ""
	}
	name := shown(f.Name)
	if base := filepath.Base(target); base != filepath.Base(f.Path) {
		name += " (a link to " + shown(base) + ")"
	}
	return []place{named, f.place(target, folder, name)}
}

func (f *File) place(name, folder, shown string) place {
	if folder != "" {
		if rel, err := filepath.Rel(folder, name); err == nil && filepath.IsLocal(rel) {
			return place{root: folder, rel: filepath.ToSlash(rel), name: shown, confined: true}
		}
	}
	root := filepath.VolumeName(name) + string(filepath.Separator)
	return place{root: root, rel: filepath.ToSlash(strings.TrimPrefix(filepath.Clean(name), root)), name: shown}
}

// ignored says which rule of which file forbids p, "" if none does.
func ignored(p place) string {
	open, done, err := p.opener()
	if err != nil {
		return completion.WhyUnreadable("the folder", err)
	}
	defer done()
	for _, name := range files() {
		rules := func(dir string) (Patterns, error) { return read(open, path.Join(dir, name)) }
		m, err := decide(p.rel, rules)
		where := path.Join(m.dir, name)
		if !p.confined {
			where = path.Join(filepath.ToSlash(p.root), where)
		}
		switch {
		case err != nil:
			return completion.WhyUnreadable(shown(where), err)
		case m.excludes():
			return completion.WhyIgnored(shown(where), m.pattern.line, shown(m.pattern.text))
		}
	}
	return ""
}

// opener returns what opens the files below p's root.
func (p place) opener() (open func(name string) (*os.File, error), done func(), err error) {
	if !p.confined {
		return func(name string) (*os.File, error) {
			return os.OpenFile(filepath.Join(p.root, name), openFlags, 0)
		}, func() {}, nil
	}
	root, err := os.OpenRoot(p.root)
	switch {
	case os.IsNotExist(err):
		return func(string) (*os.File, error) { return nil, os.ErrNotExist }, func() {}, nil
	case err != nil:
		return nil, nil, cause(err)
	}
	return func(name string) (*os.File, error) { return root.OpenFile(name, openFlags, 0) }, func() { root.Close() }, nil
}

// A match is the pattern that decides about a path, and the directory of the
// file it stands in.
type match struct {
	pattern *pattern // nil if none decides
	dir     string
}

func (m match) excludes() bool { return m.pattern != nil && !m.pattern.negated }

// excludes tells whether a file called name is excluded by patterns that stand
// at the root.
func (list Patterns) excludes(name string) bool {
	m, _ := decide(name, func(dir string) (Patterns, error) {
		if dir != "" {
			return nil, nil
		}
		return list, nil
	})
	return m.excludes()
}

// decide finds the pattern that decides about name, as git does: of the files
// from the root down the deepest, of its patterns the last. What is in an
// excluded directory is excluded, whatever is said further down. rules returns
// the patterns of a directory.
func decide(name string, rules func(dir string) (Patterns, error)) (last match, err error) {
	type level struct {
		dir  string
		list Patterns
	}
	var levels []level
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	for end, dir := 0, ""; end < len(name); dir = name[:end] {
		list, err := rules(dir)
		if err != nil {
			return match{dir: dir}, err
		}
		levels = append(levels, level{dir, list})
		if end > 0 {
			end++
		}
		stop := len(name) // with the slash, if it is a directory
		if next := strings.IndexByte(name[end:], '/'); next >= 0 {
			stop = end + next + 1
		}
		end = len(strings.TrimSuffix(name[:stop], "/"))
		for i := len(levels) - 1; i >= 0; i-- {
			l := levels[i]
			if last = (match{l.list.last(strings.TrimPrefix(name[len(l.dir):stop], "/")), l.dir}); last.pattern != nil {
				break
			}
		}
		if last.excludes() {
			return last, nil
		}
	}
	return last, nil
}

// last returns the last pattern that matches name, or nil. The name of a
// directory ends in a slash.
func (list Patterns) last(name string) *pattern {
	name, isDir := strings.CutSuffix(name, "/")
	for i := len(list) - 1; i >= 0; i-- {
		if p := &list[i]; (isDir || !p.dirOnly) && p.matches(name) {
			return p
		}
	}
	return nil
}

// shown makes s one short line without what steers a terminal: names and rules
// come from a repository.
func shown(s string) string {
	const longest = 120
	if runes := []rune(s); len(runes) > longest {
		s = string(runes[:longest]) + "…"
	}
	if quoted := strconv.Quote(s); quoted[1:len(quoted)-1] != s {
		return quoted
	}
	return s
}
