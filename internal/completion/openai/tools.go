package openai

import (
	"bytes"

	"github.com/llmls/llmls/internal/completion"
)

// callOverhead is what a call counts against maxAnswer beside its text: at most
// a thousand calls.
const callOverhead = 16 << 10

// toolCalls collects the calls of an answer from their pieces.
type toolCalls struct {
	calls []toolCall
}

type toolCall struct {
	index           int // -1 if the server gives none
	id, name        string
	arguments       []byte
	argumentsJoiner joiner
}

// add takes the tool_calls of a delta, and the function_call of the older form.
// It returns how much they count against maxAnswer.
func (t *toolCalls) add(calls, function []byte) int {
	size := 0
	for call := range elements(calls) {
		size += t.addCall(call)
	}
	if !isNull(function) {
		size += t.addPiece(piece{index: -1, function: function})
	}
	return size
}

// A piece is one entry of a delta's tool_calls.
type piece struct {
	index    int
	id       string
	function []byte
}

func (t *toolCalls) addCall(call []byte) int {
	p := piece{index: -1}
	for name, v := range members(call) {
		switch string(name) {
		case "index":
			if n, ok := intOf(v); ok && n >= 0 {
				p.index = n
			}
		case "id":
			p.id = stringOf(v)
		case "function":
			p.function = v
		}
	}
	return t.addPiece(p)
}

func (t *toolCalls) addPiece(p piece) int {
	var name string
	var arguments []byte
	for member, v := range members(p.function) {
		switch string(member) {
		case "name":
			name = stringOf(v)
		case "arguments":
			arguments = v
		}
	}
	if p.id == "" && name == "" && len(arguments) == 0 {
		return 0
	}
	size := len(p.id) + len(name) + len(arguments)
	call := t.continued(p, name)
	if call == nil {
		t.calls = append(t.calls, toolCall{index: p.index, id: p.id, name: name})
		call = &t.calls[len(t.calls)-1]
		size += callOverhead
	} else {
		if call.id == "" {
			call.id = p.id
		}
		if name != call.name && len(call.name) < maxName { // some servers repeat it with every piece
			call.name += name
		}
	}
	switch {
	case isNull(arguments):
	case arguments[0] == '"':
		call.arguments = call.argumentsJoiner.append(call.arguments, arguments[1:len(arguments)-1])
	default: // an object rather than its text
		call.arguments = append(call.arguments, arguments...)
	}
	return size
}

// continued finds the call that p adds to, or nil if it opens one. A new id
// always opens one: some servers number every call 0, others number none.
func (t *toolCalls) continued(p piece, name string) *toolCall {
	for i := len(t.calls) - 1; i >= 0; i-- {
		call := &t.calls[i]
		switch {
		case p.id != "" && call.id != "":
			if p.id == call.id {
				return call
			}
		case p.index >= 0 && call.index >= 0:
			if p.index == call.index {
				return call
			}
		case p.id == "" && p.index < 0 && i == len(t.calls)-1 && !(name != "" && call.complete()):
			return call
		}
	}
	return nil
}

// complete tells whether the arguments are a whole JSON value already, so that
// a piece with a name but no id must be another call.
func (c *toolCall) complete() bool {
	if !bytes.HasSuffix(c.arguments, []byte("}")) {
		return false
	}
	_, _, err := cutValue(c.arguments)
	return err == nil
}

func (t *toolCalls) finished() []completion.ToolCall {
	var all []completion.ToolCall
	for i := range t.calls {
		c := &t.calls[i]
		all = append(all, completion.ToolCall{
			ID: c.id, Name: c.name, Arguments: string(c.argumentsJoiner.finish(c.arguments)),
		})
	}
	return all
}
