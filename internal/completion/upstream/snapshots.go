package upstream

import (
	"bytes"
	"slices"
)

// snapshots recognises servers whose deltas each hold all the text so far
// (DashScope without incremental_output, Apple's foundation models behind a
// shim), and takes what is new out of them. A text that repeats itself must not
// suffer: it counts only if each delta from the first one on begins with the one
// before and goes on, and only where that is no mere repetition. Until it is
// decided, such deltas wait for the next.
type snapshots struct {
	mode  snapshotMode
	last  []byte // the last delta, or all the text so far
	held  []byte // deltas that were not given out yet, as they came
	given int    // how much of the text was
	grown int    // how many deltas continued the one before
}

type snapshotMode uint8

const (
	mayBeSnapshots snapshotMode = iota
	notSnapshots
	areSnapshots
)

const (
	// enoughSnapshots is how many deltas have to continue the one before.
	enoughSnapshots = 3
	// enoughAtTheEnd is as many where no more come, and longAtTheEnd how long the
	// text must be then, in bytes: a few letters repeat by chance, words less so.
	enoughAtTheEnd = 2
	longAtTheEnd   = 12
	wordsAtTheEnd  = 8 // with a space in it
	// longOnce is how long, in bytes and with a space in it, a delta must be for a
	// single one that continues it to be enough at the end, if no space parts the two.
	longOnce = 16
	// maxSnapshot bounds what waits, in bytes.
	maxSnapshot = 64 << 10
)

// take returns what is new in the next delta. It is valid until the next call.
func (s *snapshots) take(delta []byte) []byte {
	switch s.mode {
	case notSnapshots:
		return delta
	case areSnapshots:
		return s.rest(delta)
	}
	text := whole(delta)
	switch {
	case len(delta) == 0:
		return nil
	case s.last == nil:
		s.last, s.given, s.held = slices.Clone(text), len(text), slices.Clone(delta[len(text):])
		return text
	case !bytes.HasPrefix(text, s.last), len(text) == len(s.last) && s.grown == 0, len(s.held)+len(delta) > maxSnapshot:
		s.mode = notSnapshots
		s.held = append(s.held, delta...)
		s.last = nil
		return s.held
	case len(text) > len(s.last) && isTelling(s.last) && isTelling(text):
		s.grown++
	}
	s.held = append(s.held, delta...)
	s.last = append(s.last[:0], text...)
	switch {
	case s.grown < enoughSnapshots:
		return nil
	case s.repeats():
		s.mode = notSnapshots
		return s.held
	}
	s.mode, s.held = areSnapshots, nil
	return s.last[s.given:]
}

// rest returns what a snapshot adds to the last one.
func (s *snapshots) rest(delta []byte) []byte {
	delta = whole(delta)
	known := len(s.last)
	words := string(s.last[max(0, known-wordsAtTheEnd):])
	switch {
	case bytes.HasPrefix(delta, s.last):
		s.last = append(s.last, delta[known:]...)
	case bytes.HasPrefix(s.last, delta): // an earlier one again
	case isRevision(s.last, delta): // what it takes back has been shown
		s.last = append(s.last[:0], delta...)
		return behind(delta, known, words)
	default:
		s.last = append(s.last, delta...)
	}
	return s.last[known:]
}

// isRevision reports whether a snapshot is the last one, changed towards its end.
func isRevision(last, delta []byte) bool {
	same := 0
	for same < min(len(last), len(delta)) && last[same] == delta[same] {
		same++
	}
	return same >= wordsAtTheEnd && same >= len(last)/3
}

// behind returns what a revised snapshot has behind the end of the last one, whose
// length was known: behind the same words, if it has them.
func behind(delta []byte, known int, words string) []byte {
	if i := bytes.LastIndex(delta, []byte(words)); i >= 0 {
		return delta[i+len(words):]
	}
	return delta[min(known, len(delta)):]
}

// whole returns text without a character at its end whose rest comes with the next
// snapshot.
func whole(text []byte) []byte {
	for bytes.HasSuffix(text, []byte("\uFFFD")) {
		text = text[:len(text)-len("\uFFFD")]
	}
	return text
}

// end returns what is left to be given out.
func (s *snapshots) end() []byte {
	switch long := len(s.last) >= longAtTheEnd || len(s.last) >= wordsAtTheEnd && bytes.IndexByte(s.last, ' ') > 0; {
	case s.mode != mayBeSnapshots:
		return nil
	case s.repeats():
	case s.grown >= enoughAtTheEnd && long, s.grown > 0 && s.isOnceEnough():
		return s.last[s.given:]
	}
	return s.held
}

// isOnceEnough reports whether the first delta is long enough not to stand twice by
// chance, without a space between.
func (s *snapshots) isOnceEnough() bool {
	first := s.last[:s.given]
	return len(first) >= longOnce && bytes.IndexByte(first, ' ') > 0 && isSeamless(first, s.last)
}

// repeats reports whether the deltas, taken as they came, make a text that is the
// same thing over and over, give or take a few bytes at its ends.
func (s *snapshots) repeats() bool {
	const ends = 4
	text := append(slices.Clone(s.last[:s.given]), s.held...)
	for from := range min(ends, len(text)) {
		for behind := range min(ends, len(text)-from) {
			if part := text[from : len(text)-behind]; period(part) <= len(part)/3 {
				return true
			}
		}
	}
	return false
}

// isSeamless reports whether no space would part two texts, one behind the other.
func isSeamless(text, next []byte) bool {
	return len(text) > 0 && len(next) > 0 && len(bytes.TrimSpace(text[len(text)-1:])) > 0 && len(bytes.TrimSpace(next[:1])) > 0
}

// size returns how many bytes are kept.
func (s *snapshots) size() int { return len(s.last) + len(s.held) }

// isTelling reports whether a repetition of text is evidence: not if it is space,
// or one thing repeated.
func isTelling(text []byte) bool {
	return len(bytes.TrimSpace(text)) > 0 && period(text) > len(text)/2
}

// period returns the shortest period of text, len(text) if nothing in it repeats:
// the failure function of Knuth, Morris and Pratt.
func period(text []byte) int {
	border := make([]int, len(text)+1)
	border[0] = -1
	for i, k := 0, -1; i < len(text); i++ {
		for k >= 0 && text[i] != text[k] {
			k = border[k]
		}
		k++
		border[i+1] = k
	}
	return len(text) - border[len(text)]
}
