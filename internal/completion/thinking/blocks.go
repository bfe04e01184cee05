package thinking

import (
	"bytes"

	"github.com/llmls/llmls/internal/completion"
)

// stepBlock gives out thinking up to the end tag.
func (s *Splitter) stepBlock() bool {
	if !s.opened { // the line ends behind the tag are no text
		s.take(len(s.held) - len(bytes.TrimLeft(s.held, "\r\n")))
		if s.opened = len(s.held) > 0; !s.opened {
			return false
		}
	}
	for from := 0; ; {
		at, found, p, n := nextTag(s.held, from, s.pair)
		switch {
		case found == partial && s.over:
			from = at + 1
			continue
		case found == startTag && p != s.pair:
			s.inner = p
		case found == startTag:
			s.nested = true
		case found == endTag && p == s.inner:
			s.inner = pair{}
		case found == endTag:
			acts, wait := s.endsBlock(at, n, p)
			if wait {
				found = partial
			} else if acts {
				return true
			}
		}
		if found == noMatch || found == partial {
			s.give(completion.Reasoning, s.held[:at])
			s.take(at)
			return false
		}
		from = at + n // the thinking speaks of the tag
	}
}

// endsBlock ends the block with the end tag of p, of length n, that the held text has at that
// place, if it acts. It reports wait if that needs more text.
func (s *Splitter) endsBlock(at, n int, p pair) (acts, wait bool) {
	before, rest := s.before(at), s.held[at+n:]
	if p == s.pair {
		var quoted bool
		quoted, wait = s.isQuoted(before, rest)
		acts = !quoted
	} else {
		acts, wait = s.ends(before, isLineStart(before), rest)
	}
	if wait || !acts {
		return false, wait
	}
	s.give(completion.Reasoning, s.held[:at])
	s.take(at + n)
	s.mode, s.blocks = behind, s.blocks+1
	s.doubtful = p != s.pair || s.nested || bytes.HasSuffix(before, []byte(" "))
	s.nested = false
	return true, false
}

// stepDraft waits for the end tag that makes the held text thinking.
func (s *Splitter) stepDraft() bool {
	var at, after int
	for {
		var found match
		var p pair
		var n int
		at, found, p, n = nextTag(s.held, s.looked, s.pair)
		if found == noMatch || found == partial && !s.over {
			s.looked = at
			if len(s.held) < maxDraft && !s.over {
				return false
			}
			s.strict = true
			s.giveUp()
			return true
		}
		after = at + max(n, 1)
		if found == endTag {
			acts, wait := s.endsDraft(at, after, p)
			switch {
			case wait:
				s.looked = at
				return false
			case acts:
			case p == s.pair:
				s.giveUp()
				return true
			default:
				found = noMatch
			}
		}
		if found == endTag {
			break
		}
		s.looked = after
	}
	if !s.apart {
		s.give(completion.Reasoning, bytes.Trim(s.held[s.start:at], "\r\n"))
	}
	if isWrapper(s.pair.end) {
		after = at
	}
	s.take(after)
	s.blocks++
	s.mode = behind
	if s.late && s.lines.place != head { // the answer goes on on its line
		s.mode = answer
	}
	return true
}

// endsDraft reports whether the end tag of p, at that place of the held text, ends the draft.
// It reports wait if that needs more text.
func (s *Splitter) endsDraft(at, after int, p pair) (yes, wait bool) {
	before, rest := s.before(at), s.held[after:]
	if p != s.pair {
		return s.ends(before, isLineStart(before), rest)
	}
	f := followOfEnd(before, rest, s.over)
	return f != sentence && f != quotation, f == unclear
}

// giveUp makes the start tag of a draft text of the answer.
func (s *Splitter) giveUp() {
	n := s.start
	for _, c := range s.held[:n] {
		s.lines.advance(c)
	}
	s.last = s.held[n-1]
	s.answer(n)
	s.mode = answer
}
