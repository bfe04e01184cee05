package related

import "slices"

// A use is how the selection uses a name.
type use struct {
	name   string
	count  int
	order  int      // of its first occurrence
	plain  bool     // it stands alone somewhere
	member bool     // it stands behind a dot or the like somewhere
	key    bool     // it stands in front of a colon or =, as the key of a value
	of     []string // the names in front of the dots
}

// maxUses bounds the names of a selection that are looked up.
const maxUses = 400

// read notes the names that the selection uses.
func (c *collector) read() {
	for i := c.first; i <= c.last && len(c.uses) < maxUses; i++ {
		line := c.f.code(i)
		c.f.lang.eachWord(line, func(from, to int) {
			c.note(line, from, to)
		})
	}
	for _, u := range c.uses {
		c.names = append(c.names, u)
	}
	slices.SortFunc(c.names, func(a, b *use) int { return a.order - b.order })
}

func (c *collector) note(line []byte, from, to int) {
	name := string(line[from:to])
	qualifier, member := c.f.lang.qualifier(line, from)
	if name == "_" || len(name) > 100 || !member && reserved()[name] {
		return
	}
	u := c.uses[name]
	if u == nil {
		if len(c.uses) >= maxUses {
			return
		}
		u = &use{name: name, order: len(c.uses)}
		c.uses[name] = u
	}
	u.count++
	if !member {
		u.plain = true
		for to < len(line) && line[to] == ' ' {
			to++
		}
		if to < len(line) && (line[to] == ':' && (to+1 == len(line) || line[to+1] != '=' && line[to+1] != ':') || line[to] == '=' && c.f.lang.name == "py") {
			u.key = true
		}
		return
	}
	u.member = true
	if qualifier != "" && !slices.Contains(u.of, qualifier) {
		u.of = append(u.of, qualifier)
	}
}

// qualifier returns the name in front of the dot, arrow or colons before the
// name at from, and whether there is such a sign.
func (l *language) qualifier(line []byte, from int) (name string, member bool) {
	k := from - 1
	for k >= 0 && line[k] == ' ' {
		k--
	}
	switch {
	case k < 0 || l.lisp:
		return "", false
	case line[k] == '.' && k > 0 && line[k-1] == '.', line[k] == '.' && l.name == "sh":
		return "", false // a range, a spread
	case line[k] == '.', line[k] == ':' && l.name == "lua", line[k] == '\\' && l.name == "php":
		if k--; k >= 0 && (line[k] == '?' || line[k] == '!') {
			k--
		}
	case k > 0 && (line[k] == '>' && line[k-1] == '-' || line[k] == ':' && line[k-1] == ':'):
		k -= 2
	case line[k] == '@' && l.name == "rb":
		return "self", true
	case line[k] == '#' && l.name == "ts":
		return "", true
	default:
		return "", false
	}
	for k >= 0 && line[k] == ' ' {
		k--
	}
	for depth, end := 0, k-200; k >= max(0, end) && (line[k] == ')' || line[k] == ']' || depth > 0); k-- { // f(…).x is x of f
		switch line[k] {
		case ')', ']':
			depth++
		case '(', '[':
			depth--
		}
	}
	end := k + 1
	for k >= 0 && l.inName(line[k]) {
		k--
	}
	return string(line[k+1 : end]), true
}
