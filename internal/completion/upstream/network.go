package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/llmls/llmls/internal/completion"
)

// unreached makes the error for a request that got no response.
func (t *target) unreached(err error) *completion.Error {
	e := &completion.Error{Kind: completion.Network, Host: t.host, Err: innermost(err)}
	e.Detail = t.detail(e.Err.Error())
	var proxy *proxyError
	var op *net.OpError
	var dns *net.DNSError
	var timeout net.Error
	var record tls.RecordHeaderError
	var elsewhere *notLoopbackError
	switch text := err.Error(); {
	case errors.As(err, &elsewhere):
		e.Reason, e.Detail = completion.NotLoopback, elsewhere.address
	case errors.As(err, &proxy):
		e.Reason = completion.Proxy
	case errors.As(err, &op) && (op.Op == "proxyconnect" || op.Op == "socks connect"):
		e.Reason = completion.Proxy
	case errors.As(err, &record):
		e.Kind, e.Reason = completion.TLS, completion.NotTLS
		e.Detail = "it answered without encryption"
	case isTLS(err):
		e.Kind = completion.TLS
		e.Detail = t.detail(certificateFault(err))
	case errors.As(err, &dns) && dns.IsTimeout, errors.As(err, &timeout) && timeout.Timeout():
		e.Kind, e.Reason = completion.Timeout, completion.Unreachable
	case errors.As(err, &dns):
		e.Reason = completion.UnknownHost
		e.Detail = t.detail("no address for " + dns.Name)
		e.Temporary = dns.IsTemporary
	case errors.Is(err, syscall.ECONNREFUSED), strings.Contains(text, "refused"): // Windows has its own number
		e.Reason, e.Detail, e.Temporary = completion.Refused, "connection refused", true
	case strings.Contains(text, "malformed HTTP"), strings.Contains(text, "response headers exceeded"):
		e.Kind, e.Reason = completion.NotAnAPI, completion.Malformed
	case strings.Contains(text, "transport connection broken") && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.As(err, &op) &&
		!strings.Contains(text, "malformed MIME header"): // which may be one that was cut
		// Transfer-Encoding twice, or one that RFC 9112 does not have; an invalid length.
		e.Kind, e.Reason = completion.NotAnAPI, completion.Malformed
		e.Detail = t.detail("malformed HTTP response: " + e.Err.Error())
	default:
		e.Detail = t.detail(brokenDetail(err))
		e.Temporary = true
	}
	return e
}

// broken makes the error for a response that ended with err. The answer was
// under way, so nothing is sent again by itself.
func (t *target) broken(err error) *completion.Error {
	e := &completion.Error{Kind: completion.Network, Host: t.host, Err: innermost(err), Detail: t.detail(brokenDetail(err))}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		e.Reason = completion.Incomplete
	}
	return e
}

// incomplete makes the error for a stream that ended in order, but before the
// answer did.
func (t *target) incomplete() *completion.Error {
	return &completion.Error{Kind: completion.Network, Reason: completion.Incomplete, Host: t.host}
}

// isClosed reports whether err is for a connection that the other side closed.
func isClosed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
}

func brokenDetail(err error) string {
	text := err.Error()
	switch {
	case errors.Is(err, syscall.ECONNRESET), strings.Contains(text, "forcibly closed"):
		return "connection reset"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(text, "EOF"),
		strings.Contains(text, "GOAWAY"), strings.Contains(text, "use of closed network connection"),
		strings.Contains(text, "server closed"), strings.Contains(text, "client connection force closed"):
		return "connection closed"
	case strings.Contains(text, "client connection lost"):
		return "connection lost"
	case strings.HasPrefix(text, "stream error:"): // HTTP/2: "stream error: stream ID 1; INTERNAL_ERROR; …"
		if _, code, ok := strings.Cut(text, "; "); ok {
			return "stream reset: " + code
		}
	}
	return text
}

// innermost steps over wrappers that repeat addresses, and over *url.Error,
// which quotes the whole address with its query.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

func isTLS(err error) bool {
	var alert tls.AlertError
	var verification *tls.CertificateVerificationError
	return errors.As(err, &alert) || errors.As(err, &verification) ||
		strings.Contains(err.Error(), "tls: ")
}

// certificateFault says in a few words what is wrong with a certificate.
func certificateFault(err error) string {
	var invalid x509.CertificateInvalidError
	var name x509.HostnameError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		now := time.Now()
		if now.Before(invalid.Cert.NotBefore) {
			return fmt.Sprintf("it is not valid before %s; is this machine's clock right?", invalid.Cert.NotBefore.Format(time.DateOnly))
		}
		return fmt.Sprintf("it expired on %s", invalid.Cert.NotAfter.Format(time.DateOnly))
	case errors.As(err, &name):
		return "it is for another host: " + strings.Join(name.Certificate.DNSNames, ", ")
	case errors.As(err, &authority) && authority.Cert != nil && authority.Cert.Issuer.String() == authority.Cert.Subject.String():
		return "it is self-signed"
	case errors.As(err, &authority) && authority.Cert != nil:
		return "its authority is unknown: " + authority.Cert.Issuer.String()
	default:
		return innermost(err).Error()
	}
}

// timedOut makes the error for a silence; cause is what the watch cancelled with.
func (t *target) timedOut(cause *silence) *completion.Error {
	return &completion.Error{
		Kind: completion.Timeout, Reason: cause.reason, Host: t.host, Waited: cause.limit, Err: context.DeadlineExceeded,
	}
}
