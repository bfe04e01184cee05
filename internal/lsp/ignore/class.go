package ignore

import "strings"

// A class is what stands between brackets: a set of bytes.
type class [4]uint64

func (c *class) add(b byte) { c[b>>6] |= 1 << (b & 63) }

func (c *class) has(b byte) bool { return c[b>>6]&(1<<(b&63)) != 0 }

// parseClass reads the class that text begins with, and returns its length: 0
// if it does not end, or names a set that does not exist.
func parseClass(text string) (c class, length int) {
	i := 1
	negated := i < len(text) && (text[i] == '!' || text[i] == '^')
	if negated {
		i++
	}
	for first := i; i < len(text) && (text[i] != ']' || i == first); i++ {
		low := text[i]
		if low == '[' && i+1 < len(text) && text[i+1] == ':' {
			end := strings.IndexByte(text[i+2:], ']')
			if end < 0 {
				return class{}, 0
			}
			if name, ok := strings.CutSuffix(text[i+2:i+2+end], ":"); ok && end > 0 {
				if !c.addNamed(name) {
					return class{}, 0
				}
				i += 2 + end
				continue
			}
		}
		if low == '\\' {
			if i++; i == len(text) {
				return class{}, 0
			}
			low = text[i]
		}
		high := low
		if i+2 < len(text) && text[i+1] == '-' && text[i+2] != ']' {
			if i += 2; text[i] == '\\' {
				if i++; i == len(text) {
					return class{}, 0
				}
			}
			high = text[i]
		}
		c.addRange(low, high)
	}
	if i >= len(text) {
		return class{}, 0
	}
	if negated {
		for j := range c {
			c[j] = ^c[j]
		}
	}
	return c, i + 1
}

// addRange adds the bytes from low to high, and those that differ from them in
// letter case.
func (c *class) addRange(low, high byte) {
	for b := int(low); b <= int(high); b++ {
		c.addFolded(byte(b))
	}
}

func (c *class) addFolded(b byte) {
	c.add(b)
	switch {
	case b >= 'a' && b <= 'z':
		c.add(b - 'a' + 'A')
	case b >= 'A' && b <= 'Z':
		c.add(b - 'A' + 'a')
	}
}

// addNamed adds a set such as alpha, as POSIX defines it for ASCII.
func (c *class) addNamed(name string) bool {
	within := map[string]func(b byte) bool{
		"alpha":  func(b byte) bool { return isAlpha(b) },
		"digit":  isDigit,
		"alnum":  func(b byte) bool { return isAlpha(b) || isDigit(b) },
		"upper":  isAlpha, // letter case does not count
		"lower":  isAlpha,
		"space":  func(b byte) bool { return b == ' ' || b >= '\t' && b <= '\r' },
		"blank":  func(b byte) bool { return b == ' ' || b == '\t' },
		"cntrl":  func(b byte) bool { return b < ' ' || b == 0x7f },
		"print":  func(b byte) bool { return b >= ' ' && b < 0x7f },
		"graph":  func(b byte) bool { return b > ' ' && b < 0x7f },
		"punct":  func(b byte) bool { return b > ' ' && b < 0x7f && !isAlpha(b) && !isDigit(b) },
		"xdigit": func(b byte) bool { return isDigit(b) || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F' },
	}[name]
	if within == nil {
		return false
	}
	for b := range 256 {
		if within(byte(b)) {
			c.add(byte(b))
		}
	}
	return true
}

func isAlpha(b byte) bool { return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
