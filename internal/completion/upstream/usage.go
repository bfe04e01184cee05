package upstream

import (
	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/jsonwalk"
)

// counts are the tokens that a server counted, 0 where it did not say.
type counts struct {
	prompt int // all of it
	input  int // all of it, or what was not in the cache if read or wrote is given
	output int
	cached int // of prompt or of input
	read   int // from the cache, beside input
	wrote  int // into the cache, beside input
}

// Usage takes the counts of an object, under the names that servers have for them. Some
// send a part at a time, others repeat all with every chunk: of each count the last
// value that is not 0 is used.
func (a *Answer) Usage(object []byte) {
	for name, v := range jsonwalk.Members(object) {
		a.counts.take(string(name), v)
	}
	a.known = a.known || a.counts != (counts{})
}

// AtLimit reports whether the answer took all tokens that the request allowed.
func (a *Answer) AtLimit() bool { return a.limit > 0 && a.counts.output >= a.limit }

func (c *counts) take(name string, value []byte) {
	var count *int
	switch name {
	case "prompt_tokens", "prompt_eval_count":
		count = &c.prompt
	case "input_tokens":
		count = &c.input
	case "completion_tokens", "output_tokens", "eval_count":
		count = &c.output
	case "prompt_tokens_details", "input_tokens_details":
		for name, v := range jsonwalk.Members(value) {
			if string(name) == "cached_tokens" {
				c.take("cached_tokens", v)
			}
		}
		return
	case "cached_tokens", "prompt_cache_hit_tokens": // Moonshot, DeepSeek
		count = &c.cached
	case "cache_read_input_tokens":
		count = &c.read
	case "cache_creation_input_tokens":
		count = &c.wrote
	default:
		return
	}
	if n, ok := jsonwalk.Int(value); ok && n > 0 {
		*count = n
	}
}

// usage returns the sums, nil if nothing was counted. Where input_tokens stand
// beside those of the cache they are what is left of the prompt (Anthropic);
// relays that send prompt_tokens or details of input_tokens count all of it there.
func (c *counts) usage() *completion.Usage {
	if *c == (counts{}) {
		return nil
	}
	u := &completion.Usage{PromptTokens: c.prompt, CompletionTokens: c.output, CachedTokens: max(c.cached, c.read)}
	switch {
	case c.prompt > 0:
	case c.cached > 0:
		u.PromptTokens = c.input
	default:
		u.PromptTokens = c.input + c.read + c.wrote
	}
	u.CachedTokens = min(u.CachedTokens, u.PromptTokens)
	return u
}
