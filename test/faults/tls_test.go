//go:build linux

package faults

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

// A certificate that cannot be trusted is named with what is wrong with it, at
// once: nothing is sent, and nothing is tried again.
func TestCertificates(t *testing.T) {
	t.Parallel()
	now := time.Now()
	day := 24 * time.Hour
	tests := []struct {
		name     string
		host     string // the certificate's
		from, to time.Time
		trusted  bool // by way of SSL_CERT_FILE
		says     string
	}{
		{"self-signed", "localhost", now.Add(-day), now.Add(day), false, "self-signed"},
		{"expired", "localhost", now.Add(-2 * day), now.Add(-day), true, "expired on " + now.Add(-day).UTC().Format(time.DateOnly)},
		{"not yet valid", "localhost", now.Add(day), now.Add(2 * day), true, "clock"},
		{"of another host", "other.example", now.Add(-day), now.Add(day), true, "other.example"},
		{"good", "localhost", now.Add(-day), now.Add(day), true, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			template := &x509.Certificate{
				SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "faults"}, DNSNames: []string{test.host},
				NotBefore: test.from, NotAfter: test.to, IsCA: true, BasicConstraintsValid: true,
				KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
			}
			certificate := selfSigned(t, template)
			requests := 0
			server := &http.Server{
				Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					requests++
					_, _ = w.Write([]byte(`{"choices":[{"message":{"content":"Hello"},"finish_reason":"stop"}]}`))
				}),
				ErrorLog: log.New(io.Discard, "", 0),
			}
			listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{certificate}})
			if err != nil {
				t.Fatal(err)
			}
			go func() { _ = server.Serve(listener) }()
			t.Cleanup(func() { _ = server.Close() })
			_, port, _ := net.SplitHostPort(listener.Addr().String())
			h := llmls.Home(t, "https://localhost:"+port+"/v1", "")
			if test.trusted {
				authority := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}))
				h.Env = append(h.Env, "SSL_CERT_FILE="+h.Write(t, "authority.pem", authority))
			}
			s := start(t, h).ready()
			r, err := s.explain("t")
			if test.says == "" {
				if err != nil || r.Text != "Hello" {
					t.Errorf("got %q, %v", r.Text, err)
				}
				return
			}
			kind, sentence, code := failure(t, err)
			if code != -32803 || kind != "tls" || !strings.Contains(sentence, test.says) || !strings.Contains(sentence, "localhost:"+port) {
				t.Errorf("failed with %d, %s, %q", code, kind, sentence)
			}
			if requests > 0 {
				t.Error("the key went out")
			}
		})
	}
}

func selfSigned(t *testing.T, template *x509.Certificate) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// Https to a port that speaks plain http, as happens with servers on one's own
// machine.
func TestNoTLS(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	s := start(t, llmls.Home(t, "https://"+strings.TrimPrefix(u.URL, "http://"), "")).ready()
	_, err := s.explain("t")
	if kind, sentence, _ := failure(t, err); kind != "tls" || !strings.Contains(sentence, "does not speak https") {
		t.Errorf("failed with %s, %q", kind, sentence)
	}
}

// Over HTTP/2 a broken answer is a reset of its stream; the connection goes on.
func TestHTTP2Reset(t *testing.T) {
	t.Parallel()
	u := completiontest.NewTLSUpstream(t)
	u.Scripts(
		steps{completiontest.Delta("Adds the nu"), completiontest.Cut()},
		steps{completiontest.Answer("Adds the numbers.")},
	)
	h := llmls.Home(t, u.URL, calm)
	h.Env = append(h.Env, "SSL_CERT_FILE="+h.Write(t, "authority.pem", certificateOf(t, u)))
	s := start(t, h).ready()
	r, err := s.explain("1")
	if err != nil || r.Text != "Adds the nu" || r.FinishReason != "incomplete" || !strings.Contains(r.Message, "Ask again") {
		t.Errorf("got %+v, %v", r, err)
	}
	if r, err = s.explain("2"); err != nil || r.Text != "Adds the numbers." {
		t.Errorf("the next answer: %+v, %v", r, err)
	}
	for _, request := range u.Requests() {
		if request.Proto != "HTTP/2.0" {
			t.Errorf("asked over %s", request.Proto)
		}
	}
}

// certificateOf returns the upstream's certificate, as PEM.
func certificateOf(t *testing.T, u *completiontest.Upstream) string {
	t.Helper()
	conn, err := tls.Dial("tcp", hostOf(u.URL), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }() // it has said what was asked
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: conn.ConnectionState().PeerCertificates[0].Raw}))
}
