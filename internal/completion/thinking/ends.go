package thinking

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// maxContext is how much of the text before an end tag is looked at, in bytes: about
// the sentence that the tag stands in.
const maxContext = 160

// keptContexts is how many times that is kept, so that few pieces have to be moved.
const keptContexts = 4

// ends reports whether an end tag ends thinking, judged by the text before and behind it;
// otherwise the text only mentions it. isHead says that the tag starts a line. It reports
// wait if more text is needed to decide.
func (s *Splitter) ends(before []byte, isHead bool, rest []byte) (yes, wait bool) {
	f := followOfEnd(before, rest, s.over)
	if f == unclear || f == lineEnd && isBlank(rest) && !s.over && len(rest) < maxBlank {
		return false, true
	}
	glued := f == thought && rest[0] != ' ' && rest[0] != '\t'
	switch {
	case f == sentence, f == quotation, isBlank(rest): // if nothing follows, it was the answer
		return false, false
	case isHead:
		return f == lineEnd && !announcesTag(before) || glued && !speaksOfTags(before), false
	}
	words := bytes.TrimRight(before, " \t")
	paragraph := f == lineEnd && startsParagraph(rest)
	switch end, _ := utf8.DecodeLastRune(words); {
	case len(words) < len(before):
		return isSentenceEnd(end) && (paragraph || glued) && !speaksOfTags(before), false
	case paragraph && !isWord(end):
		return true, false
	case isSentenceEnd(end), f == lineEnd:
		return !speaksOfTags(before), false
	default:
		return glued && end < utf8.RuneSelf && startsAnswer(rest[0]) && !speaksOfTags(before), false
	}
}

// followOfEnd is followOf for an end tag: a quotation mark behind it, or one of
// emphasis, is a quotation if it was opened in front of the tag, and only then.
func followOfEnd(before, rest []byte, over bool) follow {
	switch f := followOf(rest, over); {
	case len(rest) == 0 || !isMark(rest[0]):
		return f
	case opens(before) && before[len(before)-1] == rest[0]:
		return quotation
	default:
		return thought
	}
}

// isQuoted reports whether the tag between before and rest is in quotation marks. It
// reports wait if that needs more text.
func (s *Splitter) isQuoted(before, rest []byte) (yes, wait bool) {
	if !opens(before) {
		return false, false
	}
	return followOfEnd(before, rest, s.over) == quotation && isMark(rest[0]), len(rest) == 0 && !s.over
}

// opens reports whether text ends in a mark that opens a quotation or an emphasis.
func opens(text []byte) bool {
	if len(text) == 0 || !isMark(text[len(text)-1]) {
		return false
	}
	c, size := utf8.DecodeLastRune(bytes.TrimRight(text, string(text[len(text)-1:])))
	return size == 0 || !isSentenceEnd(c) && (c >= utf8.RuneSelf || !isWord(c))
}

func isMark(c byte) bool { return bytes.IndexByte([]byte("`'\"*_"), c) >= 0 }

// before returns the end of what was given out and of the first n held bytes.
func (s *Splitter) before(n int) []byte {
	if n >= maxContext {
		return s.held[n-maxContext : n]
	}
	return append(bytes.Clone(s.context()), s.held[:n]...)
}

// keep remembers the end of what was given out.
func (s *Splitter) keep(text []byte) {
	text = text[max(0, len(text)-maxContext):]
	if len(s.recent)+len(text) > keptContexts*maxContext {
		s.recent = append(s.recent[:0], s.context()...)
	}
	s.recent = append(s.recent, text...)
}

// context returns the last bytes that were given out.
func (s *Splitter) context() []byte { return s.recent[max(0, len(s.recent)-maxContext):] }

// isLineStart reports whether nothing but space stands between a line end and the end
// of text.
func isLineStart(text []byte) bool {
	words := bytes.TrimRight(text, " \t")
	return len(words) == 0 || words[len(words)-1] == '\n'
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

func isBlank(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }

// startsParagraph reports whether the line that text goes on with is the last of its
// paragraph.
func startsParagraph(text []byte) bool {
	space := text[:len(text)-len(bytes.TrimLeft(text, " \t\r\n"))]
	return bytes.Count(space, []byte("\n")) >= 2
}

// startsAnswer reports whether an answer may start with c where a word that goes on
// may not.
func startsAnswer(c byte) bool {
	return c >= 'A' && c <= 'Z' || bytes.IndexByte([]byte("#*`|>"), c) >= 0
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// isSentenceEnd reports whether a sentence may be over behind r: punctuation, closing
// marks and symbols.
func isSentenceEnd(r rune) bool {
	switch r {
	case '.', '!', '?', ':', ')', ']', '}', '"', '\'', '`', '*', '_', '|':
		return true
	}
	return r >= utf8.RuneSelf && (unicode.IsPunct(r) || unicode.IsSymbol(r))
}

// speaksOfTags reports whether the text around an end tag seems to be about such tags.
func speaksOfTags(text []byte) bool {
	text = bytes.ToLower(text)
	for _, word := range []string{
		" tag", "channel", "marker", "delimiter", "literal", "such as", "e.g.", "for example", "looks like", "like this", "the form ", "in the format", "written as",
		"标签", "标记", "標籤", "例如", "タグ", "태그",
	} {
		if bytes.Contains(text, []byte(word)) {
			return true
		}
	}
	return false
}

// announcesTag reports whether text says that a tag follows.
func announcesTag(text []byte) bool {
	words := bytes.TrimSpace(text)
	last := words[bytes.LastIndexByte(words, '\n')+1:]
	return (bytes.HasSuffix(last, []byte(":")) || bytes.HasSuffix(last, []byte("："))) && speaksOfTags(last)
}
