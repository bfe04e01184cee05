package responses

import (
	"github.com/llmls/llmls/internal/completion/jsonwalk"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// part takes a part of a content or of a summary, by its type.
func (d *decoder) part(from level, value []byte) {
	var kind, text, annotations []byte
	for name, v := range jsonwalk.Members(value) {
		switch string(name) {
		case "type":
			kind = v
		case "text", "refusal":
			text = v
		case "annotations":
			annotations = v
		}
	}
	switch string(kind) {
	case `"output_text"`, `"refusal"`, `"text"`, "":
		d.text(from, text)
		d.Cite(annotations)
	case `"reasoning_text"`, `"summary_text"`:
		d.think(from, text)
	}
}

// outputItem takes an item of the output: a message, thinking, or a call. Others,
// such as those of a provider's own tools, are skipped.
func (d *decoder) outputItem(from level, value []byte) {
	var kind, content, summary []byte
	call := upstream.CallPiece{Index: -1}
	for name, v := range jsonwalk.Members(value) {
		switch string(name) {
		case "type":
			kind = v
		case "content":
			content = v
		case "summary":
			summary = v
		case "call_id":
			call.ID = jsonwalk.String(v)
		case "name":
			call.Name = jsonwalk.String(v)
		case "arguments":
			call.Arguments = v
		}
	}
	switch string(kind) {
	case `"message"`, "":
		d.parts(from, content)
	case `"reasoning"`:
		before := d.Size()
		if d.thinkParts(from, content); d.Size() == before {
			d.thinkParts(from, summary)
		}
	case `"function_call"`:
		d.Call(call)
		d.called = true
	}
}

// parts takes a content: a list of parts, or the text itself.
func (d *decoder) parts(from level, content []byte) {
	d.text(from, content)
	for part := range jsonwalk.Elements(content) {
		d.part(from, part)
	}
}

func (d *decoder) thinkParts(from level, list []byte) {
	for part := range jsonwalk.Elements(list) {
		d.think(from, part)
		d.paused = d.paused || d.thought == from
	}
}

// response takes a response as it stands at the event called at, "" if it came without
// an event.
func (d *decoder) response(value []byte, at string) error {
	var status, failed, details, output, text, usage []byte
	for name, v := range jsonwalk.Members(value) {
		switch string(name) {
		case "model":
			d.Model(v)
		case "status":
			status = v
		case "error":
			failed = v
		case "incomplete_details":
			details = v
		case "output":
			output = v
		case "output_text":
			text = v
		case "usage":
			usage = v
		}
	}
	if at == "" && status == nil && output == nil && text == nil && jsonwalk.IsEmpty(failed) {
		return nil // another object of that name
	}
	d.Recognise()
	d.Usage(usage)
	if at == "" { // a whole response: its status says where it stands
		switch at = jsonwalk.String(status); at {
		case "failed", "cancelled", "incomplete":
		case "in_progress", "queued":
			d.Unanswered()
		default:
			at = "completed"
		}
	}
	if !jsonwalk.IsEmpty(failed) {
		d.output(output, text)
		return upstream.FailureIn(failed)
	}
	switch at {
	case "failed", "cancelled":
		d.output(output, text)
		return d.Finish([]byte(`"` + at + `"`))
	case "completed", "done", "incomplete":
		d.output(output, text)
		return d.end(at, status, details)
	default: // created, queued, in progress, or new
		if !jsonwalk.IsEmpty(output) || !jsonwalk.IsEmpty(text) {
			d.Keep(value)
		}
		return nil
	}
}

// Rest takes the response as it stood last, if the endpoint has left it there.
func (d *decoder) Rest(response []byte) {
	var output, text []byte
	for name, v := range jsonwalk.Members(response) {
		switch string(name) {
		case "output":
			output = v
		case "output_text":
			text = v
		}
	}
	d.output(output, text)
}

// output takes the contents of a response that no event had before.
func (d *decoder) output(list, text []byte) {
	if d.said {
		d.answer = delta
	}
	if d.mused {
		d.thought = delta
	}
	called := d.called
	for item := range jsonwalk.Elements(list) {
		if !called || !isCall(item) {
			d.outputItem(responseDone, item)
		}
	}
	d.text(responseDone+1, text)
}

func isCall(item []byte) bool {
	for name, v := range jsonwalk.Members(item) {
		if string(name) == "type" {
			return string(v) == `"function_call"`
		}
	}
	return false
}

// end takes how a response ended: completed, incomplete, or a word that is new.
func (d *decoder) end(at string, status, details []byte) error {
	var reason []byte
	for name, v := range jsonwalk.Members(details) {
		if string(name) == "reason" && !jsonwalk.IsNull(v) {
			reason = v
		}
	}
	switch {
	case reason != nil:
	case d.called && !d.said:
		reason = []byte(`"tool_calls"`)
	case d.AtLimit(): // llama-server says completed then
		reason = []byte(`"max_output_tokens"`)
	case at == "incomplete":
		reason = []byte(`"incomplete"`)
	case jsonwalk.IsNull(status):
		reason = []byte(`"completed"`)
	default:
		reason = status
	}
	d.End()
	return d.Finish(reason)
}
