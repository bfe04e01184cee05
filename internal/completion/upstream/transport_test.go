package upstream_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// TestLocalhostIsThisMachine has a resolver lead names of this machine to
// another one. The resolver is the process's, so nothing runs beside this test.
func TestLocalhostIsThisMachine(t *testing.T) {
	resolver := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = resolver })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		mine, theirs := net.Pipe()
		go answerDNS(theirs, [4]byte{192, 0, 2, 1}) // RFC 5737: nobody's
		return mine, nil
	}}
	for _, base := range []string{"http://llm.localhost:8080", "https://a.b.localhost./v1"} {
		c := upstream.NewClient()
		e := failing(t, c, upstream.Endpoint{Format: openai.Format{}, BaseURL: base, Key: "sk-canary"})
		c.Close()
		if e.Kind != completion.Network || e.Reason != completion.NotLoopback || !strings.HasPrefix(e.Detail, "192.0.2.1:") || e.Temporary {
			t.Errorf("%s: got %+v", base, e)
		}
	}
}

// answerDNS answers questions for an IPv4 address with that one, and all others
// with none, as RFC 1035 has it over TCP.
func answerDNS(conn net.Conn, address [4]byte) {
	defer conn.Close()
	for {
		var length uint16
		if binary.Read(conn, binary.BigEndian, &length) != nil {
			return
		}
		message := make([]byte, length)
		if _, err := io.ReadFull(conn, message); err != nil {
			return
		}
		end := 12
		for message[end] != 0 { // the labels of the name
			end += 1 + int(message[end])
		}
		end += 5 // its end, type and class
		answer := append([]byte{message[0], message[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, message[12:end]...)
		if isIPv4 := message[end-3] == 1; isIPv4 {
			answer[7] = 1
			answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4)
			answer = append(answer, address[:]...)
		}
		if _, err := conn.Write(binary.BigEndian.AppendUint16(nil, uint16(len(answer)))); err != nil {
			return
		}
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}

func TestAuthorities(t *testing.T) {
	u := completiontest.NewTLSUpstream(t)
	c := upstream.NewClient()
	defer c.Close()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for file, want := range map[string]string{
		filepath.Join(dir, "none"):     "cannot be read",
		dir:                            "not a regular file",
		write("empty", ""):             "no certificate",
		write("other", "-----BEGIN X"): "no certificate",
	} {
		_, err := c.Model(upstream.Endpoint{Format: openai.Format{}, BaseURL: u.URL, CAFile: file})
		if e := completion.AsError(err); e == nil || e.Kind != completion.Config || e.Reason != completion.BadCAFile || !strings.Contains(e.Detail, want) || !strings.Contains(e.Detail, file) {
			t.Errorf("%s: got %v, want %q", file, err, want)
		}
		if _, err := c.Model(upstream.Endpoint{Format: openai.Format{}, BaseURL: "http://localhost:1", CAFile: file}); err != nil {
			t.Errorf("without https: %v", err)
		}
	}
	good := write("good", u.Certificate())
	model, err := c.Model(upstream.Endpoint{Format: openai.Format{}, BaseURL: u.URL, CAFile: good})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range model.Stream(t.Context(), &completion.Request{Model: "m"}) {
		if err != nil {
			t.Error(err)
		}
	}
	if e := failing(t, c, at(u.URL)); e.Kind != completion.TLS {
		t.Errorf("without the file: %v", e)
	}
	if c.Transports() != 2 {
		t.Errorf("there are %d transports", c.Transports())
	}
}
