package settings

import (
	"context"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/openai"
)

// Endpoint returns the endpoint that s names, with the key if it may have it.
// It may run apiKeyCommand or ask the keyring. It fails with a *completion.Error
// of kind Config if s cannot work or the endpoint must not be used, for the
// Reason UntrustedHost if the user did not agree to it yet, or with ctx's cause.
//
// Nothing may be sent to an endpoint that did not come from here.
func (f *KeyFinder) Endpoint(ctx context.Context, s *Settings) (openai.Endpoint, error) {
	from, err := f.allowed(s)
	if err != nil {
		return openai.Endpoint{}, err
	}
	endpoint := s.endpoint(from)
	if from.find == nil {
		return endpoint, nil
	}
	key, err := from.find(ctx)
	if err != nil {
		return openai.Endpoint{}, err
	}
	f.secrets.Know(key.Secret())
	endpoint.Key = key.Secret()
	return endpoint, nil
}

// Preview is Endpoint without the key, and without running or asking anything:
// for showing what would be sent. The source is that of the key that would be
// sent along, or NoKey, and says so if the user would be asked first.
func (f *KeyFinder) Preview(s *Settings) (endpoint openai.Endpoint, keySource string, err error) {
	from, err := f.allowed(s)
	if failed := completion.AsError(err); failed != nil && failed.Reason == completion.UntrustedHost {
		return s.endpoint(source{fix: failed.KeySource}), completion.KeySourceOnceAgreed(failed.KeySource, failed.Detail), nil
	}
	if err != nil {
		return openai.Endpoint{}, "", err
	}
	return s.endpoint(from), from.name, nil
}

// endpoint is all of the endpoint but the key. Its KeySource is where a key
// belongs, so that a message can say so even if there is none.
func (s *Settings) endpoint(from source) openai.Endpoint {
	return openai.Endpoint{
		BaseURL:   s.BaseURL,
		KeySource: from.fix,
		CAFile:    s.CAFile,
		FirstByte: s.Timeouts.FirstByte,
		Idle:      s.Timeouts.Idle,
	}
}
