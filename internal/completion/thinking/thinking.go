// Package thinking separates an answer from thinking that stands in its text:
// several servers leave it there, between tags or in channels. It knows text alone,
// no server and no wire form; any format may use it.
//
// An answer that mentions tags must stay an answer. A tag acts at the
// start of the answer or of a line, never in code; behind a first block of
// thinking it acts between two sentences too. A block that starts later than the
// answer is thinking only once its end is there. An end tag alone on its line,
// in a text that named none before, says that all before it was thinking.
package thinking

import (
	"bytes"

	"github.com/llmls/llmls/internal/completion"
)

// A Splitter reads the text of one answer in pieces, cut anywhere. The zero
// value with Give and Refile set is ready.
type Splitter struct {
	// Give takes each piece of text, as soon as its kind, Delta or Reasoning,
	// is decided. It must not keep the slice.
	Give func(kind completion.EventKind, text []byte)
	// Refile says that all that was given as Delta so far was thinking.
	Refile func()

	mode  mode
	held  []byte // text that is not decided yet
	lines lines  // of the answer
	last  byte   // the last byte of the answer that was no space, 0 before it
	prev  byte   // the last byte of the answer
	first []byte // the first bytes of the answer, as many as isUnmarked needs
	wrap  string // the end tag of what is around the answer, "" if nothing is
	tail  []byte // the last bytes of the answer, in which a tag may end

	pair    pair // of the block that is open
	opened  bool // text of the block was given
	late    bool // the block began behind text of the answer
	looked  int  // held bytes in which no end tag starts
	strict  bool // blocks that are not closed had to be given up: no more of them
	apart   bool // the server streams the thinking in members of its own
	blocks  int  // blocks of thinking so far
	named   bool // the answer named a tag
	over    bool // no more text comes
	harmony harmony
}

// mode is what the text is a part of.
type mode uint8

const (
	blank    mode = iota // nothing but space so far
	answer               // the answer
	block                // thinking, given as it comes
	draft                // what is thinking if it is closed as thinking is
	behind               // the line ends behind an end tag
	orphan               // an end tag without a start, and nothing behind it yet
	channels             // harmony
)

const (
	// maxBlank is how much space may stand in front of the start tag.
	maxBlank = 1 << 10
	// maxDraft is how much text waits for an end tag that may not come.
	maxDraft = 64 << 10
)

// Pass reports whether text, the next piece, is the answer and nothing but that,
// in which case it need not go through Write, and must not.
func (s *Splitter) Pass(text []byte) bool {
	if s.mode != answer || len(s.held) > 0 || len(text) == 0 || s.isUnmarked() {
		return false
	}
	s.begin(text)
	after, mayName := s.lines, false
	for i := 0; i < len(text); i++ {
		if after.place == middle && after.ticks == 0 { // most text decides nothing
			for i < len(text) && !mayDecide(text[i]) {
				i++
			}
			if i == len(text) {
				break
			}
		}
		mayName = mayName || text[i] == '>' || text[i] == ']' || text[i] == "▷"[2]
		switch c := text[i]; c {
		case '<', '[', "◁"[0]:
			if after.isHead() || c == '<' && after.isText() && (s.blocks > 0 || mayEnd(text[i:])) {
				return false
			}
		}
		after.advance(text[i])
	}
	s.lines = after
	s.prev = text[len(text)-1]
	if words := bytes.TrimRight(text, " \t\r\n"); len(words) > 0 {
		s.last = words[len(words)-1]
	}
	if mayName {
		s.note(text)
	} else {
		s.keep(text)
	}
	return true
}

// mayEnd reports whether a tag that text starts with may be an end.
func mayEnd(text []byte) bool {
	return len(text) == 1 || bytes.IndexByte([]byte("|/e\xef"), text[1]) >= 0
}

// mayDecide reports whether c may begin or end a tag, a line or a code span.
func mayDecide(c byte) bool {
	const low = 1<<'\n' | 1<<'<' | 1<<'>'
	const high = 1<<('`'-64) | 1<<('['-64) | 1<<(']'-64)
	return c < 64 && low>>c&1 != 0 || c >= 64 && c < 128 && high>>(c-64)&1 != 0 || c == "▷"[2]
}

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
	case orphan:
		return s.stepOrphan()
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
	found, p := matchTag(text)
	switch {
	case found == partial && len(s.held) < maxBlank && !s.over:
		return false
	case found == startTag:
		switch f := followOf(text[len(p.start):], s.over); {
		case f == unclear:
			return false
		case f == quotation:
		case f == sentence || s.apart || s.blocks > 0:
			s.take(space)
			s.mode, s.pair, s.looked, s.late = draft, p, len(p.start), false
			return true
		default:
			s.take(space + len(p.start))
			s.mode, s.pair, s.opened = block, p, false
			return true
		}
	case found == endTag && s.blocks == 0: // nothing was thought, or apart
		rest := text[len(p.end):]
		switch f := followOf(rest, s.over); {
		case f == unclear:
			return false
		case f == lineEnd, f == thought && (s.apart || rest[0] != ' ' && rest[0] != '\t'):
			s.take(space + len(p.end))
			s.mode, s.blocks = behind, s.blocks+1
			return true
		}
	}
	s.mode = answer
	return true
}

// stepAnswer gives out the answer up to what may be a tag.
func (s *Splitter) stepAnswer() bool {
	s.begin(s.held)
	for i, c := range s.held {
		if s.mayAct(s.held[i:]) {
			if i > 0 { // what stands before it may name a tag
				s.answer(i)
				return true
			}
			switch acted, wait := s.tag(); {
			case wait:
				return false
			case acted:
				return true
			}
		}
		s.lines.advance(c)
		s.prev = c
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			s.last = c
		}
	}
	s.answer(len(s.held))
	return false
}

// begin remembers how the answer begins.
func (s *Splitter) begin(text []byte) {
	if n := len(unmarkedAnalysis) + 1 - len(s.first); n > 0 {
		s.first = append(s.first, text[:min(n, len(text))]...)
	}
}

// isUnmarked reports whether the answer begins with the name of a channel of gpt-oss,
// without its markers and without a space.
func (s *Splitter) isUnmarked() bool {
	n := len(unmarkedAnalysis)
	return len(s.first) > n && s.first[n] >= 'A' && s.first[n] <= 'Z' && string(s.first[:n]) == unmarkedAnalysis
}

// mayAct reports whether a tag that text starts with may be one that acts.
func (s *Splitter) mayAct(text []byte) bool {
	switch text[0] {
	case '<':
		return s.lines.isHead() || s.lines.isText() && (mayEnd(text) || s.blocks > 0 && isSentenceEnd(s.last))
	case '[', "◁"[0]:
		return s.lines.isHead()
	case unmarkedFinal[0]:
		return s.blocks == 0 && s.isUnmarked()
	}
	return false
}

// tag acts on the tag that the held text may start with. It reports wait if that
// needs more text.
func (s *Splitter) tag() (acted, wait bool) {
	if acted, wait = s.ending(); acted || wait {
		return acted, wait
	}
	text, isHead := s.held, s.lines.isHead()
	found, p := matchTag(text)
	switch found {
	case partial:
		return false, !s.over
	case startTag:
		between := s.blocks > 0 && isSentenceEnd(s.last)
		switch f := followOf(text[len(p.start):], s.over); {
		case !isHead && !between:
			return false, false
		case f == unclear:
			return false, true
		case f == quotation || s.strict || f == sentence && !isHead:
			return false, false
		}
		s.mode, s.pair, s.looked, s.late = draft, p, len(p.start), true
		return true, false
	case endTag:
		if s.blocks > 0 || s.apart || s.named || s.last == 0 {
			return false, false
		}
		rest := text[len(p.end):]
		switch f := followOf(rest, s.over); {
		case !isHead && (s.prev != s.last || !isSentenceEnd(s.prev)):
			return false, false
		case f == unclear, f == lineEnd && !isHead && isBlank(rest) && !s.over:
			return false, true
		case f == lineEnd && (isHead || startsParagraph(rest)):
			s.mode, s.pair = orphan, p
			return true, false
		}
	}
	return false, false
}

func isBlank(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }

// startsParagraph reports whether the line that text goes on with is the last of its
// paragraph.
func startsParagraph(text []byte) bool {
	space := text[:len(text)-len(bytes.TrimLeft(text, " \t\r\n"))]
	return bytes.Count(space, []byte("\n")) >= 2
}

// isSentenceEnd reports whether a sentence may be over behind c.
func isSentenceEnd(c byte) bool {
	return c == '.' || c == '!' || c == '?' || c == ':' || c >= 0x80 // in other scripts one byte does not decide it
}

// answer gives out the first n held bytes, which have been looked at.
func (s *Splitter) answer(n int) {
	s.note(s.held[:n])
	s.give(completion.Delta, s.held[:n])
	s.take(n)
}

// note remembers whether the answer names a tag, also in code.
func (s *Splitter) note(text []byte) {
	if s.named || s.blocks > 0 {
		return
	}
	for i := 0; i < len(text); i++ {
		next := bytes.IndexAny(text[i:], ">]▷")
		if next < 0 {
			break
		}
		if i += next; text[i] >= 0x80 {
			i += len("▷") - 1
		}
		window := text[max(0, i+1-longestTag) : i+1]
		if len(window) < longestTag {
			window = append(append(make([]byte, 0, 2*longestTag), s.tail...), window...)
		}
		if endsInTag(window) {
			s.named = true
			return
		}
	}
	s.keep(text)
}

// keep remembers the end of the answer, in which a tag may begin.
func (s *Splitter) keep(text []byte) {
	switch {
	case s.named || s.blocks > 0:
	case len(text) >= longestTag:
		s.tail = append(s.tail[:0], text[len(text)-longestTag:]...)
	default:
		n := copy(s.tail, s.tail[min(len(s.tail), max(0, len(s.tail)+len(text)-longestTag)):])
		s.tail = append(s.tail[:n], text...)
	}
}

// take forgets the first n held bytes.
func (s *Splitter) take(n int) {
	if s.held = s.held[n:]; len(s.held) == 0 {
		s.held = nil
	}
	s.looked = 0
}

func (s *Splitter) give(kind completion.EventKind, text []byte) {
	if len(text) > 0 {
		s.Give(kind, text)
	}
}
