// Package secrets finds what looks like a secret and keeps it out of prompts and
// logs. Everything in it is a pure function of its arguments, except that a Redactor
// has known secrets.
package secrets

import (
	"slices"
	"strings"
	"sync"
)

// A Secret is a part of a text that looks like a secret.
type Secret struct {
	Start, End int    // in bytes
	Kind       string // such as "AWS access key", for a person to read
}

// Find returns what looks like a secret in text, in order and without overlap:
// private keys, whole or cut at either end; the keys and tokens of providers
// that are recognised by their form; passwords in addresses, in headers and in
// assignments. It errs on the side of finding too much, but for what is
// plainly a placeholder, a variable or a call. What Redact left in place of a
// secret is not found again.
//
// It takes one pass for the literals that the shapes have in common, and looks
// closer only where one stands.
func Find(text string) []Secret {
	s := shapes()
	var found []hit
	for i := 0; i+2 < len(text); i++ {
		if s.first[text[i]]&s.second[text[i+1]]&s.third[text[i+2]] == 0 {
			continue
		}
		for _, shape := range s.starts[start(text[i], text[i+1], text[i+2])] {
			if shape.stands(text, i) {
				found = shape.find(found, text, i, shape)
			}
		}
	}
	for i := range found {
		h := &found[i]
		h.Start = behindEscape(text, h.Start, h.End)
		h.End = beforeEscape(text, h.Start, h.End)
	}
	return merge(slices.DeleteFunc(found, func(h hit) bool { return h.Start == h.End || strings.HasPrefix(text[h.Start:], mark) }))
}

// mark is how what stands in place of a secret begins.
const mark = "[redacted: "

// behindEscape returns where a secret at [start:end) begins if the backslash
// before it escapes its first letter, or its first five: what is left of a
// string must stay one.
func behindEscape(text string, start, end int) int {
	switch {
	case start == end || !escaped(text, start):
		return start
	case text[start] == 'u' && (hex|upperHex).run(text, start+1) >= start+5:
		return min(start+5, end)
	case strings.IndexByte(escapes, text[start]) >= 0:
		return start + 1
	}
	return start
}

// beforeEscape returns where a secret at [start:end) ends if an escape is only
// begun in it.
func beforeEscape(text string, start, end int) int {
	i := strings.LastIndexByte(text[start:end], '\\')
	if i < 0 || escaped(text, start+i) {
		return end
	}
	if at := start + i; at+1 == end || text[at+1] == 'u' && end < at+6 {
		return at
	}
	return end
}

// escaped reports whether an odd number of backslashes stands before at.
func escaped(text string, at int) bool {
	return (at-len(strings.TrimRight(text[:at], `\`)))%2 == 1
}

// A hit is a Secret and how sure it is: of two that overlap, the surer one
// gives its name to both.
type hit struct {
	Secret
	rank int
}

// The ranks. An assignment says least about what its value is.
const (
	rankAssignment = iota
	rankHeader
	rankToken
	rankPrivateKey
)

func merge(found []hit) []Secret {
	if len(found) == 0 {
		return nil
	}
	slices.SortFunc(found, func(a, b hit) int {
		if a.Start != b.Start {
			return a.Start - b.Start
		}
		return b.rank - a.rank
	})
	merged := found[:1]
	for _, h := range found[1:] {
		last := &merged[len(merged)-1]
		if h.Start >= last.End {
			merged = append(merged, h)
			continue
		}
		last.End = max(last.End, h.End)
		if h.rank > last.rank {
			last.rank, last.Kind = h.rank, h.Kind
		}
	}
	secrets := make([]Secret, len(merged))
	for i, h := range merged {
		secrets[i] = h.Secret
	}
	return secrets
}

// A shape is a literal that some secrets have, and the way to find their
// borders from there.
type shape struct {
	kind    string
	literal string // at least three bytes; in lower case if fold
	fold    bool   // the literal is found in either letter case
	set     set    // what follows the literal of a token
	min     int    // bytes of set after the literal
	max     int    // 0 is no limit
	find    func(found []hit, text string, at int, s *shape) []hit
}

func (s *shape) stands(text string, at int) bool {
	end := at + len(s.literal)
	if end > len(text) {
		return false
	}
	if s.fold {
		for i := range len(s.literal) { // only of ASCII
			c := text[at+i]
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			if c != s.literal[i] {
				return false
			}
		}
		return true
	}
	return text[at:end] == s.literal
}

// An index finds the places where the first three bytes of a literal stand. Three
// look-ups without a branch rule out most other places; literals share 64 bits for
// that.
type index struct {
	first, second, third [256]uint64
	starts               [1 << 11][]*shape // by start
}

// start is a number for three bytes, in either letter case. Few others have it.
func start(a, b, c byte) int {
	const fold = 'a' - 'A'
	return (int(a|fold)*961 + int(b|fold)*31 + int(c|fold)) & (1<<11 - 1)
}

// shapes is made when it is first needed: an editor waits for the start.
// Neighbours in the order of their letters share a bit, so that few other texts
// seem to begin one.
var shapes = sync.OnceValue(func() *index {
	x := new(index)
	list := slices.Concat(tokenShapes(), otherShapes())
	begins := func(s *shape) string { return strings.ToLower(s.literal[:3]) }
	var all []string
	for i := range list {
		all = append(all, begins(&list[i]))
	}
	slices.Sort(all)
	all = slices.Compact(all)
	for i := range list {
		s := &list[i]
		at, _ := slices.BinarySearch(all, begins(s))
		bit := uint64(1) << (at * 64 / len(all))
		for at, table := range []*[256]uint64{&x.first, &x.second, &x.third} {
			table[s.literal[at]] |= bit
			if c := s.literal[at]; s.fold && c >= 'a' && c <= 'z' {
				table[c-'a'+'A'] |= bit
			}
		}
		n := start(s.literal[0], s.literal[1], s.literal[2])
		x.starts[n] = append(x.starts[n], s)
	}
	return x
})

// A set is a set of classes of bytes.
type set uint16

const (
	digits   set = 1 << iota
	lowerHex     // a-f
	lowerRest
	upperHex // A-F
	upperRest
	underscore
	dash
	dot
	base64Signs // + and /
	equals
	tilde

	hex     = digits | lowerHex
	lower   = lowerHex | lowerRest
	upper   = upperHex | upperRest
	letter  = lower | upper
	alnum   = letter | digits
	word    = alnum | underscore
	dashed  = word | dash
	radix64 = alnum | base64Signs
)

func setOf(c byte) set {
	switch {
	case c >= '0' && c <= '9':
		return digits
	case c >= 'a' && c <= 'f':
		return lowerHex
	case c >= 'a' && c <= 'z':
		return lowerRest
	case c >= 'A' && c <= 'F':
		return upperHex
	case c >= 'A' && c <= 'Z':
		return upperRest
	}
	switch c {
	case '_':
		return underscore
	case '-':
		return dash
	case '.':
		return dot
	case '+', '/':
		return base64Signs
	case '=':
		return equals
	case '~':
		return tilde
	}
	return 0
}

func (s set) has(c byte) bool { return s&setOf(c) != 0 }

// longest bounds how far a shape is followed, so that text made to look like
// secrets all over takes no more than linear time. No token is longer.
const longest = 4 << 10

// run returns the end of the bytes of s that begin at.
func (s set) run(text string, at int) int { return s.runTo(text, at, at+longest) }

// runTo is run, but goes no further than limit.
func (s set) runTo(text string, at, limit int) int {
	for limit = min(len(text), limit); at < limit && s.has(text[at]); {
		at++
	}
	return at
}

// runBack returns the start of the bytes of s that end at.
func (s set) runBack(text string, at int) int {
	start := at
	for limit := max(0, at-longest); start > limit && s.has(text[start-1]); {
		start--
	}
	if start > 0 && start < at && text[start-1] == '\\' && strings.IndexByte(escapes, text[start]) >= 0 {
		start++
	}
	return start
}

// escapes are the letters that a backslash makes a line end or a tab of.
const escapes = "nrtbf"

// begins reports whether a token may begin at: not in the middle of a word. The
// n of an escaped line end belongs to no word.
func begins(text string, at int) bool {
	if at == 0 || !word.has(text[at-1]) {
		return true
	}
	return at > 1 && text[at-2] == '\\' && strings.IndexByte(escapes, text[at-1]) >= 0
}

// token is the find function of shapes that are recognised by how they begin.
func token(found []hit, text string, at int, s *shape) []hit {
	if !begins(text, at) || within(found, at) {
		return found
	}
	start, most := at+len(s.literal), s.max
	if most == 0 {
		most = longest
	}
	end := s.set.runTo(text, start, start+most+1)
	if n := end - start; n < s.min || s.max > 0 && n > s.max || repeats(text[start:end]) {
		return found
	}
	return append(found, hit{Secret{at, end, s.kind}, rankToken})
}

// within reports whether at is inside of the token or key found last, as parts of
// a long one are that look like another.
func within(found []hit, at int) bool {
	return len(found) > 0 && found[len(found)-1].rank >= rankToken && at < found[len(found)-1].End
}

// repeats reports whether s is made of four different bytes at most: a
// placeholder such as xxxx-xxxx.
func repeats(s string) bool {
	const enough = 64
	var seen [4]byte
	n := 0
	for i := range min(len(s), enough) {
		if slices.Contains(seen[:n], s[i]) {
			continue
		}
		if n == len(seen) {
			return false
		}
		seen[n] = s[i]
		n++
	}
	return true
}
