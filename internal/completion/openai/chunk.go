package openai

import (
	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/jsonwalk"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// A decoder passes the contents of the chunks of a stream to an Answer. The same code
// decodes a chunk, a whole completion, and the variants that servers have made
// of both: members that are missing, null, or of another type are no errors;
// what is not used is not looked at.
type decoder struct {
	*upstream.Answer
	deltas bool // a delta brought text
}

// Decode decodes one value at the top of an event.
func (d *decoder) Decode(_, value []byte) error {
	var c struct{ kind, choices, message, finish, failed, usage, groq, ended, status []byte }
	for name, v := range jsonwalk.Members(value) {
		switch string(name) {
		case "choices":
			c.choices = v
		case "type":
			if c.kind = v; upstream.IsOfTool(v) {
				return nil
			}
		case "error":
			c.failed = v
		case "usage":
			c.usage = v
		case "x_groq":
			c.groq = v
		case "base_resp": // MiniMax
			c.status = v
		case "model":
			d.Model(v)
		case "message": // Ollama's own format; also the text of a bare error
			c.message = v
		case "done":
			c.ended = v
		case "done_reason":
			c.finish = v
		case "citations", "search_results", "sources": // Perplexity, and relays to search models
			d.Cite(v)
		}
	}
	if !jsonwalk.IsEmpty(c.failed) || upstream.IsFailedStatus(c.status) {
		if !jsonwalk.IsNull(c.choices) {
			_ = d.choices(value, c.choices) // the text beside the error, which this error describes better
		}
		return upstream.FailureIn(value)
	}
	switch {
	case !jsonwalk.IsNull(c.choices):
		d.Recognise()
		if err := d.choices(value, c.choices); err != nil {
			return err
		}
	case len(c.message) > 0 && c.message[0] == '{' && c.kind != nil: // Anthropic's own form
	case len(c.message) > 0 && c.message[0] == '{':
		d.Recognise()
		if err := d.delta(c.message); err != nil {
			return err
		}
		if err := d.setOllamaEnd(value, c.ended, c.finish); err != nil {
			return err
		}
	case c.usage == nil && upstream.IsBareFailure(value):
		return upstream.FailureIn(value)
	}
	d.Usage(c.usage)
	return d.groq(c.groq)
}

// groq takes what Groq puts beside its choices.
func (d *decoder) groq(value []byte) error {
	for name, v := range jsonwalk.Members(value) {
		switch string(name) {
		case "usage":
			d.Usage(v)
		case "error":
			if !jsonwalk.IsEmpty(v) {
				return upstream.FailureIn(v)
			}
		}
	}
	return nil
}

// setOllamaEnd takes the finish reason of Ollama's own format, from the last chunk.
func (d *decoder) setOllamaEnd(chunk, done, reason []byte) error {
	if string(done) != "true" {
		return nil
	}
	d.End()
	d.Usage(chunk)
	if jsonwalk.IsNull(reason) {
		reason = []byte(`"stop"`) // older versions say no more
	}
	return d.Finish(reason)
}

func (d *decoder) choices(chunk, value []byte) error {
	if value[0] == '{' {
		return d.choice(chunk, value)
	}
	first := true
	for element := range jsonwalk.Elements(value) {
		if !first && !hasIndex(element) { // then its place is its number
			continue
		}
		first = false
		if err := d.choice(chunk, element); err != nil {
			return err
		}
	}
	return nil
}

func hasIndex(choice []byte) bool {
	for name, v := range jsonwalk.Members(choice) {
		if string(name) == "index" {
			return !jsonwalk.IsNull(v)
		}
	}
	return false
}

// choice decodes one choice. Only the first answer is wanted: llmls never asks
// for more, yet some servers send them.
func (d *decoder) choice(chunk, value []byte) error {
	var c struct{ index, delta, message, text, finish, failed, usage []byte }
	for name, v := range jsonwalk.Members(value) {
		switch string(name) {
		case "index":
			c.index = v
		case "delta":
			c.delta = v
		case "message":
			c.message = v
		case "text":
			c.text = v
		case "finish_reason":
			c.finish = v
		case "error":
			c.failed = v
		case "usage":
			c.usage = v
		case "citations", "annotations":
			d.Cite(v)
		}
	}
	if index, ok := jsonwalk.Int(c.index); ok && index > 0 {
		return nil
	}
	// A chunk that repeats the whole message beside its delta means the delta.
	switch {
	case len(c.delta) > 0 && c.delta[0] == '{':
		before := d.Size()
		err := d.delta(c.delta)
		if d.deltas = d.deltas || d.Size() > before; err != nil {
			return err
		}
	case len(c.delta) > 0 && c.delta[0] == '"':
		d.part(completion.Delta, c.delta, 0)
		d.deltas = true
	case len(c.message) > 0 && c.message[0] == '{':
		d.Whole()
		if !d.deltas {
			if err := d.delta(c.message); err != nil {
				return err
			}
			break
		}
		// Some servers repeat the deltas as a whole message at the end.
		for name, v := range jsonwalk.Members(c.message) {
			switch string(name) {
			case "annotations", "citations":
				d.Cite(v)
			case "error":
				c.failed = v
			}
		}
	case !d.deltas: // else some repeat the deltas here, too
		d.part(completion.Delta, c.text, 0)
	}
	d.Usage(c.usage)
	if !jsonwalk.IsEmpty(c.failed) {
		return upstream.FailureIn(c.failed)
	}
	return d.end(c.finish, value, chunk)
}

// end takes a finish reason, and other members of the choice and the chunk that name one.
func (d *decoder) end(reason, choice, chunk []byte) error {
	if jsonwalk.IsNull(reason) {
		return nil
	}
	err := d.Finish(reason)
	d.cutBeside(choice)
	d.cutBeside(chunk)
	return err
}

// cutBeside takes the members beside a finish reason that say that the answer was cut:
// some relays turn that reason into "stop".
func (d *decoder) cutBeside(object []byte) {
	incomplete := false
	for name, v := range jsonwalk.Members(object) {
		switch string(name) {
		case "native_finish_reason": // OpenRouter: the reason in the words of the model's vendor
			d.Cut(v)
		case "incomplete_details":
			d.Cut(jsonwalk.Member(v, "reason"))
		case "incomplete", "status":
			incomplete = incomplete || string(v) == "true" || string(v) == `"incomplete"`
		}
	}
	if incomplete {
		d.Cut([]byte(`"length"`))
	}
}

// delta decodes a delta, or a message, which has the same members. It fails if there
// is an error inside.
func (d *decoder) delta(value []byte) error {
	var thoughts [5][]byte // the same text under several names, best first
	var content, refusal, tools, function, failed []byte
	for name, v := range jsonwalk.Members(value) {
		switch string(name) {
		case "content":
			content = v
		case "reasoning_content":
			thoughts[0] = v
		case "reasoning":
			thoughts[1] = v
		case "reasoning_text":
			thoughts[2] = v
		case "thinking":
			thoughts[3] = v
		case "reasoning_details":
			thoughts[4] = v
		case "refusal":
			refusal = v
		case "tool_calls":
			tools = v
		case "function_call":
			function = v
		case "error":
			failed = v
		case "type":
			if string(v) == `"error"` {
				failed = value
			}
		case "annotations", "citations":
			d.Cite(v)
		case "context": // Azure, of a model that searches
			for name, v := range jsonwalk.Members(v) {
				if string(name) == "citations" {
					d.Cite(v)
				}
			}
		}
	}
	for _, thought := range thoughts {
		if thought == nil {
			continue
		}
		before := d.Size()
		if d.part(completion.Reasoning, thought, 0); d.Size() > before {
			break
		}
	}
	before := d.Size()
	d.part(completion.Delta, content, 0)
	if d.Size() == before {
		d.part(completion.Delta, refusal, 0) // else the answer would be empty
	}
	d.calls(tools, function)
	if !jsonwalk.IsEmpty(failed) {
		return upstream.FailureIn(failed)
	}
	return nil
}

// maxParts bounds how deep parts of a content may lie in each other: Mistral
// puts text parts into a thinking part.
const maxParts = 4

// part writes a content: text, a list of parts, or one part.
func (d *decoder) part(kind completion.EventKind, value []byte, depth int) {
	switch {
	case jsonwalk.IsNull(value) || depth > maxParts:
	case value[0] == '"':
		d.writeText(kind, value[1:len(value)-1])
	case value[0] == '[':
		for element := range jsonwalk.Elements(value) {
			d.part(kind, element, depth+1)
		}
	case value[0] == '{':
		var text []byte
		for name, v := range jsonwalk.Members(value) {
			switch string(name) {
			case "type":
				switch string(v) {
				case `"thinking"`, `"reasoning"`:
					kind = completion.Reasoning
				}
			case "text", "thinking", "reasoning", "content", "refusal", "summary":
				if !jsonwalk.IsNull(v) && text == nil {
					text = v
				}
			}
		}
		d.part(kind, text, depth+1)
	default: // a number, true or false: a token that looked like one
		d.writeText(kind, value)
	}
}

func (d *decoder) writeText(kind completion.EventKind, inner []byte) {
	if kind == completion.Reasoning {
		d.Thought(inner)
	} else {
		d.Text(inner)
	}
}
