// Package editor is a minimal LSP client, for the demo, the benchmarks and the tests. It
// shares no code with the server, so that no mistake is made on both sides and stays
// unnoticed.
package editor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A Message is one JSON-RPC message from the server.
type Message struct {
	ID     jsontext.Value `json:"id,omitzero"` // absent from notifications
	Method string         `json:"method,omitzero"`
	Params jsontext.Value `json:"params,omitzero"`
	Result jsontext.Value `json:"result,omitzero"`
	Error  *Error         `json:"error,omitzero"`
}

// An Error is the error of a response.
type Error struct {
	Code    int            `json:"code"`
	Message string         `json:"message"`
	Data    jsontext.Value `json:"data,omitzero"`
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%d)", e.Message, e.Code) }

// An Editor is a client on one connection. Its methods may be called from any
// goroutine.
type Editor struct {
	rwc   io.ReadWriteCloser
	on    func(Message)
	reply func(Message) any
	done  chan struct{}

	write sync.Mutex

	mu      sync.Mutex
	count   int
	waiting map[string]*Pending
	err     error
}

// Connect starts a client on rwc. on, if not nil, sees every message in the
// order of the wire, on the goroutine that reads: it must not wait for another.
// reply, if not nil, gives the results of the server's requests; without it,
// and where it returns nil, they are null. An *Error is sent as one.
func Connect(rwc io.ReadWriteCloser, on func(Message), reply func(Message) any) *Editor {
	if on == nil {
		on = func(Message) {}
	}
	if reply == nil {
		reply = func(Message) any { return nil }
	}
	e := &Editor{rwc: rwc, on: on, reply: reply, done: make(chan struct{}), waiting: map[string]*Pending{}}
	go e.read()
	return e
}

// Close closes the connection and waits until nothing is read from it any more.
func (e *Editor) Close() error {
	err := e.rwc.Close()
	<-e.done
	return err
}

// Done is closed when the server has closed the connection.
func (e *Editor) Done() <-chan struct{} { return e.done }

// Initialize does the handshake; params is an InitializeParams in any form.
func (e *Editor) Initialize(ctx context.Context, params any) (jsontext.Value, error) {
	var result jsontext.Value
	if err := e.Call(ctx, "initialize", params, &result); err != nil {
		return nil, err
	}
	return result, e.Notify("initialized", struct{}{})
}

// Call sends a request and waits for its response. If ctx ends first the
// request is cancelled, and Call still waits for the response.
func (e *Editor) Call(ctx context.Context, method string, params, result any) error {
	pending, err := e.Start(method, params)
	if err != nil {
		return err
	}
	return pending.Wait(ctx, result)
}

// A Pending is a request without its response.
type Pending struct {
	ID       string // as JSON
	editor   *Editor
	answered chan struct{}
	response Message // once answered is closed
}

// Start sends a request.
func (e *Editor) Start(method string, params any) (*Pending, error) {
	e.mu.Lock()
	e.count++
	p := &Pending{ID: strconv.Itoa(e.count), editor: e, answered: make(chan struct{})}
	e.waiting[p.ID] = p
	e.mu.Unlock()
	raw, err := json.Marshal(params)
	if err != nil {
		return nil, err
	}
	return p, e.Send(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, p.ID, method, raw)
}

// Cancel asks the server to cancel the request.
func (p *Pending) Cancel() error {
	return p.editor.Notify("$/cancelRequest", map[string]jsontext.Value{"id": jsontext.Value(p.ID)})
}

// Wait waits for the response and decodes its result.
func (p *Pending) Wait(ctx context.Context, result any) error {
	select {
	case <-ctx.Done():
		if err := p.Cancel(); err != nil {
			return err
		}
	case <-p.answered:
	case <-p.editor.done:
	}
	select {
	case <-p.answered:
	case <-p.editor.done:
	}
	select {
	case <-p.answered:
	default:
		return errors.Join(errors.New("the server closed the connection"), p.editor.Err())
	}
	if p.response.Error != nil {
		return p.response.Error
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(p.response.Result, result, json.MatchCaseInsensitiveNames(true))
}

// Err returns why reading ended, nil if it has not or the stream just ended.
func (e *Editor) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// Notify sends a notification.
func (e *Editor) Notify(method string, params any) error {
	raw, err := json.Marshal(params)
	if err != nil {
		return err
	}
	return e.Send(`{"jsonrpc":"2.0","method":%q,"params":%s}`, method, raw)
}

// Send writes one frame with whatever body it is given.
func (e *Editor) Send(format string, args ...any) error {
	body := fmt.Sprintf(format, args...)
	e.write.Lock()
	defer e.write.Unlock()
	_, err := fmt.Fprintf(e.rwc, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return err
}

func (e *Editor) read() {
	defer close(e.done)
	in := bufio.NewReader(e.rwc)
	for {
		m, err := readMessage(in)
		if err != nil {
			e.end(err)
			return
		}
		e.on(m)
		switch {
		case m.Method != "" && m.ID != nil:
			go e.respond(m) // the server may be waiting to write
		case m.Method == "" && m.ID != nil:
			e.mu.Lock()
			pending := e.waiting[string(m.ID)]
			delete(e.waiting, string(m.ID))
			e.mu.Unlock()
			if pending != nil {
				pending.response = m
				close(pending.answered)
			}
		}
	}
}

func (e *Editor) end(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
		e.err = err
	}
}

func (e *Editor) respond(m Message) {
	member, value := "result", e.reply(m)
	if _, failed := value.(*Error); failed {
		member = "error"
	}
	raw, err := json.Marshal(value)
	if err == nil {
		_ = e.Send(`{"jsonrpc":"2.0","id":%s,%q:%s}`, m.ID, member, raw) // the connection may be closed by now
	}
}

// readMessage reads one frame. Anything but a frame is an error: a server's
// output carries nothing else.
func readMessage(in *bufio.Reader) (Message, error) {
	var m Message
	header, err := textproto.NewReader(in).ReadMIMEHeader()
	if err != nil {
		return m, err
	}
	length, err := strconv.Atoi(header.Get("Content-Length"))
	if err != nil {
		return m, fmt.Errorf("header %v: %w", header, err)
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(in, body); err != nil {
		return m, err
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return m, fmt.Errorf("frame %q: %w", body, err)
	}
	return m, nil
}
