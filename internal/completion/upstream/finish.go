package upstream

import (
	"strings"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/jsonwalk"
)

// finishState is what the server has sent about the end of the answer.
type finishState struct {
	reason completion.FinishReason
	// last: no text has come since the reason. doubtful: text came after an
	// earlier reason, so this server sends "stop" with every chunk.
	last, doubtful bool
	paused         bool // the model waits to be asked to go on
	early          bool // the reason came before any text
}

// text notes that text arrived.
func (f *finishState) text() {
	f.doubtful = f.doubtful || f.last
	f.last = false
}

// Finish takes a finish reason. Servers repeat them, also as a plain "stop" after
// a more specific one. It fails if the reason stands for a failure.
func (a *Answer) Finish(value []byte) error {
	if jsonwalk.IsNull(value) {
		return nil
	}
	text := jsonwalk.String(value)
	switch text {
	case "", "null", "none", "None": // there is none yet
		return nil
	}
	reason, ok := finishReason(text)
	if !ok {
		return &failure{code: text, message: "it ended the answer with " + text}
	}
	if f := &a.finish; f.reason == "" || f.reason == completion.FinishUnknown || f.early || reason != completion.FinishStop && reason != completion.FinishUnknown {
		f.reason, f.early = reason, a.size == 0
	}
	a.finish.last = true
	a.finish.paused = text == "pause_turn" // Anthropic's
	return nil
}

// Cut takes another value for the last finish reason. It counts only if it means that the
// answer was cut and the reason does not.
func (a *Answer) Cut(value []byte) {
	switch a.finish.reason {
	case "", completion.FinishLength, completion.FinishContentFilter:
		return
	}
	if reason, _ := finishReason(jsonwalk.String(value)); reason == completion.FinishLength || reason == completion.FinishContentFilter {
		a.finish.reason = reason
	}
}

// finishReason maps the names that servers use. It reports false for those that
// stand for a failure.
func finishReason(name string) (completion.FinishReason, bool) {
	name = strings.ReplaceAll(strings.ToLower(name), "-", "_")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "finish_reason_"), "stop_reason_")
	switch name {
	case "stop", "stopped", "eos", "eos_token", "eos_found", "stop_token", "stop_str", "stop_string", "end_of_text", "end_of_turn", "end_turn", "end", "stop_sequence",
		"complete", "completed", "done", "finished", "finish", "true":
		return completion.FinishStop, true
	case "length", "max_tokens", "max_output_tokens", "max_completion_tokens", "model_length", "limit", "truncated",
		"model_context_window_exceeded", "context_length_exceeded":
		return completion.FinishLength, true
	case "content_filter", "content_filtered", "safety", "recitation", "blocklist", "prohibited_content", "spii", "sensitive", "refusal", "moderation", "guardrail_intervened":
		return completion.FinishContentFilter, true
	case "tool_calls", "tool_call", "tool_use", "function_call", "function_calls":
		return completion.FinishToolCalls, true
	case "error", "timeout", "timed_out", "network_error", "insufficient_system_resource", "abort", "aborted", "cancelled", "canceled", "failed":
		return "", false
	}
	switch said := wording(name); {
	case isFailureKind([]byte(name)), said.any("rate_limit", "time_limit", "timeout"):
		return completion.FinishUnknown, !isFailureKind([]byte(name))
	case said.any("length", "limit", "truncat") || said.any("max") && said.any("token", "output"):
		return completion.FinishLength, true
	case said.any("filter", "safety", "moderation", "policy", "blocked", "prohibited"):
		return completion.FinishContentFilter, true
	}
	return completion.FinishUnknown, true
}
