package openai

import (
	"bytes"

	"github.com/llmls/llmls/internal/completion"
)

// maxAnswer bounds the text of one answer, thinking and tool calls included, in
// bytes. The longest answers that models give are near 1 MiB.
const maxAnswer = 8 << 20

// A writer turns pieces of text into events. It keeps what has arrived of one
// kind until flush, which the stream calls before it waits for the network: so
// the first delta goes out at once, and a reader that falls behind gets fewer
// and longer ones, without a timer.
type writer struct {
	yield   func(completion.Event, error) bool
	stopped bool // the reader has left the loop

	kind    completion.EventKind // of pending
	pending []byte
	size    int // bytes of text so far

	content   joiner
	reasoning joiner
	think     thinkState
	held      []byte // content whose kind is not decided yet
}

// thinkState says where the content stands with regard to a <think> element,
// in which several servers leave the thinking at the start of the content.
type thinkState uint8

const (
	thinkUndecided thinkState = iota // nothing but space, or the start of the tag
	thinkOpened                      // the tag was seen, its text not yet
	thinkInside
	thinkClosed // the end tag was seen, the answer not yet
	thinkNone   // all further content is the answer
)

const (
	thinkStart = "<think>"
	thinkEnd   = "</think>"
	// maxBlank is how much space may stand in front of the start tag.
	maxBlank = 1 << 10
)

// A joiner decodes JSON strings that follow each other and joins characters
// that were cut between them.
type joiner struct {
	tail    []byte // the undecoded start of a character
	scratch []byte
}

func (j *joiner) append(dst, inner []byte) []byte {
	if len(j.tail) > 0 {
		j.scratch = append(append(j.scratch[:0], j.tail...), inner...)
		inner = j.scratch
	}
	dst, tail := appendUnescaped(dst, inner)
	j.tail = append(j.tail[:0], tail...)
	return dst
}

func (j *joiner) finish(dst []byte) []byte {
	dst = appendTail(dst, j.tail)
	j.tail = j.tail[:0]
	return dst
}

// writeContent takes the inside of a JSON string of the answer.
func (w *writer) writeContent(inner []byte) {
	if len(inner) == 0 {
		return
	}
	if w.think == thinkNone {
		w.begin(completion.Delta)
		before := len(w.pending)
		w.pending = w.content.append(w.pending, inner)
		w.size += len(w.pending) - before
		return
	}
	before := len(w.held)
	w.held = w.content.append(w.held, inner)
	w.size += len(w.held) - before
	w.route()
}

// writeReasoning takes the inside of a JSON string of the thinking.
func (w *writer) writeReasoning(inner []byte) {
	if len(inner) == 0 {
		return
	}
	if w.think == thinkUndecided {
		// A server that streams the thinking apart leaves no tags.
		w.think = thinkNone
		w.write(completion.Delta, w.held)
		w.held = nil
	}
	w.begin(completion.Reasoning)
	before := len(w.pending)
	w.pending = w.reasoning.append(w.pending, inner)
	w.size += len(w.pending) - before
}

// route decides about the held content as far as it can be decided.
func (w *writer) route() {
	for {
		switch w.think {
		case thinkUndecided:
			text := bytes.TrimLeft(w.held, " \t\r\n")
			switch {
			case bytes.HasPrefix(text, []byte(thinkStart)):
				w.think, w.held = thinkOpened, text[len(thinkStart):]
			case len(w.held) < maxBlank && len(text) < len(thinkStart) && thinkStart[:len(text)] == string(text):
				return
			default:
				w.think = thinkNone
				w.write(completion.Delta, w.held)
				w.held = nil
				return
			}
		case thinkInside:
			if thought, rest, found := bytes.Cut(w.held, []byte(thinkEnd)); found {
				w.write(completion.Reasoning, thought)
				w.think, w.held = thinkClosed, rest
				continue
			}
			undecided := overlap(w.held, thinkEnd)
			w.write(completion.Reasoning, w.held[:len(w.held)-undecided])
			w.held = append(w.held[:0], w.held[len(w.held)-undecided:]...)
			return
		case thinkOpened, thinkClosed: // the line ends around the tags are no text
			w.held = bytes.TrimLeft(w.held, "\r\n")
			if len(w.held) == 0 {
				return
			}
			if w.think == thinkOpened {
				w.think = thinkInside
				continue
			}
			w.think = thinkNone
		case thinkNone:
			w.write(completion.Delta, w.held)
			w.held = nil
			return
		}
	}
}

// overlap is the length of the longest end of text that tag starts with.
func overlap(text []byte, tag string) int {
	for n := min(len(text), len(tag)-1); n > 0; n-- {
		if string(text[len(text)-n:]) == tag[:n] {
			return n
		}
	}
	return 0
}

// finishText gives out what was held back for a continuation that will not
// come. A tag that never closed was thinking to the end.
func (w *writer) finishText() {
	if w.kind == completion.Reasoning {
		w.pending = w.reasoning.finish(w.pending)
	}
	w.held = w.content.finish(w.held)
	w.route()
	kind := completion.Delta
	if w.think == thinkInside {
		kind = completion.Reasoning
	}
	w.write(kind, w.held)
	w.held = nil
	w.flush()
}

func (w *writer) write(kind completion.EventKind, text []byte) {
	if len(text) == 0 {
		return
	}
	w.begin(kind)
	w.pending = append(w.pending, text...)
}

// begin makes pending hold text of that kind only.
func (w *writer) begin(kind completion.EventKind) {
	if w.kind != kind {
		w.flush()
		w.kind = kind
	}
}

// keptPending is the largest buffer that is kept for the next text.
const keptPending = 64 << 10

// flush gives out what is pending.
func (w *writer) flush() {
	if len(w.pending) > 0 {
		w.give(completion.Event{Kind: w.kind, Text: w.pending}, nil)
		w.pending = w.pending[:0]
	}
	if cap(w.pending) > keptPending {
		w.pending = nil
	}
}

// give passes an event or the final error to the reader, unless he has left.
func (w *writer) give(event completion.Event, err error) {
	if !w.stopped {
		w.stopped = !w.yield(event, err)
	}
}
