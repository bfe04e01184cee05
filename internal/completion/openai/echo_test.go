package openai

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
)

func TestWithoutEcho(t *testing.T) {
	req := &completion.Request{Messages: []completion.Message{
		{Role: completion.System, Content: "Explain."},
		{Role: completion.User, Content: "def secret_function():\n    return \"日本語のテキスト\"\n"},
	}}
	for text, want := range map[string]string{
		"":                                "",
		"no such model":                   "no such model",
		"def secret":                      "def secret", // too short to tell
		"bad: def secret_function() here": "bad: [prompt] here",
		`{"input":"def secret_function():\n    return"}`:    `{"input":"[prompt]\n    return"}`,
		"日本語のテキスト twice 日本語のテキスト":                           "[prompt] twice [prompt]",
		"def secret_function():\n    return \"日本語のテキスト\"\n": "[prompt]",
	} {
		if got := withoutEcho(text, req); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	if got := withoutEcho(strings.Repeat("x", 1000), &completion.Request{}); len(got) != 1000 {
		t.Error("something was left out that nobody asked")
	}
}
