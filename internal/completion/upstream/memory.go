package upstream

import (
	"errors"
	"sync/atomic"
)

const (
	// freeText and freeBuffer are what each stream may hold whatever the others
	// hold, in bytes: the longest answers that models give, and lines longer than
	// any chunk.
	freeText   = 512 << 10
	freeBuffer = 256 << 10
	// maxShared is what all streams of a Client together may hold beyond that, in
	// bytes: the longest answer in a single event, which is in memory twice. 64
	// answers at once and what is made of them have to fit into 200 MB.
	maxShared = 2 * maxAnswer
)

// errTooLarge is for a stream that needs more memory than other streams have left.
var errTooLarge = errors.New("too many long answers are running at once")

// A sharedMemory counts the bytes that the streams of a Client hold beyond
// freeText and freeBuffer. It is safe for concurrent use.
type sharedMemory struct{ taken atomic.Int64 }

// A memoryShare is one stream's part of a sharedMemory.
type memoryShare struct {
	of    *sharedMemory
	taken int64 // in bytes
}

// set announces how long the text and the buffer of the stream are, or are about
// to be, in bytes. It fails if the other streams leave no room for that.
func (m *memoryShare) set(text, buffer int) error {
	want := int64(max(0, text-freeText) + max(0, buffer-freeBuffer))
	more := want - m.taken
	switch {
	case more == 0: // nearly always
		return nil
	case m.of.taken.Add(more) > maxShared && more > 0:
		m.of.taken.Add(-more)
		return errTooLarge
	}
	m.taken = want
	return nil
}

// release gives everything back.
func (m *memoryShare) release() {
	m.of.taken.Add(-m.taken)
	m.taken = 0
}
