package related

import (
	"bytes"
	"slices"
	"strings"
)

// maxHead is how many lines of a header are shown.
const maxHead = 8

// headers returns the headers of what encloses lines [first, last], innermost
// first: the lines above that stand further left, each further than the last.
func (f *File) headers(first, last int) []span {
	const farthest = 4000 // lines
	column := int16(1 << 14)
	for i := first; i <= last; i++ {
		if f.indent[i] >= 0 {
			column = min(column, f.indent[i])
		}
	}
	var heads []span
	for i := first - 1; i >= max(0, first-farthest) && column > 0; i-- {
		if f.indent[i] < 0 || f.indent[i] >= column {
			continue
		}
		line := bytes.TrimSpace(f.code(i))
		if f.isLabel(line) || len(line) <= 2 && line[0] == '}' {
			continue
		}
		head := span{f.headStart(i, line), i}
		head.last = min(max(f.headEnd(head.first), i), first-1)
		heads = append(heads, head)
		if column = f.indent[i]; isBranch(line) {
			column++ // what it belongs to stands as far left
		}
		i = head.first
	}
	return heads
}

// isLabel reports whether line is a label, which encloses nothing.
func (f *File) isLabel(line []byte) bool {
	if len(line) < 2 || line[len(line)-1] != ':' || f.lang.name == "py" {
		return false
	}
	for _, c := range line[:len(line)-1] {
		if !f.lang.inName(c) {
			return false
		}
	}
	return string(line) != "else:" && string(line) != "default:" && string(line) != "try:"
}

func isBranch(line []byte) bool {
	for _, word := range []string{"case ", "default", "else", "elif ", "except", "catch", "finally", "} ", "when ", "rescue", "elsif"} {
		if bytes.HasPrefix(line, []byte(word)) {
			return true
		}
	}
	return false
}

// headStart returns where the header begins that ends or goes on at line i.
func (f *File) headStart(i int, line []byte) int {
	const most = 40
	switch {
	case line[0] == ')' || line[0] == ']' || line[0] == '}' && !bytes.HasPrefix(line, []byte("} else")) && !bytes.HasPrefix(line, []byte("} catch")):
		depth := 0
		for j := i; j >= 0 && j > i-most; j-- {
			code := f.code(j)
			k := len(code) - 1
			if j == i {
				k = bytes.IndexAny(code, ")]}")
			}
			for ; k >= 0; k-- {
				switch code[k] {
				case ')', ']', '}':
					depth++
				case '(', '[', '{':
					depth--
				}
			}
			if depth <= 0 {
				return j
			}
		}
	case line[0] == '{' && len(line) == 1: // a brace on its own line
		j := i - 1
		for j > 0 && f.indent[j] < 0 {
			j--
		}
		if j > 0 && strings.HasPrefix(strings.TrimSpace(string(f.code(j))), ")") {
			return f.headStart(j, bytes.TrimSpace(f.code(j)))
		}
		for j > 0 && j > i-most && f.indent[j] > f.indent[i] { // parameters below each other
			j--
		}
		return max(j, 0)
	}
	return i
}

// enclosing takes the headers around the selection, with the comment above the
// outermost, or the comment above the selection.
func (c *collector) enclosing() {
	f := c.f
	c.heads = f.headers(c.first, c.last)
	for n := len(c.heads) - 1; n >= 0; n-- {
		h := c.heads[n]
		c.take(f, span{h.first, min(h.last, h.first+maxHead-1)}, whyEncloses)
		if n == len(c.heads)-1 {
			c.doc(h.first, 6)
		}
	}
	if len(c.heads) == 0 {
		c.doc(c.first, 12)
	}
	for _, h := range c.heads {
		for i := h.first; i <= h.last; i++ {
			c.associate(f, i)
		}
		for _, at := range f.at(h.first) {
			if d := &f.defs[at]; d.kind == kindType {
				c.within(d.name)
			} else {
				c.within(d.owner)
			}
		}
	}
	// A whole function is selected: what it is a member of.
	for i := c.first; i <= c.last; i++ {
		for _, at := range f.at(i) {
			c.within(f.defs[at].owner)
		}
	}
}

// within notes the name of a type that the selection stands in.
func (c *collector) within(name string) {
	const most = 20
	if name != "" && len(c.types) < most && !slices.Contains(c.types, name) {
		c.types = append(c.types, name)
	}
}

// doc takes the comment above line i.
func (c *collector) doc(i, most int) {
	if from := c.f.docAbove(i); from < i {
		c.take(c.f, span{max(from, i-most), i - 1}, whyDoc)
	}
}

// at returns the definitions on line i.
func (f *File) at(i int) []int32 {
	lo, hi := 0, len(f.defs)
	for lo < hi {
		if mid := (lo + hi) / 2; f.defs[mid].line < int32(i) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	var list []int32
	for ; lo < len(f.defs) && f.defs[lo].line == int32(i); lo++ {
		list = append(list, int32(lo))
	}
	return list
}

// importing takes the imports of names that the selection uses.
func (c *collector) importing() {
	for _, b := range c.f.imports {
		u := c.uses[b.name]
		if u == nil || !u.plain {
			continue
		}
		why := whyImport + b.name
		if b.line-b.from > 0 && c.f.lang.name != "go" && b.end-b.from < 4 {
			c.take(c.f, span{int(b.from), int(b.end)}, why)
			continue
		}
		c.take(c.f, span{int(b.line), int(b.line)}, why)
	}
}

// locals takes the lines between the header of the function and the selection
// on which what the selection uses occurs first: there it is declared.
func (c *collector) locals() {
	f := c.f
	start := -1
	for _, h := range c.heads {
		isType := false
		for _, at := range f.at(h.first) {
			isType = isType || f.defs[at].kind == kindType
		}
		if !isType {
			start = h.first
		}
	}
	seen := map[string]bool{}
	if start >= 0 {
		header := min(f.headEnd(start), start+maxHead)
		for i := start; i < c.first; i++ {
			if found := c.declared(i, header, seen); len(found) > 0 {
				c.local = append(c.local, found...)
				c.take(f, span{i, i}, whyLocal+strings.Join(found, ", "))
				c.associate(f, i)
			}
		}
	}
	for i := c.first; i <= c.last; i++ {
		c.associate(f, i)
	}
}

// declared returns the used names that occur on line i for the first time in
// their function, whose header ends on line header, but for those that are defined outside of it.
func (c *collector) declared(i, header int, seen map[string]bool) []string {
	f := c.f
	if f.indent[i] < 0 {
		return nil
	}
	line := f.code(i)
	var found []string
	f.lang.eachWord(line, func(from, to int) {
		name := string(line[from:to])
		u := c.uses[name]
		if u == nil || !u.plain || seen[name] {
			return
		}
		if _, member := f.lang.qualifier(line, from); member {
			return
		}
		seen[name] = true
		if refs := c.lookup(f, name, 0); len(refs) == 0 || f.lang.declares(line, from, to) || i <= header && refs[0].def().kind != kindType {
			found = append(found, name)
		}
	})
	return found
}

// declares reports whether the name at from looks like one that is declared
// there and not used.
func (l *language) declares(line []byte, from, to int) bool {
	const far = 200 // bytes, on each side
	line, from, to = line[max(0, from-far):min(len(line), to+far)], min(from, far), to-max(0, from-far)
	after := bytes.TrimLeft(line[to:], " \t")
	before := bytes.TrimRight(line[:from], " \t*&")
	switch {
	case bytes.HasPrefix(after, []byte(":=")), bytes.HasPrefix(after, []byte("in ")), bytes.HasPrefix(after, []byte("of ")):
		return true
	case bytes.HasPrefix(after, []byte("=")) && !bytes.HasPrefix(after, []byte("==")) && !bytes.HasPrefix(after, []byte("=>")):
		return true
	case bytes.HasPrefix(after, []byte(":")) && !bytes.HasPrefix(after, []byte("::")) && l.name != "go" && l.name != "c" && l.name != "py":
		return true
	case bytes.HasPrefix(after, []byte(",")) && (bytes.Contains(after, []byte(" := ")) || bytes.Contains(after, []byte(" in "))):
		return true
	}
	for _, word := range []string{"let", "const", "var", "val", "mut", "for", "local", "as", "def", "fn", "function", "auto"} {
		if rest, ok := bytes.CutSuffix(before, []byte(word)); ok && (len(rest) == 0 || !l.inName(rest[len(rest)-1])) {
			return true
		}
	}
	if l.typeFirst && len(before) > 0 && (l.inName(before[len(before)-1]) || before[len(before)-1] == '>') {
		return !bytes.HasSuffix(before, []byte("return")) && !bytes.HasSuffix(before, []byte("new")) && !bytes.HasSuffix(before, []byte("case"))
	}
	return false
}
