package openai

import (
	"strings"

	"github.com/llmls/llmls/internal/completion"
)

// finishState is what the server has said of the end of the answer.
type finishState struct {
	reason completion.FinishReason
	// last tells that no text has come since, and doubtful that some had come
	// after an earlier one: such a server says "stop" all along.
	last, doubtful bool
}

// text notes that text arrived.
func (f *finishState) text() {
	f.doubtful = f.doubtful || f.last
	f.last = false
}

// setFinish takes a finish reason. Repetitions happen, also with a plain "stop"
// behind a more telling one.
func (d *decoder) setFinish(value []byte) error {
	if isNull(value) || string(value) == `""` {
		return nil
	}
	text := stringOf(value)
	reason, ok := finishReason(text)
	if !ok {
		return &failure{code: text, message: "it ended the answer with " + text}
	}
	if d.finish.reason == "" || reason != completion.FinishStop && reason != completion.FinishUnknown {
		d.finish.reason = reason
	}
	d.finish.last = true
	return nil
}

// finishReason maps the names that servers use. It reports false for those that
// stand for a failure.
func finishReason(name string) (completion.FinishReason, bool) {
	switch strings.ReplaceAll(strings.ToLower(name), "-", "_") {
	case "stop", "eos", "eos_token", "end_turn", "end", "stop_sequence", "complete", "completed", "done", "finished", "finish", "true":
		return completion.FinishStop, true
	case "length", "max_tokens", "max_output_tokens", "max_completion_tokens", "model_length", "limit", "truncated",
		"model_context_window_exceeded", "context_length_exceeded":
		return completion.FinishLength, true
	case "content_filter", "content_filtered", "safety", "recitation", "blocklist", "prohibited_content", "spii", "sensitive", "refusal", "moderation", "guardrail_intervened":
		return completion.FinishContentFilter, true
	case "tool_calls", "tool_call", "tool_use", "function_call", "function_calls":
		return completion.FinishToolCalls, true
	case "error", "network_error", "insufficient_system_resource", "abort", "aborted", "cancelled", "canceled", "failed":
		return "", false
	default:
		return completion.FinishUnknown, true
	}
}
