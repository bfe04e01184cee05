package upstream

import (
	"net/http"
	"slices"
	"sync"

	"github.com/llmls/llmls/internal/completion"
)

// Refused is what an endpoint does not accept in a request. A format leaves it
// out, or writes it differently.
type Refused struct {
	StreamOptions bool  // holds for the whole origin
	EventsOnly    bool  // holds for the whole origin: an Accept of event streams alone
	CacheMarks    bool  // holds for the whole origin
	MaxTokens     bool  // holds for a model: the limit that the user set, under the name that the format has first
	Longest       uint8 // holds for a model: how often half of the limit that a format sets by itself was still too much
	Temperature   bool  // holds for a model
	Effort        bool  // holds for a model
	System        bool  // holds for a model: the role system; its text goes into a user message
	Stream        bool  // holds for a model: streaming; it answers in one piece only
}

// MaxLongest is the most that Longest comes to.
const MaxLongest = 3

// and returns what either refuses.
func (r Refused) and(other Refused) Refused {
	return Refused{
		StreamOptions: r.StreamOptions || other.StreamOptions,
		EventsOnly:    r.EventsOnly || other.EventsOnly,
		CacheMarks:    r.CacheMarks || other.CacheMarks,
		MaxTokens:     r.MaxTokens || other.MaxTokens,
		Longest:       max(r.Longest, other.Longest),
		Temperature:   r.Temperature || other.Temperature,
		Effort:        r.Effort || other.Effort,
		System:        r.System || other.System,
		Stream:        r.Stream || other.Stream,
	}
}

// ofOrigin returns the part that holds whatever the model is.
func (r Refused) ofOrigin() Refused {
	return Refused{StreamOptions: r.StreamOptions, EventsOnly: r.EventsOnly, CacheMarks: r.CacheMarks}
}

// refusals remember what was refused, so that later requests go without. They
// last as long as the Client: after a restart a server may be another version.
type refusals struct {
	mu      sync.Mutex
	origins map[string]Refused // by origin, and by origin and model
}

func (r *refusals) of(t *target) Refused {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.origins[t.modelKey()].and(r.origins[origin(t.base)])
}

// remember adds without to what is known: another request may have added something
// meanwhile.
func (r *refusals) remember(t *target, without Refused) {
	if without == (Refused{}) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.origins == nil {
		r.origins = map[string]Refused{}
	}
	r.origins[origin(t.base)] = r.origins[origin(t.base)].and(without.ofOrigin())
	r.origins[t.modelKey()] = r.origins[t.modelKey()].and(without)
}

func (t *target) modelKey() string {
	return origin(t.base) + " " + t.model
}

// learn returns r with the part of req that an error names. It reports false if the
// error names none, or only refuses a value, which the user has to correct.
func (r Refused) learn(req *completion.Request, status int, said wording) (Refused, bool) {
	bad := status == http.StatusBadRequest || status == http.StatusUnprocessableEntity
	// Some servers call an argument that they do not know an error of their own.
	named := bad || said.refuses() && (status == http.StatusForbidden || status == http.StatusMethodNotAllowed || status == http.StatusUnsupportedMediaType ||
		status == http.StatusInternalServerError || status == http.StatusNotImplemented)
	switch {
	case !r.EventsOnly && (status == http.StatusNotAcceptable || (bad || status == http.StatusUnsupportedMediaType) && said.any("accept header", "must accept", "accept must")):
		r.EventsOnly = true
	// Templates of models fail while they are applied, which some servers call
	// an error of their own.
	case (bad || status == http.StatusInternalServerError) && !r.System && hasSystem(req) && said.refusesSystem():
		r.System = true
	case !r.StreamOptions && named && said.any("stream_options", "streamoptions", "stream options", "include_usage", "includeusage"):
		r.StreamOptions = true
	case (status == http.StatusForbidden || status == http.StatusNotImplemented || status == http.StatusMethodNotAllowed) && !r.Stream && said.refusesStream():
		r.Stream = true
	case status == http.StatusInternalServerError && !r.Stream && streamUnsupported().MatchString(string(said)):
		r.Stream = true
	case !named:
		return r, false
	case !r.CacheMarks && said.refusesMarks():
		r.CacheMarks = true
	case req.MaxOutputTokens > 0 && !r.MaxTokens && said.refusesMaxTokens():
		r.MaxTokens = true
	case bad && req.MaxOutputTokens == 0 && r.Longest < MaxLongest && said.any("max_tokens", "max_output_tokens"):
		r.Longest++
	case req.Temperature != nil && !r.Temperature && said.refusesTemperature():
		r.Temperature = true
	case req.ReasoningEffort != "" && !r.Effort && said.refusesEffort() && (bad || said.any("effort", "output_config")):
		r.Effort = true
	case bad && !r.Stream && said.refusesStream(): // last, because it costs most
		r.Stream = true
	default:
		return r, false
	}
	return r, true
}

func hasSystem(req *completion.Request) bool {
	return slices.ContainsFunc(req.Messages, func(m completion.Message) bool { return m.Role == completion.System })
}
