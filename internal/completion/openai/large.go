package openai

import (
	"errors"
	"sync/atomic"
)

const (
	// freeText and freeBuffer are what each stream may hold whatever others do:
	// the longest answers that models give, and lines longer than any chunk.
	freeText   = 1 << 20
	freeBuffer = 256 << 10
	// maxLarge is what all streams of a Client may hold beside that, in bytes:
	// the longest answer in a single event, which is there twice. 64 answers at
	// once and what is made of them have to fit into 200 MB.
	maxLarge = 2 * maxAnswer
)

// errTooLarge is for a stream that wants to hold more than others have left.
var errTooLarge = errors.New("too many long answers are running at once")

// A large is what the streams of a Client hold beyond what is free, in bytes.
type large struct{ taken atomic.Int64 }

// A holding is what one stream holds of it.
type holding struct {
	of    *large
	taken int64
}

// set says how much text and how large a buffer the stream has, or is about to
// have. It fails if that is too much beside what others hold.
func (h *holding) set(text, buffer int) error {
	want := int64(max(0, text-freeText) + max(0, buffer-freeBuffer))
	more := want - h.taken
	switch {
	case more == 0: // nearly always
		return nil
	case h.of.taken.Add(more) > maxLarge && more > 0:
		h.of.taken.Add(-more)
		return errTooLarge
	}
	h.taken = want
	return nil
}

// release gives everything back.
func (h *holding) release() {
	h.of.taken.Add(-h.taken)
	h.taken = 0
}
