package access

import (
	"context"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/secrets"
	"github.com/llmls/llmls/internal/settings"
)

// redactError returns err without the secrets that the endpoint may have
// repeated, nil for nil. Its Body is for the log, which is redacted as a whole.
func (ac *Access) redactError(err *completion.Error) *completion.Error {
	if err == nil {
		return nil
	}
	safe := *err
	safe.Detail, safe.Also = ac.secrets.Redact(err.Detail), ac.secrets.Redact(err.Also)
	return &safe
}

// Secrets returns a Redactor for prompts. It knows those of the user's keys that
// can be read without running a program or asking a keyring.
func (ac *Access) Secrets(s *settings.Settings) *secrets.Redactor {
	for _, one := range s.All() { // those of the other endpoints stay here, too
		if one.APIKeyEnv != "" {
			ac.fromEnvironment(one.APIKeyEnv)
		}
		ac.knowHeaders(one.Headers)
	}
	origins, _ := ac.state.List(kindKeys)
	for _, origin := range origins {
		if data, err := ac.state.Read(kindKeys, origin); err == nil {
			var record storedKey
			if json.Unmarshal(data, &record) == nil {
				ac.secrets.Know(record.Key)
			}
		}
	}
	return &ac.secrets
}

// Learn looks up the key that would be sent, if that is allowed, so that it can be
// redacted in a prompt. It may run apiKeyCommand or ask the keyring; it ignores
// their errors.
func (ac *Access) Learn(ctx context.Context, s *settings.Settings) {
	_, _ = ac.endpoint(ctx, s)
}

// WithoutKeys returns req without the keys that ac knows by now, and how many it
// replaced: a prompt is assembled before apiKeyCommand or the keyring returns the
// key. req itself is not changed.
func (ac *Access) WithoutKeys(req *completion.Request) (*completion.Request, int) {
	found := 0
	safe := *req
	for i := range req.Messages {
		content, n := ac.secrets.RedactKnown(req.Messages[i].Content)
		if n == 0 {
			continue
		}
		if found == 0 {
			safe.Messages = slices.Clone(req.Messages)
		}
		safe.Messages[i].Content = content
		found += n
	}
	if found == 0 {
		return req, 0
	}
	return &safe, found
}
