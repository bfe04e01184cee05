// Package openai speaks to chat-completions endpoints: OpenAI's own, and the
// relays and local servers that imitate it more or less well. It is liberal in
// what it accepts: what it met in the field is in completiontest's corpus.
package openai

import (
	"context"
	"iter"
	"net/http"
	"time"

	"github.com/llmls/llmls/internal/completion"
)

// A Client is the connections to all endpoints and the memory of what each of
// them refused. It is safe for concurrent use; one for a process is enough.
type Client struct {
	transport *http.Transport
}

// An Endpoint is where requests go, and how.
type Endpoint struct {
	BaseURL   string // anything that ChatURL accepts
	Key       string // sent as a bearer token; "" sends none
	KeySource string // for messages: what the key came from, such as OPENAI_API_KEY

	// FirstByte limits the wait for the first byte of an answer, and Idle the
	// wait for each further one; 0 is no limit. A byte counts, whatever it is.
	FirstByte, Idle time.Duration
}

// NewClient returns a Client without connections. It reads nothing and starts
// nothing.
func NewClient() *Client {
	return &Client{transport: &http.Transport{}}
}

// Close closes the idle connections. Running streams go on.
func (c *Client) Close() {
	c.transport.CloseIdleConnections()
}

// Model returns the Model behind e. It fails with an *Error of kind Config if
// e cannot work.
func (c *Client) Model(e Endpoint) (completion.Model, error) {
	return &model{}, nil
}

// Body returns what Stream would send for req: the address and the bytes of
// the body. Nothing is sent.
func (c *Client) Body(e Endpoint, req *completion.Request) (url string, body []byte, err error) {
	return "", nil, nil
}

// Models lists the names of the models that the endpoint offers, in its order.
func (c *Client) Models(ctx context.Context, e Endpoint) ([]string, error) {
	return nil, nil
}

type model struct{}

func (m *model) Stream(ctx context.Context, req *completion.Request) iter.Seq2[completion.Event, error] {
	return func(yield func(completion.Event, error) bool) {}
}

func innermost(err error) error          { return err }
func oneLine(s string, limit int) string { return s }
