package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

const (
	// dialTimeout covers name lookup and connecting: beyond it a person has
	// given up on the network, while the wait for a busy server is legitimate.
	dialTimeout = 15 * time.Second
	// tlsTimeout is for a handshake over a slow line.
	tlsTimeout = 15 * time.Second
	// idleConnTimeout keeps a connection for the next question. Load balancers
	// forget a silent one after a minute, some without a word to either side, and
	// then a question would wait on it for as long as a busy server may take.
	idleConnTimeout = 30 * time.Second
	// pingAfter is how long an HTTP/2 connection may be silent before it is
	// probed: a connection that died while the laptop slept must not swallow
	// the next question.
	pingAfter   = 30 * time.Second
	pingTimeout = 15 * time.Second
	// maxHeader caps the header block of a response, in bytes. Each running
	// answer keeps its own, parsed.
	maxHeader = 64 << 10
	// maxWindow is how much of an answer may be on its way over HTTP/2 without
	// having been read. It is seconds of text; the transport's own 4 MiB, for
	// each of 64 answers that an editor does not read, are 256.
	maxWindow = 256 << 10
	// idlePerHost keeps some connections where several answers ran at once.
	idlePerHost = 8
)

// newTransport returns a transport without an overall timeout, which would cut
// healthy streams; the stream watches over silence itself. Compression is not
// asked for: 1 MB of gzip can become 1 GB. The transport is used directly, so
// no redirect is followed. roots is nil for the system's certificates.
func newTransport(roots *x509.CertPool) *http.Transport {
	return &http.Transport{
		Proxy:                  proxy,
		OnProxyConnectResponse: checkProxy,
		DialContext:            dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		TLSHandshakeTimeout:    tlsTimeout,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    idlePerHost,
		IdleConnTimeout:        idleConnTimeout,
		MaxResponseHeaderBytes: maxHeader,
		ForceAttemptHTTP2:      true,
		HTTP2: &http.HTTP2Config{
			SendPingTimeout: pingAfter, PingTimeout: pingTimeout, MaxReceiveBufferPerStream: maxWindow,
		},
	}
}

// proxy is the environment's, except for plain http, which would hand the proxy
// key and code in the clear, and on the way to this machine, since it is another
// machine's loopback that the proxy would reach. The standard library makes that
// exception for fewer names.
func proxy(req *http.Request) (*url.URL, error) {
	if req.URL.Scheme == "http" || isLoopback(req.URL.Hostname()) {
		return nil, nil
	}
	to, err := http.ProxyFromEnvironment(req)
	if err != nil || to == nil {
		return nil, err
	}
	switch to.Scheme {
	case "http", "https", "socks5", "socks5h":
		return to, nil
	case "socks": // what desktops write
		with := *to
		with.Scheme = "socks5"
		return &with, nil
	default: // net/http would speak HTTP to a proxy with another scheme
		return nil, &proxyError{to.Scheme + ":// is a kind of proxy that llmls does not speak"}
	}
}

// dial connects to address. The names of this machine, which may be used
// without encryption, have to lead to it, whatever the resolver says.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: dialTimeout}
	if host, _, err := net.SplitHostPort(address); err == nil && isLocalhost(host) {
		dialer.ControlContext = onlyLoopback
	}
	return dialer.DialContext(ctx, network, address)
}

// A notLoopbackError is the address that a name of this machine leads to.
type notLoopbackError struct{ address string }

func (e *notLoopbackError) Error() string { return e.address + " is not this machine" }

// onlyLoopback is called for each resolved address, before the connection.
func onlyLoopback(_ context.Context, _, address string, _ syscall.RawConn) error {
	if at, err := netip.ParseAddrPort(address); err != nil || !at.Addr().Unmap().IsLoopback() {
		return &notLoopbackError{address: address}
	}
	return nil
}

// A proxyError says why a proxy cannot be used. The transport's own errors for
// it cannot be distinguished from others.
type proxyError struct{ detail string }

func (e *proxyError) Error() string { return e.detail }

func checkProxy(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
	if r.StatusCode != http.StatusOK {
		return &proxyError{fmt.Sprintf("the proxy answered %d %s", r.StatusCode, http.StatusText(r.StatusCode))}
	}
	return nil
}
