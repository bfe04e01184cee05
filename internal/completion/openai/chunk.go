package openai

import (
	"bytes"
	"errors"
	"io"

	"github.com/llmls/llmls/internal/completion"
)

// A decoder turns the chunks of one answer into events. The same code decodes a
// chunk of a stream, a whole completion, and the variants that servers have
// made of both: members that are missing, null, or of another type are no
// errors; what is not used is not looked at.
type decoder struct {
	writer

	known  bool // something of a completion was seen
	whole  int  // how many whole messages, instead of deltas, there were
	done   bool // the stream said so
	model  []byte
	usage  *completion.Usage
	finish finishState
	tools  toolCalls
}

// errTooMuch is for an answer longer than maxAnswer.
var errTooMuch = errors.New("the answer is longer than 8 MiB")

// event decodes the data of one event: usually one chunk, but several where the
// server puts a single line end between events. The error is a *failure if the
// server reports one, and io.ErrUnexpectedEOF if the JSON is cut.
func (d *decoder) event(kind, data []byte) error {
	if string(kind) == "error" {
		return failureOf(data)
	}
	for !d.done && !d.stopped {
		data = bytes.TrimSpace(data)
		data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("data:"))) // some relays wrap twice
		switch {
		case len(data) == 0:
			return nil
		case isDone(data):
			d.done = true
			return nil
		}
		value, rest, err := cutValue(data)
		if err != nil {
			if isKeepalive(kind, data) {
				return nil
			}
			return notJSON(data, err)
		}
		if err := d.chunk(value); err != nil {
			return err
		}
		if d.size > maxAnswer {
			return errTooMuch
		}
		data = rest
	}
	return nil
}

// isDone recognises the end mark, also quoted.
func isDone(data []byte) bool {
	const mark = "[DONE]"
	data = bytes.TrimPrefix(data, []byte(`"`))
	return len(data) >= len(mark) && bytes.EqualFold(data[:len(mark)], []byte(mark))
}

// isKeepalive recognises what servers send to keep a connection open other than
// as a comment: a comment wrapped as data, or a word.
func isKeepalive(kind, data []byte) bool {
	if data[0] == ':' {
		return true
	}
	for _, word := range []string{"ping", "pong", "heartbeat", "keepalive", "keep-alive", "processing"} {
		if bytes.EqualFold(kind, []byte(word)) || bytes.EqualFold(bytes.Trim(data, "[]"), []byte(word)) {
			return true
		}
	}
	return false
}

func notJSON(data []byte, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	return &failure{message: "it sent a chunk that is not JSON: " + string(data[:min(len(data), 4*maxDetail)])}
}

// chunk decodes one value at the top of an event.
func (d *decoder) chunk(value []byte) error {
	if value[0] == '[' { // a list of chunks, or of errors
		for element := range elements(value) {
			if element[0] == '[' {
				continue
			}
			if err := d.chunk(element); err != nil {
				return err
			}
		}
		return nil
	}
	var c struct{ choices, message, finish, failed, usage, groq, ended []byte }
	for name, v := range members(value) {
		switch string(name) {
		case "choices":
			c.choices = v
		case "error":
			c.failed = v
		case "usage":
			c.usage = v
		case "x_groq":
			c.groq = v
		case "model":
			d.setModel(v)
		case "message": // Ollama's own form; also the text of a bare error
			c.message = v
		case "done":
			c.ended = v
		case "done_reason":
			c.finish = v
		}
	}
	if !isNothing(c.failed) {
		return failureOf(value)
	}
	switch {
	case !isNull(c.choices):
		d.known = true
		if err := d.choices(c.choices); err != nil {
			return err
		}
	case len(c.message) > 0 && c.message[0] == '{':
		d.known = true
		d.delta(c.message)
		if err := d.setOllamaEnd(value, c.ended, c.finish); err != nil {
			return err
		}
	case c.usage == nil && isBareFailure(value):
		return failureOf(value)
	}
	d.setUsage(c.usage)
	for name, v := range members(c.groq) {
		if string(name) == "usage" {
			d.setUsage(v)
		}
	}
	return nil
}

// isNothing recognises the ways to say that there was no error.
func isNothing(value []byte) bool {
	switch string(value) {
	case "", "null", "false", "0", `""`, "{}", "[]":
		return true
	default:
		return false
	}
}

// setOllamaEnd takes the end as Ollama's own form tells it, in the last chunk.
func (d *decoder) setOllamaEnd(chunk, done, reason []byte) error {
	if string(done) != "true" {
		return nil
	}
	d.done = true
	d.setUsage(chunk)
	if isNull(reason) {
		reason = []byte(`"stop"`) // older versions say no more
	}
	return d.setFinish(reason)
}

func (d *decoder) choices(value []byte) error {
	if value[0] == '{' {
		return d.choice(value)
	}
	for element := range elements(value) {
		if err := d.choice(element); err != nil {
			return err
		}
	}
	return nil
}

// choice decodes one choice. Only the first answer is wanted: llmls never asks
// for more, yet some servers send them.
func (d *decoder) choice(value []byte) error {
	var c struct{ index, delta, message, text, finish, failed, usage []byte }
	for name, v := range members(value) {
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
		}
	}
	if index, ok := intOf(c.index); ok && index > 0 {
		return nil
	}
	before := d.size
	// A chunk that repeats the whole message beside its delta means the delta.
	switch {
	case len(c.delta) > 0 && c.delta[0] == '{':
		d.delta(c.delta)
	case len(c.message) > 0 && c.message[0] == '{':
		d.whole++
		d.delta(c.message)
	default:
		d.part(completion.Delta, c.text, 0)
	}
	if d.size > before {
		d.finish.text()
	}
	d.setUsage(c.usage)
	if !isNothing(c.failed) {
		return failureOf(c.failed)
	}
	return d.setFinish(c.finish)
}

// delta decodes a delta, or a message, which has the same members.
func (d *decoder) delta(value []byte) {
	var thoughts [5][]byte // the same text under several names, best first
	var content, refusal, tools, function []byte
	for name, v := range members(value) {
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
		}
	}
	for _, thought := range thoughts {
		before := d.size
		if d.part(completion.Reasoning, thought, 0); d.size > before {
			break
		}
	}
	before := d.size
	d.part(completion.Delta, content, 0)
	if d.size == before {
		d.part(completion.Delta, refusal, 0) // else the answer would be empty
	}
	d.size += d.tools.add(tools, function)
}

// maxParts bounds how deep parts of a content may lie in each other: Mistral
// puts text parts into a thinking part.
const maxParts = 4

// part writes a content: text, a list of parts, or one part.
func (d *decoder) part(kind completion.EventKind, value []byte, depth int) {
	switch {
	case isNull(value) || depth > maxParts:
	case value[0] == '"':
		d.writeText(kind, value[1:len(value)-1])
	case value[0] == '[':
		for element := range elements(value) {
			d.part(kind, element, depth+1)
		}
	case value[0] == '{':
		var text []byte
		for name, v := range members(value) {
			switch string(name) {
			case "type":
				switch string(v) {
				case `"thinking"`, `"reasoning"`:
					kind = completion.Reasoning
				}
			case "text", "thinking", "reasoning", "content", "refusal", "summary":
				if !isNull(v) && text == nil {
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
		d.writeReasoning(inner)
	} else {
		d.writeContent(inner)
	}
}

// maxName bounds the name of a model and of a tool, in bytes.
const maxName = 1 << 10

func (d *decoder) setModel(value []byte) {
	if len(d.model) == 0 && !isNull(value) && len(value) <= maxName {
		d.model = append(d.model, stringOf(value)...)
	}
}

// setUsage takes the counts of a usage object. Several servers send one with
// every chunk; the last that counts anything is the sum.
func (d *decoder) setUsage(value []byte) {
	var u completion.Usage
	for name, v := range members(value) {
		n, ok := intOf(v)
		if !ok || n < 0 {
			continue
		}
		switch string(name) {
		case "prompt_tokens", "input_tokens", "prompt_eval_count":
			u.PromptTokens = n
		case "completion_tokens", "output_tokens", "eval_count":
			u.CompletionTokens = n
		}
	}
	if u != (completion.Usage{}) {
		d.known = true
		d.usage = &completion.Usage{PromptTokens: u.PromptTokens, CompletionTokens: u.CompletionTokens}
	}
}
