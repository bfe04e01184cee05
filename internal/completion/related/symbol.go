package related

import (
	"iter"
	"strings"
)

// A Definition is the lines that define a name, with the comment above them.
type Definition struct {
	First, Last         int // from 1, inclusive
	Text, Before, After string
}

// Definitions returns what defines name in f, in order. A member may be called
// by what it is a member of, too, as in Type.member.
func (f *File) Definitions(name string) []Definition {
	owner := ""
	if i := strings.LastIndexAny(name, ".:#"); i > 0 && i+1 < len(name) {
		owner, name = strings.TrimRight(name[:i], ":"), name[i+1:]
		owner = owner[strings.LastIndexAny(owner, ".:#")+1:]
	}
	if !strings.Contains(f.text, name) {
		return nil
	}
	f.parsed()
	var list []Definition
	for _, at := range f.byName[name] {
		d := &f.defs[at]
		if owner != "" && owner != d.owner && owner != f.pkg {
			continue
		}
		if n := len(list); n > 0 && f.base+int(d.line) < list[n-1].Last {
			continue // inside of the last one
		}
		from, _ := f.bounds(f.docAbove(int(d.line)))
		last := max(int(d.end), int(d.head))
		_, to := f.bounds(last)
		list = append(list, Definition{
			First: f.base + 1 + f.docAbove(int(d.line)), Last: f.base + 1 + last,
			Text: f.text[from:to], Before: f.text[:from], After: f.text[to:],
		})
	}
	return list
}

// Outline returns the functions and types that f defines, in order, each with its
// name: Type.member for a member. A definition has no Before and After.
func (f *File) Outline() iter.Seq2[string, Definition] {
	return func(yield func(string, Definition) bool) {
		f.parsed()
		for i := range f.defs {
			d := &f.defs[i]
			if d.kind != function && d.kind != kindType {
				continue
			}
			name := d.name
			if d.owner != "" {
				name = d.owner + "." + name
			}
			first, last := f.docAbove(int(d.line)), max(int(d.end), int(d.head))
			from, _ := f.bounds(first)
			_, to := f.bounds(last)
			if !yield(name, Definition{First: f.base + 1 + first, Last: f.base + 1 + last, Text: f.text[from:to]}) {
				return
			}
		}
	}
}

// Len returns how long the text of f is, in bytes.
func (f *File) Len() int { return len(f.text) }

// Knows reports whether definitions are found in files of that name.
func Knows(name string) bool { return languageOf(name).name != "" }

// Names returns the names that f defines, in order, each once.
func (f *File) Names() []string {
	f.parsed()
	var list []string
	seen := map[string]bool{}
	for i := range f.defs {
		if name := f.defs[i].name; !seen[name] {
			seen[name] = true
			list = append(list, name)
		}
	}
	return list
}
