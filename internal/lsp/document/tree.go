package document

import (
	"iter"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// The tree under a Text: immutable leaves of whole UTF-8 sequences, joined by
// nodes that are balanced as in an AVL tree (Blelloch, Ferizovic and Sun, "Just
// Join for Parallel Ordered Sets", 2016). Every node holds the sums of its part,
// so each query of the text is one walk from the root.

const (
	// maxChunk is the largest leaf in bytes. An edit copies and measures one
	// leaf and copies the path to it: with 2 KiB the leaf costs more than the
	// path even in 10 MB, so that large documents are edited as fast as small.
	maxChunk = 2048
	// minChunk is the smallest leaf of a tree that has more than one.
	minChunk = maxChunk / 4
)

// sums are the lengths of a piece of text in each unit, and its line breaks.
type sums struct {
	bytes, breaks, utf16, runes int

	// A \r\n may be cut in two by the border of a leaf; then each half was
	// counted as a line break and joining them takes one away again.
	startsLF, endsCR bool
}

func measure(s string) sums {
	if s == "" {
		return sums{}
	}
	m := sums{bytes: len(s), startsLF: s[0] == '\n', endsCR: s[len(s)-1] == '\r'}
	m.breaks = strings.Count(s, "\n")
	if cr := strings.Count(s, "\r"); cr > 0 {
		m.breaks += cr - strings.Count(s, "\r\n")
	}
	m.runes, m.utf16 = countRunes(s)
	return m
}

// countRunes returns the number of runes and of UTF-16 units of valid UTF-8. It
// looks at eight bytes at a time: each edit measures a leaf.
func countRunes(s string) (runes, utf16 int) {
	const ones = 0x0101_0101_0101_0101
	inner, astral := 0, 0 // bytes 10xxxxxx; bytes 1111xxxx, which start a surrogate pair in UTF-16
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		if x&(ones<<7) == 0 {
			continue
		}
		inner += bits.OnesCount64(x >> 7 & ^(x >> 6) & ones)
		astral += bits.OnesCount64(x >> 7 & (x >> 6) & (x >> 5) & (x >> 4) & ones)
	}
	for ; i < len(s); i++ {
		if !utf8.RuneStart(s[i]) {
			inner++
		} else if s[i] >= 0xF0 {
			astral++
		}
	}
	return len(s) - inner, len(s) - inner + astral
}

// plus returns the sums of the text of a followed by the text of b.
func (a sums) plus(b sums) sums {
	if a.bytes == 0 {
		return b
	}
	if b.bytes == 0 {
		return a
	}
	m := sums{
		bytes: a.bytes + b.bytes, breaks: a.breaks + b.breaks, utf16: a.utf16 + b.utf16, runes: a.runes + b.runes,
		startsLF: a.startsLF, endsCR: b.endsCR,
	}
	if a.endsCR && b.startsLF {
		m.breaks--
	}
	return m
}

// units returns the length in units of e.
func (a *sums) units(e Encoding) int {
	switch e {
	case UTF8:
		return a.bytes
	case UTF32:
		return a.runes
	default:
		return a.utf16
	}
}

// A node is a leaf with text, or has two children. It never changes. The empty
// text is nil.
type node struct {
	sums
	height      int
	text        string
	left, right *node
}

func leaf(s string) *node { return &node{sums: measure(s), text: s} }

func branch(l, r *node) *node {
	return &node{sums: l.plus(r.sums), height: 1 + max(l.height, r.height), left: l, right: r}
}

func (n *node) isLeaf() bool { return n.left == nil }

// build cuts s, valid UTF-8, into a balanced tree. It copies s, so that no leaf
// keeps a message alive.
func build(s string) *node {
	switch {
	case s == "":
		return nil
	case len(s) <= maxChunk:
		return buildLeaves(s, 1)
	}
	const full = maxChunk * 3 / 4 // leaves room for typing
	return buildLeaves(s, (len(s)+full-1)/full)
}

// buildLeaves cuts s into n leaves of about the same size. Their number, not
// their size, is what is halved: that decides the height of each side.
func buildLeaves(s string, n int) *node {
	if n == 1 {
		return leaf(strings.Clone(s))
	}
	mid := floor(s, len(s)/n*(n/2))
	return branch(buildLeaves(s[:mid], n/2), buildLeaves(s[mid:], n-n/2))
}

// join returns the text of l followed by that of r.
func join(l, r *node) *node {
	switch {
	case l == nil:
		return r
	case r == nil:
		return l
	case l.height > r.height+1:
		return balance(l.left, join(l.right, r))
	case r.height > l.height+1:
		return balance(join(l, r.left), r.right)
	}
	return branch(l, r)
}

// balance is branch for heights that differ by two at most.
func balance(l, r *node) *node {
	switch {
	case r.height > l.height+1:
		if r.left.height > r.right.height {
			return branch(branch(l, r.left.left), branch(r.left.right, r.right))
		}
		return branch(branch(l, r.left), r.right)
	case l.height > r.height+1:
		if l.right.height > l.left.height {
			return branch(branch(l.left, l.right.left), branch(l.right.right, r))
		}
		return branch(l.left, branch(l.right, r))
	}
	return branch(l, r)
}

// before returns the leaves that end before off, or at it, and the part in
// front of off of the leaf that does not.
func (n *node) before(off int) (*node, string) {
	if n == nil {
		return nil, ""
	}
	if n.isLeaf() {
		return nil, n.text[:floor(n.text, off)]
	}
	if off <= n.left.bytes {
		return n.left.before(off)
	}
	rest, part := n.right.before(off - n.left.bytes)
	return join(n.left, rest), part
}

// after is before for what follows off.
func (n *node) after(off int) (string, *node) {
	if n == nil {
		return "", nil
	}
	if n.isLeaf() {
		return n.text[floor(n.text, off):], nil
	}
	if off >= n.left.bytes {
		return n.right.after(off - n.left.bytes)
	}
	part, rest := n.left.after(off)
	return part, join(rest, n.right)
}

// typed replaces [start, end) by with where that changes one leaf only, by
// copying the path to it. It returns nil if the leaf would become too large or
// too small.
func (n *node) typed(start, end int, with string) *node {
	if n.isLeaf() {
		start, end = floor(n.text, start), floor(n.text, end)
		size := len(n.text) - (end - start) + len(with)
		if size < minChunk || size > maxChunk {
			return nil
		}
		return leaf(n.text[:start] + with + n.text[end:])
	}
	at := n.left.bytes
	if end <= at {
		if l := n.left.typed(start, end, with); l != nil {
			return branch(l, n.right)
		}
	} else if start >= at {
		if r := n.right.typed(start-at, end-at, with); r != nil {
			return branch(n.left, r)
		}
	}
	return nil
}

// replace returns the tree with [start, end) replaced by with, valid UTF-8.
func (n *node) replace(start, end int, with string) *node {
	if n == nil {
		return build(with)
	}
	if typed := n.typed(start, end, with); typed != nil {
		return typed
	}
	left, head := n.before(start)
	tail, right := n.after(end)
	if len(head)+len(with)+len(tail) < minChunk {
		// Too little for a leaf: take in a neighbour.
		if left != nil {
			var last string
			left, last = left.before(left.bytes)
			head = last + head
		} else if right != nil {
			var first string
			first, right = right.after(0)
			tail += first
		}
	}
	return join(join(left, build(head+with+tail)), right)
}

// prefix returns the sums of the first off bytes.
func (n *node) prefix(off int) sums {
	var sum sums
	if n == nil {
		return sum
	}
	for !n.isLeaf() {
		if off < n.left.bytes {
			n = n.left
			continue
		}
		sum = sum.plus(n.left.sums)
		off -= n.left.bytes
		n = n.right
	}
	return sum.plus(measure(n.text[:floor(n.text, off)]))
}

// pastBreak returns the offset behind the k-th line break, 1 ≤ k ≤ n.breaks.
func (n *node) pastBreak(k int) int {
	base := 0
	for !n.isLeaf() {
		in := n.left.breaks
		if n.left.endsCR && n.right.startsLF {
			in-- // that line break ends in the right child
		}
		if k <= in {
			n = n.left
			continue
		}
		k -= in
		base += n.left.bytes
		n = n.right
	}
	if strings.IndexByte(n.text, '\r') < 0 { // as in most texts; much faster than byte by byte
		i := 0
		for ; k > 0; k-- {
			i += strings.IndexByte(n.text[i:], '\n') + 1
		}
		return base + i
	}
	for i := 0; ; i++ {
		switch n.text[i] {
		case '\r':
			if i+1 < len(n.text) && n.text[i+1] == '\n' {
				continue
			}
		case '\n':
		default:
			continue
		}
		if k--; k == 0 {
			return base + i + 1
		}
	}
}

// seek returns the offset of the rune in which the unit number u of e stands,
// and whether u is the rune's first unit. Behind the end it returns the end.
func (n *node) seek(u int, e Encoding) (off int, exact bool) {
	if n == nil || u >= n.units(e) {
		return n.size(), true
	}
	base := 0
	for !n.isLeaf() {
		if in := n.left.units(e); u >= in {
			u -= in
			base += n.left.bytes
			n = n.right
			continue
		}
		n = n.left
	}
	if e == UTF8 {
		at := floor(n.text, u)
		return base + at, at == u
	}
	for i, r := range n.text {
		w := 1
		if e == UTF16 && r > 0xFFFF {
			w = 2
		}
		if u < w {
			return base + i, u == 0
		}
		u -= w
	}
	return base + n.bytes, true
}

// leaves yields the text of the leaves in their order.
func (n *node) leaves() iter.Seq[string] {
	return func(yield func(string) bool) { n.each(0, n.size(), yield) }
}

func (n *node) byteAt(off int) byte {
	for !n.isLeaf() {
		if off < n.left.bytes {
			n = n.left
			continue
		}
		off -= n.left.bytes
		n = n.right
	}
	return n.text[off]
}

func (n *node) size() int {
	if n == nil {
		return 0
	}
	return n.bytes
}

// each yields the pieces of [start, end), in their order. It returns false if
// yield did.
func (n *node) each(start, end int, yield func(string) bool) bool {
	if start >= end {
		return true
	}
	if n.isLeaf() {
		return yield(n.text[floor(n.text, start):floor(n.text, end)])
	}
	at := n.left.bytes
	return n.left.each(start, min(end, at), yield) && n.right.each(max(start-at, 0), end-at, yield)
}

// floor rounds off down to the start of a rune of s.
func floor(s string, off int) int {
	for off > 0 && off < len(s) && !utf8.RuneStart(s[off]) {
		off--
	}
	return off
}
