package related

import "strings"

// A definer walks over a file and notes what it defines: a line is looked at
// where it stands at the top or right in a type, never in the body of a
// function.
type definer struct {
	*File
	open   []scope // what the line stands in, innermost last
	tokens []token
}

// A scope is a type, or a group of definitions, whose members are found.
type scope struct {
	def    int32 // -1 for a group
	end    int32
	indent int16 // of its header
	member int16 // indentation of its first member, -1 while there is none
	word   string
	names  string // what its members are members of
	local  bool   // the body of a function: nothing in it but attributes counts
}

func (f *File) define() {
	d := &definer{File: f}
	if f.lang.name == "" {
		return
	}
	for i := 0; i < len(f.starts); i++ {
		if f.indent[i] < 0 {
			if f.lang.name == "c" {
				d.macro(i)
			}
			continue
		}
		for len(d.open) > 0 && int32(i) > d.open[len(d.open)-1].end {
			d.open = d.open[:len(d.open)-1]
		}
		if in := d.scope(); in != nil && in.member < 0 && f.indent[i] > in.indent {
			in.member = f.indent[i]
		}
		i = d.statement(i)
	}
}

func (d *definer) scope() *scope {
	if len(d.open) == 0 {
		return nil
	}
	return &d.open[len(d.open)-1]
}

// placed reports whether line i is at the top of the file or directly in a type: there a
// definition needs no keyword.
func (d *definer) placed(i int) bool {
	if in := d.scope(); in != nil {
		return d.indent[i] == in.member
	}
	return d.indent[i] == 0
}

// add notes a definition. Members of a group belong to what the group is in.
func (d *definer) add(name string, k kind, i int) *def {
	if name == "" || name == "_" {
		return nil
	}
	n := def{name: name, kind: k, line: int32(i), head: int32(d.headEnd(i)), in: -1}
	n.end = n.head
	if k == function || k == kindType {
		n.end = max(n.head, int32(d.bodyEnd(i)))
	}
	if in := d.scope(); in != nil {
		n.in, n.owner = in.def, in.names
	}
	at := int32(len(d.defs))
	d.defs = append(d.defs, n)
	d.byName[name] = append(d.byName[name], at)
	d.own(n.owner)
	return &d.defs[at]
}

// own makes the newest definition a member of owner.
func (d *definer) own(owner string) {
	at := len(d.defs) - 1
	d.defs[at].owner = owner
	key := member{owner, d.defs[at].name}
	if _, ok := d.members[key]; !ok && owner != "" {
		d.members[key] = int32(at)
	}
}

// enter makes what follows line i members of the newest definition, or of
// nothing but a group.
func (d *definer) enter(i int, word, names string, at int32) {
	if end := int32(d.bodyEnd(i)); end > int32(i) {
		d.open = append(d.open, scope{def: at, end: end, indent: d.indent[i], member: -1, word: word, names: names})
	}
}

// statement looks at line i and returns the last line that needs no more looks.
func (d *definer) statement(i int) int {
	d.tokens = d.File.tokens(i, d.tokens[:0])
	t := d.tokens
	if len(t) == 0 {
		return i
	}
	if d.lang.lisp {
		return d.form(i)
	}
	if t[0].text == "self" || t[0].text == "this" || t[0].text == "@" && d.lang.name == "rb" {
		d.attribute(i)
		return i
	}
	if in := d.scope(); in != nil && (in.local || d.lang.name == "hs" && d.constructors(i)) {
		return i
	}
	if d.lang.name == "py" && d.placed(i) && d.transparent(i) {
		return i
	}
	k := d.pastModifiers(t)
	if k >= len(t) {
		return i
	}
	if kind, ok := d.lang.defines[t[k].text]; ok && t[k].name && d.begins(t, k, i) {
		return d.worded(i, k, kind)
	}
	if t[k].text == "$" && k+1 < len(t) { // a property of PHP
		k++
	}
	if !d.placed(i) || !t[k].name && t[k].text != "~" && t[k].text != "*" && t[k].text != "#" {
		return i
	}
	return d.wordless(i, k)
}

// pastModifiers returns the index of the first token behind modifiers and
// annotations.
func (d *definer) pastModifiers(t []token) int {
	k := 0
	for k < len(t)-1 {
		switch {
		case t[k].text == "@" && d.lang.name != "rb":
			k += 2
			if k < len(t) && t[k].text == "(" {
				k = pastBrackets(t, k)
			}
		case t[k].name && d.lang.modifiers[t[k].text] && (t[k+1].name || t[k+1].text == "(" && d.lang.name == "rs" || t[k+1].text == "*" || t[k+1].text == "~" || t[k+1].text == "[" || t[k+1].text == "#" || t[k+1].text == "@" || t[k+1].text == "$"):
			if k++; t[k].text == "(" {
				k = pastBrackets(t, k)
			}
		case t[k].text == "template" && t[k+1].text == "<":
			k = pastBrackets(t, k+1)
		default:
			return k
		}
	}
	return k
}

// transparent enters the block of an if or a try at the top or in a class: what
// stands in it is defined where the statement stands.
func (d *definer) transparent(i int) bool {
	switch d.tokens[0].text {
	case "if", "else", "elif", "try", "except", "finally", "with":
		names, at := "", int32(-1)
		if in := d.scope(); in != nil {
			names, at = in.names, in.def
		}
		d.enter(i, "", names, at)
		return true
	}
	return false
}

func pastBrackets(t []token, k int) int {
	depth := 0
	for ; k < len(t); k++ {
		switch t[k].text {
		case "(", "[", "<", "{":
			depth++
		case ")", "]", ">", "}":
			if depth--; depth <= 0 {
				return k + 1
			}
		}
	}
	return k
}

// begins reports whether the word at k begins a definition on line i, and is not
// a name that looks like such a word or the definition of something local.
func (d *definer) begins(t []token, k, i int) bool {
	if k+1 >= len(t) {
		return false
	}
	switch t[k+1].text {
	case ":", "=", ",", ".", ")", ";", "?":
		return false
	}
	kind := d.lang.defines[t[k].text]
	if kind == value && !d.placed(i) && t[k].text != "define" {
		return false
	}
	if d.lang.typeFirst && kind == kindType { // struct foo *bar(…)
		return d.opens(t, i)
	}
	return true
}

// opens reports whether a body begins on line i or right below, and no function's.
func (d *definer) opens(t []token, i int) bool {
	if d.lang.name == "java" {
		return true
	}
	paren, brace := indexOf(t, "("), indexOf(t, "{")
	if brace >= 0 && (paren < 0 || paren > brace) {
		return true
	}
	if paren >= 0 || indexOf(t, ";") >= 0 || indexOf(t, "=") >= 0 || i+1 >= len(d.starts) {
		return false
	}
	return strings.HasPrefix(strings.TrimSpace(string(d.code(i+1))), "{")
}

// worded notes the definition that begins with the word at k.
func (d *definer) worded(i, k int, kind kind) int {
	t, word := d.tokens, d.tokens[k].text
	j := k + 1
	if word == "const" || word == "enum" || word == "companion" || word == "struct" || word == "class" {
		if next, ok := d.lang.defines[t[j].text]; ok && t[j].name { // const enum, const fn, enum class
			kind, word, j = next, t[j].text, j+1
		}
	}
	owner := ""
	if word == "func" && d.lang.name == "go" && j < len(t) && t[j].text == "(" {
		end := pastBrackets(t, j)
		owner, j = receiver(t[j:end]), end
	}
	if j < len(t) && (t[j].text == "(" || t[j].text == "{") && kind != function && d.lang.name == "go" {
		d.enter(i, word, "", -1)
		return i
	}
	if word == "typedef" {
		return d.typedef(i, k)
	}
	if word == "impl" || word == "extension" || word == "instance" {
		if name := implemented(t[j:]); name != "" {
			d.enter(i, word, name, -1)
		}
		return i
	}
	for j < len(t) && !t[j].name && t[j].text != "{" && t[j].text != "[" {
		if t[j].text == "<" {
			j = pastBrackets(t, j)
			continue
		}
		j++
	}
	for j+1 < len(t) && t[j].name && (t[j].text == "mut" || t[j].text == "ref" || t[j].text == "static" && t[j+1].name) {
		j++
	}
	switch {
	case j >= len(t):
		return i
	case !t[j].name:
		d.destructured(i, j)
		return i
	}
	return d.named(i, j, kind, owner)
}

// named notes the definition whose name is the token at j.
func (d *definer) named(i, j int, kind kind, owner string) int {
	t := d.tokens
	name := t[j].text
	for j+2 < len(t) && kind == function && t[j+2].name && (t[j+1].text == "." || t[j+1].text == ":" && d.lang.name == "lua") { // M.f, Type.method
		owner, name, j = name, t[j+2].text, j+2
	}
	word := d.tokens[j-1].text
	if kind == value && d.holdsType(j) {
		kind = kindType
	}
	n := d.add(name, kind, i)
	if n == nil {
		return i
	}
	at := int32(len(d.defs) - 1)
	if owner != "" {
		d.own(owner)
	}
	switch kind {
	case kindType:
		switch word {
		case "namespace", "mod", "module", "package": // what stands in it is no member
			d.enter(i, word, "", at)
			return i
		}
		d.enter(i, word, name, at)
		if d.lang.name == "hs" {
			d.constructors(i)
		}
		return i
	case function:
		if d.lang.name == "py" || d.lang.name == "rb" { // self.x is defined in it
			d.enter(i, word, n.owner, -1)
			if in := d.scope(); in != nil && in.indent == d.indent[i] {
				in.local = true
			}
			return int(n.head)
		}
		return int(n.end)
	}
	for x := j + 1; x+1 < len(t) && t[x].text == ","; x += 2 {
		if t[x+1].text == ":" && x+2 < len(t) { // attr_reader :a, :b
			x++
		}
		if !t[x+1].name {
			break
		}
		d.add(t[x+1].text, kind, i)
	}
	if d.lang.name == "ts" || d.lang.name == "go" {
		return d.pastValue(i)
	}
	return int(n.head)
}

// constructors notes what a type of Haskell is made of, on one of its lines:
// names behind = and |, fields in front of ::. It reports whether there are any.
func (d *definer) constructors(i int) bool {
	found := false
	for x, t := range d.tokens {
		if !t.name || x == 0 {
			continue
		}
		before := d.tokens[x-1].text
		if before == "=" || before == "|" || (before == "{" || before == ",") && x+2 < len(d.tokens) && d.tokens[x+1].text == ":" && d.tokens[x+2].text == ":" {
			d.add(t.text, value, i)
			found = true
		}
	}
	return found
}

// pastValue returns the last line of the value that line i gives a name at the
// top of a file: what is defined in it is local.
func (d *definer) pastValue(i int) int {
	if d.scope() != nil {
		return i
	}
	return max(i, d.bodyEnd(i))
}
