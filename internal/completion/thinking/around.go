package thinking

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// around steps over what may stand in front of an answer, which text is the start of:
// what a template begins a turn with, and a tag around the answer behind the thinking.
// It reports wait if that needs more text.
func (s *Splitter) around(text []byte) (acted, wait bool) {
	if len(text) == 0 {
		return false, false
	}
	if s.blocks == 0 {
		tag, open := prefixOf(text, turnStarts()...)
		if tag != "" {
			s.take(len(s.held) - len(text) + len(tag))
			return true, false
		}
		if open && !s.over {
			return false, true
		}
	}
	if s.wrap != "" || s.blocks == 0 && !s.apart {
		return false, false
	}
	for _, w := range wrappers() {
		tag, open := prefixOf(text, w.start)
		if tag == "" {
			wait = wait || open && !s.over
			continue
		}
		switch followOf(text[len(tag):], s.over) {
		case unclear:
			return false, true
		case quotation, sentence:
			return false, false
		}
		s.take(len(s.held) - len(text) + len(tag))
		s.wrap, s.mode = w.end, behind
		return true, false
	}
	return false, wait
}

// ending drops the tag around the answer and the tokens of a template if the held text
// starts with them and nothing follows. What gpt-oss puts between its thinking and its
// answer says that all before was thinking.
func (s *Splitter) ending() (acted, wait bool) {
	if !s.lines.isText() || len(s.held) > maxBlank {
		return false, false
	}
	if s.held[0] == 'a' || s.held[0] == 'f' {
		return s.endingUnmarked()
	}
	var tags []string
	if s.prev != ' ' && s.prev != '\t' && !isQuote(s.prev) { // else the answer speaks of it
		const next = endMarker + startMarker + "assistant"
		if tag, open := prefixOf(s.held, next, wideBars(next)); s.blocks == 0 && !s.apart && s.last != 0 {
			switch {
			case tag != "":
				s.Refile()
				s.mode, s.blocks = channels, 1
				return true, false
			case open && !s.over:
				return false, true
			}
		}
		tags = turnEnds()
	}
	if s.wrap != "" {
		tags = append(tags, s.wrap)
	}
	for rest := s.held; ; {
		tag, open := prefixOf(rest, tags...)
		if tag == "" {
			return false, open && !s.over
		}
		if rest = bytes.TrimLeft(rest[len(tag):], " \t\r\n"); len(rest) > 0 {
			continue
		}
		if s.over {
			s.take(len(s.held))
		}
		return s.over, !s.over
	}
}

// endingUnmarked is ending for the name of the channel of the answer without its
// markers. Alone on a line it counts behind a sentence only: else the answer may be a list.
func (s *Splitter) endingUnmarked() (acted, wait bool) {
	names := unmarkedFinals()
	if s.lines.isHead() && len(s.context()) > 0 && !s.named && !speaksOfTags(s.context()) {
		words := bytes.TrimRight(s.context(), " \t\r\n")
		if end, _ := utf8.DecodeLastRune(words); isSentenceEnd(end) && bytes.Contains(bytes.TrimSpace(words), []byte(" ")) {
			names = append(names, unmarkedFinalLine)
		}
	}
	tag, open := prefixOf(s.held, names...)
	if tag == "" || isBlank(s.held[len(tag):]) && !s.over {
		return false, (open || tag != "") && !s.over
	}
	if isBlank(s.held[len(tag):]) { // nothing follows: it was the answer
		return false, false
	}
	s.Refile()
	s.take(len(tag))
	s.blocks, s.lines, s.last, s.mode = 1, lines{}, 0, behind
	return true, false
}

// isWrapper reports whether tag starts what is around an answer.
func isWrapper(tag string) bool {
	return slices.ContainsFunc(wrappers(), func(w pair) bool { return w.start == tag })
}

func isQuote(c byte) bool { return bytes.IndexByte([]byte("`'\"("), c) >= 0 }
