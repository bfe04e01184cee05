package lsp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"go.lsp.dev/jsonrpc2"
	"go.uber.org/zap"
)

// A pipe is a stream with a canned input.
type pipe struct {
	io.Reader
	bytes.Buffer
}

func (p *pipe) Read(b []byte) (int, error) { return p.Reader.Read(b) }
func (p *pipe) Close() error               { return nil }

const good = `{"jsonrpc":"2.0","method":"good"}`

func frame(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }

// readAll returns the methods of the messages in wire, what was answered to the
// rest, and how the stream ended.
func readAll(wire io.Reader) (methods []string, answered string, err error) {
	p := &pipe{Reader: wire}
	f := newFrames(p, zap.NewNop())
	for {
		msg, _, err := f.Read(context.Background())
		if err != nil {
			return methods, p.String(), err
		}
		if request, ok := msg.(jsonrpc2.RequestMessage); ok {
			methods = append(methods, request.Method())
		}
	}
}

func TestFrames(t *testing.T) {
	tests := []struct {
		name, wire string
		refused    string // the reason, for each frame that is not a message; "" if none
		code       int
		read       int // good messages
	}{
		{name: "plain", wire: frame(good), read: 1},
		{name: "two in one read", wire: frame(good) + frame(good), read: 2},
		{name: "lower case", wire: strings.ToLower("Content-Length: 33\r\n\r\n") + good, read: 1},
		{name: "spaces", wire: "  Content-Length :   33  \r\n\r\n" + good, read: 1},
		{name: "charset after", wire: "Content-Length: 33\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n" + good, read: 1},
		{name: "charset before", wire: "Content-Type: application/vscode-jsonrpc; charset=utf8\r\nContent-Length: 33\r\n\r\n" + good, read: 1},
		{name: "bare line feeds", wire: "Content-Length: 33\n\n" + good, read: 1},
		{name: "blank lines between frames", wire: frame(good) + "\r\n\r\n" + frame(good), read: 2},
		{name: "not JSON", wire: frame(`{"jsonrpc":`) + frame(good), refused: "not JSON", code: -32700, read: 1},
		{name: "cut JSON string", wire: frame(`{"jsonrpc":"2.0","method":"x`) + frame(good), refused: "not JSON", code: -32700, read: 1},
		{name: "no JSON-RPC", wire: frame(`{"hello":1}`) + frame(good), refused: "no JSON-RPC", code: -32600, read: 1},
		{name: "other version", wire: frame(`{"jsonrpc":"1.0","id":1,"method":"x"}`) + frame(good), refused: "no JSON-RPC", code: -32600, read: 1},
		{name: "a number", wire: frame(`1`) + frame(good), refused: "no JSON-RPC", code: -32600, read: 1},
		{name: "batch", wire: frame("["+good+"]") + frame(good), refused: "batches", code: -32600, read: 1},
		{name: "empty batch", wire: frame(" []") + frame(good), refused: "batches", code: -32600, read: 1},
		{name: "negative length", wire: "Content-Length: -1\r\n\r\n" + frame(good), refused: "positive", code: -32600, read: 1},
		{name: "negative length and a body", wire: "Content-Length: -33\r\n\r\n" + good + frame(good), refused: "positive", code: -32600, read: 1},
		{name: "zero length", wire: "Content-Length: 0\r\n\r\n" + frame(good), refused: "positive", code: -32600, read: 1},
		{name: "length is a word", wire: "Content-Length: many\r\n\r\n" + frame(good), refused: "positive", code: -32600, read: 1},
		{name: "length overflows", wire: "Content-Length: 99999999999999999999\r\n\r\n" + frame(good), refused: "limit", code: -32600, read: 1},
		{name: "oversized, no body", wire: "Content-Length: 99999999999\r\n\r\n" + frame(good), refused: "limit", code: -32600, read: 1},
		{name: "oversized, some body", wire: "Content-Length: 99999999999\r\n\r\n" + good + frame(good), refused: "limit", code: -32600, read: 1},
		{name: "no length", wire: "Content-Type: x\r\n\r\n" + frame(good), refused: "no Content-Length", code: -32600, read: 1},
		{name: "oversized, long body", wire: "Content-Length: 99999999999\r\n\r\n" + strings.Repeat(" ", 3*maxHeader-5) + frame(good), refused: "limit", code: -32600, read: 1},
		{name: "endless header", wire: strings.Repeat("x", 3*maxHeader) + "\r\n\r\n" + frame(good), refused: "header is longer", code: -32600, read: 1},
		{name: "endless header lines", wire: strings.Repeat("a: b\r\n", maxHeader) + "\r\n" + frame(good), refused: "header is longer", code: -32600, read: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for chunking, wire := range map[string]io.Reader{
				"whole": strings.NewReader(tt.wire), "bytes": iotest(tt.wire),
			} {
				methods, answered, err := readAll(wire)
				if !errors.Is(err, io.EOF) {
					t.Errorf("%s: ended with %v", chunking, err)
				}
				if len(methods) != tt.read {
					t.Errorf("%s: read %v, want %d good messages; answered %s", chunking, methods, tt.read, answered)
				}
				if tt.refused == "" && answered != "" {
					t.Errorf("%s: answered %s", chunking, answered)
				}
				if tt.refused != "" && (!strings.Contains(answered, tt.refused) || !strings.Contains(answered, fmt.Sprintf(`"id":null,"error":{"code":%d`, tt.code))) {
					t.Errorf("%s: answered %s, want %d %q", chunking, answered, tt.code, tt.refused)
				}
			}
		})
	}
}

// iotest returns a reader that gives one byte at a time.
func iotest(s string) io.Reader { return &oneByte{strings.NewReader(s)} }

type oneByte struct{ r io.Reader }

func (o *oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(1, len(p))]) }

func TestFramesTruncated(t *testing.T) {
	for _, wire := range []string{"Content-Length: 33\r\n\r\n" + good[:10], "Content-Length: 33\r\n", "Content-Le"} {
		if _, _, err := readAll(strings.NewReader(wire)); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q ended with %v", wire, err)
		}
	}
}

// A header costs nothing until the body arrives: jsonrpc2's own framer
// allocates up to 1 GiB for it.
func TestFramesDoNotAllocateWhatIsOnlyDeclared(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := readAll(strings.NewReader(fmt.Sprintf("Content-Length: %d\r\n\r\n{", maxBody)))
	runtime.ReadMemStats(&after)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("allocated %d bytes for a header", n)
	}
}

// Deep nesting must neither overflow the stack nor end the connection.
func TestFramesDeepNesting(t *testing.T) {
	const depth = 1 << 20
	deep := `{"jsonrpc":"2.0","method":"deep","params":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `}`
	methods, answered, err := readAll(strings.NewReader(frame(deep) + frame(good)))
	if !errors.Is(err, io.EOF) || len(methods) == 0 || methods[len(methods)-1] != "good" {
		t.Errorf("read %v, ended with %v, answered %.200s", methods, err, answered)
	}
}

func TestFramesWrite(t *testing.T) {
	p := &pipe{Reader: strings.NewReader("")}
	f := newFrames(p, zap.NewNop())
	for _, params := range []string{`{}`, `{"x":"` + strings.Repeat("y", 2*keepBuffer) + `"}`, `[1]`} {
		p.Reset()
		raw := jsonrpc2.RawMessage(params)
		if _, err := f.Write(context.Background(), jsonrpc2.NewNotification("m", raw)); err != nil {
			t.Fatal(err)
		}
		if want := frame(`{"jsonrpc":"2.0","method":"m","params":` + params + `}`); p.String() != want {
			t.Errorf("wrote %.80q, want %.80q", p.String(), want)
		}
	}
}

func FuzzFrames(f *testing.F) {
	for _, seed := range []string{frame(good), "Content-Length: -1\r\n\r\n" + frame(good), frame("[1]") + frame(good), "\r\n\r\n", "Content-Length:"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		_, _, err := readAll(bytes.NewReader(wire))
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("ended with %v", err)
		}
	})
}
