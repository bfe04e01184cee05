// Package ignore decides which files must not be sent: those that often hold
// secrets, by a built-in list, and those that .aiignore and files like it name, in
// the syntax of gitignore(5). Only the user's own setting context.allow makes an
// exception; nothing that a repository contains does.
package ignore

import (
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/llmls/llmls/internal/completion"
)

// files are the names of ignore files. Each name is a set of rules of its own: what
// one forbids, no other permits.
var files = [...]string{".aiignore", ".aiexclude", ".cursorignore"} //nolint:gochecknoglobals // a constant, but for the language

// A File is a file of which something is to be sent.
type File struct {
	Path    string   // absolute, in the form of the operating system
	Folders []string // of the workspace: ignore files count from the outermost that holds Path, or in every directory above Path if none does
	Name    string   // for messages
}

// A Checker checks the files of one question. It reads each ignore file once, within
// limits for the whole question; a file that cannot be checked within them is
// forbidden. It is not safe for concurrent use.
type Checker struct {
	allow string
	read  map[string]string // files of rules by name; "" if there is none
	links map[string]string // where what has this name leads; "" if it is no link
	notes []string

	left, looks int
	pattern     pattern
	matcher     matcher
}

// NewChecker returns a checker that permits the files that allow matches, the patterns of
// context.allow. They are matched against absolute paths.
func NewChecker(allow []string) *Checker {
	return &Checker{
		allow: strings.Join(allow, "\n"), read: map[string]string{}, links: map[string]string{},
		left: maxFiles, looks: maxLooks, matcher: matcher{steps: maxSteps},
	}
}

// Check fails with a *completion.Error of kind Blocked if f may not be sent. It
// looks at where f leads as well, if it is a symbolic link or is below one.
//
// An ignore file that exists and cannot be read forbids all files that it may be
// about.
func (c *Checker) Check(f File) error {
	if tooLong(filepath.ToSlash(f.Path)) {
		return blocked(shown(f.Name), completion.WhyNameTooLong)
	}
	places, err := c.places(&f)
	if err != nil {
		return blocked(shown(f.Name), completion.WhyUnreadable("a directory above it", err))
	}
	places = slices.DeleteFunc(places, func(p place) bool { return c.allowed(p.absolute()) })
	for _, forbidden := range []func(place) string{denied, c.ignored} {
		for _, p := range places {
			if why := forbidden(p); why != "" {
				return blocked(p.name, why)
			}
		}
	}
	return nil
}

// CheckName is Check for text that is not a file of this machine, by a path with
// forward slashes under which it is known.
func (c *Checker) CheckName(name string) error {
	if tooLong(name) {
		return blocked(shown(path.Base(name)), completion.WhyNameTooLong)
	}
	for _, p := range spellings(place{rel: name, name: shown(path.Base(name))}) {
		if why := denied(p); why != "" && !c.allowed(p.rel) {
			return blocked(p.name, why)
		}
	}
	return nil
}

// The longest path that is checked, in bytes (twice what Linux opens) and elements.
const (
	maxPath     = 8 << 10
	maxElements = 1000
)

func tooLong(name string) bool {
	return len(name) > maxPath || strings.Count(name, "/") > maxElements
}

func (c *Checker) allowed(name string) bool {
	_, ok := matching(c.allow, name)
	return ok
}

func blocked(name, why string) error {
	return &completion.Error{Kind: completion.Blocked, Reason: completion.Withheld, Detail: completion.DetailWithheld(name, why)}
}

// A place is one of the paths by which a file is known.
type place struct {
	root string // a directory free of links, "" if there is none to read rules in
	rel  string // the path inside it, with forward slashes
	name string // for messages

	confined bool // root is a folder of the workspace
}

// absolute returns the whole path of p, with forward slashes and without the
// first.
func (p *place) absolute() string {
	return strings.TrimPrefix(path.Join(filepath.ToSlash(p.root), p.rel), "/")
}

// places returns where f is by its name and, if that leads through symbolic links,
// where it really is. The outermost folder may be one that is given by a link.
func (c *Checker) places(f *File) ([]place, error) {
	name := filepath.Clean(f.Path)
	target, err := c.resolve(name)
	if err != nil {
		return nil, err
	}
	list := spellings(newPlace(name, f.Folders, shown(f.Name)))
	folders := make([]string, len(f.Folders))
	for i, folder := range f.Folders {
		if folders[i], err = c.resolve(filepath.Clean(folder)); err != nil {
			return nil, err
		}
	}
	if target == name && slices.Equal(folders, f.Folders) {
		return list, nil
	}
	shownName := shown(f.Name)
	if base := filepath.Base(target); base != filepath.Base(name) {
		shownName += " (a link to " + shown(base) + ")"
	}
	return append(list, spellings(newPlace(target, folders, shownName))...), nil
}

// spellings returns p, and what a system takes for the same: in Windows dots and
// spaces at the end of a name do not count, and what follows a colon is a stream of the
// file; in HFS+ invisible characters do not count; a name may end in a zero.
func spellings(p place) []place {
	elements := strings.Split(p.rel, "/")
	for i, element := range elements {
		if stream := strings.IndexByte(element, ':'); stream > 1 { // C: is a drive
			element = element[:stream]
		}
		element, _, _ = strings.Cut(element, "\x00")
		element = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Cf, r) {
				return -1
			}
			return r
		}, element)
		if element = strings.TrimRight(element, ". "); element != "" {
			elements[i] = element
		}
	}
	if other := strings.Join(elements, "/"); other != p.rel {
		q := p
		q.rel = other
		return []place{p, q}
	}
	return []place{p}
}

// newPlace returns the place of name below the outermost of the folders that hold
// it.
func newPlace(name string, folders []string, shown string) place {
	p := place{name: shown}
	for _, folder := range folders {
		if rel, ok := below(folder, name); ok && rel != "." && len(rel) > len(p.rel) {
			p.root, p.rel, p.confined = filepath.Clean(folder), filepath.ToSlash(rel), true
		}
	}
	if !p.confined {
		p.root = filepath.VolumeName(name) + string(filepath.Separator)
		p.rel = filepath.ToSlash(strings.TrimPrefix(name, p.root))
	}
	return p
}

// ignored returns why a rule forbids p, "" if none does.
func (c *Checker) ignored(p place) string {
	var decisions [len(files)]*decision
	for i := range decisions {
		decisions[i] = newDecision(p.rel)
	}
	root, err := c.resolve(p.root)
	if err != nil {
		return completion.WhyUnreadable("the folder", err)
	}
	confined := root
	if !p.confined {
		confined = ""
	}
	elements := strings.Split(p.rel, "/")
	for depth, dir := 0, root; depth < len(elements); depth++ {
		for i, name := range files {
			where := shown(p.ruleFile(elements[:depth], name))
			if why := c.apply(decisions[i], depth, where, confined, filepath.Join(dir, name)); why != "" {
				return why
			}
		}
		if dir, err = c.resolveFrom(dir, elements[depth:depth+1]); err != nil {
			return completion.WhyUnreadable("a directory above it", err)
		}
		if confined != "" && !within(confined, dir) {
			// Rules further down belong to the link's target, which is checked too.
			return forbidding(decisions[:], depth+1, len(elements)-1)
		}
	}
	return ""
}

// ruleFile returns the name, for a person, of the ignore file called name in the
// directory that the elements lead to.
func (p *place) ruleFile(elements []string, name string) string {
	rel := path.Join(path.Join(elements...), name)
	if p.confined {
		return rel
	}
	return path.Join(filepath.ToSlash(p.root), rel)
}

// apply reads the ignore file name, which messages call where, and returns why it
// forbids the path of d, "" if it does not.
func (c *Checker) apply(d *decision, depth int, where, confined, name string) string {
	_, known := c.read[name]
	text, err := c.rules(confined, name)
	if err == nil {
		d.apply(depth, where, text, &c.pattern, &c.matcher)
		if c.matcher.steps < 0 {
			err = errTooSlow
		}
	}
	if err != nil {
		return completion.WhyUnreadable(where, err)
	}
	if !known {
		c.note(where, text)
	}
	return forbidding([]*decision{d}, depth, depth)
}

// forbidding returns which rule excludes one of the elements from first to last,
// "" if none does.
func forbidding(decisions []*decision, first, last int) string {
	for _, d := range decisions {
		if r, ok := d.excluded(first, last); ok {
			return completion.WhyIgnored(r.file, r.line, shown(r.text))
		}
	}
	return ""
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
