package ignore

import (
	"strings"
	"unicode"
)

// A class is what stands between brackets: a set of characters. Letter case does
// not count.
type class struct {
	negated bool
	ranges  []span
}

// A span is the characters from low to high.
type span struct{ low, high rune }

// has reports whether r is in c.
func (c *class) has(r rune) bool {
	found := c.holds(r)
	for next := unicode.SimpleFold(r); next != r && !found; next = unicode.SimpleFold(next) {
		found = c.holds(next)
	}
	return found != c.negated
}

func (c *class) holds(r rune) bool {
	for _, s := range c.ranges {
		if r >= s.low && r <= s.high {
			return true
		}
	}
	return false
}

// parseClass reads the class that text begins with, and returns its length: 0
// if it does not end, or names a set that does not exist.
func parseClass(text []rune) (c *class, length int) {
	c = &class{}
	i := 1
	if c.negated = i < len(text) && (text[i] == '!' || text[i] == '^'); c.negated {
		i++
	}
	for first := i; i < len(text) && (text[i] != ']' || i == first); i++ {
		low := text[i]
		if low == '[' && i+1 < len(text) && text[i+1] == ':' {
			end := indexRune(text[i+2:], ']')
			if end < 0 {
				return nil, 0
			}
			if name, ok := strings.CutSuffix(string(text[i+2:i+2+end]), ":"); ok && end > 0 {
				if !c.addNamed(name) {
					return nil, 0
				}
				i += 2 + end
				continue
			}
		}
		if low == '\\' {
			if i++; i == len(text) {
				return nil, 0
			}
			low = text[i]
		}
		high := low
		if i+2 < len(text) && text[i+1] == '-' && text[i+2] != ']' {
			if i += 2; text[i] == '\\' {
				if i++; i == len(text) {
					return nil, 0
				}
			}
			high = text[i]
		}
		c.ranges = append(c.ranges, span{low, high})
	}
	if i >= len(text) {
		return nil, 0
	}
	return c, i + 1
}

func indexRune(text []rune, r rune) int {
	for i, c := range text {
		if c == r {
			return i
		}
	}
	return -1
}

// addNamed adds a set such as alpha, as POSIX defines it for ASCII.
func (c *class) addNamed(name string) bool {
	digit, letters := span{'0', '9'}, span{'a', 'z'}
	ranges, ok := map[string][]span{
		"alpha": {letters}, "upper": {letters}, "lower": {letters}, // letter case does not count
		"digit": {digit}, "alnum": {letters, digit}, "xdigit": {digit, {'a', 'f'}},
		"space": {{' ', ' '}, {'\t', '\r'}}, "blank": {{' ', ' '}, {'\t', '\t'}},
		"cntrl": {{0, ' ' - 1}, {0x7f, 0x7f}}, "print": {{' ', '~'}}, "graph": {{'!', '~'}},
		"punct": {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}},
	}[name]
	c.ranges = append(c.ranges, ranges...)
	return ok
}
