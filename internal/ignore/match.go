package ignore

// A matcher runs patterns over names. It follows all the ways in which a
// pattern can match at once, so that its time is the length of the name times
// that of the pattern at most, whatever a repository has written.
type matcher struct {
	steps        int // that are left; below 0 there is no result
	active, next []int
	seen         []int // the round in which a token was last entered
	round        int
}

// run reports where p matches: ends is called with the length of each beginning
// of name that p matches as a whole. name is folded.
func (m *matcher) run(p *pattern, name []rune, ends func(length int)) {
	if p.least > len(name) || m.steps < 0 {
		return
	}
	if grow := len(p.tokens) + 1 - len(m.seen); grow > 0 {
		m.seen = append(m.seen, make([]int, grow)...)
	}
	m.active, m.round = m.active[:0], m.round+1
	m.active = m.enter(m.active, p, 0)
	for i, c := range name {
		m.next, m.round = m.next[:0], m.round+1
		for _, j := range m.active {
			if j == len(p.tokens) {
				continue
			}
			switch t := &p.tokens[j]; {
			case t.kind == star && c != '/', t.kind == rest:
				m.next = m.enter(m.next, p, j)
			case t.kind == deep:
				m.next = m.put(m.next, j)
				if c == '/' {
					m.next = m.enter(m.next, p, j+1)
				}
			case t.kind == classed:
				m.steps -= len(t.class.ranges)
				if c != '/' && t.class.has(c) {
					m.next = m.enter(m.next, p, j+1)
				}
			case t.kind == literal && c == t.char, t.kind == anyChar && c != '/':
				m.next = m.enter(m.next, p, j+1)
			}
		}
		if m.steps -= len(m.active) + len(m.next) + 1; m.steps < 0 || len(m.next) == 0 {
			return
		}
		m.active, m.next = m.next, m.active
		if m.seen[len(p.tokens)] == m.round {
			ends(i + 1)
		}
	}
}

// enter adds token j, and what follows tokens that may match nothing.
func (m *matcher) enter(list []int, p *pattern, j int) []int {
	for {
		if m.seen[j] == m.round {
			return list
		}
		list = m.put(list, j)
		if j == len(p.tokens) || p.tokens[j].kind < star {
			return list
		}
		j++
	}
}

func (m *matcher) put(list []int, j int) []int {
	if m.seen[j] == m.round {
		return list
	}
	m.seen[j] = m.round
	return append(list, j)
}
