// Package thinking separates an answer from thinking that stands in its text:
// several servers leave it there, between tags or in channels. It knows text alone,
// no server and no wire format; any format may use it.
//
// An answer that mentions tags must stay an answer. A tag acts at the
// start of the answer or of a line, never in code; behind a first block of
// thinking it acts between two sentences too. A block that starts later than the
// answer is thinking only once its end is there. An end tag alone on its line,
// in a text that named none before, says that all before it was thinking.
package thinking

import (
	"bytes"
	"slices"

	"github.com/llmls/llmls/internal/completion"
)

// A Splitter reads the text of one answer in pieces, cut anywhere. The zero
// value with Give and Refile set is ready.
type Splitter struct {
	// Give takes each piece of text, as soon as its kind, Delta or Reasoning,
	// is decided. It must not keep the slice.
	Give func(kind completion.EventKind, text []byte)
	// Refile is called when all that was given as Delta so far turns out to be thinking.
	Refile func()

	mode   mode
	held   []byte // text that is not decided yet
	lines  lines  // of the answer
	last   byte   // the last byte of the answer that was no space, 0 before it
	prev   byte   // the last byte of the answer
	first  []byte // the first bytes of the answer, as many as isUnmarked needs
	wrap   string // the end tag of what is around the answer, "" if nothing is
	recent []byte // what was given out last, at least what context needs

	pair     pair // of the block that is open
	start    int  // the length of its start tag
	inner    pair // of a block within it
	nested   bool // its start tag came again within it
	opened   bool // text of the block was given
	late     bool // the block began behind text of the answer
	looked   int  // held bytes in which no end tag starts
	doubtful bool // the last block may have ended later
	strict   bool // an unclosed block was given up, so no further one is opened
	apart    bool // the server streams the thinking in members of its own
	blocks   int  // blocks of thinking so far
	named    bool // the answer named a tag
	over     bool // no more text comes
	harmony  harmony
}

// mode is what the text is a part of.
type mode uint8

const (
	blank    mode = iota // nothing but space so far
	answer               // the answer
	block                // thinking, given as it comes
	draft                // what is thinking if it is closed as thinking is
	behind               // the line ends behind an end tag
	channels             // harmony
)

const (
	// maxBlank is how much space may stand in front of the start tag.
	maxBlank = 1 << 10
	// maxDraft is how much text waits for an end tag that may not come.
	maxDraft = 64 << 10
)

// Apart records that the server streams thinking in members of its own. It reports
// whether that is to be used: not while the text holds the same between tags.
func (s *Splitter) Apart() bool {
	s.apart = true
	return s.mode != block
}

// Write takes the next piece of text and gives out what can be decided.
func (s *Splitter) Write(text []byte) {
	s.held = append(s.held, text...)
	for s.step() {
	}
}

// End gives out what was held back for a continuation that will not come. A block
// at the start that never closed was thinking to the end.
func (s *Splitter) End() {
	s.over = true
	for s.step() {
	}
	switch s.mode {
	case block:
		s.give(completion.Reasoning, s.held)
	case channels:
		s.harmony.end(s)
	default:
		s.give(completion.Delta, s.held)
	}
	s.held = nil
}

// step decides about the start of the held text. It reports whether there is more
// to decide.
func (s *Splitter) step() bool {
	if len(s.held) == 0 {
		return false
	}
	switch s.mode {
	case blank:
		return s.stepBlank()
	case answer:
		return s.stepAnswer()
	case block:
		return s.stepBlock()
	case draft:
		return s.stepDraft()
	case behind:
		s.take(len(s.held) - len(bytes.TrimLeft(s.held, "\r\n")))
		if len(s.held) == 0 {
			return false
		}
		s.mode = blank
		if s.last != 0 {
			s.mode = answer
		}
		return true
	default:
		return s.harmony.step(s)
	}
}

// stepBlank looks at the start of the answer.
func (s *Splitter) stepBlank() bool {
	text := bytes.TrimLeft(s.held, " \t\r\n")
	if len(text) == 0 && len(s.held) < maxBlank {
		return false
	}
	space := len(s.held) - len(text)
	message, open := startsMessage(text)
	switch acted, wait := s.around(text); {
	case message:
		s.take(space)
		s.mode = channels
		return true
	case wait || open && !s.over:
		return false
	case acted:
		return true
	}
	found, p, n := matchTag(text)
	if found == noMatch && s.blocks == 0 {
		found, p, n = matchPhrase(text)
	}
	switch {
	case found == partial && len(s.held) < maxBlank && !s.over:
		return false
	case found == startTag:
		rest := text[n:]
		switch f := followOf(rest, s.over); {
		case f == unclear:
			return false
		case f == quotation && !isQuote(rest[0]) && rest[0] != '.': // not thinking about `x` or .NET
		case f == sentence || f == quotation || s.apart || s.blocks > 0 || isPhrase(p):
			s.take(space)
			s.mode, s.pair, s.start, s.looked, s.late = draft, p, n, n, false
			return true
		default:
			s.take(space + n)
			s.mode, s.pair, s.inner, s.opened = block, p, pair{}, false
			return true
		}
	case found == endTag: // nothing was thought, or apart, or the end came twice
		rest := text[n:]
		switch f := followOfEnd(nil, rest, s.over); {
		case f == unclear:
			return false
		case f == lineEnd, f == thought && (s.apart || rest[0] != ' ' && rest[0] != '\t'):
			s.take(space + n)
			s.mode, s.blocks = behind, s.blocks+1
			return true
		}
	}
	s.mode = answer
	return true
}

// matchPhrase is matchTag for the first sentence of a thinking between phrases.
func matchPhrase(text []byte) (found match, p pair, n int) {
	for _, p := range phrases() {
		tag, open := prefixOf(text, p.start)
		if tag != "" {
			return startTag, p, len(tag)
		}
		if open && len(text) > 0 {
			found = partial
		}
	}
	return found, pair{}, 0
}

func isPhrase(p pair) bool { return slices.Contains(phrases(), p) }
