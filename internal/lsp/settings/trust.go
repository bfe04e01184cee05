package settings

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
	"github.com/llmls/llmls/internal/completion/openai"
)

// What an editor sends may come from the repository that is open in it, and a
// repository must not choose where code and keys go, run a program or write a
// file. The settings that could do so are these:
//
//   - UserOnly lists those that an editor cannot set at all.
//   - baseUrl may come from an editor, but allowed decides what may be done with
//     it.

// UserOnly tells whether only config.toml and the environment may set key.
func UserOnly(key string) bool {
	switch key {
	case "apiKeyEnv", // would send any variable as a key
		"apiKeyCommand", // would run any program
		keyCAFile,       // would let anybody answer for an endpoint
		"logFile",       // would append to any file
		"context.allow": // would send what is kept back
		return true
	}
	return false
}

// allowed returns the source whose key may be sent to the endpoint that s
// names. It fails with a *completion.Error of kind Config if nothing may be
// sent there, for the Reason UntrustedHost if only the user's consent is
// missing.
//
// The built-in endpoint is trusted only as long as the user's own layers name
// none: a key for a relay is not for OpenAI.
func (f *KeyFinder) allowed(s *Settings) (source, error) {
	if s.badURL != nil && s.Origin(keyBaseURL) == OriginDefault {
		// Falling back would send the code to a provider the user did not
		// choose.
		return source{}, s.badURL
	}
	u, err := openai.ChatURL(s.BaseURL)
	if err != nil {
		return source{}, err
	}
	origin := originOf(u)
	usual := f.usual(s)
	trusted := slices.Contains(s.trusted, origin)
	if trusted && usual.name != NoKey {
		return usual, nil
	}
	// Storing a key for an origin is consent to send it there.
	if stored, ok := f.stored(origin); ok {
		return stored, nil
	}
	switch {
	case trusted, f.hasAgreed(origin, usual):
		return usual, nil
	case isLoopback(u.Hostname()):
		usual.fix += " and run llmls trust " + origin
		return source{name: NoKey, fix: usual.fix}, nil
	default:
		return source{}, &completion.Error{
			Kind: completion.Config, Reason: completion.UntrustedHost, Host: u.Host, KeySource: usual.name, Detail: origin,
		}
	}
}

// OriginOf returns the origin that baseURL leads to: scheme, host and, unless it
// is the scheme's own, port. It fails with a *completion.Error of kind Config
// if nothing can be sent there.
func OriginOf(baseURL string) (string, error) {
	u, err := openai.ChatURL(baseURL)
	if err != nil {
		return "", err
	}
	return originOf(u), nil
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

// isLoopback is stricter than openai's: what other names under .localhost stand
// for is the resolver's to say.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}

// An Agreement is the user's consent to send code, and the key of one source,
// to an origin that the user's own settings do not name. It is a record in the
// state directory, so the names of its members stay.
type Agreement struct {
	Origin    string    `json:"origin"`
	KeySource string    `json:"keySource"`      // Key.Source, or NoKey
	KeyID     string    `json:"keyId,omitzero"` // tells apart two commands of the same program
	Time      time.Time `json:"time"`
}

// kindTrust is the kind of an Agreement in the state directory.
const kindTrust = "trust"

// Agreement returns what there is to agree to if origin is to be used with s.
func (f *KeyFinder) Agreement(origin string, s *Settings) Agreement {
	usual := f.usual(s)
	return Agreement{Origin: origin, KeySource: usual.name, KeyID: usual.id, Time: time.Now().UTC().Truncate(time.Second)}
}

// Agree makes a hold, for this and for every other process of the user's. If it
// fails, a could not be written down and holds for f alone.
func (f *KeyFinder) Agree(a Agreement) error {
	data, err := json.Marshal(a)
	if err == nil {
		err = f.state.Write(kindTrust, a.Origin, data)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.agreed, a.Origin)
	if err != nil {
		f.agreed[a.Origin] = a
	}
	return err
}

// Revoke ends the Agreement about origin. It fails with fs.ErrNotExist if there
// is none.
func (f *KeyFinder) Revoke(origin string) error {
	f.mu.Lock()
	delete(f.agreed, origin)
	f.mu.Unlock()
	return f.state.Remove(kindTrust, origin)
}

// Agreements returns all that is agreed, by origin.
func (f *KeyFinder) Agreements() ([]Agreement, error) {
	origins, err := f.state.List(kindTrust)
	var list []Agreement
	for _, origin := range origins {
		if a, err := f.agreement(origin); err == nil {
			list = append(list, a)
		}
	}
	return list, err
}

// agreement reads a record each time: another process may have written it, or
// taken it back.
func (f *KeyFinder) agreement(origin string) (Agreement, error) {
	data, err := f.state.Read(kindTrust, origin)
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

// hasAgreed tells whether the user agreed to send the key of that source to
// origin. Who agreed to send a key has agreed to send none.
func (f *KeyFinder) hasAgreed(origin string, usual source) bool {
	a, err := f.agreement(origin)
	if err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		var ok bool
		if a, ok = f.agreed[origin]; !ok {
			return false
		}
	}
	return usual.name == NoKey || a.KeySource == usual.name && a.KeyID == usual.id
}

// fingerprint tells command lines apart without telling what is in them.
func fingerprint(command []string) string {
	sum := sha256.Sum256([]byte(strings.Join(command, "\x00")))
	return hex.EncodeToString(sum[:8])
}
