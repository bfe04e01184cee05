package messages

import (
	"bytes"

	"github.com/llmls/llmls/internal/completion/jsonwalk"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// A decoder passes the contents of the events of a stream, or of a whole message, to
// an Answer.
// Events, blocks and deltas that it does not know are skipped, and members that are
// missing, null, or of another type are no errors.
type decoder struct {
	*upstream.Answer
	streamed bool   // blocks brought something
	said     bool   // there was text of an answer
	calling  bool   // the block that is open is a tool call
	call     []byte // the number of that block
}

// A block is a piece of content, a delta of one, or an item of a whole content; they
// share their members.
type block struct {
	kind, text, thinking, json, id, name, input, citation, citations []byte
}

// Decode decodes one event, or a whole message.
func (d *decoder) Decode(kind, value []byte) error {
	var e struct{ kind, index, message, block, delta, content, usage, failed []byte }
	for name, v := range jsonwalk.Members(value) {
		switch string(name) {
		case "type":
			e.kind = v
		case "index":
			e.index = v
		case "message":
			e.message = v
		case "content_block":
			e.block = v
		case "delta":
			e.delta = v
		case "content":
			e.content = v
		case "usage":
			e.usage = v
		case "error":
			e.failed = v
		}
	}
	name := jsonwalk.String(e.kind)
	if name == "" {
		name = string(kind)
	}
	switch name {
	case "message_start":
		d.begin(e.message)
	case "content_block_start":
		d.Recognise()
		d.calling = false
		d.block(blockOf(e.block), e.index)
	case "content_block_delta":
		d.block(blockOf(e.delta), e.index)
	case "message_delta":
		if d.Usage(e.usage); !jsonwalk.IsEmpty(e.failed) {
			return upstream.FailureIn(e.failed)
		}
		return d.end(e.delta)
	case "message_stop":
		return d.stop()
	case "error":
		return upstream.FailureIn(value)
	default:
		return d.other(name, value, e.content, e.delta, e.failed)
	}
	return nil
}

// other takes an object whose type is no event of a stream: a whole message, or an event
// without its type.
func (d *decoder) other(name string, value, content, delta, failed []byte) error {
	switch {
	case name != "" && name != "message": // ping, or new
	case !jsonwalk.IsEmpty(failed):
		return upstream.FailureIn(value)
	case content != nil:
		d.Whole()
		if !d.streamed {
			d.content(content)
		}
		return d.message(value)
	case delta != nil:
		d.block(blockOf(delta), nil)
	case upstream.IsBareFailure(value):
		return upstream.FailureIn(value)
	}
	return nil
}

// begin takes the message that is announced. Relays that cannot stream put all of it
// there: its content counts if nothing else comes.
func (d *decoder) begin(message []byte) {
	d.Recognise()
	for name, v := range jsonwalk.Members(message) {
		switch string(name) {
		case "model":
			d.Model(v)
		case "usage":
			d.Usage(v)
		case "content":
			if !jsonwalk.IsEmpty(v) {
				d.Keep(v)
			}
		}
	}
}

// message takes what a whole message says beside its content.
func (d *decoder) message(value []byte) error {
	for name, v := range jsonwalk.Members(value) {
		switch string(name) {
		case "model":
			d.Model(v)
		case "usage":
			d.Usage(v)
		}
	}
	return d.end(value)
}

// stop takes the end of a stream.
func (d *decoder) stop() error {
	d.Rest(d.Kept())
	d.End()
	return nil
}

// Rest takes the content that the first event had, if no block came.
func (d *decoder) Rest(content []byte) {
	if !d.streamed {
		d.content(content)
	}
	d.Keep(nil)
}

// end takes the reason to stop. A refusal may say more about itself, which is shown
// where there is no answer.
func (d *decoder) end(value []byte) error {
	d.Rest(d.Kept())
	var reason, details []byte
	for name, v := range jsonwalk.Members(value) {
		switch string(name) {
		case "stop_reason":
			reason = v
		case "stop_details":
			details = v
		}
	}
	if !d.said {
		for name, v := range jsonwalk.Members(details) {
			if string(name) == "explanation" {
				d.text(v)
			}
		}
	}
	return d.Finish(reason)
}

// content takes a content: a list of blocks, or the text itself.
func (d *decoder) content(value []byte) {
	d.text(value)
	for element := range jsonwalk.Elements(value) {
		d.block(blockOf(element), nil)
	}
}

func blockOf(value []byte) block {
	var b block
	for name, v := range jsonwalk.Members(value) {
		switch string(name) {
		case "type":
			b.kind = v
		case "text":
			b.text = v
		case "thinking":
			b.thinking = v
		case "partial_json":
			b.json = v
		case "id":
			b.id = v
		case "name":
			b.name = v
		case "input":
			b.input = v
		case "citation":
			b.citation = v
		case "citations":
			b.citations = v
		}
	}
	return b
}

// block takes a block, or a delta of one.
func (d *decoder) block(b block, index []byte) {
	before := d.Size()
	switch string(b.kind) {
	case `"text"`, `"text_delta"`:
		d.text(b.text)
		d.Cite(b.citations)
	case `"thinking"`, `"thinking_delta"`:
		d.thought(b.thinking)
	case `"citations_delta"`:
		d.Cite(b.citation)
	case `"tool_use"`:
		d.tool(&b, index)
	case `"input_json_delta"`: // of a call, or of what is no call to the client
		if d.calling && bytes.Equal(index, d.call) {
			d.Call(callPiece(upstream.CallPiece{Arguments: b.json}, index))
		}
	case "": // a relay that leaves types out
		d.text(b.text)
		d.thought(b.thinking)
	}
	d.streamed = d.streamed || d.Size() > before
}

// tool opens a call. Its input is whole, or empty and comes in pieces.
func (d *decoder) tool(b *block, index []byte) {
	p := upstream.CallPiece{ID: jsonwalk.String(b.id), Name: jsonwalk.String(b.name)}
	if !jsonwalk.IsEmpty(b.input) {
		p.Arguments = b.input
	}
	d.Call(callPiece(p, index))
	d.calling, d.call = true, bytes.Clone(index)
}

// callPiece returns p with the number of its block.
func callPiece(p upstream.CallPiece, index []byte) upstream.CallPiece {
	p.Index = -1
	if n, ok := jsonwalk.Int(index); ok && n >= 0 {
		p.Index = n
	}
	return p
}

func (d *decoder) text(value []byte) {
	inner := innerOf(value)
	d.said = d.said || len(inner) > 0
	d.Text(inner)
}

func (d *decoder) thought(value []byte) { d.Thought(innerOf(value)) }

// innerOf returns the inside of a string. A number is returned as it is: some servers
// send a token that looks like a number without quotation marks.
func innerOf(value []byte) []byte {
	switch {
	case jsonwalk.IsNull(value), value[0] == '{', value[0] == '[':
		return nil
	case value[0] == '"':
		return value[1 : len(value)-1]
	default:
		return value
	}
}
