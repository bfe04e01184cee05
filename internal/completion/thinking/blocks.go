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
		i := indexFold(s.held[from:], s.pair.end)
		if i < 0 {
			break
		}
		i += from
		after := i + len(s.pair.end)
		quoted := i > 0 && bytes.IndexByte([]byte("`'\""), s.held[i-1]) >= 0
		switch {
		case quoted && after == len(s.held) && !s.over:
			s.give(completion.Reasoning, s.held[:i-1])
			s.take(i - 1)
			return false
		case quoted && after < len(s.held) && s.held[after] == s.held[i-1]:
			from = after // the thinking speaks of the tag
			continue
		}
		s.give(completion.Reasoning, s.held[:i])
		s.take(after)
		s.mode, s.blocks = behind, s.blocks+1
		return true
	}
	open := overlap(s.held, s.pair.end)
	if open < len(s.held) && open > 0 && bytes.IndexByte([]byte("`'\""), s.held[len(s.held)-open-1]) >= 0 {
		open++ // whether the tag is quoted is to be seen yet
	} else if open == 0 && bytes.IndexByte([]byte("`'\""), s.held[len(s.held)-1]) >= 0 {
		open = 1
	}
	s.give(completion.Reasoning, s.held[:len(s.held)-open])
	s.take(len(s.held) - open)
	return false
}

// stepDraft waits for the end tag that makes the held text thinking.
func (s *Splitter) stepDraft() bool {
	i := indexFold(s.held[s.looked:], s.pair.end)
	if i < 0 {
		s.looked = max(s.looked, len(s.held)-len(s.pair.end)+1)
		if len(s.held) < maxDraft && !s.over {
			return false
		}
		s.strict = true
		s.giveUp()
		return true
	}
	at := s.looked + i
	after := at + len(s.pair.end)
	switch followOf(s.held[after:], s.over) {
	case unclear:
		return false
	case sentence, quotation:
		s.giveUp()
		return true
	}
	if !s.apart {
		s.give(completion.Reasoning, bytes.Trim(s.held[len(s.pair.start):at], "\r\n"))
	}
	s.take(after)
	s.blocks++
	s.mode = behind
	if s.late && s.lines.place != head { // the answer goes on on its line
		s.mode = answer
	}
	return true
}

// giveUp makes the start tag of a draft text of the answer.
func (s *Splitter) giveUp() {
	n := len(s.pair.start)
	for _, c := range s.held[:n] {
		s.lines.advance(c)
	}
	s.last = s.held[n-1]
	s.answer(n)
	s.mode = answer
}

// stepOrphan waits for the answer behind an end tag without a start.
func (s *Splitter) stepOrphan() bool {
	rest := bytes.TrimLeft(s.held[len(s.pair.end):], " \t\r\n")
	switch {
	case len(rest) > 0:
		s.Refile()
		s.take(len(s.held) - len(rest))
		s.mode, s.blocks, s.lines, s.last = answer, 1, lines{}, 0
		return true
	case len(s.held) > maxBlank || s.over: // it was the answer
		s.answer(len(s.held))
		s.mode, s.named = answer, true
	}
	return false
}
