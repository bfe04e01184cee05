package openai

import (
	"github.com/llmls/llmls/internal/completion/jsonwalk"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// calls takes the tool_calls of a delta, and its older name, function_call.
func (d *decoder) calls(calls, function []byte) {
	for call := range jsonwalk.Elements(calls) {
		p := upstream.CallPiece{Index: -1}
		var function []byte
		for name, v := range jsonwalk.Members(call) {
			switch string(name) {
			case "index":
				if n, ok := jsonwalk.Int(v); ok && n >= 0 {
					p.Index = n
				}
			case "id":
				p.ID = jsonwalk.String(v)
			case "function":
				function = v
			}
		}
		d.call(p, function)
	}
	if !jsonwalk.IsNull(function) {
		d.call(upstream.CallPiece{Index: -1}, function)
	}
}

func (d *decoder) call(p upstream.CallPiece, function []byte) {
	for name, v := range jsonwalk.Members(function) {
		switch string(name) {
		case "name":
			p.Name = jsonwalk.String(v)
		case "arguments":
			p.Arguments = v
		}
	}
	d.Call(p)
}
