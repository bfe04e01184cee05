//go:build linux

package faults

import (
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// Wherever an endpoint points to, nothing goes there.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{300, 301, 302, 303, 305, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			e, u := newEvil(t), completiontest.NewUpstream(t)
			s := start(t, llmls.Home(t, u.URL, calm)).ready()
			for _, to := range []string{e.origin + "/v1/chat/completions", strings.TrimPrefix(e.origin, "http:") + "/x"} {
				u.Script(completiontest.Status(status, "Location", to, "Refresh", "0; url="+to, "Content-Location", to))
				_, err := s.explain("t")
				if kind, sentence, _ := failure(t, err); kind != "not_an_api" || !strings.Contains(sentence, strings.TrimPrefix(e.origin, "http://")) {
					t.Errorf("failed with %s, %q", kind, sentence)
				}
			}
			if n := len(u.Requests()); n != 2 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// An endpoint may announce that it is elsewhere, too.
func TestAlternativesAreNotTaken(t *testing.T) {
	t.Parallel()
	e, u := newEvil(t), completiontest.NewTLSUpstream(t)
	address := strings.TrimPrefix(e.origin, "http://")
	u.Script(completiontest.Status(200,
		"Alt-Svc", fmt.Sprintf("h2=%q; ma=86400, http/1.1=%q", address, address), "Location", e.origin,
		"Link", "<"+e.origin+">; rel=preconnect", "Refresh", "0; url="+e.origin,
	), completiontest.Answer("Hello"))
	h := llmls.Home(t, u.URL, calm)
	h.Configure(t, calm+"caFile = \""+h.Write(t, "authority.pem", u.Certificate())+"\"\n")
	s := start(t, h).ready()
	for range 2 {
		s.answered(u, process.Key)
	}
}

// This machine is reached without a proxy, whatever it is called: the proxy
// would see code and key.
func TestNoProxyForThisMachine(t *testing.T) {
	t.Parallel()
	e, u := newEvil(t), completiontest.NewUpstream(t)
	for _, host := range []string{"127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "127.0.0.2"} {
		h := llmls.Home(t, strings.Replace(u.URL, "127.0.0.1", host, 1), calm)
		for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"} {
			h.Env = append(h.Env, name+"="+e.origin)
		}
		c := h.Run(t, "ask", "why?")
		if host == "127.0.0.2" { // nobody listens, and nobody else is asked
			c.Exits(1)
			continue
		}
		c.Exits(0)
		if got := authorization(t, u); got != process.Key {
			t.Errorf("the key that arrived is %q", got)
		}
	}
	// Other names of this machine lead there or nowhere.
	h := llmls.Home(t, strings.Replace(u.URL, "127.0.0.1", "llm.localhost", 1), calm)
	h.Env = append(h.Env, "HTTP_PROXY="+e.origin, "http_proxy="+e.origin)
	h.Run(t, "ask", "why?")
}

// The proxy for every scheme is used where none is named for https, but not for a
// host that is to be reached without one.
func TestAllProxy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		env  []string // PROXY and OTHER stand for the address of a proxy
		seen bool     // by PROXY
	}{
		"alone":             {[]string{"ALL_PROXY=PROXY"}, true},
		"in small letters":  {[]string{"all_proxy=PROXY"}, true},
		"without a scheme":  {[]string{"ALL_PROXY=PROXY"}, true},
		"another for https": {[]string{"ALL_PROXY=OTHER", "HTTPS_PROXY=PROXY"}, true},
		"in other letters":  {[]string{"ALL_PROXY=OTHER", "https_proxy=PROXY"}, true},
		"one for http":      {[]string{"ALL_PROXY=PROXY", "HTTP_PROXY=OTHER"}, true},
		"not for this host": {[]string{"ALL_PROXY=PROXY", "NO_PROXY=relay.invalid"}, false},
		"with spaces":       {[]string{"ALL_PROXY= PROXY "}, true},
		"in quotes":         {[]string{`ALL_PROXY="PROXY"`}, true},
		"https with spaces": {[]string{"HTTPS_PROXY= PROXY "}, true},
		"https in quotes":   {[]string{`https_proxy="PROXY"`}, true},
		"empty ones first":  {[]string{"HTTPS_PROXY=", "https_proxy= ", "ALL_PROXY=", "all_proxy=PROXY"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := newEvil(t)
			w := watch(t, llmls.Home(t, "https://relay.invalid/v1", calm))
			w.Unset("HTTPS_PROXY", "HTTP_PROXY")
			proxy := w.proxy
			if name == "without a scheme" {
				proxy = strings.TrimPrefix(proxy, "http://")
			}
			for _, variable := range test.env {
				w.Env = append(w.Env, strings.NewReplacer("PROXY=", "PROXY=", "PROXY", proxy, "OTHER", e.origin).Replace(variable))
			}
			w.Run(t, "ask", "why?").Exits(1)
			if seen := w.seen(); (len(seen) == 1 && seen[0] == "CONNECT relay.invalid:443") != test.seen {
				t.Errorf("the proxy saw %q", seen)
			}
		})
	}
}

// The kinds of proxy are told apart by their schemes, also by the one that desktops
// write for SOCKS. One that is not spoken is named, and nobody is connected to.
func TestKindsOfProxies(t *testing.T) {
	t.Parallel()
	for scheme, spoken := range map[string]string{
		"http": "CONNECT ", "https": "\x16\x03", "socks5": "\x05", "socks5h": "\x05", "SOCKS5": "\x05", "socks": "\x05", "socks4": "", "socks4a": "", "ftp": "",
	} {
		for _, variable := range []string{"ALL_PROXY", "HTTPS_PROXY"} {
			t.Run(variable+" "+scheme, func(t *testing.T) {
				t.Parallel()
				listener, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				heard := make(chan string, 1)
				go func() {
					defer close(heard)
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					start := make([]byte, 64)
					n, _ := conn.Read(start)
					heard <- string(start[:n])
					_ = conn.Close()
				}()
				h := llmls.Home(t, "https://relay.invalid/v1", calm)
				h.Unset("HTTPS_PROXY", "HTTP_PROXY")
				h.Env = append(h.Env, variable+"="+scheme+"://"+listener.Addr().String()+"/")
				c := h.Run(t, "ask", "why?")
				c.Exits(1)
				c.Says("Check HTTPS_PROXY, ALL_PROXY and NO_PROXY")
				_ = listener.Close()
				if got := <-heard; (got == "") != (spoken == "") || !strings.HasPrefix(got, spoken) {
					t.Errorf("the proxy heard %q", got)
				}
				if spoken == "" {
					c.Says("(" + scheme + ":// is a kind of proxy that llmls does not speak)")
				}
			})
		}
	}
}

// A proxy that answers for the endpoint, or sends elsewhere, is an error of the
// proxy's; it sees neither key nor code.
func TestProxyAnswers(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 302, 307, 401, 407, 502} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			e := newEvil(t)
			var seen []string
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			proxy := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen = append(seen, fmt.Sprint(r.Method, " ", r.RequestURI, " ", r.Header))
				w.Header().Set("Location", e.origin+"/v1/chat/completions")
				w.WriteHeader(status)
				_, _ = w.Write([]byte(`{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}`))
			})}
			go func() { _ = proxy.Serve(listener) }()
			t.Cleanup(func() { _ = proxy.Close() })
			h := llmls.Home(t, "https://relay.invalid/v1", calm)
			h.Env = append(h.Env, "HTTPS_PROXY=http://"+listener.Addr().String())
			s := start(t, h).ready()
			if r, err := s.explain("t"); err == nil {
				t.Errorf("got %+v", r)
			}
			if all := strings.Join(seen, "\n"); !strings.HasPrefix(all, "CONNECT relay.invalid:443") || strings.Contains(all, process.Key) || strings.Contains(all, "Bearer") {
				t.Errorf("the proxy saw %s", all)
			}
		})
	}
}

// Without encryption only this machine is spoken to.
func TestPlainHTTPIsForThisMachine(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"http://192.0.2.1", "http://relay.invalid/v1", "http://localhost.relay.invalid", "http://127.0.0.1.relay.invalid", "http://2130706433.relay.invalid"} {
		s := start(t, llmls.Home(t, base, calm)).ready()
		_, err := s.explain("t")
		kind, sentence, _ := failure(t, err)
		if kind != "config" || !strings.Contains(sentence, "unencrypted") {
			t.Errorf("%s: failed with %s, %q", base, kind, sentence)
		}
		s.saysFirst(sentence)
	}
}

// A host whose letters only look like another's is refused wherever it comes
// from.
func TestLookalikes(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"https://\u0430pi.openai.com/v1", "https://api.openai.com\u2044.relay.invalid", "https://%D0%B0pi.openai.com"} {
		h := llmls.Home(t, "", calm)
		h.Unset("OPENAI_BASE_URL")
		h.Env = append(h.Env, "OPENAI_BASE_URL="+base)
		c := h.Run(t, "ask", "why?")
		c.Exits(1)
		c.Says("xn--")
		c = h.Run(t, "trust", base)
		c.Exits(1)
		c.Says("xn--")
	}
}

// Certificates are not looked for below the directory that llmls was started in.
func TestRelativeAuthorities(t *testing.T) {
	t.Parallel()
	u := completiontest.NewTLSUpstream(t)
	h := llmls.Home(t, u.URL, calm)
	dir := filepath.Dir(h.Write(t, "w/certificates/authority.pem", u.Certificate()))
	h.WorkDir = filepath.Dir(dir)
	for value, code := range map[string]int{"certificates": 1, "./certificates:/nowhere": 1, dir: 0, "relative:" + dir: 0} {
		h.Unset("SSL_CERT_DIR")
		h.Env = append(h.Env, "SSL_CERT_DIR="+value)
		h.Run(t, "ask", "why?").Exits(code)
	}
}

// Authorities of the user's own are trusted beside the system's, if the user
// says so; a file that cannot be used is named.
func TestCAFile(t *testing.T) {
	t.Parallel()
	u := completiontest.NewTLSUpstream(t)
	h := llmls.Home(t, u.URL, calm)
	authority := h.Write(t, "authority.pem", u.Certificate())

	s := start(t, h)
	_, err := s.Initialize(s.Context(), map[string]any{"capabilities": map[string]any{}, "initializationOptions": map[string]any{"caFile": authority}})
	s.Must(err)
	s.Open(uri, "python", document)
	_, err = s.explain("t")
	if kind, _, _ := failure(t, err); kind != "tls" || len(u.Requests()) != 0 {
		t.Errorf("with the editor's file: failed with %s after %d requests", kind, len(u.Requests()))
	}

	h.Configure(t, calm+"caFile = \""+authority+"\"\n")
	start(t, h).ready().answered(u, process.Key)

	for file, says := range map[string]string{
		h.Dir + "/none":                     "cannot be read",
		h.Dir:                               "not a regular file",
		h.Write(t, "empty.pem", ""):         "no certificate",
		h.Write(t, "key.pem", "-----BEGIN"): "no certificate",
	} {
		h.Configure(t, calm+"caFile = \""+file+"\"\n")
		s := start(t, h).ready()
		_, err := s.explain("t")
		kind, sentence, _ := failure(t, err)
		if kind != "config" || !strings.Contains(sentence, says) || !strings.Contains(sentence, "SSL_CERT_FILE") {
			t.Errorf("%s: failed with %s, %q", file, kind, sentence)
		}
		s.saysFirst(sentence)
		for _, command := range []string{"check", "settings"} {
			h.Run(t, command).Says(sentence)
		}
	}
	if n := len(u.Requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}
