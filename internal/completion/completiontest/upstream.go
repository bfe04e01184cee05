// Package completiontest is a scripted server over real HTTP, and the
// conformance suite that every format passes against it. A Wire says which format the
// server speaks.
package completiontest

import (
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what must happen. It is no measure of
// anything: it only turns a hang into a failure.
const patience = 20 * time.Second

// An Upstream plays scripts to the requests it gets and keeps the requests. It
// is safe for concurrent use and ends with its test.
type Upstream struct {
	// URL is the base URL for settings. It ends in /v1.
	URL string

	t        testing.TB
	server   *httptest.Server
	listener *listener
	gone     chan struct{} // closed when the test is over

	mu       sync.Mutex
	scripts  [][]Step
	requests []*Request
	returned int // requests that Next has returned
	arrived  chan struct{}
	gates    map[string]*gate
}

// A Request is what an Upstream got.
type Request struct {
	Method string
	Path   string // with the query
	Host   string
	Proto  string // HTTP/1.1 or HTTP/2.0
	Remote string // the client's end of the connection
	Header http.Header
	Body   []byte

	done <-chan struct{}
}

// NewUpstream starts an Upstream that speaks plain HTTP/1.1 on a loopback port.
// Until Script says otherwise it answers "Hello".
func NewUpstream(t testing.TB) *Upstream {
	return newUpstream(t, func(s *httptest.Server) { s.Start() })
}

// NewTLSUpstream starts an Upstream that speaks HTTP/2, or HTTP/1.1 to clients
// that do not, over TLS. Roots holds its certificate.
func NewTLSUpstream(t testing.TB) *Upstream {
	return newUpstream(t, func(s *httptest.Server) {
		s.EnableHTTP2 = true
		s.StartTLS()
	})
}

func newUpstream(t testing.TB, start func(*httptest.Server)) *Upstream {
	u := &Upstream{
		t: t, gone: make(chan struct{}), arrived: make(chan struct{}, 1), gates: map[string]*gate{},
		scripts: [][]Step{{Answer("Hello")}},
	}
	u.server = httptest.NewUnstartedServer(u)
	u.listener = &listener{Listener: u.server.Listener}
	u.server.Listener = u.listener
	u.server.Config.ErrorLog = discardLog() // it reports the cuts and resets that scripts play
	start(u.server)
	u.URL = u.server.URL + "/v1"
	t.Cleanup(func() {
		close(u.gone)
		u.server.CloseClientConnections()
		u.server.Close()
	})
	return u
}

// NowhereAddress returns a loopback address, host and port, at which nothing
// listens.
func NowhereAddress(t testing.TB) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// Roots holds the certificate of a TLS upstream.
func (u *Upstream) Roots() *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AddCert(u.server.Certificate())
	return roots
}

// Certificate returns the certificate of a TLS upstream in the form of a file.
func (u *Upstream) Certificate() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: u.server.Certificate().Raw}))
}

// CAFile returns the path of a file with that certificate, "" if u speaks plain
// HTTP.
func (u *Upstream) CAFile(t testing.TB) string {
	t.Helper()
	if u.server.TLS == nil {
		return ""
	}
	path := filepath.Join(t.TempDir(), "authorities.pem")
	if err := os.WriteFile(path, []byte(u.Certificate()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Script sets what the next request gets, and each one after it.
func (u *Upstream) Script(steps ...Step) {
	u.Scripts(steps)
}

// Scripts sets what the next requests get, one script for each. The last one
// serves all further requests.
func (u *Upstream) Scripts(scripts ...[]Step) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.scripts = scripts
}

// Requests returns all requests so far, in the order in which they came.
func (u *Upstream) Requests() []*Request {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.requests)
}

// Next waits for the next request that it has not returned yet.
func (u *Upstream) Next() *Request {
	u.t.Helper()
	timeout := time.After(patience)
	for {
		u.mu.Lock()
		if u.returned < len(u.requests) {
			r := u.requests[u.returned]
			u.returned++
			u.mu.Unlock()
			return r
		}
		u.mu.Unlock()
		select {
		case <-u.arrived:
		case <-timeout:
			u.t.Fatal("upstream: no further request came")
		}
	}
}

// WaitDone waits until the exchange is over: the script has been played, or the
// client has gone.
func (r *Request) WaitDone(t testing.TB) {
	t.Helper()
	select {
	case <-r.done:
	case <-time.After(patience):
		t.Fatal("upstream: the client keeps the connection")
	}
}

// ServeHTTP plays the next script.
func (u *Upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has gone
	}
	done := make(chan struct{})
	defer close(done)
	script := u.record(&Request{
		Method: r.Method, Path: r.URL.RequestURI(), Host: r.Host, Proto: r.Proto, Remote: r.RemoteAddr, Header: r.Header, Body: body, done: done,
	})
	p := &player{upstream: u, w: w, r: r}
	for _, step := range script {
		if !step.play(p) {
			return
		}
	}
	if p.header() && p.gzip != nil {
		_ = p.gzip.Close() // only the client can have gone
	}
}

func (u *Upstream) record(r *Request) []Step {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.requests = append(u.requests, r)
	select {
	case u.arrived <- struct{}{}:
	default:
	}
	script := u.scripts[0]
	if len(u.scripts) > 1 {
		u.scripts = u.scripts[1:]
	}
	return script
}

// A gate is where scripts stop at a Pause.
type gate struct {
	reached chan struct{} // one value for each script that stands there
	open    chan struct{} // one value for each that may go on
}

func (u *Upstream) gate(name string) *gate {
	u.mu.Lock()
	defer u.mu.Unlock()
	g := u.gates[name]
	if g == nil {
		const crowd = 1024 // more than any test has answers
		g = &gate{reached: make(chan struct{}, crowd), open: make(chan struct{}, crowd)}
		u.gates[name] = g
	}
	return g
}

// WaitPaused waits until a script stands at Pause(name). What it sent before is
// on its way to the client.
func (u *Upstream) WaitPaused(name string) {
	u.t.Helper()
	select {
	case <-u.gate(name).reached:
	case <-time.After(patience):
		u.t.Fatalf("upstream: no script came to pause %q", name)
	}
}

// Resume lets one script go on that stands at Pause(name), or comes there.
func (u *Upstream) Resume(name string) {
	u.gate(name).open <- struct{}{}
}
