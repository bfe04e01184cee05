package responses

import (
	"bytes"
	"strings"

	"github.com/llmls/llmls/internal/completion/jsonwalk"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// A decoder passes the contents of the events of a stream, or of a whole response, to
// an Answer.
// Events and items that it does not know are skipped, and members that are missing,
// null, or of another type are no errors.
type decoder struct {
	*upstream.Answer
	item    []byte // the number of the item that is open
	answer  level  // which events brought its text
	thought level  // and which its thinking
	thinks  string // the name of the events that bring its thinking, where that is streamed
	said    bool   // there was text of an answer in any item
	mused   bool   // there was thinking in any item
	paused  bool   // a part of the thinking is closed
	called  bool   // the model asked for a tool
}

// A level is a kind of event that can bring a text. The events of the later levels
// repeat what those before them brought.
type level uint8

const (
	none level = iota
	delta
	textDone
	partDone
	itemDone
	responseDone
)

// An event holds the members of an event that are used.
type event struct {
	kind, delta, text, refusal, part, item, response, index, annotation []byte
}

// Decode decodes one event, or a whole response.
func (d *decoder) Decode(kind, value []byte) error {
	e, failed, whole := eventOf(value)
	name := jsonwalk.String(e.kind)
	if name == "" {
		name = string(kind)
	}
	if name == "message" { // the name of events without one
		name = ""
	}
	switch {
	case name == "error", name == "response.error":
		return upstream.FailureIn(value)
	case whole:
		return d.response(value, "")
	case name == "" && e.delta == nil && e.response == nil && (!jsonwalk.IsEmpty(failed) || upstream.IsBareFailure(value)):
		return upstream.FailureIn(value)
	}
	return d.event(name, &e)
}

// eventOf reads an event. It reports whole if value is a response without one
// around it.
func eventOf(value []byte) (e event, failed []byte, whole bool) {
	var output []byte
	for name, v := range jsonwalk.Members(value) {
		switch string(name) {
		case "type":
			e.kind = v
		case "delta":
			e.delta = v
		case "text":
			e.text = v
		case "refusal":
			e.refusal = v
		case "part":
			e.part = v
		case "item":
			e.item = v
		case "response":
			e.response = v
		case "output_index":
			e.index = v
		case "annotation":
			e.annotation = v
		case "error":
			failed = v
		case "output", "output_text":
			output = v
		case "object":
			whole = string(v) == `"response"`
		}
	}
	return e, failed, whole || e.kind == nil && output != nil
}

func (d *decoder) event(name string, e *event) error {
	switch name {
	case "response.output_text.delta", "response.refusal.delta", "response.text.delta", "":
		d.open(e.index)
		d.text(delta, e.delta)
	case "response.output_text.done", "response.text.done":
		d.open(e.index)
		d.text(textDone, e.text)
	case "response.refusal.done":
		d.open(e.index)
		d.text(textDone, e.refusal)
	case "response.content_part.done":
		d.open(e.index)
		d.part(partDone, e.part)
	case "response.output_item.added":
		d.Recognise()
		d.open(e.index)
	case "response.output_item.done":
		d.open(e.index)
		d.outputItem(itemDone, e.item)
	case "response.output_text.annotation.added":
		d.Cite(e.annotation)
	}
	if strings.HasPrefix(name, "response.reasoning") {
		d.reasoning(name, e)
	}
	if len(e.response) > 0 && e.response[0] == '{' {
		return d.response(e.response, strings.TrimPrefix(name, "response."))
	}
	return nil
}

// reasoning takes an event of the thinking. Servers that send both the thinking and a
// summary of it repeat themselves: the first of them counts.
func (d *decoder) reasoning(name string, e *event) {
	d.open(e.index)
	switch {
	case strings.HasSuffix(name, ".delta"):
		if d.thinks == "" {
			d.thinks = name
		}
		if d.thinks == name {
			d.think(delta, e.delta)
		}
	case strings.HasSuffix(name, "text.done"):
		d.think(textDone, e.text)
		d.paused = true
	}
}

// open notes which item of the output an event belongs to. Where servers do not
// number them, all are one.
func (d *decoder) open(index []byte) {
	if index != nil && !bytes.Equal(index, d.item) {
		d.item = append(d.item[:0], index...)
		d.answer, d.thought, d.thinks = none, none, ""
	}
}

// text takes a text of the answer, unless events of another level brought it.
func (d *decoder) text(from level, value []byte) {
	inner := textOf(value)
	if len(inner) == 0 || d.answer != none && d.answer != from {
		return
	}
	d.answer, d.said = from, true
	d.Text(inner)
}

// think is text for the thinking.
func (d *decoder) think(from level, value []byte) {
	inner := textOf(value)
	if len(inner) == 0 || d.thought != none && d.thought != from {
		return
	}
	if d.paused { // the parts of a summary are paragraphs
		d.paused = false
		d.Thought([]byte(`\n\n`))
	}
	d.thought, d.mused = from, true
	d.Thought(inner)
}

// textOf returns the inside of a string: of value, or of the member text of an
// object, which some relays make of a delta. A number is returned as it is: some servers
// send a token that looks like a number without quotation marks.
func textOf(value []byte) []byte {
	if len(value) > 0 && value[0] == '{' {
		for name, v := range jsonwalk.Members(value) {
			if string(name) == "text" || string(name) == "content" {
				value = v
				break
			}
		}
	}
	switch {
	case jsonwalk.IsNull(value), value[0] == '{', value[0] == '[':
		return nil
	case value[0] == '"':
		return value[1 : len(value)-1]
	default:
		return value
	}
}
