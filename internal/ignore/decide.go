package ignore

import (
	"path"
	"strings"
)

// A decision is about one path, by the files of rules of one name. As in git,
// the deepest of the files that have a rule for it decides, and in that the last
// rule; what is in an excluded directory is excluded, whatever is said further
// down.
type decision struct {
	name  []rune // the path, relative and folded
	ends  []int  // where its elements end
	rules []rule // the one in force for each element
}

// A rule is a line of a file. The zero value stands for no rule.
type rule struct {
	file    string // where it stands, for a person
	line    int
	text    string // as it was written
	negated bool
}

func newDecision(name string) *decision {
	name = strings.TrimPrefix(path.Clean("/"+name), "/")
	d := &decision{name: []rune(fold(name))}
	for i, c := range d.name {
		if c == '/' {
			d.ends = append(d.ends, i)
		}
	}
	d.ends = append(d.ends, len(d.name))
	d.rules = make([]rule, len(d.ends))
	return d
}

// apply takes the rules of a file in the directory that the first depth elements
// name. The files have to come from the root down. p and m are scratch space.
func (d *decision) apply(depth int, file, text string, p *pattern, m *matcher) {
	begin := 0
	if depth > 0 {
		begin = d.ends[depth-1] + 1
	}
	for number, line := range lines(text) {
		if !p.parse(line) {
			continue
		}
		found := rule{file, number, line, p.negated}
		if !p.base {
			m.run(p, d.name[begin:], func(length int) { d.set(begin+length, found, p) })
			continue
		}
		for k, start := depth, begin; k < len(d.ends); k++ {
			end := d.ends[k]
			m.run(p, d.name[start:end], func(length int) {
				if start+length == end {
					d.set(end, found, p)
				}
			})
			start = end + 1
		}
	}
}

// set puts r in force for the element that ends at end, if one does.
func (d *decision) set(end int, r rule, p *pattern) {
	low, high := 0, len(d.ends)
	for low < high {
		if middle := (low + high) / 2; d.ends[middle] < end {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low < len(d.ends) && d.ends[low] == end && (!p.dirOnly || low < len(d.ends)-1) {
		d.rules[low] = r
	}
}

// excluded returns the rule that excludes one of the elements from first on,
// and whether there is one.
func (d *decision) excluded(first, last int) (r rule, ok bool) {
	for _, r := range d.rules[first : last+1] {
		if r.line > 0 && !r.negated {
			return r, true
		}
	}
	return rule{}, false
}

// matching returns the rule of text that excludes name, and whether there is
// one: text stands at the root.
func matching(text, name string) (r rule, ok bool) {
	d := newDecision(name)
	d.apply(0, "", text, &pattern{}, &matcher{steps: maxSteps})
	return d.excluded(0, len(d.rules)-1)
}
