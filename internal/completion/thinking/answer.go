package thinking

import (
	"bytes"
	"unicode/utf8"

	"github.com/llmls/llmls/internal/completion"
)

// Pass reports whether text, the next piece, is the answer and nothing but that,
// in which case it need not go through Write, and must not.
func (s *Splitter) Pass(text []byte) bool {
	if s.mode != answer || len(s.held) > 0 || len(text) == 0 || s.isUnmarked(text) {
		return false
	}
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
		mayName = mayName || text[i] == '>' || text[i] == ']' || text[i] == "▷"[2] || text[i] == "＞"[2]
		if mayStart(text[i:]) && (after.isHead() || after.isText() && (text[i] != '[' && s.blocks > 0 || mayEnd(text[i:]))) {
			return false
		}
		after.advance(text[i])
	}
	s.lines = after
	s.prev = text[len(text)-1]
	for i := len(text) - 1; i >= 0; i-- {
		if !isSpace(text[i]) {
			s.last = text[i]
			break
		}
	}
	if mayName {
		s.note(text)
	}
	s.begin(text)
	s.keep(text)
	return true
}

// mayEnd reports whether a tag that text starts with may be an end.
func mayEnd(text []byte) bool {
	const kimi = "◁/"
	switch {
	case text[0] == kimi[0]:
		return bytes.HasPrefix(text, []byte(kimi)) || isStartOf(text, kimi)
	case text[0] == "＜"[0]:
		return len(text) <= len("＜") || text[len("＜")] == '/'
	case len(text) == 1:
		return true
	default:
		return text[1] == '/' || text[0] == '<' && bytes.IndexByte([]byte("|ecu\xef"), text[1]|0x20) >= 0
	}
}

// mayDecide reports whether c may begin or end a tag, a line or a code span.
func mayDecide(c byte) bool {
	const low = 1<<'\n' | 1<<'<' | 1<<'>'
	const high = 1<<('`'-64) | 1<<('['-64) | 1<<(']'-64)
	return c < 64 && low>>c&1 != 0 || c >= 64 && c < 128 && high>>(c-64)&1 != 0 || c == "▷"[2] || c == "◁"[0] || c == "＜"[0] || c == "＞"[2]
}

// stepAnswer gives out the answer up to what may be a tag.
func (s *Splitter) stepAnswer() bool {
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
		if !isSpace(c) {
			s.last = c
		}
	}
	s.answer(len(s.held))
	return false
}

// maxFirst is how much of the start of an answer isUnmarked looks at.
const maxFirst = len(unmarkedAnalysis) + 2

// begin remembers how the answer begins.
func (s *Splitter) begin(text []byte) {
	if len(s.first) == 0 {
		text = bytes.TrimLeft(text, " \t\r\n")
	}
	if n := maxFirst - len(s.first); n > 0 {
		s.first = append(s.first, text[:min(n, len(text))]...)
	}
}

// isUnmarked reports whether the answer, which goes on with text, begins with the name of
// a channel of gpt-oss, without its markers and without a space.
func (s *Splitter) isUnmarked(text []byte) bool {
	start := s.first
	if len(start) < maxFirst {
		if len(start) == 0 {
			text = bytes.TrimLeft(text, " \t\r\n")
		}
		start = append(bytes.Clone(start), text[:min(maxFirst-len(start), len(text))]...)
	}
	n := len(unmarkedAnalysis)
	if len(start) <= n || string(start[:n]) != unmarkedAnalysis {
		return false
	}
	c := start[n]
	return c >= 'A' && c <= 'Z' || c == '\n' || c == '\r' || c >= 0x80
}

// mayAct reports whether a tag that text starts with may be one that acts.
func (s *Splitter) mayAct(text []byte) bool {
	switch {
	case text[0] == '[', text[0] == "◁"[0]:
		return s.lines.isHead() || s.lines.isText() && mayEnd(text)
	case mayStart(text):
		return s.lines.isHead() || s.lines.isText() && (mayEnd(text) || s.blocks > 0)
	case text[0] == 'a', text[0] == 'f' && s.lines.isHead(): // assistantfinal, final
		return s.blocks == 0 && s.isUnmarked(s.held)
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
	found, p, n := matchTag(text)
	switch found {
	case partial:
		return false, !s.over
	case startTag:
		last, _ := utf8.DecodeLastRune(bytes.TrimRight(s.context(), " \t\r\n"))
		between := s.blocks > 0 && isSentenceEnd(last)
		switch f := followOf(text[n:], s.over); {
		case !isHead && !between:
			return false, false
		case f == unclear:
			return false, true
		case f == quotation || s.strict || f == sentence && !isHead:
			return false, false
		}
		s.mode, s.pair, s.start, s.looked, s.late = draft, p, n, n, true
		return true, false
	case endTag:
		if s.blocks > 0 && !s.doubtful || s.apart || s.named || s.last == 0 {
			return false, false
		}
		acted, wait = s.ends(s.context(), isHead, text[n:])
		if acted && !wait {
			s.Refile()
			s.take(len(text) - len(bytes.TrimLeft(text[n:], " \t\r\n")))
			s.mode, s.blocks, s.doubtful, s.lines, s.last = behind, s.blocks+1, false, lines{}, 0
		}
		return acted, wait
	}
	return false, false
}

// answer gives out the first n held bytes, which have been looked at.
func (s *Splitter) answer(n int) {
	s.note(s.held[:n])
	s.begin(s.held[:n])
	s.give(completion.Delta, s.held[:n])
	s.take(n)
}

// note remembers whether the answer names a tag, also in code.
func (s *Splitter) note(text []byte) {
	if s.named || s.blocks > 0 && !s.doubtful {
		return
	}
	for i := 0; i < len(text); i++ {
		next := bytes.IndexAny(text[i:], ">]▷＞")
		if next < 0 {
			return
		}
		if i += next; text[i] >= 0x80 {
			i += len("▷") - 1
		}
		window := text[max(0, i+1-maxContext) : i+1]
		if len(window) < maxContext {
			window = append(bytes.Clone(s.context()), window...)
		}
		if endsInTag(window) {
			s.named = true
			return
		}
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
		s.keep(text)
		s.Give(kind, text)
	}
}
