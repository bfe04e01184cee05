package lsp_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/access"
	"github.com/llmls/llmls/internal/lsp"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/state"
)

// The way of one delta from the upstream's socket to the frame in the editor's
// pipe, with nothing else in the way; the relay, which copies what it reads
// into a frame, goes the same way. Each delta is sent when the one before has
// been written as a frame, so that none are merged. test/bench measures the
// same with processes.
func BenchmarkDelta(b *testing.B) {
	b.Run("impl=llmls", func(b *testing.B) {
		u := listenDeltas(b)
		benchmarkDelta(b, u, func() func() { return serveDeltas(b, u) })
	})
	b.Run("impl=relay", func(b *testing.B) {
		u := listenDeltas(b)
		benchmarkDelta(b, u, func() func() { return relayDeltas(b, u) })
	})
}

// benchmarkDelta starts what is measured and counts from the second delta on:
// the first one pays for the buffers.
func benchmarkDelta(b *testing.B, u *deltas, start func() (stop func())) {
	stop := start()
	defer stop()
	u.next <- struct{}{}
	<-u.written
	b.ReportAllocs()
	for b.Loop() {
		u.next <- struct{}{}
		<-u.written
	}
}

// deltas is an upstream that sends one delta, in the shape of llama-server's,
// for each value in next.
type deltas struct {
	net.Listener
	next    chan struct{}
	written chan struct{} // one value for each frame with a delta
}

func listenDeltas(b *testing.B) *deltas {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	u := &deltas{Listener: listener, next: make(chan struct{}), written: make(chan struct{}, 1)}
	go u.serve()
	return u
}

func (u *deltas) serve() {
	conn, err := u.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	request, err := http.ReadRequest(bufio.NewReader(conn))
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, request.Body)
	const chunk = `data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"@token "}}],"created":1763840000,"id":"chatcmpl-9fLq2VwXkT7RzJmB4cNhYd8sGpAe0uKo","model":"qwen2.5-coder-7b-instruct-q4_k_m","system_fingerprint":"b6700-0d92267c","object":"chat.completion.chunk"}` + "\n\n"
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
	wire := fmt.Appendf(nil, "%x\r\n%s\r\n", len(chunk), chunk)
	for range u.next {
		if _, err := conn.Write(wire); err != nil {
			return
		}
	}
}

// saw is what stands where the editor's pipe would be.
func (u *deltas) saw(frame []byte) {
	if bytes.IndexByte(frame, '@') >= 0 {
		u.written <- struct{}{}
	}
}

// serveDeltas starts a server and a question; what it writes goes to u.
func serveDeltas(b *testing.B, u *deltas) (stop func()) {
	home := b.TempDir()
	lookup := func(name string) (string, bool) {
		switch name {
		case "OPENAI_BASE_URL":
			return "http://" + u.Addr().String() + "/v1", true
		case "HOME", "XDG_CONFIG_HOME":
			return home, true
		}
		return "", false
	}
	in, editor := io.Pipe()
	ended := make(chan int)
	go func() {
		ended <- lsp.Serve(context.Background(), &deltaPipe{PipeReader: in, u: u}, &lsp.Options{
			Log: zap.NewNop(), Level: zap.NewAtomicLevel(), Access: access.New(lookup), State: state.New(lookup),
			User: func() ([]settings.Layer, []settings.Problem) { return settings.LoadUser(lookup) },
		})
	}()
	for _, body := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}`,
		`{"jsonrpc":"2.0","method":"initialized","params":{}}`,
		`{"jsonrpc":"2.0","id":2,"method":"workspace/executeCommand","params":{"command":"llmls.ask","arguments":[{"question":"why?","partialResultToken":"t"}]}}`,
	} {
		if _, err := fmt.Fprintf(editor, "Content-Length: %d\r\n\r\n%s", len(body), body); err != nil {
			b.Fatal(err)
		}
	}
	return func() {
		close(u.next)
		_ = u.Close()
		_ = editor.Close()
		<-ended
	}
}

// deltaPipe is the server's standard input and output.
type deltaPipe struct {
	*io.PipeReader
	u *deltas
}

func (p *deltaPipe) Write(frame []byte) (int, error) {
	if bytes.Contains(frame, []byte("$/progress")) { // not the response, which holds the whole text
		p.u.saw(frame)
	}
	return len(frame), nil
}

// relayDeltas posts a request and turns each chunk into a frame.
func relayDeltas(b *testing.B, u *deltas) (stop func()) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		resp, err := http.Post("http://"+u.Addr().String(), "application/json", strings.NewReader("{}")) //nolint:forbidigo // no key is sent
		if err != nil {
			b.Error(err)
			return
		}
		defer resp.Body.Close()
		chunk := make([]byte, 32<<10)
		var frame []byte
		for {
			n, err := resp.Body.Read(chunk)
			if err != nil {
				return
			}
			frame = append(frame[:0], "Content-Length: 300\r\n\r\n"...)
			frame = append(frame, `{"jsonrpc":"2.0","method":"$/progress","params":{"token":"t","value":`...)
			frame = strconv.AppendQuote(frame, string(chunk[:n]))
			u.saw(append(frame, "}}"...))
		}
	}()
	return func() {
		close(u.next)
		_ = u.Close()
		<-ended
	}
}
