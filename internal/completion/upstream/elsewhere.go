package upstream

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"github.com/llmls/llmls/internal/completion"
)

// redirectedTo makes the error for a redirect.
func (t *target) redirectedTo(to *url.URL, status int) *completion.Error {
	e := &completion.Error{Kind: completion.NotAnAPI, Reason: completion.Redirected, Host: t.host, Status: status}
	plain := *to
	plain.RawQuery, plain.User = "", nil
	switch base, err := ParseAddress(strings.TrimSuffix(strings.TrimRight(plain.String(), "/"), t.format.Path())); {
	case err != nil || to.Hostname() != t.base.Hostname() || to.Scheme == t.base.Scheme && to.Host != t.base.Host:
		e.Detail = t.detail(hostPort(to))
	case base.String() == t.base.String(): // there is nothing else to set
		e.Reason, e.Detail = "", t.detail("it redirects to "+plain.String())
	default:
		e.Detail = t.detail(base.String())
	}
	return e
}

// isFirewall reports whether the response comes from a firewall in front of a web site
// rather than from the API behind it: Cloudflare's challenges and numbered errors, and
// the blocking pages of others, some of which have status 200.
func isFirewall(status int, header http.Header, body []byte) bool {
	if header.Get("Cf-Mitigated") != "" || header.Get("X-Amzn-Waf-Action") != "" || header.Get("X-Vercel-Mitigated") != "" {
		return true
	}
	page := isMarkup(body)
	text := wording(bytes.ToLower(body))
	switch status {
	case http.StatusOK, http.StatusMethodNotAllowed:
		return page && text.any(blockingPages()...)
	case http.StatusForbidden, http.StatusNotAcceptable, http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return text.any("error code: 10", "error 1010", "error 1015", "error 1020", "captcha", "akamai") || text.any(blockingPages()...) ||
			page && (status == http.StatusForbidden || status == http.StatusNotAcceptable)
	}
	return false
}

// blockingPages returns texts by which the pages of firewalls are recognised.
func blockingPages() []string {
	return []string{
		"just a moment...", "attention required!", "cf-error-details", "the requested url was rejected", "incapsula", "sucuri",
		"web application firewall", "ddos protection", "errors.edgesuite.net", "request blocked", "the request could not be satisfied",
		"security checkpoint", "访问被阻断", "安全威胁",
	}
}
