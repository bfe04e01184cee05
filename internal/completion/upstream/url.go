package upstream

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"unicode"

	"github.com/llmls/llmls/internal/completion"
)

// endings returns what people leave at the end of a base URL: the paths of the
// formats.
func endings() []string { return []string{"/chat/completions", "/responses", "/messages"} }

// ParseBase returns the address below which an endpoint's API lies. base may be
// a bare host, end in a slash, in /v1 or in any other path a relay lives under,
// or be the full address that requests go to; its query stays. Without a scheme
// it is https, or http if the host is this machine.
//
// It fails with an *Error of kind Config if base is no such address, holds a
// user name or password, or names another machine over plain http.
func ParseBase(base string) (*url.URL, error) {
	u, err := ParseAddress(base)
	if err == nil && u.Scheme == "http" && !isLoopback(u.Hostname()) {
		return nil, &completion.Error{
			Kind: completion.Config, Reason: completion.PlainHTTP, Host: u.Host,
			Detail: "base URL: plain http leads to another machine",
		}
	}
	return u, err
}

// ParseAddress is ParseBase, but accepts plain http to other machines: for callers
// that know that the user allowed it.
func ParseAddress(base string) (*url.URL, error) {
	base = strings.TrimSpace(base)
	if !strings.Contains(base, "://") {
		scheme := "https://"
		if u, err := url.Parse(scheme + base); err == nil && isLoopback(u.Hostname()) {
			scheme = "http://"
		}
		base = scheme + base
	}
	u, err := url.Parse(base)
	if err != nil {
		// The parser's error quotes parts of the address, which may be a password.
		return nil, badURL("it is not a web address")
	}
	u.Host = strings.ToLower(u.Host)
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, badURL(fmt.Sprintf("it starts with %s:// instead of https://", shorten(u.Scheme, 20)))
	case u.Hostname() == "":
		return nil, badURL("it names no host")
	case strings.HasSuffix(u.Host, ":"):
		return nil, badURL("its port is empty")
	case u.User != nil:
		return nil, badURL("it holds a user name or password")
	case !isASCII(u.Host):
		// Letters that look like others would show a person one origin and reach
		// another.
		return nil, badURL("its host holds letters beyond ASCII; write it in its xn-- form")
	case !isHost(u.Hostname()):
		return nil, badURL("its host is no name or address of a machine")
	case strings.ContainsFunc(u.RawQuery, func(r rune) bool { return r <= ' ' || r > '~' }):
		// net/url keeps a query as it stands, so that a space would end the address
		// in the request's first line.
		return nil, badURL("its query holds a space or a letter beyond ASCII; write it as %20 and the like")
	}
	u.Fragment, u.RawFragment = "", ""
	path := strings.TrimRight(u.EscapedPath(), "/")
	if path == "" {
		return u.JoinPath("/v1"), nil
	}
	for _, end := range endings() {
		if strings.HasSuffix(path, end) {
			return u.JoinPath(strings.Repeat("../", strings.Count(end, "/"))), nil
		}
	}
	return u.JoinPath(), nil
}

// origin is what a key is bound to and what memory is kept for.
func origin(u *url.URL) string {
	return u.Scheme + "://" + u.Host
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// maxHost is the length of the longest name that DNS allows, in bytes. A longer one
// could hide the rest of a question from the person who is asked.
const maxHost = 253

// isHost reports whether host is an IP address or could be a name. The parser of
// URLs lets quotes and brackets pass.
func isHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return len(host) <= maxHost && !strings.ContainsFunc(host, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("-._", r)
	})
}

// isLoopback reports whether host is this machine. The unspecified addresses
// count: people write http://0.0.0.0:8080 because their server prints it, and
// connecting to it reaches the same machine.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return isLocalhost(host) || err == nil && (ip.Unmap().IsLoopback() || ip.IsUnspecified())
}

// isLocalhost reports whether host is one of the names that RFC 6761, section
// 6.3, keeps for this machine. A resolver may not keep to it: see dial.
func isLocalhost(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func badURL(detail string) error {
	return &completion.Error{Kind: completion.Config, Reason: completion.BadBaseURL, Detail: detail}
}

// hostPort is host[:port] for people: the port only where it is not the usual.
func hostPort(u *url.URL) string {
	host, port, err := net.SplitHostPort(u.Host)
	if err == nil && ((u.Scheme == "https" && port == "443") || (u.Scheme == "http" && port == "80")) {
		return host
	}
	return u.Host
}
