package settings

import (
	"context"

	"github.com/llmls/llmls/internal/completion/openai"
)

// Endpoint returns the endpoint that s names, with the key if it may have it.
// It may run apiKeyCommand. It fails with a *completion.Error of kind Config
// if s cannot work or the endpoint must not be used, or with ctx's cause.
//
// Nothing may be sent to an endpoint that did not come from here.
func (f *KeyFinder) Endpoint(ctx context.Context, s *Settings) (openai.Endpoint, error) {
	endpoint, withKey, err := s.endpoint()
	if err != nil || !withKey {
		return endpoint, err
	}
	key, err := f.find(ctx, s)
	if err != nil {
		return openai.Endpoint{}, err
	}
	f.secrets.Know(key.Secret())
	endpoint.Key = key.Secret()
	return endpoint, nil
}

// Preview is Endpoint without the key, and without running anything: for
// showing what would be sent. The source is that of the key that would be
// sent along, or NoKey.
func (f *KeyFinder) Preview(s *Settings) (endpoint openai.Endpoint, source string, err error) {
	endpoint, withKey, err := s.endpoint()
	if err != nil {
		return openai.Endpoint{}, "", err
	}
	if !withKey {
		return endpoint, NoKey, nil
	}
	if len(s.APIKeyCommand) > 0 {
		return endpoint, endpoint.KeySource, nil
	}
	return endpoint, f.fromEnvironment(s.APIKeyEnv).Source, nil
}

// endpoint is all of the endpoint but the key. Its KeySource is where a key
// belongs, so that a message can say so even if there is none.
func (s *Settings) endpoint() (e openai.Endpoint, withKey bool, err error) {
	withKey, err = s.access()
	if err != nil {
		return openai.Endpoint{}, false, err
	}
	e = openai.Endpoint{
		BaseURL:   s.BaseURL,
		KeySource: s.keySource(),
		FirstByte: s.Timeouts.FirstByte,
		Idle:      s.Timeouts.Idle,
	}
	if !withKey {
		// The way to give this endpoint a key is to name it there as well.
		e.KeySource += ", and the same baseUrl in config.toml,"
	}
	return e, withKey, nil
}
