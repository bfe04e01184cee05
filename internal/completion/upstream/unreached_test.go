package upstream

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/llmls/llmls/internal/completion"
)

func TestUnreached(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for _, test := range []struct {
		name      string
		err       error
		kind      completion.Kind
		reason    completion.Reason
		temporary bool
		detail    string
	}{
		{"unknown host", dial(&net.DNSError{Err: "no such host", Name: "x.example", IsNotFound: true}), completion.Network, completion.UnknownHost, false, "no address for x.example"},
		{"resolver at fault", dial(&net.DNSError{Err: "server misbehaving", Name: "x.example", IsTemporary: true}), completion.Network, completion.UnknownHost, true, "no address for x.example"},
		{"resolver silent", dial(&net.DNSError{Err: "i/o timeout", Name: "x.example", IsTimeout: true}), completion.Timeout, completion.Unreachable, false, ""},
		{"no connection in time", dial(os.ErrDeadlineExceeded), completion.Timeout, completion.Unreachable, false, ""},
		{"refused on Windows", dial(errors.New("connectex: the target machine actively refused it")), completion.Network, completion.Refused, true, "connection refused"},
		{"no route", dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), completion.Network, "", true, "no route to host"},
		{"reset", &net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, completion.Network, "", true, "connection reset"},
		{"closed", io.EOF, completion.Network, "", true, "connection closed"},
		{"proxy refused", &net.OpError{Op: "proxyconnect", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, completion.Network, completion.Proxy, false, "connection refused"},
		{"not HTTP", errors.New(`net/http: HTTP/1.x transport connection broken: malformed HTTP response "SSH-2.0"`), completion.NotAnAPI, completion.Malformed, false, "SSH-2.0"},
	} {
		e := testTarget().unreached(test.err)
		if e.Kind != test.kind || e.Reason != test.reason || e.Temporary != test.temporary || !strings.Contains(e.Detail, test.detail) {
			t.Errorf("%s: got %+v", test.name, e)
		}
	}
}

func TestBrokenDetail(t *testing.T) {
	for said, want := range map[string]string{
		`http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR, debug=""`: "connection closed",
		"http2: client connection lost":                                 "connection lost",
		"http2: client connection force closed via ClientConn.Close":    "connection closed",
		"read tcp 127.0.0.1:1: use of closed network connection":        "connection closed",
		"stream error: stream ID 1; INTERNAL_ERROR; received from peer": "stream reset: INTERNAL_ERROR; received from peer",
		"unexpected EOF": "connection closed",
	} {
		if got := testTarget().broken(errors.New(said)).Detail; got != want {
			t.Errorf("%s: got %q", said, got)
		}
	}
}
