package openai

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	// dialTimeout covers name lookup and connecting: beyond it a person has
	// given up on the network, while the wait for a busy server is legitimate.
	dialTimeout = 15 * time.Second
	// tlsTimeout is for a handshake over a slow line.
	tlsTimeout = 15 * time.Second
	// idleConnTimeout keeps a connection for the next question, which usually
	// follows within a minute.
	idleConnTimeout = 90 * time.Second
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
// no redirect is followed.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		OnProxyConnectResponse: checkProxy,
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
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

// A proxyError is a proxy's refusal to connect. The transport's own error for
// it cannot be told from others.
type proxyError struct{ status string }

func (e *proxyError) Error() string { return "the proxy answered " + e.status }

func checkProxy(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
	if r.StatusCode != http.StatusOK {
		return &proxyError{status: fmt.Sprintf("%d %s", r.StatusCode, http.StatusText(r.StatusCode))}
	}
	return nil
}
