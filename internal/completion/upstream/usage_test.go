package upstream

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion"
)

// The tokens of a prompt are counted once, those of the cache included, in each API.
func TestUsage(t *testing.T) {
	for name, test := range map[string]struct {
		pieces []string
		want   *completion.Usage
	}{
		"nothing":                {[]string{`{}`, `null`, `{"input_tokens":0,"output_tokens":0}`, `[]`}, nil},
		"chat completions":       {[]string{`{"prompt_tokens":10,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":8}}`}, &completion.Usage{PromptTokens: 10, CompletionTokens: 2, CachedTokens: 8}},
		"DeepSeek":               {[]string{`{"prompt_tokens":10,"completion_tokens":2,"prompt_cache_hit_tokens":8,"prompt_cache_miss_tokens":2}`}, &completion.Usage{PromptTokens: 10, CompletionTokens: 2, CachedTokens: 8}},
		"Moonshot":               {[]string{`{"prompt_tokens":10,"completion_tokens":2,"cached_tokens":8}`}, &completion.Usage{PromptTokens: 10, CompletionTokens: 2, CachedTokens: 8}},
		"Responses":              {[]string{`{"input_tokens":10,"output_tokens":2,"input_tokens_details":{"cached_tokens":8}}`}, &completion.Usage{PromptTokens: 10, CompletionTokens: 2, CachedTokens: 8}},
		"Messages, in pieces":    {[]string{`{"input_tokens":1,"cache_read_input_tokens":8,"cache_creation_input_tokens":1,"output_tokens":1}`, `{"output_tokens":2}`}, &completion.Usage{PromptTokens: 10, CompletionTokens: 2, CachedTokens: 8}},
		"Messages, cumulative":   {[]string{`{"input_tokens":1,"cache_read_input_tokens":9,"output_tokens":1}`, `{"input_tokens":1,"cache_read_input_tokens":9,"output_tokens":2}`}, &completion.Usage{PromptTokens: 10, CompletionTokens: 2, CachedTokens: 9}},
		"a relay that adds both": {[]string{`{"prompt_tokens":10,"completion_tokens":2,"cache_read_input_tokens":8,"cache_creation_input_tokens":1}`}, &completion.Usage{PromptTokens: 10, CompletionTokens: 2, CachedTokens: 8}},
		"nonsense":               {[]string{`{"input_tokens":3,"output_tokens":-1,"input_tokens_details":{"cached_tokens":99}}`}, &completion.Usage{PromptTokens: 3, CachedTokens: 3}},
	} {
		a := NewAnswer(nil)
		for _, piece := range test.pieces {
			a.Usage([]byte(piece))
		}
		if diff := cmp.Diff(test.want, a.Summary().Usage); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}
