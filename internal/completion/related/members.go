package related

import "strings"

// notName reports whether word is one that statements begin with, so that what
// follows it is no definition.
func notName(word string) bool {
	switch word {
	case "if", "for", "while", "switch", "return", "else", "case", "catch", "do", "try", "new", "throw", "delete", "await",
		"yield", "assert", "elif", "with", "match", "select", "go", "defer", "in", "not", "typeof", "sizeof", "super", "print",
		"raise", "del", "global", "nonlocal", "import", "from", "use", "using", "include", "require", "package", "end", "then",
		"elsif", "unless", "until", "begin", "rescue", "ensure", "echo", "foreach", "pass", "break", "continue", "goto",
		"default", "public", "private", "protected", "where", "deriving", "when", "loop", "fi", "done", "esac", "export":
		return true
	}
	return false
}

// wordless records what line i defines without a keyword.
func (d *definer) wordless(i, k int) int {
	t := d.tokens
	in := d.scope()
	switch {
	case d.lang.name == "go" && in == nil:
		return d.bodyEnd(i)
	case d.lang.name == "go":
		return d.goMember(i)
	case notName(t[k].text) && (k+1 >= len(t) || t[k+1].text != "(" && t[k+1].text != ":" && t[k+1].text != "?" && t[k+1].text != "=" && t[k+1].text != "<" || in == nil):
		return i
	case d.lang.typeFirst:
		return d.typed(i, k)
	case in != nil && d.lang.name != "py" && d.lang.name != "rb":
		return d.member(i, k)
	case d.lang.assigns != "":
		return d.assigned(i, k)
	}
	return i
}

// goMember notes a field, a method of an interface or a member of a group.
func (d *definer) goMember(i int) int {
	t, in := d.tokens, d.scope()
	if !t[0].name && t[0].text != "*" {
		return i
	}
	if in.def < 0 { // a group
		if d.holdsType(0) {
			n := d.add(t[0].text, kindType, i)
			d.enter(i, "", n.name, int32(len(d.defs)-1))
			return i
		}
		k := value
		if in.word == "type" {
			k = kindType
		}
		d.list(i, 0, k)
		return max(i, d.bodyEnd(i))
	}
	// An embedded type: T, *T, p.T, *p.T
	last := len(t) - 1
	if x := indexOf(t, "`"); x > 0 {
		last = x - 1
	}
	if last == 0 || last <= 3 && (t[0].text == "*" || len(t) > 1 && t[1].text == ".") {
		if last >= 0 && t[last].name {
			if n := d.add(t[last].text, value, i); n != nil {
				d.embeds[in.names] = append(d.embeds[in.names], int32(len(d.defs)-1))
			}
		}
		return i
	}
	if len(t) > 1 && t[1].text == "(" {
		d.add(t[0].text, function, i)
		return i
	}
	d.list(i, 0, value)
	return max(i, d.bodyEnd(i))
}

// list notes the names at k and behind the commas that follow.
func (d *definer) list(i, k int, kind kind) {
	t := d.tokens
	d.add(t[k].text, kind, i)
	for x := k + 1; x+1 < len(t) && t[x].text == "," && t[x+1].name; x += 2 {
		d.add(t[x+1].text, kind, i)
	}
}

// member notes a member whose name comes first.
func (d *definer) member(i, k int) int {
	t := d.tokens
	if !t[k].name {
		return i
	}
	kind := value
	if at := firstOf(t, k+1, "(=:{,;"); at > 0 && t[at].text == "(" {
		kind = function
	}
	if kind == value {
		d.list(i, k, value)
		return max(i, d.bodyEnd(i))
	}
	n := d.add(t[k].text, function, i)
	if n == nil {
		return i
	}
	if d.lang.name == "ts" {
		d.parameterProperties(i)
		if t[k].text == "constructor" {
			return int(n.head)
		}
	}
	return int(n.end)
}

// parameterProperties notes the fields that a constructor of TypeScript declares
// among its parameters.
func (d *definer) parameterProperties(i int) {
	for j := i; j <= d.headEnd(i); j++ {
		t := d.File.tokens(j, nil)
		for x := 0; x+1 < len(t); x++ {
			switch t[x].text {
			case "private", "public", "protected", "readonly":
				if t[x+1].name && !d.lang.modifiers[t[x+1].text] {
					d.add(t[x+1].text, value, j)
				}
			}
		}
	}
}

// typed notes what follows a type: int x, *f(…); in C and its kin.
func (d *definer) typed(i, k int) int {
	t, in := d.tokens, d.scope()
	at := firstOf(t, k, "(;=[,{:")
	for at > 0 && at+1 < len(t) && t[at].text == ":" && t[at+1].text == ":" { // A::b
		at = firstOf(t, at+2, "(;=[,{:")
	}
	if at < 0 { // a member of an enum, or a type on a line of its own
		if in != nil && in.word == "enum" && len(t) == k+1 {
			d.add(t[k].text, value, i)
		}
		return i
	}
	if at <= k || !t[at-1].name {
		return i
	}
	name := t[at-1].text
	if in != nil && in.word == "enum" || at-1 > k || t[at].text == "(" && (in != nil || i > 0 && d.indent[i-1] == d.indent[i] || d.lang.name == "c") {
		switch t[at].text {
		case "(":
			return d.typedFunction(i, at, name)
		case "{":
			if in == nil {
				return i
			}
			d.add(name, value, i)
			return d.bodyEnd(i)
		}
		d.add(name, value, i)
		for at >= 0 && at+1 < len(t) && t[at].text == "," {
			for at++; at < len(t) && t[at].text == "*"; {
				at++
			}
			if at < len(t) && t[at].name {
				d.add(t[at].text, value, i)
			}
			at = firstOf(t, at+1, ",;")
		}
		if t[len(t)-1].text == "{" || t[len(t)-1].text == "=" {
			return d.bodyEnd(i)
		}
	}
	return i
}

func (d *definer) typedFunction(i, at int, name string) int {
	t := d.tokens
	if at-1 == 0 && d.scope() == nil && (t[len(t)-1].text == ";" || notName(name)) { // a call
		return i
	}
	n := d.add(name, function, i)
	if n == nil {
		return i
	}
	if at >= 4 && t[at-2].text == ":" && t[at-3].text == ":" {
		d.own(t[at-4].text)
	}
	n = &d.defs[len(d.defs)-1]
	return int(n.end)
}

// assigned notes a name that a value is assigned to at the top or in a class.
func (d *definer) assigned(i, k int) int {
	t := d.tokens
	if d.lang.name == "hs" {
		return d.equation(i)
	}
	if d.lang.name == "sh" && len(t) > k+2 && t[k+1].text == "(" && t[k+2].text == ")" {
		return int(d.add(t[k].text, function, i).end)
	}
	for x := k; x < len(t) && x < k+12; x++ {
		switch {
		case t[x].name && x == k, t[x].text == ",", t[x].name && t[x-1].text == ",":
			continue
		case t[x].text == "." && d.lang.name == "lua" && x+1 < len(t):
			if y := x + 2; y < len(t) && t[y].text == "=" {
				kind := value
				if y+1 < len(t) && t[y+1].text == "function" {
					kind = function
				}
				n := d.add(t[x+1].text, kind, i)
				d.own(t[x-1].text)
				return int(n.end)
			}
			return i
		case x > k && strings.Contains(" "+d.lang.assigns+" ", " "+t[x].text+" ") && (x+1 >= len(t) || t[x+1].text != "="):
			for y := k; y < x; y++ {
				if t[y].name {
					d.add(t[y].text, value, i)
				}
			}
			return i
		}
		return i
	}
	return i
}

// equation notes a signature of Haskell, or the first equation of a function: of
// one with both, the header is both.
func (d *definer) equation(i int) int {
	t := d.tokens
	name := t[0].text
	if n := len(d.defs); n > 0 && d.defs[n-1].name == name {
		if last := &d.defs[n-1]; last.end == last.head && int(last.head) < i {
			if last.end = int32(i); int(last.head) == i-1 {
				last.head = last.end
			}
		}
		return i
	}
	if len(t) > 2 && t[1].text == ":" && t[2].text == ":" {
		d.add(name, function, i)
		n := &d.defs[len(d.defs)-1]
		n.head = min(n.head+6, int32(d.bodyEnd(i)))
		n.end = n.head
	} else if indexOf(t, "=") > 0 || indexOf(t, "|") > 0 {
		d.add(name, function, i)
	}
	return i
}

// attribute notes self.x = … in a method: x is a member of its class.
func (d *definer) attribute(i int) {
	t := d.tokens
	if d.lang.name == "rb" {
		if len(t) > 2 && t[1].name && t[2].text == "=" {
			d.addAttribute(t[1].text, i)
		}
		return
	}
	if d.lang.name != "py" {
		return
	}
	for x := 0; x+3 < len(t); x++ {
		if t[x].text == "=" || t[x].text == "(" {
			return
		}
		if t[x].text == "self" && t[x+1].text == "." && t[x+2].name && (t[x+3].text == "=" && (x+4 >= len(t) || t[x+4].text != "=") || t[x+3].text == ":" || t[x+3].text == ",") {
			d.addAttribute(t[x+2].text, i)
		}
	}
}

func (d *definer) addAttribute(name string, i int) {
	in := d.scope()
	if in == nil {
		return
	}
	if _, ok := d.members[member{in.names, name}]; !ok {
		d.add(name, value, i)
	}
}

// form notes what a top-level form of a Lisp defines.
func (d *definer) form(i int) int {
	t := d.tokens
	if d.indent[i] != 0 || len(t) < 3 || t[0].text != "(" || !t[1].name || !strings.Contains(t[1].text, "def") {
		return i
	}
	j := 2
	for j < len(t) && !t[j].name {
		j++
	}
	if j == len(t) {
		return i
	}
	k := value
	if w := t[1].text; strings.Contains(w, "fun") || strings.Contains(w, "macro") || strings.Contains(w, "subst") || w == "defn" || w == "defn-" || strings.Contains(w, "defmethod") || strings.Contains(w, "defgeneric") {
		k = function
	}
	n := d.add(t[j].text, k, i)
	if n == nil {
		return i
	}
	n.head = n.line
	n.end = int32(d.bodyEnd(i))
	return int(n.end)
}
