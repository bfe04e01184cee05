package lsp

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"go.lsp.dev/jsonrpc2"
	"go.uber.org/zap"
)

const (
	// maxHeader bounds one header block. Real ones have 20 to 100 bytes.
	maxHeader = 8 << 10
	// maxBody bounds one message, in bytes. The largest that a good client sends opens
	// a document. Its text is in memory up to four times then: in the message, as a
	// string, in the new tree and in the tree that this replaces. llmls may use 200 MB.
	maxBody = 32 << 20
	// keepBuffer is the largest buffer kept between messages, so that one large
	// document does not stay resident twice.
	keepBuffer = 1 << 20
)

// frames is the base protocol on a byte stream: Content-Length framing as LSP
// defines it, with limits that hold before anything is allocated. The framer
// of jsonrpc2 allocates what a header declares, up to 1 GiB, and ends the
// connection at the first frame that is not JSON-RPC; this one answers such a
// frame and reads on.
//
// Read belongs to one goroutine; Write may be called from any.
type frames struct {
	in   *bufio.Reader
	rwc  io.ReadWriteCloser
	log  *zap.Logger
	body []byte
	over atomic.Bool // nothing more is to be read
	lost bool        // the last header had no usable length

	broken chan error // why nothing more is read, or written: the first reason

	missed func(ends []byte) // called, on the wire loop, with what was no message

	ledger *ledger // of requests

	mu  sync.Mutex // one frame at a time
	out []byte
}

func newFrames(rwc io.ReadWriteCloser, log *zap.Logger) *frames {
	return &frames{in: bufio.NewReaderSize(rwc, maxHeader), rwc: rwc, log: log, broken: make(chan error, 1), missed: func([]byte) {}, ledger: newLedger()}
}

// Read returns the next valid message. It answers a frame without one with the JSON-RPC
// error that names the fault; no request can be recognised in it, so that has no id.
func (f *frames) Read(ctx context.Context) (jsonrpc2.Message, int64, error) {
	msg, n, err := f.next(ctx)
	if _, ok := msg.(*jsonrpc2.Call); ok {
		err = f.ledger.owe(ctx)
	}
	if err != nil {
		f.fail(err)
		return nil, n, err
	}
	return msg, n, nil
}

// fail reports err on broken, once. The connection itself is not done before every
// request has been answered, and an answer may take minutes.
func (f *frames) fail(err error) {
	select {
	case f.broken <- err:
	default: // it was reported before
	}
}

func (f *frames) next(ctx context.Context) (jsonrpc2.Message, int64, error) {
	for {
		if f.over.Load() {
			return nil, 0, io.EOF
		}
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		length, err := f.readHeader()
		var bad *frameError
		if errors.As(err, &bad) {
			if err := f.refuse(jsonrpc2.InvalidRequest, bad.reason); err != nil {
				return nil, 0, err
			}
			continue
		}
		if err != nil {
			return nil, 0, err
		}
		if err := f.readBody(length); err != nil {
			return nil, 0, err
		}
		msg, code, reason := f.decode()
		if msg != nil {
			return msg, int64(length), nil
		}
		var body skipped
		body.add(f.body)
		f.miss(&body)
		if err := f.refuse(code, reason); err != nil {
			return nil, 0, err
		}
	}
}

// decode is decodeMessage of the body. It runs on the wire loop, where nothing else
// would catch a panic of a decoder.
func (f *frames) decode() (msg jsonrpc2.Message, code jsonrpc2.Code, reason string) {
	defer func() {
		if p := recover(); p != nil {
			f.log.Error("decoding a message panicked", zap.Any("panic", p), zap.ByteString("stack", debug.Stack()))
			msg, code, reason = nil, jsonrpc2.InternalError, "decoding this failed inside llmls; the log has the details"
		}
	}()
	return decodeMessage(f.body)
}

// decodeMessage returns the message in body, or the code and reason of the JSON-RPC
// error to answer it with.
func decodeMessage(body []byte) (jsonrpc2.Message, jsonrpc2.Code, string) {
	if first := bytes.TrimLeft(body, " \t\r\n"); len(first) > 0 && first[0] == '[' {
		return nil, jsonrpc2.InvalidRequest, "LSP has no batches: send each message in a frame of its own"
	}
	msg, err := jsonrpc2.DecodeMessage(body)
	switch m := msg.(type) {
	case *jsonrpc2.Notification:
		if hasID(body) {
			return nil, jsonrpc2.InvalidRequest, "the id of a request is a number or a string"
		}
		if len(m.Method()) > maxName {
			return nil, jsonrpc2.InvalidRequest, longName
		}
	case *jsonrpc2.Call:
		id := m.ID()
		if text, _ := id.StringValue(); len(text) > maxName || len(m.Method()) > maxName {
			return nil, jsonrpc2.InvalidRequest, longName
		}
	}
	if err == nil {
		return msg, 0, ""
	}
	if jsontext.Value(body).IsValid(jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)) {
		return nil, jsonrpc2.InvalidRequest, "this is JSON, but no JSON-RPC 2.0 message"
	}
	return nil, jsonrpc2.ParseError, "this is not JSON"
}

const longName = "the method or the id has more than 1024 bytes" // maxName

// hasID reports whether body, which jsonrpc2 takes for a notification, is a request
// whose id is null, or is spelt with an escape. Its sender waits for a response.
func hasID(body []byte) bool {
	if !bytes.Contains(body, []byte(`"id"`)) && !bytes.Contains(body, []byte(`\u006`)) { // as in nearly all
		return false
	}
	var envelope struct {
		ID jsontext.Value `json:"id"`
	}
	err := json.Unmarshal(body, &envelope, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	return err == nil && envelope.ID != nil
}

// refuse answers a frame that holds no message.
func (f *frames) refuse(code jsonrpc2.Code, reason string) error {
	f.log.Warn("refused a frame", zap.Int32("code", int32(code)), zap.String("reason", reason))
	_, err := f.write(func(dst []byte) []byte {
		return jsonrpc2.AppendResponse(dst, jsonrpc2.ID{}, nil, jsonrpc2.NewError(code, reason))
	})
	return err
}

// A frameError is a header without a usable length.
type frameError struct{ reason string }

func (e *frameError) Error() string { return e.reason }

// readHeader reads one header block and returns the length of the body. After a
// block without a usable length the start of the next frame is unknown, so input is
// skipped up to the next Content-Length.
func (f *frames) readHeader() (length int, err error) {
	if f.lost {
		if length, err = f.resync(); err != nil {
			return 0, err
		}
	}
	f.lost = true // until the block is whole
	reason := ""
	for seen := 0; ; {
		line, err := f.in.ReadSlice('\n')
		seen += len(line)
		switch {
		case seen > maxHeader || errors.Is(err, bufio.ErrBufferFull):
			return 0, &frameError{fmt.Sprintf("the header is longer than %d bytes", maxHeader)}
		case errors.Is(err, io.EOF) && seen > 0:
			return 0, io.ErrUnexpectedEOF
		case err != nil:
			return 0, err
		}
		line = bytes.TrimSpace(line)
		value, ok := cutContentLength(line)
		switch {
		case ok:
			length, reason = parseLength(value)
		case len(line) > 0 && reason == "" && length == 0:
			reason = "the header has no Content-Length"
		case len(line) > 0, reason == "" && length == 0:
			// A field that is not used, or a blank line between two frames.
		case length > 0:
			f.lost = false
			return length, nil
		default:
			return 0, &frameError{reason}
		}
	}
}

// resync reads on until a line ends in a usable Content-Length, wherever on
// the line it begins. JSON has no raw line breaks in its strings and quotes its
// member names, so what looks like a header line in a body is one.
func (f *frames) resync() (int, error) {
	var carry []byte // the end of a line that is longer than the buffer
	var over skipped
	for {
		line, err := f.in.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return 0, err
		}
		over.add(line)
		whole := append(carry, line...)
		if err != nil {
			carry = bytes.Clone(whole[max(0, len(whole)-headerRoom):])
			continue
		}
		carry = nil
		if value, ok := cutContentLength(bytes.TrimSpace(whole)); ok {
			if length, _ := parseLength(value); length > 0 {
				f.miss(&over)
				return length, nil
			}
		}
	}
}

// cutContentLength returns the value of a Content-Length field, in any letter
// case and spacing.
func cutContentLength(line []byte) (string, bool) {
	field := []byte("content-length")
	for i := len(line) - len(field); i >= 0; i-- {
		if bytes.EqualFold(line[i:i+len(field)], field) {
			value, ok := bytes.CutPrefix(bytes.TrimLeft(line[i+len(field):], " \t"), []byte(":"))
			return string(bytes.TrimSpace(value)), ok
		}
	}
	return "", false
}

// parseLength returns the length, or 0 and the reason why it is invalid.
func parseLength(value string) (length int, reason string) {
	n, err := strconv.ParseUint(value, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) || n > maxBody:
		return 0, fmt.Sprintf("the message has %s bytes; the limit is %d", value, maxBody)
	case err != nil || n == 0:
		return 0, "Content-Length is not a positive number"
	}
	return int(n), ""
}

func (f *frames) readBody(length int) error {
	if cap(f.body) > keepBuffer {
		f.body = nil
	}
	f.body = f.body[:0]
	for len(f.body) < length {
		if len(f.body) == cap(f.body) {
			f.body = f.grown(length)
		}
		n, err := io.ReadFull(f.in, f.body[len(f.body):min(length, cap(f.body))])
		f.body = f.body[:len(f.body)+n]
		if errors.Is(err, io.EOF) {
			return io.ErrUnexpectedEOF
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// grown returns body with more room: as much as has arrived already, not as
// much as is declared, so that a header alone costs no memory. The last step
// goes no further than the message does.
func (f *frames) grown(length int) []byte {
	room := max(2*cap(f.body), 64<<10)
	if room > length/2 {
		room = length
	}
	return append(make([]byte, 0, room), f.body...)
}

// Write sends msg as one frame in one write.
func (f *frames) Write(_ context.Context, msg jsonrpc2.Message) (int64, error) {
	response := false
	n, err := f.write(func(dst []byte) []byte {
		dst = jsonrpc2.AppendMessage(dst, msg)
		response = !bytes.HasPrefix(dst[headerRoom:], []byte(beginOfRequest))
		return dst
	})
	if response {
		f.ledger.pay()
	}
	return n, err
}

// beginOfRequest is what jsonrpc2 begins calls and notifications with, and no
// response.
const beginOfRequest = `{"jsonrpc":"2.0","method":`

// headerRoom is left free in front of a body, so that its header can be put
// there once its length is known, without moving it.
const headerRoom = len("Content-Length: 18446744073709551615\r\n\r\n")

func (f *frames) write(appendBody func([]byte) []byte) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.out == nil {
		f.out = make([]byte, headerRoom, 4<<10)
	}
	f.out = appendBody(f.out[:headerRoom])
	if cap(f.out) > keepBuffer {
		defer func() { f.out = nil }()
	}
	if body := f.out[headerRoom:]; !utf8.Valid(body) { // it quotes the client
		f.out = append(f.out[:headerRoom], bytes.ToValidUTF8(body, []byte("\uFFFD"))...)
	}
	var digits [20]byte
	length := strconv.AppendInt(digits[:0], int64(len(f.out)-headerRoom), 10)
	start := headerRoom - len("Content-Length: \r\n\r\n") - len(length)
	n := copy(f.out[start:], "Content-Length: ")
	n += copy(f.out[start+n:], length)
	copy(f.out[start+n:], "\r\n\r\n")
	wrote, err := f.rwc.Write(f.out[start:])
	if err != nil {
		f.fail(err)
	}
	return int64(wrote), err
}

// Close closes the stream.
func (f *frames) Close() error { return f.rwc.Close() }
