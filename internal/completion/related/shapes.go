package related

import "strings"

// holdsType reports whether what stands behind the name at j is a type with a
// body: type T struct {, const T = struct {, const T = class {.
func (d *definer) holdsType(j int) bool {
	t := d.tokens
	if t[len(t)-1].text != "{" {
		return false
	}
	for _, x := range t[j+1:] {
		if x.text == "struct" || x.text == "interface" || x.text == "class" || x.text == "union" || x.text == "enum" || x.text == "trait" {
			return true
		}
		if x.text == "(" {
			return false
		}
	}
	return false
}

func (d *definer) destructured(i, j int) {
	for _, x := range d.tokens[j:] {
		if x.text == "}" || x.text == "]" || x.text == "=" {
			return
		}
		if x.name {
			d.add(x.text, value, i)
		}
	}
}

// typedef notes what a typedef of C names: the last name, if it has no body.
func (d *definer) typedef(i, k int) int {
	t := d.tokens
	if indexOf(t, "{") >= 0 || i+1 < len(d.starts) && strings.HasPrefix(string(d.code(i+1)), "{") {
		end := d.bodyEnd(i)
		last := d.File.tokens(end, nil)
		name := ""
		for _, x := range last {
			if x.name && name == "" {
				name = x.text
			}
		}
		for _, x := range t[k+1:] {
			if x.name && x.text != "struct" && x.text != "enum" && x.text != "union" {
				d.add(x.text, kindType, i)
				break
			}
		}
		if name != "" {
			d.add(name, kindType, i)
		}
		d.enter(i, t[min(k+1, len(t)-1)].text, name, int32(len(d.defs)-1))
		return i
	}
	if at := indexOf(t, ")"); at > 1 && indexOf(t, "*") >= 0 && t[at-1].name && indexOf(t, "(") < at { // a function type
		d.add(t[at-1].text, kindType, i)
		return i
	}
	for x := len(t) - 1; x > k; x-- {
		if t[x].name {
			d.add(t[x].text, value, i)
			break
		}
	}
	return i
}

// macro notes what line i defines for the preprocessor of C.
func (d *definer) macro(i int) {
	line := strings.TrimSpace(string(d.code(i)))
	if !strings.HasPrefix(line, "#") {
		return
	}
	word := strings.TrimSpace(line[1:])
	if !strings.HasPrefix(word, "define ") {
		return
	}
	word = strings.TrimSpace(word[len("define "):])
	end := 0
	for end < len(word) && d.lang.inName(word[end]) {
		end++
	}
	open := d.open
	d.open = nil
	d.add(word[:end], value, i)
	d.open = open
}

// receiver returns the type in the brackets of a method of Go.
func receiver(t []token) string {
	name := ""
	for _, x := range t {
		if x.text == "[" {
			break
		}
		if x.name {
			name = x.text
		}
	}
	return name
}

// implemented returns the type that impl, extension and instance add to.
func implemented(t []token) string {
	name := ""
	for i := 0; i < len(t); i++ {
		switch x := t[i]; {
		case x.text == "<" && name == "":
			i = pastBrackets(t, i) - 1
		case x.text == "for":
			name = ""
		case x.text == "where", x.text == "{", x.text == ":" && i+1 < len(t) && t[i+1].text != ":":
			return name
		case x.text == "<":
			i = pastBrackets(t, i) - 1
		case x.name && x.text != "dyn" && x.text != "mut":
			name = x.text
		}
	}
	return name
}

func indexOf(t []token, text string) int {
	for i := range t {
		if t[i].text == text {
			return i
		}
	}
	return -1
}

func firstOf(t []token, from int, texts string) int {
	for i := from; i < len(t); i++ {
		if !t[i].name && strings.Contains(texts, t[i].text) {
			return i
		}
	}
	return -1
}
