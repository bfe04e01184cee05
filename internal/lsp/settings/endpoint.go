package settings

import (
	"context"

	"github.com/llmls/llmls/internal/completion/openai"
)

// A Key is what an endpoint is shown to be let in. However it is printed or
// encoded, the secret does not appear.
type Key struct {
	Source string // where it came from: "OPENAI_API_KEY", "apiKeyCommand (pass)" or "none"
	secret *string
}

// NoKey is the Source of a Key that does not exist: local servers want none.
const NoKey = "none"

// Secret returns the key itself, "" if there is none.
func (k Key) Secret() string {
	if k.secret == nil {
		return ""
	}
	return *k.secret
}

// A KeyFinder finds the key that settings name, and remembers what
// apiKeyCommand printed. It is safe for concurrent use; one for a process is
// enough.
type KeyFinder struct {
	lookup func(string) (string, bool)
}

// NewKeyFinder returns a KeyFinder that reads environment variables through
// lookup. Pass os.LookupEnv.
func NewKeyFinder(lookup func(string) (string, bool)) *KeyFinder { return &KeyFinder{lookup: lookup} }

// Endpoint returns the endpoint that s names, with the key if it may have it.
// It may run apiKeyCommand. It fails with a *completion.Error of kind Config
// if s cannot work or the endpoint must not be used, and with ctx's cause.
// Nothing may be sent to an endpoint that did not come from here.
func (f *KeyFinder) Endpoint(ctx context.Context, s *Settings) (openai.Endpoint, error) {
	return openai.Endpoint{}, nil
}

// Preview is Endpoint without the key, and without running anything: for
// showing what would be sent. The source is what a Key's Source would be.
func (f *KeyFinder) Preview(s *Settings) (endpoint openai.Endpoint, source string, err error) {
	return openai.Endpoint{}, "", nil
}

// Forget drops what apiKeyCommand printed, so that the next Endpoint runs it
// again. Call it when an endpoint refused the key (completion.Auth).
func (f *KeyFinder) Forget() {}
