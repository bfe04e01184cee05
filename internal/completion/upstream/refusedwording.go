package upstream

import (
	"regexp"
	"sync"
)

// refuses reports whether a failure says that something is not known or not
// allowed, rather than that its value is wrong.
func (w wording) refuses() bool {
	return w.any("unsupported", "not support", "n't support", "unrecognized", "unrecognised", "unknown", "unexpected", "not permitted",
		"not allowed", "not enabled", "disabled", "not available", "not accept", "not implemented", "cannot be", "can't be", "can not be", "extra_forbidden", "extra inputs",
		"deprecated", "additional propert", "invalid role", "不支持", "不允许", "非法")
}

// hasOnly reports whether a failure names one of the parameters as its cause, and says nothing
// of a value that would be right.
func (w wording) hasOnly(names ...string) bool {
	for _, name := range names {
		if w.any("\nparam: "+name+"\n") && !valueWrong().MatchString(string(w)) {
			return true
		}
	}
	return false
}

func (w wording) refusesSystem() bool {
	if w.any("cache_control") {
		return false
	}
	if w.any("must alternate", "roles must alternate", "requests alternate", "developer instruction", "user/assistant/user") || gotSystem().MatchString(string(w)) {
		return true
	}
	// A list of the roles that are allowed, without "system".
	if w.any("role", "message") && w.any("user") && !w.any("system") &&
		w.any("must be", "should be", "one of", "only", "expected", "permitted", "valid role", "first message", "supported", "只支持") && w.any("assistant", "model", "first") {
		return true
	}
	if w.any("message role") && !w.any("got 'user'", "got 'assistant'") && w.any("unexpected", "unsupported", "not support", "unknown") {
		return true
	}
	if w.hasOnly("messages[0].role", "messages.0.role", "input[0].role", "system", "instructions") || w.refuses() && namedSystem().MatchString(string(w)) {
		return true
	}
	about := w.any("system role", "system message", "system prompt", "system instruction", "system_instruction", "systeminstruction", "developer message", "developer role",
		"role 'system'", `role "system"`, `role \"system\"`, "role `system`", "role: system", "role system",
		"messages[0].role", "messages.0.role", "input[0].role", "input.0.role", "body.system", "body.instructions", `"instructions"`, "'system'", "`system`", `"system"`, `\"system\"`, "'developer'", "'instructions'", "instructions are", "system: ", "system 角色", "system角色", "角色 system", "角色system", "系统消息", "系统提示", "系统角色")
	return about && (w.refuses() || w.any("is invalid", "invalid value", "input should be 'user'", "not one of", "not among", "not a valid"))
}

// refusesMarks reports whether the server refuses to have a part of the prompt marked for
// the cache, or refuses a list of parts, which such a mark requires.
func (w wording) refusesMarks() bool {
	return w.any("cache_control") || w.any("system", "content") && w.any("valid string", "must be a string", "should be a string", "expected a string", "expected string")
}

// refusesEffort reports whether the model accepts no reasoning effort at all. If it
// accepts other values, the user has to choose one.
func (w wording) refusesEffort() bool {
	return w.hasOnly("reasoning_effort", "reasoning.effort", "reasoning", "effort", "output_config", "output_config.effort") ||
		w.any("effort", "output_config", "reasoning", "thinking", "think value", "think level", `"think"`, "'think'") && (w.refuses() || w.any("invalid parameter", "invalid argument")) &&
			!w.any("supported values", "one of", "input should be")
}

// refusesStream reports whether no answer may be streamed. That an option of
// streaming is refused is something else.
func (w wording) refusesStream() bool {
	return w.hasOnly("stream") || w.any("must be verified to stream", "non-streaming", `"param":"stream"`, `"param": "stream"`, "流式", "stream参数") && (w.refuses() || w.any("verified", "only")) ||
		noStream().MatchString(string(w)) || w.refuses() && namedStream().MatchString(string(w))
}

// refusesMaxTokens reports whether the limit of an answer goes by another name, or has none.
// That its value is too high is something else.
func (w wording) refusesMaxTokens() bool {
	return w.any("max_completion_tokens", "maxcompletiontokens") || w.any("max_output_tokens", "maxoutputtokens") && w.refuses() ||
		w.hasOnly("max_tokens", "max_output_tokens", "maxtokens") ||
		w.any("max_tokens", "maxtokens") && w.any("extra inputs", "extra_forbidden", "extra fields", "unrecognized", "unrecognised", "unknown", "unsupported parameter", "unsupported_parameter", "unexpected keyword", "additional properties") &&
			!w.any("at most", "too large", "maximum", "greater than", "less than", "exceed")
}

// refusesTemperature reports whether the model allows only its default temperature.
// If it allows a range, the user has to keep to it.
func (w wording) refusesTemperature() bool {
	return w.hasOnly("temperature") || w.any("temperature") && (w.refuses() || w.any("only the default", "cannot both", "not configurable", "not adjustable", "not modifiable", "not customizable", "immutable", "read-only") || onlyOne().MatchString(string(w)))
}

var (
	// onlyOne matches messages that exactly one value is allowed.
	onlyOne = sync.OnceValue(func() *regexp.Regexp {
		const one = `(?:1(?:\.0+)?(?:[^\d.]|\.(?:\D|$)|$)|the default)`
		return regexp.MustCompile(`only (?:a )?(?:value (?:of )?)?[\d.]+ (?:is|was|are)|only (?:supports?|accepts?|allows?)[^.]{0,30}\b1(?:\.0)?\b|` +
			`only (?:supports?|accepts?|allows?|permits?|takes?|works with|uses?) (?:the |its )?default\b|(?:must|should|has to|have to) use (?:the|its) default\b|` +
			`(?:must|should|has to|have to|may only|can only|to) (?:be |equal )(?:only |set to |exactly |equal to )*` + one + `|must equal ` + one +
			`|(?:allowed|permitted|valid) values?(?: is| are)?:? \[?` + one + `|only temperature ?=? ?` + one + `|(?:expected|expects)(?: it)?(?: to be)?:? ` + one + `|(?:is|are) (?:fixed|locked)|(?:fixed|locked) (?:at|to)|只能为|仅支持`)
	})
	// valueWrong finds what is said of a value: that it is wrong, or which is right.
	valueWrong = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`must|should|between|at least|at most|[<>≤≥]|less than|greater|larger|smaller|too |range|m(?:ax|in)imum|exceed|limit|one of|(?:supported|allowed|valid|permitted|expected|possible) (?:values?|options?)|(?:invalid|wrong|bad|illegal|incorrect)[ _](?:value|type)|integer|number|string|decimal|empty|missing|required`)
	})
	// gotSystem finds the role among those that were expected.
	gotSystem = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b(?:got|received|found|given|was)[: ]+(?:role |a |an )*["'\x60\\]*(?:system|developer)["'\x60\\]*(?:$|[.,;:)\]}\n]| (?:role|message|instead))`)
	})
	// namedSystem finds the system message as the name of a member, behind a colon.
	namedSystem = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:param(?:eter)?|field|argument|name|propert(?:y|ies)|key|inputs?)s?\b[^.;:\n]{0,50}?: (?:instructions|system)(?:$|[.,;\n])`)
	})
	// streamUnsupported finds that streaming itself is not supported, where an error of the
	// server's own may also speak of a stream that broke.
	streamUnsupported = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\bstream(?:ing)?(?: mode| output| responses?| requests?| completions?)?(?: is| are)? (?:not (?:yet )?(?:supported|allowed|implemented|enabled)|unsupported|disabled)\b|(?:not|n't) support stream(?:ing)?\b`)
	})
	// namedStream finds stream as the name of a member: quoted, behind a colon, or on a line
	// of its own.
	namedStream = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:param(?:eter)?|field|argument|name|propert(?:y|ies)|key|inputs?|value)s?\b[^.;\n]{0,50}?(?:: |['"\x60(])stream(?:$|['"\x60),.;:\s])|\nstream\n|"stream": ?\[`)
	})
	// noStream finds streaming beside what says that there is none. The underscore in
	// stream_options makes that another word.
	noStream = sync.OnceValue(func() *regexp.Regexp {
		const refused = `(?:not|n't|cannot|unsupported|disabled|unavailable|be false)`
		return regexp.MustCompile(`\bstream(?:ing|ed)?\b[^.;\n]{0,40}?\b` + refused + `\b|\b(?:not support|n't support|unsupported value: '|unsupported parameter: ')[^.;\n]{0,20}\bstream(?:ing|ed)?\b`)
	})
)
