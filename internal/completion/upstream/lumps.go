package upstream

import "time"

const (
	// lumpPieces is how many pieces have to arrive at once to count as a lump: more
	// than a busy network delivers together. lumpPause is how long the wait before
	// them must have been: nobody notices a shorter one.
	lumpPieces = 8
	lumpPause  = 150 * time.Millisecond
	// fewestLumps is the number of lumps below which it may be chance.
	fewestLumps = 2
)

// lumps recognises a proxy that buffers the pieces of an answer and sends many at
// once, as nginx does by default: 4 KiB at a time.
type lumps struct {
	waited  time.Duration // for the pieces that have arrived
	pieces  int           // since then
	total   int
	inLumps int // of total
	lumps   int
}

func (l *lumps) piece() { l.pieces++ }

// arrived takes what came since the last time as one arrival. All waiting for the
// endpoint until now took waited: the consumer's time is not the network's.
func (l *lumps) arrived(waited time.Duration) {
	if l.pieces == 0 {
		return
	}
	if l.pieces >= lumpPieces && waited-l.waited >= lumpPause {
		l.lumps++
		l.inLumps += l.pieces
	}
	l.total += l.pieces
	l.pieces, l.waited = 0, waited
}

// count returns in how many lumps the answer came, 0 if it was streamed.
func (l *lumps) count() int {
	if l.lumps < fewestLumps || 2*l.inLumps < l.total {
		return 0
	}
	return l.lumps
}
