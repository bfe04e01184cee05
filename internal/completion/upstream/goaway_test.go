package upstream_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/completion/upstream"
)

// Frames of HTTP/2 (RFC 9113, section 6).
const (
	frameData     = 0x0
	frameHeaders  = 0x1
	frameSettings = 0x4
	framePing     = 0x6
	frameGoAway   = 0x7

	endStream = 0x1 // also the acknowledgement of settings and pings
	endHeader = 0x4
)

// A frames is one connection of a server that writes its frames by hand.
type frames struct {
	t    *testing.T
	conn net.Conn
}

func (f *frames) write(kind, flags byte, stream uint32, payload []byte) {
	head := []byte{byte(len(payload) >> 16), byte(len(payload) >> 8), byte(len(payload)), kind, flags}
	head = binary.BigEndian.AppendUint32(head, stream)
	_, _ = f.conn.Write(append(head, payload...)) // the client may have gone
}

// next acknowledges what has to be and returns the next stream that a request
// opens, 0 if the client has gone.
func (f *frames) next() uint32 {
	for {
		head := make([]byte, 9)
		if _, err := io.ReadFull(f.conn, head); err != nil {
			return 0
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(f.conn, payload); err != nil {
			return 0
		}
		switch kind, flags := head[3], head[4]; {
		case kind == frameSettings && flags&endStream == 0:
			f.write(frameSettings, endStream, 0, nil)
		case kind == framePing && flags&endStream == 0:
			f.write(framePing, endStream, 0, payload)
		case (kind == frameHeaders || kind == frameData) && flags&endStream != 0:
			return binary.BigEndian.Uint32(head[5:])
		}
	}
}

// header writes ":status: 200" and the content type of events, as HPACK has them
// (RFC 7541, appendix A).
func (f *frames) header(stream uint32) {
	const events = "text/event-stream"
	f.write(frameHeaders, endHeader, stream, append([]byte{0x88, 0x0f, 0x10, byte(len(events))}, events...))
}

func (f *frames) text(stream uint32, text string) {
	f.write(frameData, 0, stream, fmt.Appendf(nil, "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":%q}}]}\n\n", text))
}

func (f *frames) end(stream uint32) {
	f.write(frameData, endStream, stream, []byte("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"))
}

// goAway says that the server handles no stream behind last.
func (f *frames) goAway(last, code uint32) {
	f.write(frameGoAway, 0, 0, binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, last), code))
}

// serveFrames starts a server that answers the first request with "Hello", and leaves
// the second one on its connection, the stream of which it is told, to fate. Requests
// on further connections get "Hello" again. It returns the endpoint, a client that
// trusts it, and the number of connections.
func serveFrames(t *testing.T, fate func(f *frames, stream uint32)) (upstream.Endpoint, *upstream.Client, *atomic.Int32) {
	t.Helper()
	lender := httptest.NewUnstartedServer(nil)
	lender.Config.ErrorLog = quiet()
	lender.StartTLS()
	t.Cleanup(lender.Close)
	config := lender.TLS.Clone()
	config.NextProtos = []string{"h2"}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	var connections atomic.Int32
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			f := &frames{t, conn}
			first := connections.Add(1) == 1
			go func() {
				defer conn.Close()
				if _, err := io.ReadFull(conn, make([]byte, len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
					return
				}
				f.write(frameSettings, 0, 0, nil)
				for n := 1; ; n++ {
					stream := f.next()
					switch {
					case stream == 0:
						return
					case first && n == 2:
						fate(f, stream)
						return
					}
					f.header(stream)
					f.text(stream, "Hello")
					f.end(stream)
				}
			}()
		}
	}()
	c := upstream.NewClient()
	roots := x509.NewCertPool()
	roots.AddCert(lender.Certificate())
	upstream.TransportOf(c).TLSClientConfig.RootCAs = roots
	t.Cleanup(func() { c.Close(); _ = listener.Close() })
	return at("https://" + listener.Addr().String() + "/v1"), c, &connections
}

// A server that says goodbye on a connection that an earlier request has left costs
// no text: what it has not begun goes out again on a new connection, what it breaks
// is told without the words of the protocol.
func TestGoAway(t *testing.T) {
	const internalError, enhanceYourCalm = 2, 11
	for name, test := range map[string]struct {
		fate        func(f *frames, stream uint32)
		want        string
		broken      string // in the sentence, "" if the answer is whole
		connections int32
	}{
		"before it was begun":                {func(f *frames, stream uint32) { f.goAway(stream-2, 0) }, "Hello", "", 2},
		"before it was begun, with an error": {func(f *frames, stream uint32) { f.goAway(stream-2, enhanceYourCalm) }, "Hello", "", 2},
		"before the header":                  {func(f *frames, stream uint32) { f.goAway(stream, internalError) }, "Hello", "", 2},
		"before any text":                    {func(f *frames, stream uint32) { f.header(stream); f.goAway(stream, internalError) }, "", "connection closed", 1},
		"behind text": {func(f *frames, stream uint32) {
			f.header(stream)
			f.text(stream, "Hel")
			f.goAway(stream, internalError)
		}, "Hel", "broke (connection closed)", 1},
		"behind text, in peace, and closed": {func(f *frames, stream uint32) { f.header(stream); f.text(stream, "Hel"); f.goAway(stream, 0) }, "Hel", "broke (connection closed)", 1},
		"in peace": {func(f *frames, stream uint32) {
			f.header(stream)
			f.text(stream, "Hel")
			f.goAway(stream, 0)
			f.text(stream, "lo")
			f.end(stream)
		}, "Hello", "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, c, connections := serveFrames(t, test.fate)
			model := modelFor(t, c, e)
			if o := completiontest.Collect(t, model.Stream(t.Context(), completiontest.Prompt())); o.Content != "Hello" || o.Err != nil {
				t.Fatalf("the first: %q, %v", o.Content, o.Err)
			}
			o := completiontest.Collect(t, model.Stream(t.Context(), completiontest.Prompt()))
			if o.Content != test.want || (o.Err == nil) != (test.broken == "") || connections.Load() != test.connections {
				t.Errorf("got %q, %v, over %d connections", o.Content, o.Err, connections.Load())
			}
			if failed := completion.AsError(o.Err); failed != nil {
				said := failed.Sentence()
				if o.Content != "" {
					said = failed.IncompleteSentence()
				}
				if !strings.Contains(said, test.broken) || strings.Contains(said, "GOAWAY") || strings.Contains(said, "http2") {
					t.Errorf("it says %q", said)
				}
			}
		})
	}
}
