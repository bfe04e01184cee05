package settings

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/openai"
)

// What an editor sends may come from the repository that is open in it, and a
// repository must not choose where code and keys go, run a program or write a
// file. The settings that could do so are these:
//
//   - UserOnly lists those that an editor cannot set at all.
//   - baseUrl may come from an editor, but access decides what may be done with
//     it.

// UserOnly tells whether only config.toml and the environment may set key.
func UserOnly(key string) bool {
	switch key {
	case "apiKeyEnv", // would send any variable as a key
		"apiKeyCommand", // would run any program
		"logFile",       // would append to any file
		"context.allow": // would send what is kept back
		return true
	}
	return false
}

// access tells whether the endpoint that s names may be used, and whether the
// key may be sent to it. It fails with a *completion.Error of kind Config.
//
// The built-in endpoint is trusted only as long as the user's own layers name
// none: a key for a relay is not for OpenAI.
func (s *Settings) access() (withKey bool, err error) {
	if s.badURL != nil && s.Origin(keyBaseURL) == OriginDefault {
		// Falling back would send the code to a provider the user did not
		// choose.
		return false, s.badURL
	}
	u, err := openai.ChatURL(s.BaseURL)
	if err != nil {
		return false, err
	}
	switch origin := originOf(u); {
	case slices.Contains(s.trusted, origin):
		return true, nil
	case isLoopback(u.Hostname()):
		return false, nil
	default:
		// Here the user's consent belongs: ask once, naming origin and the
		// source of the key, and remember the answer.
		return false, &completion.Error{
			Kind: completion.Config, Reason: completion.UntrustedHost, Host: u.Host, Detail: "only the editor names this endpoint",
		}
	}
}

// urlOrigin returns the origin that baseURL leads to, "" if it leads nowhere.
func urlOrigin(baseURL string) string {
	u, err := openai.ChatURL(baseURL)
	if err != nil {
		return ""
	}
	return originOf(u)
}

// originOf returns scheme, host and port of u, the port only where it is not
// the scheme's own.
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

// isLoopback is stricter than openai's: names under .localhost go through the
// resolver, which may lead them anywhere.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}
