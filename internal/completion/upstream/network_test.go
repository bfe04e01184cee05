package upstream_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// failing runs a prompt that must fail before any text.
func failing(t *testing.T, c *upstream.Client, e upstream.Endpoint) *completion.Error {
	t.Helper()
	o := completiontest.Collect(t, modelFor(t, c, e).Stream(t.Context(), completiontest.Prompt()))
	failed := completion.AsError(o.Err)
	if failed == nil || o.Content != "" {
		t.Fatalf("got %q, %v; want an *Error", o.Content, o.Err)
	}
	if failed.Host == "" || failed.Sentence() == "" {
		t.Errorf("%+v", failed)
	}
	return failed
}

func TestNothingListens(t *testing.T) {
	address := completiontest.NowhereAddress(t)
	e := failing(t, upstream.NewClient(), at(address))
	if e.Kind != completion.Network || e.Reason != completion.Refused || !e.Temporary || e.Host != address {
		t.Errorf("got %+v", e)
	}
}

// certificate makes a server's certificate for a name, signed by itself.
func certificate(t *testing.T, name string, notAfter time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: notAfter.Add(-24 * time.Hour), NotAfter: notAfter, IsCA: true, BasicConstraintsValid: true,
	}
	if name == "127.0.0.1" {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func TestCertificates(t *testing.T) {
	tomorrow := time.Now().Add(24 * time.Hour)
	expired := time.Date(2024, 3, 5, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name    string
		host    string
		expires time.Time
		trusted bool
		detail  string
	}{
		{"self-signed", "127.0.0.1", tomorrow, false, "self-signed"},
		{"expired", "127.0.0.1", expired, true, "expired on 2024-03-05"},
		{"not yet valid", "127.0.0.1", tomorrow.AddDate(1, 0, 0), true, "not valid before"},
		{"another name", "other.example", tomorrow, true, "another host: other.example"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cert, roots := certificate(t, test.host, test.expires)
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
			server.Config.ErrorLog = quiet()
			server.StartTLS()
			defer server.Close()
			c := upstream.NewClient()
			defer c.Close()
			if test.trusted {
				upstream.TransportOf(c).TLSClientConfig.RootCAs = roots
			}
			e := failing(t, c, at(server.URL))
			if e.Kind != completion.TLS || e.Temporary || !strings.Contains(e.Detail, test.detail) {
				t.Errorf("got %+v, want %q", e, test.detail)
			}
		})
	}
}

func TestPlainHTTPBehindHTTPS(t *testing.T) {
	u := completiontest.NewUpstream(t)
	e := failing(t, testClient(t, u), at(strings.Replace(u.URL, "http://", "https://", 1)))
	if e.Kind != completion.TLS || e.Reason != completion.NotTLS {
		t.Errorf("got %+v", e)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = &tls.Config{MaxVersion: tls.VersionTLS11} // what must be refused
	server.Config.ErrorLog = quiet()
	server.StartTLS()
	defer server.Close()
	if e := failing(t, upstream.NewClient(), at(server.URL)); e.Kind != completion.TLS {
		t.Errorf("got %+v", e)
	}
}

func TestProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	defer proxy.Close()
	to, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := upstream.NewClient()
	defer c.Close()
	upstream.TransportOf(c).Proxy = http.ProxyURL(to)
	e := failing(t, c, at("https://api.example.com"))
	if e.Kind != completion.Network || e.Reason != completion.Proxy || !strings.Contains(e.Detail, "407") || e.Temporary {
		t.Errorf("got %+v", e)
	}
	if upstream.NewTransport(nil).Proxy == nil {
		t.Error("the environment's proxy is not used")
	}
}

func TestBrokenBeforeTheHeader(t *testing.T) {
	for name, step := range map[string]completiontest.Step{"reset": completiontest.Reset(), "closed": completiontest.Raw("")} {
		u := completiontest.NewUpstream(t)
		u.Script(step)
		e := failing(t, testClient(t, u), at(u.URL))
		if e.Kind != completion.Network || !e.Temporary {
			t.Errorf("%s: got %+v", name, e)
		}
	}
}

func TestHeaderBombs(t *testing.T) {
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Raw("HTTP/1.1 200 OK\r\nX-Bomb: " + strings.Repeat("x", 1<<20) + "\r\n\r\n"))
	if e := failing(t, testClient(t, u), at(u.URL)); e.Kind != completion.NotAnAPI || !strings.Contains(e.Detail, "headers exceeded") {
		t.Errorf("got %+v", e)
	}
}

// The key is in no error, wherever the server puts it.
func TestKeyInAnswersIsNotRepeated(t *testing.T) {
	const key = "sk-canary-0123456789"
	for name, script := range map[string][]completiontest.Step{
		"error":    {completiontest.Error(401, "x", "Incorrect API key provided: "+key)},
		"stream":   {completiontest.Event(`{"error":"bad key ` + key + `"}`)},
		"page":     {completiontest.Status(200, "Content-Type", "text/html"), completiontest.Send("<title>" + key + "</title>")},
		"text":     {completiontest.Status(500), completiontest.Send(key)},
		"not JSON": {completiontest.Event("key " + key)},
		"finish":   {completiontest.Finish(key), completiontest.Event(`{"choices":[{"finish_reason":"error","error":"` + key + `"}]}`)},
	} {
		u := completiontest.NewUpstream(t)
		u.Script(script...)
		e := failing(t, testClient(t, u), withKey(u.URL, key))
		texts := e.Error() + e.Sentence() + e.IncompleteSentence()
		if e.Err != nil {
			texts += e.Err.Error()
		}
		if strings.Contains(texts, "canary") {
			t.Errorf("%s: %s", name, texts)
		}
	}
}

func TestAnswersWithoutEnd(t *testing.T) {
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Send(strings.Repeat(`data: {"choices":[{"delta":{"content":"`+strings.Repeat("x", 1<<20)+`"}}]}`+"\n\n", 20)), completiontest.Stall())
	o := completiontest.Collect(t, testModel(t, u).Stream(t.Context(), completiontest.Prompt()))
	if failed := completion.AsError(o.Err); failed == nil || failed.Kind != completion.Server || len(o.Content) > upstream.MaxAnswer+2<<20 {
		t.Errorf("%d bytes, then %v", len(o.Content), o.Err)
	}
	u.Script(completiontest.Status(200, "Content-Type", "application/json"), completiontest.Send(`{"x":"`+strings.Repeat("x", 20<<20)), completiontest.Stall())
	if e := failing(t, testClient(t, u), at(u.URL)); e.Kind != completion.Server {
		t.Errorf("an endless value: %+v", e)
	}
	u.Script(completiontest.Status(500), completiontest.Send(strings.Repeat("x", 1<<20)), completiontest.Stall())
	if e := failing(t, testClient(t, u), at(u.URL)); e.Kind != completion.Server || len(e.Detail) > 2*upstream.MaxDetail {
		t.Errorf("got %d bytes of detail", len(e.Detail))
	}
}

// A second question must not pay for another handshake. TestEndOfTheBodyIsAwaited
// has the case in which the end comes late.
func TestConnectionIsUsedAgain(t *testing.T) {
	for name, scripts := range map[string][][]completiontest.Step{
		"to the end":    {{completiontest.Answer("Hello")}},
		"refused field": {refusal(refusesStreamOptions), {completiontest.Answer("Hello")}},
	} {
		u := completiontest.NewUpstream(t)
		u.Scripts(scripts...)
		m := testModel(t, u)
		for range 2 {
			if o := completiontest.Collect(t, m.Stream(t.Context(), completiontest.Prompt())); o.Err != nil {
				t.Fatal(o.Err)
			}
		}
		requests := u.Requests()
		if first, last := requests[0].Remote, requests[len(requests)-1].Remote; first != last {
			t.Errorf("%s: %s, then %s", name, first, last)
		}
	}
}

func TestHTTP2(t *testing.T) {
	u := completiontest.NewTLSUpstream(t)
	c := testClient(t, u)
	if o := completiontest.Collect(t, modelFor(t, c, at(u.URL)).Stream(t.Context(), completiontest.Prompt())); o.Err != nil {
		t.Fatal(o.Err)
	}
	if r := u.Next(); r.Proto != "HTTP/2.0" {
		t.Errorf("got %s", r.Proto)
	}
}

// What is no HTTP is said at once, without another attempt.
func TestMalformedHTTP(t *testing.T) {
	for _, fields := range []string{
		"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: identity\r\n", "Content-Length: x\r\n",
	} {
		u := completiontest.NewUpstream(t)
		u.Script(completiontest.Raw("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + fields + "\r\n0\r\n\r\n"))
		e := failing(t, testClient(t, u), at(u.URL))
		if e.Kind != completion.NotAnAPI || e.Temporary || !strings.Contains(e.Sentence(), "malformed HTTP") {
			t.Errorf("%q: %+v", fields, e)
		}
	}
}

// A status that promises no answer is named.
func TestNoContent(t *testing.T) {
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Status(204))
	e := failing(t, testClient(t, u), at(u.URL))
	if e.Status != 204 || !strings.Contains(e.Sentence(), "HTTP 204") {
		t.Errorf("%+v", e)
	}
}
