package upstream

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
)

// everything is a request with all that may be refused.
func everything() *completion.Request {
	temperature := 0.5
	return &completion.Request{Model: "m", MaxOutputTokens: 100, Temperature: &temperature, ReasoningEffort: "low", Messages: []completion.Message{{Role: completion.System, Content: "x"}, {Role: completion.User, Content: "y"}}}
}

// Servers refuse the same thing in many words; and what only sounds like it leaves the
// request as it is.
func TestRefusalsInWords(t *testing.T) {
	for _, test := range []struct {
		status int
		said   string
		want   Refused
	}{
		{400, "Unsupported value: 'messages[0].role' does not support 'system' with this model.", Refused{System: true}},
		{400, "'messages[0].role' does not support 'developer' with this model", Refused{System: true}},
		{400, "Developer instruction is not enabled for models/gemma-3-1b-it", Refused{System: true}},
		{400, "System role not supported", Refused{System: true}},
		{400, "system role is not supported by this model", Refused{System: true}},
		{400, "Only user and assistant roles are supported!", Refused{System: true}},
		{400, "Conversation roles must alternate user/assistant/user/assistant/...", Refused{System: true}},
		{400, "This model does not support system messages", Refused{System: true}},
		{400, "system prompt is not allowed for this model", Refused{System: true}},
		{400, "The model does not support the system role.", Refused{System: true}},
		{400, "role must be one of user, assistant", Refused{System: true}},
		{400, "messages[0].role: must be one of 'user', 'assistant'", Refused{System: true}},
		{400, "Invalid role: system", Refused{System: true}},
		{400, "invalid role 'system', expected one of user, assistant", Refused{System: true}},
		{400, "role `system` is invalid", Refused{System: true}},
		{422, "messages.0.role: Input should be 'user' or 'assistant'", Refused{System: true}},
		{400, "first message must be from user", Refused{System: true}},
		{400, "The first message must have role user", Refused{System: true}},
		{400, "messages: first message must use the \"user\" role", Refused{System: true}},
		{400, "Please ensure that multiturn requests alternate between user and model", Refused{System: true}},
		{400, "Please use a valid role: user, model.", Refused{System: true}},
		{500, "TemplateError: System role not supported", Refused{System: true}},
		{400, "After the optional system message, conversation roles must alternate user/assistant", Refused{System: true}},
		{400, "role参数非法，只支持user和assistant", Refused{System: true}},
		{400, "不支持system角色", Refused{System: true}},
		{400, "system role is disabled", Refused{System: true}},
		{400, "the role system is not accepted here", Refused{System: true}},
		{400, "system messages cannot be used with this model", Refused{System: true}},
		{400, "system_instruction is not supported", Refused{System: true}},
		{400, "systemInstruction not supported for this model", Refused{System: true}},
		{400, "Instructions are not supported with this model", Refused{System: true}},
		{400, "Unsupported parameter: 'instructions' is not supported with this model.", Refused{System: true}},
		{400, "system: Extra inputs are not permitted", Refused{System: true}},
		{400, "Unknown parameter: 'system'", Refused{System: true}},
		{400, "Unknown role: system", Refused{System: true}},
		{400, "Invalid value: 'system'. Supported values are: 'user' and 'assistant'.", Refused{System: true}},
		{400, "系统消息不支持", Refused{System: true}},
		{400, "消息角色 system 不支持", Refused{System: true}},
		{400, "role 'system' is not one of ['user','assistant']", Refused{System: true}},
		{422, "body.messages.0.role: value is not a valid enumeration member; permitted: 'user', 'assistant'", Refused{System: true}},
		{415, "Accept must be application/json", Refused{EventsOnly: true}},
		{405, "streaming not supported", Refused{Stream: true}},
		{400, "temperature 0.5 is not valid, expected 1", Refused{Temperature: true}},
		{400, "only temperature=1 is accepted", Refused{Temperature: true}},
		{400, "Invalid value for 'temperature'. Allowed values: 1", Refused{Temperature: true}},
		{400, "Invalid value for 'temperature'. Allowed values: 1.5", Refused{}},
		{400, "Invalid temperature, expected 0 to 1", Refused{}},

		{400, "Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization.", Refused{Stream: true}},
		{400, "stream is not supported", Refused{Stream: true}},
		{400, "Streaming is not supported for this model", Refused{Stream: true}},
		{400, "this model does not support streaming", Refused{Stream: true}},
		{400, "Unsupported value: 'stream' does not support true with this model. Only the default (false) value is supported.", Refused{Stream: true}},
		{400, "stream=true is not supported", Refused{Stream: true}},
		{400, "stream must be false", Refused{Stream: true}},
		{400, "streaming is not allowed", Refused{Stream: true}},
		{400, "streaming responses are not supported", Refused{Stream: true}},
		{400, "stream mode is not supported", Refused{Stream: true}},
		{400, "The model does not support stream mode", Refused{Stream: true}},
		{400, "Stream mode is disabled for this deployment", Refused{Stream: true}},
		{400, "only non-streaming requests are supported", Refused{Stream: true}},
		{400, "当前模型不支持流式输出", Refused{Stream: true}},
		{400, "stream参数不支持", Refused{Stream: true}},
		{422, "stream: Input should be False", Refused{Stream: true}},
		{501, "streaming not implemented", Refused{Stream: true}},

		{400, "invalid temperature: only 1 is allowed for this model", Refused{Temperature: true}},
		{400, "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.", Refused{Temperature: true}},
		{400, "temperature must be 1", Refused{Temperature: true}},
		{400, "`temperature` may only be set to 1 when thinking is enabled.", Refused{Temperature: true}},
		{400, "temperature is not supported with this model", Refused{Temperature: true}},
		{400, "Unsupported parameter: 'temperature'", Refused{Temperature: true}},
		{400, "temperature: Extra inputs are not permitted", Refused{Temperature: true}},
		{400, "`temperature` and `top_p` cannot both be specified for this model", Refused{Temperature: true}},
		{400, "The temperature parameter cannot be set for reasoning models", Refused{Temperature: true}},
		{400, "temperature is fixed for this model", Refused{Temperature: true}},
		{400, "temperature should be 1.0", Refused{Temperature: true}},
		{400, "temperature can only be 1", Refused{Temperature: true}},
		{400, "expected temperature to be 1", Refused{Temperature: true}},
		{400, "temperature must equal 1.0 for this model", Refused{Temperature: true}},
		{400, "temperature 只能为 1", Refused{Temperature: true}},
		{400, "temperature参数不支持", Refused{Temperature: true}},
		{400, "Invalid value for temperature. Allowed values: [1]", Refused{Temperature: true}},
		{400, "Invalid parameter: temperature cannot be modified", Refused{Temperature: true}},
		{400, "temperature has to be 1", Refused{Temperature: true}},
		{400, "Argument not supported on this model: temperature", Refused{Temperature: true}},
		{400, "unrecognized request argument supplied: temperature", Refused{Temperature: true}},

		{400, "Unrecognized request argument supplied: reasoning_effort", Refused{Effort: true}},
		{400, "reasoning_effort is not supported with this model", Refused{Effort: true}},
		{400, "Argument not supported on this model: reasoning_effort", Refused{Effort: true}},
		{400, "Model grok-4 does not support parameter reasoningEffort.", Refused{Effort: true}},
		{400, "property 'reasoning_effort' is unsupported", Refused{Effort: true}},
		{400, "\"m\" does not support thinking", Refused{Effort: true}},
		{400, "Thinking is not enabled for models/gemini-1.5", Refused{Effort: true}},
		{422, "reasoning_effort: Extra inputs are not permitted", Refused{Effort: true}},
		{400, "Invalid parameter: reasoning_effort", Refused{Effort: true}},
		{400, "Encountered invalid arguments: reasoning_effort", Refused{Effort: true}},
		{400, "This model does not support the effort parameter.", Refused{Effort: true}},

		{400, "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", Refused{MaxTokens: true}},
		{400, "max_tokens is deprecated, use max_completion_tokens", Refused{MaxTokens: true}},

		{400, "Expected role to be user or assistant, got system", Refused{System: true}},
		{400, "invalid message role, got 'system'", Refused{System: true}},
		{400, "Expected last role User or Tool (or Assistant with prefix True) for serving but got system", Refused{System: true}},
		{400, "extra inputs are not permitted: stream", Refused{Stream: true}},
		{400, "Extra inputs are not permitted, field: 'stream', value: True", Refused{Stream: true}},
		{400, "1 validation error for ChatRequest\nstream\n  Extra inputs are not permitted [type=extra_forbidden]", Refused{Stream: true}},
		{400, "Additional properties are not allowed ('stream' was unexpected)", Refused{Stream: true}},
		{400, "Unrecognized request argument supplied: stream", Refused{Stream: true}},
		{400, "extra inputs are not permitted: stream_options", Refused{StreamOptions: true}},
		{400, "Extra inputs are not permitted: max_tokens", Refused{MaxTokens: true}},

		{400, "Unrecognized request argument supplied: stream_options", Refused{StreamOptions: true}},
		{422, "[{\"loc\":[\"body\",\"stream_options\"],\"msg\":\"extra fields not permitted\"}]", Refused{StreamOptions: true}},
		{400, "Unknown field \"include_usage\"", Refused{StreamOptions: true}},
		{400, "json: unknown field \"stream_options\"", Refused{StreamOptions: true}},

		{500, "ChatCompletionRequest.__init__() got an unexpected keyword argument 'stream_options'", Refused{StreamOptions: true}},
		{501, "stream_options not implemented", Refused{StreamOptions: true}},
		{403, "stream_options is not allowed", Refused{StreamOptions: true}},
		{415, "unsupported: stream_options", Refused{StreamOptions: true}},
		{405, "stream_options is not supported", Refused{StreamOptions: true}},
		{400, "Unknown parameter: streamOptions", Refused{StreamOptions: true}},
		{500, "got an unexpected keyword argument 'temperature'", Refused{Temperature: true}},
		{500, "got an unexpected keyword argument 'reasoning_effort'", Refused{Effort: true}},
		{500, "got an unexpected keyword argument 'max_tokens'", Refused{MaxTokens: true}},
		{500, "Streaming not supported", Refused{Stream: true}},
		{500, "stream is not supported", Refused{Stream: true}},
		{500, "this model does not support streaming", Refused{Stream: true}},
		{400, "this model is not supported MaxTokens, please use MaxCompletionTokens", Refused{MaxTokens: true}},
		{400, "Additional properties: temperature", Refused{Temperature: true}},
		{400, "This model only accepts the default temperature", Refused{Temperature: true}},
		{400, "The temperature parameter is not configurable", Refused{Temperature: true}},
		{400, "temperature is not adjustable", Refused{Temperature: true}},
		{400, "you must use the default temperature", Refused{Temperature: true}},
		{400, "Unexpected message role.", Refused{System: true}},
		{400, "Unsupported message role", Refused{System: true}},
		{400, "Unsupported parameter: instructions", Refused{System: true}},
		{400, "Unknown field: system", Refused{System: true}},
		{400, "think value \"low\" is not supported for this model", Refused{Effort: true}},

		{406, "", Refused{EventsOnly: true}},
		{415, "unsupported accept", Refused{}},
		{400, "Accept header must include application/json", Refused{EventsOnly: true}},
		{400, "Not Acceptable: Client must accept both application/json and text/event-stream", Refused{EventsOnly: true}},
	} {
		got, _ := (Refused{}).learn(everything(), test.status, wording(strings.ToLower(test.said)))
		if got != test.want {
			t.Errorf("%d %s: got %+v", test.status, test.said, got)
		}
	}
	for _, test := range []struct {
		status int
		said   string
	}{
		{400, "temperature must be between 0 and 1"},
		{400, "temperature must be less than 1"},
		{400, "temperature must be at most 1"},
		{400, "temperature should be in [0, 1]"},
		{400, "The system is not available"},
		{400, "messages: at least one message is required"},
		{400, "the model 'system-x' is not supported"},
		{400, "Unsupported value: 'reasoning_effort' does not support 'low'. Supported values are: 'medium'."},
		{400, "Invalid value: 'low'. Supported values are: 'medium'"},
		{400, "upstream error"},
		{400, "got system error 5"},
		{400, "unexpected end of the stream"},
		{400, "unknown error while reading from stream"},
		{400, "max_tokens is too large: at most 10 are allowed; unknown limits are not permitted"},
		{500, "the stream was not closed properly"},
		{500, "the reasoning engine had an unexpected error"},
		{500, "unexpected error in the stream"},
		{401, "stream_options is not allowed"},
		{500, "cannot read stream_options"},
		{400, "unexpected message role: got 'assistant'"},
		{400, "the default temperature is only 0.7"},
		{400, "prompt is too long"},
	} {
		if got, ok := (Refused{}).learn(everything(), test.status, wording(strings.ToLower(test.said))); ok {
			t.Errorf("%d %s: %+v", test.status, test.said, got)
		}
	}
}

// A refusal may be a list, as FastAPI and pydantic write it, an object with a member for
// each field, or the name of the parameter alone.
func TestRefusalsInBodies(t *testing.T) {
	for _, test := range []struct {
		body string
		want Refused
	}{
		{`{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted","input":{"include_usage":true}}]}`, Refused{StreamOptions: true}},
		{`{"detail":[{"type":"extra_forbidden","loc":["body","stream"],"msg":"Extra inputs are not permitted","input":true}]}`, Refused{Stream: true}},
		{`{"detail":[{"type":"extra_forbidden","loc":["body","temperature"],"msg":"Extra inputs are not permitted","input":0.5}]}`, Refused{Temperature: true}},
		{`{"detail":[{"type":"literal_error","loc":["body","temperature"],"msg":"Input should be 1","input":0.5}]}`, Refused{Temperature: true}},
		{`{"detail":[{"type":"less_than_equal","loc":["body","temperature"],"msg":"Input should be less than or equal to 0.4","input":0.5}]}`, Refused{}},
		{`{"detail":[{"type":"extra_forbidden","loc":["body","max_tokens"],"msg":"Extra inputs are not permitted","input":100}]}`, Refused{MaxTokens: true}},
		{`{"detail":[{"type":"extra_forbidden","loc":["body","max_output_tokens"],"msg":"Extra inputs are not permitted","input":100}]}`, Refused{MaxTokens: true}},
		{`{"detail":[{"type":"extra_forbidden","loc":["body","reasoning"],"msg":"Extra inputs are not permitted","input":{"effort":"low"}}]}`, Refused{Effort: true}},
		{`{"detail":[{"type":"extra_forbidden","loc":["body","instructions"],"msg":"Extra inputs are not permitted","input":"x"}]}`, Refused{System: true}},
		{`{"detail":[{"type":"extra_forbidden","loc":["body","system"],"msg":"Extra inputs are not permitted","input":"x"}]}`, Refused{System: true}},
		{`{"detail":[{"type":"enum","loc":["body","messages",0,"role"],"msg":"Input should be 'user' or 'assistant'","input":"system"}]}`, Refused{System: true}},
		{`{"detail":[{"loc":["body","messages",0,"role"],"msg":"unexpected value; permitted: 'user', 'assistant'","type":"value_error.const"}]}`, Refused{System: true}},
		{`{"detail":[{"type":"extra_forbidden","loc":["body","system",0,"cache_control"],"msg":"Extra inputs are not permitted"}]}`, Refused{CacheMarks: true}},
		{`{"detail":[{"type":"string_type","loc":["body","system"],"msg":"Input should be a valid string","input":[{"type":"text"}]}]}`, Refused{CacheMarks: true}},
		{`{"message":"[{'type': 'extra_forbidden', 'loc': ('body', 'stream'), 'msg': 'Extra inputs are not permitted'}]"}`, Refused{Stream: true}},
		{`{"errors":{"stream":["Unknown field."]}}`, Refused{Stream: true}},
		{`{"error":{"message":"Unsupported value","param":"stream"}}`, Refused{Stream: true}},
		{`{"error":{"message":"Unsupported value","param":"stream_options"}}`, Refused{StreamOptions: true}},
		{`{"error":{"message":"Unsupported value","param":"messages[0].role"}}`, Refused{System: true}},
		{`{"error":{"message":"Unsupported value","param":"reasoning_effort"}}`, Refused{Effort: true}},
		{`{"error":{"message":"Bad parameter","param":"max_tokens","code":"unsupported_parameter"}}`, Refused{MaxTokens: true}},
		{`{"error":{"message":"Bad parameter","param":"max_tokens"}}`, Refused{MaxTokens: true}},
		{`{"error":{"message":"Bad parameter","param":"temperature"}}`, Refused{Temperature: true}},
		{`{"error":{"message":"Bad parameter","param":"stream"}}`, Refused{Stream: true}},
		{`{"error":{"message":"Bad parameter","param":"stream_options"}}`, Refused{StreamOptions: true}},
		{`{"error":{"message":"Bad parameter","param":"reasoning.effort"}}`, Refused{Effort: true}},
		{`{"error":{"message":"Bad parameter","param":"messages[0].role"}}`, Refused{System: true}},
		{`{"error":{"message":"Bad parameter","param":"instructions"}}`, Refused{System: true}},
		{`{"error":{"message":"Invalid value","param":"temperature"}}`, Refused{}},
		{`{"error":{"message":"Must be between 0 and 0.4","param":"temperature"}}`, Refused{}},
		{`{"error":{"message":"Bad parameter","param":"messages"}}`, Refused{}},
		{`{"error":{"message":"Bad parameter","param":"model"}}`, Refused{}},
	} {
		body := []byte(test.body)
		if got, _ := (Refused{}).learn(everything(), 422, saidIn(body)); got != test.want {
			t.Errorf("%s: got %+v", test.body, got)
		}
	}
}
