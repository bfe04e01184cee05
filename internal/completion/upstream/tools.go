package upstream

import (
	"bytes"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/jsonwalk"
)

// callOverhead is what a call counts against the limit of an answer beside its text: at most
// a thousand calls.
const callOverhead = 16 << 10

// A CallPiece is what a server sends of a tool call at a time.
type CallPiece struct {
	Index     int // -1 if the server gives none
	ID, Name  string
	Arguments []byte // a JSON value: a string that holds JSON, or the object itself
}

// Call takes a piece of a tool call. An empty piece is ignored.
func (a *Answer) Call(p CallPiece) {
	if p.ID == "" && p.Name == "" && len(p.Arguments) == 0 {
		return
	}
	a.add(len(p.ID) + len(p.Name) + len(p.Arguments))
	call := a.continued(p)
	if call == nil {
		a.calls = append(a.calls, toolCall{index: p.Index, id: p.ID, name: p.Name})
		call = &a.calls[len(a.calls)-1]
		a.add(callOverhead)
	} else {
		if call.id == "" {
			call.id = p.ID
		}
		if p.Name != call.name && len(call.name) < maxName { // some servers repeat it with every piece
			call.name += p.Name
		}
	}
	switch {
	case jsonwalk.IsNull(p.Arguments):
	case p.Arguments[0] == '"':
		call.arguments = call.joiner.Append(call.arguments, p.Arguments[1:len(p.Arguments)-1])
	default: // an object rather than its text
		call.arguments = append(call.arguments, p.Arguments...)
	}
}

// add counts n bytes beside the text against the limit of an answer.
func (a *Answer) add(n int) {
	a.size += n
	a.finish.text()
}

type toolCall struct {
	index     int // -1 if the server gives none
	id, name  string
	arguments []byte
	joiner    jsonwalk.Joiner
}

// continued finds the call that p adds to, or nil if it opens one. A new id
// always opens one: some servers number every call 0, others number none.
func (a *Answer) continued(p CallPiece) *toolCall {
	for i := len(a.calls) - 1; i >= 0; i-- {
		call := &a.calls[i]
		switch {
		case p.ID != "" && call.id != "":
			if p.ID == call.id {
				return call
			}
		case p.Index >= 0 && call.index >= 0:
			if p.Index == call.index {
				return call
			}
		case p.ID == "" && p.Index < 0 && i == len(a.calls)-1 && !(p.Name != "" && call.complete()):
			return call
		}
	}
	return nil
}

// complete reports whether the arguments are a whole JSON value already, so that
// a piece with a name but no id must be another call.
func (c *toolCall) complete() bool {
	if !bytes.HasSuffix(c.arguments, []byte("}")) {
		return false
	}
	_, _, err := jsonwalk.Cut(c.arguments)
	return err == nil
}

func (a *Answer) toolCalls() []completion.ToolCall {
	var all []completion.ToolCall
	for i := range a.calls {
		c := &a.calls[i]
		all = append(all, completion.ToolCall{
			ID: c.id, Name: c.name, Arguments: string(c.joiner.Finish(c.arguments)),
		})
	}
	return all
}
