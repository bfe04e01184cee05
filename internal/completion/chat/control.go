package chat

import (
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/llmls/llmls/internal/completion"
)

// controlTokens matches the texts with which chat templates mark roles, the ends of
// turns, thinking and tools: those of ChatML, Llama 2 and
// later, Mistral, Gemma, Qwen, DeepSeek, GLM, Kimi, MiniMax, Command R,
// StarCoder and what is derived from these. Many servers of local models read
// them anywhere in a prompt. Names that programs have as well, such as [ARGS],
// [PREFIX] and <PRE>, are not among them.
var controlTokens = sync.OnceValue(func() *regexp.Regexp {
	const (
		half      = `(?:turn|channel|tool|tool_call|tool_response|think|image|audio|video)`
		signs     = `<\|[^\s<>|]{1,64}\|>|<｜[^\s<>｜]{1,64}｜>|<\|` + half + `>|<` + half + `\|>`
		elements  = `</?(?:think|tool_call|tool_response|arg_key|arg_value|s|bos|eos|pad|unk|sop|eop|eoh|eoa|eosys|EOT)>`
		gemma     = `<(?:start|end)_of_(?:turn|image|audio)>|<(?:start|end)_function_(?:call|response|declaration)>|<unused\d{1,5}>`
		others    = `<(?:BOS|EOS|EOP|PAD|UNK|CLS|SEP|MASK)_TOKEN>|<reserved_\d{1,5}>|<TOKENS_UNUSED_\d{1,5}>|<seed:[\w:]{1,40}>|<SPECIAL_\d{1,5}>`
		infilling = `<(?:fim_(?:prefix|middle|suffix|pad)|file_sep|repo_name|gh_stars|issue_(?:start|comment|closed)|jupyter_\w{1,20}|commit_(?:before|msg|after)|empty_output)>`
		llama     = `<</?SYS>>`
		brackets  = `\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|MODEL_SETTINGS|THINK)\]|\[(?:BOS|EOS|EOT|gMASK|sMASK)\]`
		rest      = `\]~!?b[\[\]]|\[e~\[|◁/?[\w|]{1,40}▷`
	)
	return regexp.MustCompile(`^(?:` + strings.Join([]string{signs, elements, gemma, others, infilling, llama, brackets, rest}, "|") + `)`)
})

// longestToken bounds a control token, in bytes.
const longestToken = 200

// controlToken returns the control token that text begins with, or "".
func controlToken(text string) string {
	if len(text) < 3 {
		return ""
	}
	switch next := text[1]; text[0] {
	case '<':
		if next <= ' ' || next == '-' || next == '=' {
			return ""
		}
	case '[', ']':
		if isDigit(next) || isPunct(next) && next != '/' && next != '~' || next <= ' ' {
			return ""
		}
	case "◁"[0]:
	default:
		return ""
	}
	return controlTokens().FindString(text[:min(len(text), longestToken)])
}

// breakTokens returns text with a backslash in each control token, behind its
// first character: a person and a model can still read it, and no server takes
// it for one. What is broken already stays as it is. It calls found with each.
func breakTokens(text string, found func(token string, at int)) string {
	var b strings.Builder
	done := 0
	for at := range len(text) {
		token := controlToken(text[at:])
		if token == "" {
			continue
		}
		found(token, at)
		_, first := utf8.DecodeRuneInString(token)
		b.WriteString(text[done:at+first] + `\`)
		done = at + first
	}
	if done == 0 {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

// breakHistory returns messages without control tokens: an endpoint may pass
// those on that a model writes about.
func breakHistory(messages []completion.Message) []completion.Message {
	broken := make([]completion.Message, len(messages))
	for i, m := range messages {
		m.Content = breakTokens(m.Content, func(string, int) {})
		broken[i] = m
	}
	return broken
}
