package access

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/upstream"
	"github.com/llmls/llmls/internal/settings"
)

// allowed returns the source whose key may be sent to the endpoint that s
// names. It fails with a *completion.Error of kind Config if nothing may be
// sent there, for the Reason UntrustedHost if only the user's consent is
// missing.
//
// The built-in endpoint is used only if the user's own layers name no other, since a
// key for a relay is not for OpenAI, and only if there is a key: without one, no
// endpoint was chosen, and it fails for the Reason NoEndpoint.
func (ac *Access) allowed(s *settings.Settings) (source, error) {
	if err := s.Stop(); err != nil {
		return source{}, err
	}
	u, err := parseBase(s)
	if err != nil {
		return source{}, err
	}
	origin := originOf(u)
	usual := ac.usual(s)
	named := s.UserEndpoints()
	trusted := slices.ContainsFunc(named, func(baseURL string) bool { return leadsTo(baseURL, origin) })
	builtIn := len(named) == 0 && leadsTo(settings.Default().BaseURL, origin)
	if (trusted || builtIn && !usual.standsIn) && usual.name != NoKey {
		return usual, nil
	}
	// Storing a key for an origin is consent to send it there.
	if stored, ok := ac.stored(origin); ok {
		return stored, nil
	}
	switch {
	case trusted, s.Origin(settings.BaseURL) != settings.OriginDefault && ac.hasAgreed(origin, usual):
		return usual, nil
	case builtIn:
		return source{}, &completion.Error{
			Kind: completion.Config, Reason: completion.NoEndpoint, KeySource: s.APIKeyEnv, Detail: settings.Path(ac.lookup),
		}
	case isLoopback(u.Hostname()):
		usual.fix += " and run llmls trust " + origin
		return source{name: NoKey, fix: usual.fix}, nil
	default:
		return source{}, &completion.Error{
			Kind: completion.Config, Reason: completion.UntrustedHost, Host: u.Host, KeySource: usual.name, Detail: origin,
		}
	}
}

// parseBase returns the address that s names. Plain http leads to another machine
// only where config.toml says so beside the address of exactly that host.
func parseBase(s *settings.Settings) (*url.URL, error) {
	u, err := upstream.ParseAddress(s.BaseURL)
	if err != nil || s.PlainHTTP && leadsTo(s.FileEndpoint(), originOf(u)) {
		return u, err
	}
	return upstream.ParseBase(s.BaseURL)
}

// isOfFile reports whether the headers that config.toml has for an endpoint belong to
// origin: that of the base URL beside them or, if there is none, of the base URL that
// the environment names or that is built in.
func isOfFile(s *settings.Settings, origin string) bool {
	if base := s.FileEndpoint(); base != "" {
		return leadsTo(base, origin)
	}
	named := s.UserEndpoints()
	if len(named) == 0 {
		named = []string{settings.Default().BaseURL}
	}
	return slices.ContainsFunc(named, func(baseURL string) bool { return leadsTo(baseURL, origin) })
}

// OriginOf returns the origin that baseURL leads to: scheme, host and, unless it
// is the scheme's own, port. It fails with a *completion.Error of kind Config
// if nothing can be sent there.
func OriginOf(baseURL string) (string, error) {
	u, err := upstream.ParseBase(baseURL)
	if err != nil {
		return "", err
	}
	return originOf(u), nil
}

// PlainOriginOf is OriginOf, but also accepts plain http to another machine; the
// setting plainHttp in config.toml decides whether that may be used.
func PlainOriginOf(baseURL string) (string, error) {
	u, err := upstream.ParseAddress(baseURL)
	if err != nil {
		return "", err
	}
	return originOf(u), nil
}

// leadsTo reports whether baseURL leads to origin; one that leads nowhere does
// not.
func leadsTo(baseURL, origin string) bool {
	to, err := PlainOriginOf(baseURL)
	return err == nil && to == origin
}

func originOf(u *url.URL) string {
	host := u.Host
	if name, port, err := net.SplitHostPort(host); err == nil &&
		(u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80") {
		host = name
		if strings.Contains(name, ":") {
			host = "[" + name + "]"
		}
	}
	return u.Scheme + "://" + strings.ToLower(host)
}

// isLoopback is stricter than upstream's: other names under .localhost depend on
// the resolver.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

// An Agreement is the user's consent to send code, and the key of one source,
// to an origin that the user's own settings do not name. It is a record in the
// state directory, so the names of its members must not change.
type Agreement struct {
	Origin    string    `json:"origin"`
	KeySource string    `json:"keySource"`      // Key.Source, or NoKey
	KeyID     string    `json:"keyId,omitzero"` // tells apart two commands of the same program
	Time      time.Time `json:"time"`
}

// kindTrust is the kind of an Agreement in the state directory.
const kindTrust = "trust"

// Agreement returns what the user has to agree to before origin is used with s.
func (ac *Access) Agreement(origin string, s *settings.Settings) Agreement {
	usual := ac.usual(s)
	return Agreement{Origin: origin, KeySource: usual.name, KeyID: usual.id, Time: time.Now().UTC().Truncate(time.Second)}
}

// Agree stores a, for this and every other process of the user. If that fails, a
// holds for ac alone.
func (ac *Access) Agree(a Agreement) error {
	data, err := json.Marshal(a)
	if err == nil {
		err = ac.state.Write(kindTrust, a.Origin, data)
	}
	ac.mu.Lock()
	defer ac.mu.Unlock()
	delete(ac.agreed, a.Origin)
	if err != nil {
		ac.agreed[a.Origin] = a
	}
	return err
}

// Revoke ends the Agreement about origin. It fails with fs.ErrNotExist if there
// is none.
func (ac *Access) Revoke(origin string) error {
	ac.mu.Lock()
	delete(ac.agreed, origin)
	ac.mu.Unlock()
	return ac.state.Remove(kindTrust, origin)
}

// Agreements returns all that is agreed, by origin.
func (ac *Access) Agreements() ([]Agreement, error) {
	origins, err := ac.state.List(kindTrust)
	var list []Agreement
	for _, origin := range origins {
		if a, err := ac.agreement(origin); err == nil {
			list = append(list, a)
		}
	}
	return list, err
}

// agreement reads the record each time: another process may have written or removed
// it.
func (ac *Access) agreement(origin string) (Agreement, error) {
	data, err := ac.state.Read(kindTrust, origin)
	if err != nil {
		return Agreement{}, err
	}
	var a Agreement
	if err := json.Unmarshal(data, &a); err != nil {
		return Agreement{}, err
	}
	if a.Origin != origin {
		return Agreement{}, errors.New("the record is about another origin")
	}
	return a, nil
}

// hasAgreed reports whether the user agreed to send the key of that source to
// origin. Consent to a key covers requests without one.
func (ac *Access) hasAgreed(origin string, usual source) bool {
	a, err := ac.agreement(origin)
	if err != nil {
		ac.mu.Lock()
		defer ac.mu.Unlock()
		var ok bool
		if a, ok = ac.agreed[origin]; !ok {
			return false
		}
	}
	return usual.name == NoKey || a.KeySource == usual.name && a.KeyID == usual.id
}

// fingerprint returns a digest of a command line, which does not reveal it.
func fingerprint(command []string) string {
	sum := sha256.Sum256([]byte(strings.Join(command, "\x00")))
	return hex.EncodeToString(sum[:8])
}
