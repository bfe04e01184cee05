package related

import (
	"path"
	"slices"
	"strings"
	"unicode"
)

// A collector is the state of one Collect.
type collector struct {
	*picker
	*finder
	f           *File
	first, last int

	uses  map[string]*use
	names []*use // in the order in which they occur
	heads []span
	types []string // the names of what the selection stands in
	local []string // names that are declared above in the same function

	mates   map[string]map[string]bool // the names on the line where a name is declared, of which one may be its type
	reached map[ref]int                // the types in sight, and in how many steps they were reached
	queue   []hint
	done    map[string]bool // the names that are shown
}

// A hint is a name that may be that of a type, as a file sees it.
type hint struct {
	f               *File
	qualifier, name string
	rank            int
}

const (
	maxRank    = 3    // steps that a type may be away from the selection
	maxReached = 500  // types in sight
	maxHints   = 4000 // names that wait to be looked up
)

// associate notes which names stand together on line i of f.
func (c *collector) associate(f *File, i int) {
	line := f.code(i)
	var words []string
	f.lang.eachWord(line, func(from, to int) {
		if name := string(line[from:to]); len(words) < 60 && !reserved()[name] {
			words = append(words, name)
		}
	})
	for _, w := range words {
		if f == c.f && c.uses[w] == nil {
			continue
		}
		if c.mates[w] != nil {
			continue // the first line decides
		}
		m := map[string]bool{}
		for _, o := range words {
			m[o] = true
		}
		c.mates[w] = m
	}
	c.hintLine(f, i, 1)
}

func (c *collector) mate(name, with string) {
	if c.mates[name] == nil {
		c.mates[name] = map[string]bool{}
	}
	c.mates[name][with] = true
}

// hintLine makes hints of the names on line i of f.
func (c *collector) hintLine(f *File, i, rank int) {
	if rank > maxRank {
		return
	}
	line := f.code(i)
	f.lang.eachWord(line, func(from, to int) {
		name := string(line[from:to])
		if reserved()[name] || len(c.queue) > maxHints {
			return
		}
		q, _ := f.lang.qualifier(line, from)
		c.queue = append(c.queue, hint{f, q, name, rank})
	})
}

// definitions takes what defines the names that the selection uses.
func (c *collector) definitions() {
	c.enclosingTypes()
	c.plainNames()
	for range maxRank + 1 {
		c.follow()
		if !c.membersOf() {
			break
		}
	}
	c.definedOnce()
}

// definedOnce takes members of unknown types whose names the selection's own file defines
// exactly once.
func (c *collector) definedOnce() {
	for _, u := range c.names {
		list := c.f.byName[u.name]
		if c.done[u.name] || len(list) != 1 || !u.member && !c.f.lang.this || u.plain && slices.Contains(c.local, u.name) {
			continue
		}
		c.takeMember(ref{c.f, list[0]}, u)
	}
}

// enclosingTypes reaches the types that the selection stands in.
func (c *collector) enclosingTypes() {
	for _, name := range c.types {
		for _, self := range []string{"self", "this", "Self"} {
			c.mate(self, name)
		}
		for _, r := range c.lookup(c.f, name, 0) {
			c.reach(r, 0)
		}
	}
}

// plainNames takes the definitions of names that stand alone or behind a module.
func (c *collector) plainNames() {
	type found struct {
		u    *use
		refs []ref
	}
	var here, there []found
	for _, u := range c.names {
		var refs []ref
		if u.plain && !slices.Contains(c.local, u.name) {
			refs = c.lookup(c.f, u.name, 0)
			if len(refs) == 0 && c.f.lang.this {
				refs = c.ownMembers(u.name)
			}
		}
		add := func(refs []ref) {
			switch {
			case len(refs) == 0:
			case refs[0].f == c.f:
				here = append(here, found{u, refs})
			default:
				there = append(there, found{u, refs})
			}
		}
		add(refs)
		for _, q := range u.of {
			add(c.qualified(c.f, q, u.name))
		}
	}
	for _, x := range append(here, there...) {
		c.show(x.u, x.refs)
	}
}

// ownMembers returns the members called name of the types that enclose the
// selection.
func (c *collector) ownMembers(name string) []ref {
	for _, owner := range c.types {
		if list := c.f.membersNamed(owner, name); len(list) > 0 {
			return list
		}
	}
	return nil
}

// show takes the first of refs, as the definition of u.
func (c *collector) show(u *use, refs []ref) {
	r := refs[0]
	d := r.def()
	if r.f == c.f && int(d.line) >= c.first && int(d.line) <= c.last {
		c.done[u.name] = true
		if d.kind == kindType {
			c.reach(r, 0)
		}
		return
	}
	c.takeDef(r, whyDefines+u.name, 0)
	c.done[u.name] = true
	for _, r := range refs {
		if r.def().kind == kindType {
			c.reach(r, 0)
		}
	}
}

// takeDef takes the lines of a definition that describe it.
func (c *collector) takeDef(r ref, why string, rank int) bool {
	f, d := r.f, r.def()
	lines := span{int(d.line), min(int(d.head), int(d.line)+6)}
	var more []span
	if doc := f.docLine(int(d.line)); doc >= 0 && d.kind != value {
		more = append(more, span{doc, doc})
	}
	if d.kind == kindType {
		if d.end-d.line <= 12 {
			lines.last = int(d.end)
		}
	} else if d.owner != "" && d.in >= 0 {
		if owner := f.defs[d.in]; owner.line < d.line {
			more = append(more, span{int(owner.line), int(owner.line)})
		}
	}
	if !c.take(f, lines, why, more...) && !c.take(f, span{int(d.line), int(d.line)}, why) {
		return false
	}
	for i := lines.first; i <= lines.last; i++ {
		c.associate(f, i)
		c.hintLine(f, i, rank+1)
	}
	return true
}

// docLine returns the first line with a letter of the comment above line i, or of
// the string below a header of Python, or -1.
func (f *File) docLine(i int) int {
	if f.lang.name == "py" {
		below := f.headEnd(i) + 1
		if below < len(f.starts) && hasLetter(strings.TrimLeft(f.lineText(below), " \trR")) && strings.ContainsAny(strings.TrimLeft(f.lineText(below), " \trR")[:1], "\"'") {
			return below
		}
	}
	for j := f.docAbove(i); j < i; j++ {
		if f.indent[j] < 0 && hasLetter(f.lineText(j)) {
			return j
		}
	}
	return -1
}

func hasLetter(s string) bool { return strings.IndexFunc(s, unicode.IsLetter) >= 0 }

// reach notes that a type is in sight.
func (c *collector) reach(r ref, rank int) {
	if old, ok := c.reached[r]; ok && old <= rank || len(c.reached) > maxReached {
		return
	}
	c.reached[r] = rank
	f, d := r.f, r.def()
	for i := d.line; i <= d.head; i++ {
		c.hintLine(f, int(i), rank+1)
	}
	for n, at := range f.embeds[d.name] {
		if n == maxRefs {
			break
		}
		c.hintLine(f, int(f.defs[at].line), rank)
		c.mate(d.name, f.defs[at].name)
	}
	c.mate(d.name, d.name)
}

// follow looks up what the hints name.
func (c *collector) follow() {
	seen := map[hint]bool{}
	for len(c.queue) > 0 {
		h := c.queue[0]
		c.queue = c.queue[1:]
		key := hint{f: h.f, qualifier: h.qualifier, name: h.name}
		if seen[key] || h.rank > maxRank {
			continue
		}
		seen[key] = true
		var refs []ref
		if h.qualifier != "" && h.f.isModule(h.qualifier) {
			refs = c.qualified(h.f, h.qualifier, h.name)
		} else if h.qualifier == "" {
			refs = c.lookup(h.f, h.name, 0)
		}
		for _, r := range refs {
			switch r.def().kind {
			case kindType:
				c.reach(r, h.rank)
			case function:
				if h.rank == 1 && h.f == c.f {
					for i := r.def().line; i <= r.def().head; i++ {
						c.associate(r.f, int(i))
						c.hintLine(r.f, int(i), 2)
					}
				}
			}
		}
	}
}

// A candidate is a member that may be meant.
type candidate struct {
	ref
	score int
}

// membersOf takes the members that the selection uses of types in sight. It
// reports whether it found any.
func (c *collector) membersOf() bool {
	found := false
	types := make([]ref, 0, len(c.reached))
	for r := range c.reached {
		types = append(types, r)
	}
	slices.SortFunc(types, func(a, b ref) int {
		if n := c.reached[a] - c.reached[b]; n != 0 {
			return n
		}
		if n := strings.Compare(a.f.Path, b.f.Path); n != 0 {
			return n
		}
		return int(a.at - b.at)
	})
	for _, u := range c.names {
		if !u.member && !u.key || c.done[u.name] {
			continue
		}
		var list []candidate
		for _, t := range types {
			for _, r := range c.memberOf(t, u.name) {
				list = append(list, candidate{r, 4*c.closeness(u, t.def().name) + c.reached[t]})
			}
		}
		if len(list) == 0 {
			continue
		}
		slices.SortStableFunc(list, func(a, b candidate) int { return a.score - b.score })
		for n, x := range list {
			if n >= 2 || x.score > list[0].score {
				break
			}
			found = c.takeMember(x.ref, u) || found
		}
		c.done[u.name] = true
	}
	return found
}

func (c *collector) takeMember(r ref, u *use) bool {
	d := r.def()
	if r.f == c.f && int(d.line) >= c.first && int(d.line) <= c.last {
		return false
	}
	return c.takeDef(r, whyDefines+u.name, 1)
}

// closeness returns how near the names in front of u are to the type called name: 0 if
// they are declared with it, 1 if a name that they are declared with is, else 2.
func (c *collector) closeness(u *use, name string) int {
	best := 2
	for _, q := range u.of {
		m := c.mates[q]
		if m[name] {
			return 0
		}
		for w := range m {
			if w != q && c.mates[w][name] {
				best = 1
			}
		}
	}
	return best
}

// memberOf returns the members called name of the type t, in its file and, in
// some languages, in the files beside it.
func (c *collector) memberOf(t ref, name string) []ref {
	owner := t.def().name
	list := t.f.membersNamed(owner, name)
	if c.steps--; c.steps < 0 {
		return nil
	}
	if len(list) > 0 || t.f.lang.name != "go" && t.f.lang.name != "kt" {
		return list
	}
	for _, g := range c.inDirectory(t.f, path.Dir(t.f.Path)) {
		c.steps--
		if g = g.parsed(); g.pkg != t.f.pkg {
			continue
		}
		if list = g.membersNamed(owner, name); len(list) > 0 {
			return list
		}
	}
	return nil
}

func (f *File) membersNamed(owner, name string) []ref {
	if at, ok := f.members[member{owner, name}]; ok {
		return []ref{{f, at}}
	}
	return nil
}
