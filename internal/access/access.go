// Package access decides which endpoints may be used, and with which keys: it finds
// keys, and knows what the user agreed to. It assembles the model behind an
// endpoint for the server and the command line alike. It knows nothing of LSP and
// shows no questions: a caller that can ask for consent passes a Consent.
package access

import (
	"context"
	"sync"
	"time"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/completion/safety"
	"github.com/llmls/llmls/internal/completion/secrets"
	"github.com/llmls/llmls/internal/completion/upstream"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/state"
)

// An Access opens endpoints: it finds the key of each and checks that the key may
// be sent there. It caches what apiKeyCommand and the keyring returned. It is safe
// for concurrent use; a process has one.
type Access struct {
	lookup  func(string) (string, bool)
	client  *upstream.Client
	secrets secrets.Redactor // knows each key that was found
	state   state.Dir
	asking  chan struct{} // holds a token while the keyring is asked

	mu     sync.Mutex
	known  map[string]Key       // keys that took time to find, by the source's id
	runs   map[string]*run      // searches that are running, by the source's id
	agreed map[string]Agreement // agreements that could not be stored, by origin
}

// New returns an Access that reads environment variables through lookup; pass
// os.LookupEnv. It starts nothing, and reads only the variable of the default key,
// so that this key is redacted from the start.
func New(lookup func(string) (string, bool)) *Access {
	ac := &Access{
		lookup: lookup, client: upstream.NewClient(), state: state.New(lookup), asking: make(chan struct{}, 1),
		known: map[string]Key{}, runs: map[string]*run{}, agreed: map[string]Agreement{},
	}
	ac.fromEnvironment(settings.Default().APIKeyEnv)
	return ac
}

// Close closes the idle connections. Running streams go on.
func (ac *Access) Close() { ac.client.Close() }

// Redactor returns a redactor that knows every key that ac has found.
func (ac *Access) Redactor() *secrets.Redactor { return &ac.secrets }

// Open returns the model that s names, once its endpoint may be used and its key is
// known. It fails with a *completion.Error of kind Config if that is impossible, or
// with ctx's cause. A nil consent never agrees.
//
// It is the one place where the layers of a model are put together. Each attempt
// checks again that the endpoint may be used, gets its key, and redacts the user's
// keys in the prompt; failed attempts are repeated; after the last one the next
// endpoint of the setting fallback is asked, with its own key and model; secrets
// are redacted in the endpoint's error messages; the answer is sanitised.
func (ac *Access) Open(ctx context.Context, s *settings.Settings, consent Consent) (completion.Model, error) {
	a := &attempts{access: ac, settings: s, consent: consent}
	if _, err := a.endpoint(ctx); err != nil {
		return nil, err
	}
	candidates := []completion.Candidate{{Name: s.Endpoint, ModelName: s.Model, Model: completion.WithRetries(a, s.Retries)}}
	for _, next := range s.Fallbacks() {
		// Without a consent: the user is not asked about a fallback.
		model := completion.WithRetries(&fallbacks{attempts{access: ac, settings: &next}}, next.Retries)
		candidates = append(candidates, completion.Candidate{Name: next.Endpoint, ModelName: next.Model, Model: model})
	}
	return safety.Answers(&redacted{completion.WithFallback(candidates...), ac}), nil
}

// Models lists the models that the endpoint offers, in its order. It is asked
// once, and fails as Open does if it may not be used.
func (ac *Access) Models(ctx context.Context, s *settings.Settings) ([]string, error) {
	endpoint, err := ac.endpoint(ctx, s)
	if err != nil {
		return nil, err
	}
	names, err := ac.client.Models(ctx, endpoint)
	if failed := completion.AsError(err); failed != nil {
		if failed.Kind == completion.Auth {
			ac.forget(endpoint)
		}
		return nil, ac.redactError(failed)
	}
	return names, err
}

// ModelsAt lists the models of a server that is not an endpoint of the user's, without a key
// and within limit.
func (ac *Access) ModelsAt(ctx context.Context, baseURL string, limit time.Duration) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return ac.client.Models(ctx, upstream.Endpoint{Format: openai.Format{}, BaseURL: baseURL, FirstByte: limit, Idle: limit})
}

// A DryRun is what would be sent for a request.
type DryRun struct {
	URL       string // "" if nothing would be sent
	Body      []byte // byte for byte, without whatever that endpoint has refused so far
	KeySource string // where the key would come from, for a person; never the key
	Undecided error  // why nothing would be sent, if so: completion.Undecided
}

// DryRun returns what would be sent for req. It sends nothing, runs nothing and asks
// nothing.
func (ac *Access) DryRun(s *settings.Settings, req *completion.Request) (*DryRun, error) {
	endpoint, source, err := ac.preview(s)
	if err != nil && !completion.Undecided(err) {
		return nil, err
	}
	url, body, bodyErr := ac.client.Body(endpoint, req)
	switch {
	case bodyErr != nil:
		return nil, bodyErr
	case err != nil:
		return &DryRun{Body: body, KeySource: completion.KeySourceNothingSent(completion.AsError(err)), Undecided: err}, nil
	}
	return &DryRun{URL: url, Body: body, KeySource: source}, nil
}
