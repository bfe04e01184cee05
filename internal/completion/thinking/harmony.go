package thinking

import (
	"bytes"
	"strings"

	"github.com/llmls/llmls/internal/completion"
)

// harmony is the response format of gpt-oss, as servers leave it in the text that
// do not know it: <|start|>assistant<|channel|>analysis<|message|>…<|end|>. What
// is in the channel "final" is the answer, all else is thinking, and no marker is
// shown (github.com/openai/harmony, docs/format.md).
type harmony struct {
	header bool   // the text is the name of a role or of a channel, not yet a message
	name   []byte // what it holds so far
	marker []byte // before it
	kind   completion.EventKind
	text   bool // something was given
}

const (
	channelMarker = "<|channel|>"
	startMarker   = "<|start|>"
	endMarker     = "<|end|>"
	// maxHeader is how long the header of a message may be. Longer text behind a
	// marker is not a header.
	maxHeader = 256
)

// startsMessage reports whether text starts a message, and whether more text could
// make it one.
func startsMessage(text []byte) (yes, open bool) {
	tag, open := prefixOf(text, channelMarker, startMarker, wideBars(channelMarker), wideBars(startMarker))
	return tag != "", open && len(text) > 0
}

// step reads up to the next marker.
func (h *harmony) step(s *Splitter) bool {
	at, bar := nextMarker(s.held)
	if at != 0 {
		h.add(s, s.held[:at])
		s.take(at)
		return true
	}
	const longest = len("<｜constrain｜>")
	end, n := endOfMarker(s.held[:min(len(s.held), longest)])
	switch {
	case end < 0 && len(s.held) < longest && !s.over:
		return false
	case end < 0:
		h.add(s, s.held[:bar])
		s.take(bar)
		return true
	}
	h.mark(s, s.held[:end+n])
	s.take(end + n)
	return true
}

// nextMarker returns where in text the next marker may start, and how long what it starts
// with is.
func nextMarker(text []byte) (at, n int) {
	for i := 0; ; i++ {
		next := bytes.IndexByte(text[i:], '<')
		if next < 0 {
			return len(text), 0
		}
		i += next
		for _, bar := range []string{"|", "｜"} {
			if rest := text[i+1:]; bytes.HasPrefix(rest, []byte(bar)) || isStartOf(rest, bar) {
				return i, 1 + min(len(bar), len(rest))
			}
		}
	}
}

// endOfMarker returns where in text the end of a marker is, and its length.
func endOfMarker(text []byte) (at, n int) {
	if at := bytes.Index(text, []byte("|>")); at >= 0 {
		return at, len("|>")
	}
	return bytes.Index(text, []byte("｜>")), len("｜>")
}

// mark acts on a marker.
func (h *harmony) mark(s *Splitter, marker []byte) {
	switch strings.ReplaceAll(string(marker), "｜", "|") {
	case startMarker, endMarker, "<|return|>", "<|call|>":
		h.spill(s)
		h.header, h.marker = true, append(h.marker[:0], marker...)
	case channelMarker:
		if !h.header {
			h.header, h.marker = true, append(h.marker[:0], marker...)
		}
		h.name = append(h.name[:0], ' ')
	case "<|constrain|>":
		h.header, h.name = true, append(h.name, ' ')
	case "<|message|>":
		h.kind = completion.Reasoning
		if name := bytes.ToLower(h.name); bytes.Contains(name, []byte("final")) || !bytes.Contains(name, []byte(" ")) {
			h.kind = completion.Delta
		}
		h.header, h.name = false, h.name[:0]
	default:
		h.add(s, marker)
	}
}

// add takes text between markers.
func (h *harmony) add(s *Splitter, text []byte) {
	if h.header {
		if h.name = append(h.name, text...); len(h.name) > maxHeader {
			h.spill(s)
		}
		return
	}
	h.text = true
	s.give(h.kind, text)
}

// spill gives out what turned out to be no header, with the marker before it.
func (h *harmony) spill(s *Splitter) {
	name := bytes.TrimSpace(h.name)
	if h.header && len(name) > 0 && !bytes.EqualFold(name, []byte("assistant")) {
		if h.kind == 0 || string(h.marker) == endMarker { // no message at all
			h.kind = completion.Delta
		}
		if len(h.name) > maxHeader && h.text && string(h.marker) != endMarker {
			s.give(h.kind, h.marker)
		}
		s.give(h.kind, h.name)
	}
	h.header, h.name = false, h.name[:0]
}

func (h *harmony) end(s *Splitter) {
	h.spill(s)
}
