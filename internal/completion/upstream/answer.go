package upstream

import (
	"bytes"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/jsonwalk"
	"github.com/llmls/llmls/internal/completion/thinking"
)

// maxAnswer bounds the text of one answer, thinking and tool calls included, in
// bytes. The longest answers that models give are near 1 MiB.
const maxAnswer = 8 << 20

// An Answer is what has arrived of one answer so far. A Decoder passes it what the
// endpoint sent; it turns pieces of text into events. It keeps what has arrived
// of one kind until Flush, which the stream calls before it waits for the
// network: so the first delta goes out at once, and a consumer that falls behind
// gets fewer and longer ones, without a timer.
type Answer struct {
	yield   func(completion.Event, error) bool
	stopped bool // the consumer has left the loop
	limit   int  // of tokens, that the request set; 0 if it set none

	kind    completion.EventKind // of pending
	pending []byte
	size    int // bytes of text so far

	content      jsonwalk.Joiner
	reasoning    jsonwalk.Joiner
	decoded      []byte // text on its way to where its kind is decided
	texts        snapshots
	thoughts     snapshots
	textAgain    repeat
	thoughtAgain repeat
	thinking     thinking.Splitter

	lead    []byte // space in front of the answer, which is none without text behind it
	thought bool   // there was thinking
	said    bool   // there was an answer
	sources []source
	calls   []toolCall
	known   bool // a part of an answer was seen
	waiting bool // the endpoint said that it has not begun to answer
	kept    []byte
	whole   int  // how many whole messages, instead of deltas, there were
	done    bool // the endpoint said that it sends nothing more
	model   []byte
	counts  counts
	lumps   lumps
	finish  finishState
}

// NewAnswer returns an Answer that gives its events to yield, until that
// returns false.
func NewAnswer(yield func(completion.Event, error) bool) *Answer {
	a := &Answer{yield: yield}
	a.thinking.Give = a.write
	a.thinking.Refile = a.refile
	return a
}

// Text takes the inside of a JSON string of the answer. Characters that are cut
// between two of them are joined.
func (a *Answer) Text(inner []byte) {
	if len(inner) == 0 {
		return
	}
	a.finish.text()
	a.lumps.piece()
	a.decoded = a.content.Append(a.decoded[:0], inner)
	if a.texts.mode == areSnapshots {
		a.content = jsonwalk.Joiner{} // the next one has the whole character
	}
	a.part(a.textAgain.take(a.texts.take(a.decoded)))
}

// part gives text to the splitter, unless it is the answer and nothing else.
func (a *Answer) part(text []byte) {
	a.size += len(text)
	if a.thinking.Pass(text) {
		a.write(completion.Delta, text)
		return
	}
	a.thinking.Write(text)
}

// refile tells the consumer that the deltas so far were thinking.
func (a *Answer) refile() {
	a.Flush()
	a.thought, a.said = true, false
	a.give(completion.Event{Kind: completion.Refiled}, nil)
}

// Thought takes the inside of a JSON string of the thinking, where that is
// streamed apart from the answer.
func (a *Answer) Thought(inner []byte) {
	if len(inner) == 0 {
		return
	}
	a.finish.text()
	a.lumps.piece()
	if !a.thinking.Apart() {
		return
	}
	a.decoded = a.reasoning.Append(a.decoded[:0], inner)
	if a.thoughts.mode == areSnapshots {
		a.reasoning = jsonwalk.Joiner{}
	}
	a.think(a.thoughtAgain.take(a.thoughts.take(a.decoded)))
}

func (a *Answer) think(text []byte) {
	a.size += len(text)
	a.write(completion.Reasoning, text)
}

// Size returns how many bytes the answer has so far.
func (a *Answer) Size() int { return a.size }

// Recognise records that what comes is an answer, even if it holds no text.
func (a *Answer) Recognise() { a.known = true }

// Unanswered records that the endpoint took the request and says that it has not
// answered it yet.
func (a *Answer) Unanswered() { a.waiting = true }

// Keep keeps a value that is used only if no better one follows. It replaces the one
// before; nil keeps none.
func (a *Answer) Keep(value []byte) { a.kept = append(a.kept[:0], value...) }

// Kept returns what is kept.
func (a *Answer) Kept() []byte { return a.kept }

// Whole records that a whole message came instead of a delta. With exactly one of
// these, the answer needs no finish reason.
func (a *Answer) Whole() { a.whole++ }

// End records that the endpoint sends nothing more.
func (a *Answer) End() { a.done = true }

// maxLead is how much space may stand in front of an answer, in bytes.
const maxLead = 4 << 10

// maxName bounds the name of a model, in bytes.
const maxName = 1 << 10

// Model takes the name of the model that answers. The first one counts.
func (a *Answer) Model(value []byte) {
	if len(a.model) == 0 && !jsonwalk.IsNull(value) && len(value) <= maxName {
		a.model = append(a.model, jsonwalk.String(value)...)
	}
}

// Summary returns how the answer ended, as far as the endpoint has said it.
func (a *Answer) Summary() *completion.Finish {
	return &completion.Finish{
		Reason: a.finish.reason, Model: modelTitle(a.model), Usage: a.counts.usage(), ToolCalls: a.toolCalls(), Thought: a.thought, Paused: a.finish.paused,
		Lumps: a.lumps.count(),
	}
}

// finishText yields what was held back for a continuation that will not come.
func (a *Answer) finishText() {
	a.think(a.thoughtAgain.take(a.thoughts.end()))
	a.think(a.reasoning.Finish(a.decoded[:0]))
	a.part(a.textAgain.take(a.texts.end()))
	a.part(a.content.Finish(a.decoded[:0]))
	a.thinking.End()
	a.Flush()
}

func (a *Answer) write(kind completion.EventKind, text []byte) {
	if len(text) == 0 {
		return
	}
	if kind == completion.Delta && !a.said {
		if a.lead = append(a.lead, text...); len(bytes.TrimSpace(a.lead)) == 0 && len(a.lead) < maxLead {
			return
		}
		text, a.lead = a.lead, nil
	}
	a.begin(kind)
	a.pending = append(a.pending, text...)
	a.thought = a.thought || kind == completion.Reasoning
	a.said = a.said || kind == completion.Delta
}

// begin makes pending hold text of that kind only.
func (a *Answer) begin(kind completion.EventKind) {
	if a.kind != kind {
		a.Flush()
		a.kind = kind
	}
}

// keptPending is the largest buffer that is kept for the next text.
const keptPending = 64 << 10

// Flush yields what is pending.
func (a *Answer) Flush() {
	if len(a.pending) > 0 {
		a.give(completion.Event{Kind: a.kind, Text: a.pending}, nil)
		a.pending = a.pending[:0]
	}
	if cap(a.pending) > keptPending {
		a.pending = nil
	}
	if cap(a.decoded) > keptPending {
		a.decoded = nil
	}
}

// give passes an event or the final error to the consumer, unless it has left the
// loop.
func (a *Answer) give(event completion.Event, err error) {
	if !a.stopped {
		a.stopped = !a.yield(event, err)
	}
}
