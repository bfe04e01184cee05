package upstream

import (
	"bytes"
	"hash/maphash"
)

// repeat recognises servers that send all of the text once more, as the last of many
// deltas. Such a delta waits: if text follows, the answer did repeat itself.
type repeat struct {
	hash   maphash.Hash // of the text so far
	size   int
	last   byte // of it
	spaced bool // it has a space in it
	deltas int
	held   []byte
}

const (
	// fewestDeltas and shortestRepeat (in bytes) are the least for which a delta that
	// is all the text so far counts as a repeat: words and lines do occur twice.
	fewestDeltas   = 3
	shortestRepeat = 32
	// shortestSeamless is the least in bytes, of two deltas and with a space in them,
	// where no space parts the repeat from the text: then it is no new sentence.
	shortestSeamless = 8
	// longestRepeat bounds what waits, in bytes.
	longestRepeat = 256 << 10
)

// take returns the part of the next delta that may be passed on. It is valid until the
// next call.
func (r *repeat) take(delta []byte) []byte {
	switch {
	case len(delta) == 0:
		return nil
	case r.held != nil:
		delta = append(r.held, delta...)
		r.held = nil
	case r.isAll(delta):
		r.held = bytes.Clone(delta)
		return nil
	}
	_, _ = r.hash.Write(delta) // never fails
	r.size += len(delta)
	r.last, r.spaced = delta[len(delta)-1], r.spaced || bytes.IndexByte(delta, ' ') >= 0
	r.deltas++
	return delta
}

// isAll reports whether delta is all the text so far, and that is not the same thing
// over and over.
func (r *repeat) isAll(delta []byte) bool {
	if len(delta) != r.size || r.size > longestRepeat {
		return false
	}
	seamless := r.size >= shortestSeamless && r.deltas >= 2 && r.spaced && isSeamless([]byte{r.last}, delta)
	if !seamless && (r.size < shortestRepeat || r.deltas < fewestDeltas) {
		return false
	}
	return maphash.Bytes(r.hash.Seed(), delta) == r.hash.Sum64() && period(delta) > len(delta)/2
}
