// Package openai speaks to chat-completions endpoints: OpenAI's own, and the
// relays and local servers that imitate it more or less well. It is liberal in
// what it accepts: what it met in the field is in completiontest's corpus.
package openai

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/llmls/llmls/internal/completion"
)

// A Client is the connections to all endpoints and the memory of what each of
// them refused. It is safe for concurrent use; one for a process is enough.
type Client struct {
	transports transports
	refusals   refusals
	large      large
	echo       sync.Mutex // held while an error body is compared with its prompt
}

// An Endpoint is where requests go, and how.
type Endpoint struct {
	BaseURL   string // anything that ChatURL accepts
	Key       string // sent as a bearer token; "" sends none
	KeySource string // for messages: what the key came from, such as OPENAI_API_KEY
	CAFile    string // certificates in PEM, trusted beside the system's; "" for none

	// FirstByte limits the wait for the first byte of an answer, and Idle the
	// wait for each further one; 0 is no limit. A byte counts, whatever it is.
	FirstByte, Idle time.Duration
}

// NewClient returns a Client without connections. It starts nothing and reads
// nothing before it is used.
func NewClient() *Client {
	return &Client{}
}

// Close closes the idle connections. Running streams go on.
func (c *Client) Close() {
	c.transports.closeIdle()
}

// Model returns the Model behind e. It fails with an *Error of kind Config if
// e cannot work.
func (c *Client) Model(e Endpoint) (completion.Model, error) {
	t, err := c.target(e)
	if err != nil {
		return nil, err
	}
	return &model{client: c, target: t}, nil
}

// Body returns what Stream would send for req: the address and the bytes of
// the body, without whatever that endpoint has refused so far. Nothing is sent.
func (c *Client) Body(e Endpoint, req *completion.Request) (url string, body []byte, err error) {
	t, err := newTarget(e)
	if err != nil {
		return "", nil, err
	}
	t.model = req.Model
	return t.chat.String(), encode(req, c.refusals.of(t)), nil
}

type model struct {
	client *Client
	target *target
}

func (m *model) Stream(ctx context.Context, req *completion.Request) iter.Seq2[completion.Event, error] {
	return func(yield func(completion.Event, error) bool) {
		t := *m.target
		t.model = req.Model
		s := &stream{
			client: m.client, target: &t, holding: holding{of: &m.client.large},
			decoder: decoder{writer: writer{yield: yield}},
		}
		s.run(ctx, req)
	}
}

// A target is an Endpoint, checked, and the model that is asked there.
type target struct {
	chat      *url.URL
	transport *http.Transport // nil if nothing is to be sent
	host      string          // for people
	key       string
	keySource string
	firstByte time.Duration
	idle      time.Duration
	model     string
}

// target returns e as something that can be sent to.
func (c *Client) target(e Endpoint) (*target, error) {
	t, err := newTarget(e)
	if err != nil {
		return nil, err
	}
	t.transport, err = c.transports.get(t.chat, e.CAFile)
	return t, err
}

func newTarget(e Endpoint) (*target, error) {
	chat, err := ChatURL(e.BaseURL)
	if err != nil {
		return nil, err
	}
	t := &target{
		chat: chat, host: hostPort(chat), key: e.Key, keySource: e.KeySource,
		firstByte: e.FirstByte, idle: e.Idle,
	}
	if fault := keyFault(e.Key); fault != "" {
		return nil, &completion.Error{
			Kind: completion.Config, Reason: completion.BadKey, Host: t.host, KeySource: e.KeySource, Detail: fault,
		}
	}
	return t, nil
}

// keyFault says what is wrong with a key. A line end in it could smuggle in a
// header; a letter beyond ASCII is a slip of the clipboard.
func keyFault(key string) string {
	for _, r := range key {
		switch {
		case r == '\n' || r == '\r':
			return "it holds a line end"
		case r < ' ' || r == 0x7f:
			return "it holds a control character"
		case r > 0x7f:
			return "it holds a character that is not ASCII"
		}
	}
	return ""
}

// header returns the header fields of every request.
func (t *target) header(accept string) http.Header {
	h := http.Header{
		"Accept":     {accept},
		"User-Agent": {"llmls"},
	}
	if t.key != "" {
		h.Set("Authorization", "Bearer "+t.key)
	}
	return h
}
