// Package upstream is what every wire format needs to reach an endpoint: address,
// connections, certificates and proxies, the limits of time and size, framing,
// what the endpoint refused, and why a request failed. It is liberal in what it
// accepts: what it met in the field is in completiontest's corpus.
//
// It knows the streaming model and no format: a Format knows which members a request
// has and what those of an answer mean. No other package sends requests; net/http is
// imported only here, in the demo and in test doubles.
package upstream

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"

	"github.com/llmls/llmls/internal/completion"
)

// A Client is the connections to all endpoints and the memory of what each of
// them refused. It is safe for concurrent use; one for a process is enough.
type Client struct {
	transports transports
	refusals   refusals
	memory     sharedMemory
}

// An Endpoint is where requests go, and how.
type Endpoint struct {
	Format    Format // the wire format
	BaseURL   string // anything that ParseBase accepts
	Key       string // sent as the format has it; "" sends none
	KeySource string // for messages: what the key came from, such as OPENAI_API_KEY
	CAFile    string // certificates in PEM, trusted beside the system's; "" for none

	// Header are fields that requests have beside the format's, and in place of
	// those of the same name. With KeyInHeader the key stands in one of them, and
	// the format does not get it. Their values are in no message.
	Header      map[string]string
	KeyInHeader bool

	// PlainHTTP allows BaseURL to be plain http to another machine.
	PlainHTTP bool

	// Allowed is asked before each request, also before one that is sent again at
	// once; what it returns ends the answer. nil allows all.
	Allowed func() error

	// FirstByte limits the wait for the first byte of an answer, and Idle the
	// wait for each further one; 0 is no limit. A byte counts, whatever it is.
	FirstByte, Idle time.Duration
}

// URL returns the address that requests go to. It fails as ParseBase does.
func (e Endpoint) URL() (*url.URL, error) {
	base, err := e.base()
	if err != nil {
		return nil, err
	}
	return base.JoinPath(e.Format.Path()), nil
}

func (e Endpoint) base() (*url.URL, error) {
	if e.PlainHTTP {
		return ParseAddress(e.BaseURL)
	}
	return ParseBase(e.BaseURL)
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
	return t.url.String(), t.format.Encode(req, c.refusals.of(t)), nil
}

type model struct {
	client *Client
	target *target
}

func (m *model) Stream(ctx context.Context, req *completion.Request) iter.Seq2[completion.Event, error] {
	return func(yield func(completion.Event, error) bool) {
		t := *m.target
		t.model = req.Model
		m.client.newStream(&t, yield).run(ctx, req)
	}
}

// A target is an Endpoint, checked, and the model that is asked there.
type target struct {
	format    Format
	base      *url.URL
	url       *url.URL // where requests go
	pool      *pool    // nil if nothing is to be sent
	host      string   // for people
	key       string
	keySource string
	fields    map[string]string // Endpoint.Header
	keyInside bool              // Endpoint.KeyInHeader
	allowed   func() error      // may be nil
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
	t.pool, err = c.transports.get(t.base, e.CAFile)
	return t, err
}

func newTarget(e Endpoint) (*target, error) {
	base, err := e.base()
	if err != nil {
		return nil, err
	}
	t := &target{
		format: e.Format, base: base, url: base.JoinPath(e.Format.Path()), host: hostPort(base), key: e.Key, keySource: e.KeySource,
		fields: e.Header, keyInside: e.KeyInHeader, allowed: e.Allowed, firstByte: e.FirstByte, idle: e.Idle,
	}
	if fault := keyFault(e.Key); fault != "" {
		return nil, &completion.Error{
			Kind: completion.Config, Reason: completion.BadKey, Host: t.host, KeySource: e.KeySource, Detail: fault,
		}
	}
	return t, nil
}

// keyFault returns what is wrong with a key, "" if nothing is. A line end in it
// could add a header field; a character beyond ASCII comes from a copying mistake.
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
	key := t.key
	if t.keyInside {
		key = ""
	}
	for name, value := range t.format.Header(key) {
		h.Set(name, value)
	}
	for name, value := range t.fields {
		h.Set(name, value)
	}
	return h
}
