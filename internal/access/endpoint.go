package access

import (
	"context"
	"strings"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/messages"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/completion/responses"
	"github.com/llmls/llmls/internal/completion/upstream"
	"github.com/llmls/llmls/internal/settings"
)

// endpoint returns the endpoint that s names, with the key if it may have it.
// It may run apiKeyCommand or ask the keyring. It fails with a *completion.Error
// of kind Config if s cannot work or the endpoint must not be used, for the
// Reason UntrustedHost if the user did not agree to it yet, or with ctx's cause.
//
// Requests must go only to endpoints that this function returned.
func (ac *Access) endpoint(ctx context.Context, s *settings.Settings) (upstream.Endpoint, error) {
	from, err := ac.allowed(s)
	if err != nil {
		return upstream.Endpoint{}, err
	}
	endpoint := withoutKey(s, from)
	endpoint.Allowed = func() error { return ac.stillAllowed(s, from) }
	if from.find != nil {
		key, err := from.find(ctx)
		if err != nil {
			return upstream.Endpoint{}, err
		}
		ac.secrets.Know(key.Secret())
		endpoint.Key = key.Secret()
	}
	ac.addHeaders(&endpoint, s)
	return endpoint, nil
}

// stillAllowed fails if the consent to send the key from that source, on which
// allowed relied, was revoked since.
func (ac *Access) stillAllowed(s *settings.Settings, from source) error {
	now, err := ac.allowed(s)
	if err == nil && now.name != from.name {
		err = badKey(from.name, completion.DetailKeyTakenBack)
	}
	return err
}

// preview is endpoint without the key, and without running or asking anything.
// keySource is what KeySource returns. If nothing would be sent
// (completion.Undecided), the endpoint can only be used to encode a request.
func (ac *Access) preview(s *settings.Settings) (endpoint upstream.Endpoint, keySource string, err error) {
	from, err := ac.allowed(s)
	if failed := completion.AsError(err); failed != nil && failed.Reason == completion.UntrustedHost {
		return withoutKey(s, source{fix: failed.KeySource}), completion.KeySourceOnceAgreed(failed.KeySource, failed.Detail), nil
	}
	return withoutKey(s, from), from.name, err
}

// KeySource returns the source of the key that would be sent with s, or NoKey,
// and says so if the user would be asked first. Nothing is run, asked or sent. It
// fails as Open does, but for the user's consent and the key itself.
func (ac *Access) KeySource(s *settings.Settings) (string, error) {
	endpoint, keySource, err := ac.preview(s)
	if err == nil {
		_, err = ac.client.Model(endpoint) // which reads caFile
	}
	return keySource, err
}

// A Choice is an endpoint that a person may choose.
type Choice struct {
	Name, Model, API string
	Host             string // host[:port], "" if the address leads nowhere
}

// Choices returns the endpoints of s. The one at the top level is among them only
// if it is the one that answers, or may be used. Nothing is run, asked or sent.
func (ac *Access) Choices(s *settings.Settings) []Choice {
	var list []Choice
	for _, one := range s.All() {
		if one.Endpoint == settings.DefaultEndpoint && s.Endpoint != one.Endpoint {
			if _, err := ac.allowed(&one); err != nil {
				continue
			}
		}
		c := Choice{Name: one.Endpoint, Model: one.Model, API: one.API}
		if one.Endpoint == s.Endpoint {
			c.Model = s.Model
		}
		c.Host = Host(&one)
		list = append(list, c)
	}
	return list
}

// Host returns host[:port] of the endpoint that s names, "" if its address leads
// nowhere.
func Host(s *settings.Settings) string {
	u, err := upstream.ParseAddress(s.BaseURL)
	if err != nil {
		return ""
	}
	_, host, _ := strings.Cut(originOf(u), "://")
	return host
}

// withoutKey returns the endpoint that s names without the key. Its KeySource is
// where a key belongs, so that a message can say so even if there is none.
func withoutKey(s *settings.Settings, from source) upstream.Endpoint {
	return upstream.Endpoint{
		Format:    format(s.API),
		BaseURL:   s.BaseURL,
		KeySource: from.fix,
		CAFile:    s.CAFile,
		PlainHTTP: s.PlainHTTP, // allowed has looked where that holds
		FirstByte: s.Timeouts.FirstByte,
		Idle:      s.Timeouts.Idle,
	}
}

// format returns the wire format of that name, which the settings have checked.
func format(api string) upstream.Format {
	switch api {
	case "responses":
		return responses.Format{}
	case "messages":
		return messages.Format{}
	default:
		return openai.Format{}
	}
}
