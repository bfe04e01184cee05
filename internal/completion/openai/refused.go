package openai

import (
	"bytes"
	"net/http"
	"sync"

	"github.com/llmls/llmls/internal/completion"
)

// refused is what an endpoint does not accept in a request.
type refused struct {
	streamOptions bool // holds for the whole origin
	maxTokens     bool // holds for a model: it wants max_completion_tokens
	temperature   bool // holds for a model
}

// refusals remember what was refused, so that later requests go without. They
// last as long as the Client: after a restart a server may be another version.
type refusals struct {
	mu      sync.Mutex
	origins map[string]refused // by origin, and by origin and model
}

func (r *refusals) of(t *target) refused {
	r.mu.Lock()
	defer r.mu.Unlock()
	of := r.origins[t.modelKey()]
	of.streamOptions = r.origins[origin(t.chat)].streamOptions
	return of
}

// remember adds to what is known: other requests may have learned something
// else meanwhile.
func (r *refusals) remember(t *target, without refused) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.origins == nil {
		r.origins = map[string]refused{}
	}
	for _, key := range []string{origin(t.chat), t.modelKey()} {
		known := r.origins[key]
		r.origins[key] = refused{
			streamOptions: known.streamOptions || without.streamOptions,
			maxTokens:     known.maxTokens || without.maxTokens,
			temperature:   known.temperature || without.temperature,
		}
	}
}

func (t *target) modelKey() string {
	return origin(t.chat) + " " + t.model
}

// with adds the field that an error names and that was sent. It reports false
// if there is none, or if only its value was refused: that is the user's to
// correct.
func (without refused) with(req *completion.Request, status int, body []byte) (refused, bool) {
	if status != http.StatusBadRequest && status != http.StatusUnprocessableEntity {
		return without, false
	}
	body = bytes.ToLower(body)
	says := func(words ...string) bool {
		for _, word := range words {
			if bytes.Contains(body, []byte(word)) {
				return true
			}
		}
		return false
	}
	unknown := says("unsupported", "not support", "n't support", "unrecognized", "unrecognised", "unknown", "unexpected",
		"not permitted", "not allowed", "extra_forbidden", "deprecated", "only the default", "不支持")
	switch {
	case !without.streamOptions && says("stream_options", "include_usage"):
		without.streamOptions = true
	case req.MaxOutputTokens > 0 && !without.maxTokens && says("max_completion_tokens"):
		without.maxTokens = true
	case req.Temperature != nil && !without.temperature && says("temperature") && unknown:
		without.temperature = true
	default:
		return without, false
	}
	return without, true
}
