package upstream

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/jsonwalk"
)

// What the tests of package upstream_test need, which is outside so that it can
// use the formats.

const (
	MaxAnswer    = maxAnswer
	MaxDetail    = maxDetail
	MaxModels    = maxModels
	MaxNoContent = maxNoContent
	FinishGrace  = finishGrace
	DrainGrace   = drainGrace
	ErrorGrace   = errorGrace
)

var (
	ErrTooMuch   = errTooMuch
	NewTransport = newTransport
)

// TransportOf returns the transport of endpoints without a file of authorities.
func TransportOf(c *Client) *http.Transport {
	p, err := c.transports.get(&url.URL{Scheme: "https"}, "")
	if err != nil {
		panic(err) // it reads no file
	}
	return p.Load()
}

// Transports returns how many transports there are.
func (c *Client) Transports() int { return len(c.transports.byCA) }

// SetClock makes c believe that now is the time.
func (c *Client) SetClock(now func() time.Time) { c.transports.now = now }

// Held returns how much of the common budget is taken.
func (c *Client) Held() int64 { return c.memory.taken.Load() }

// A Stream is one answer without its request.
type Stream struct{ *stream }

// NewStream returns a Stream that gives its events to yield.
func NewStream(c *Client, f Format, yield func(completion.Event, error) bool) *Stream {
	t := testTarget()
	t.format = f
	s := c.newStream(t, yield)
	s.watch = newWatch(func(error) {}, t)
	return &Stream{s}
}

// Receive decodes a whole body. The error is what the reader would get.
func (s *Stream) Receive(ctx context.Context, header http.Header, body io.Reader) error {
	defer s.release()
	if err := s.receive(header, &watchedReader{src: body, watch: s.watch}); err != nil {
		return s.reason(ctx, ctx, err)
	}
	return nil
}

// ReadEvents decodes an event stream.
func (s *Stream) ReadEvents(r io.Reader) error { return s.readEvents(r) }

// Event decodes the data of one event.
func (s *Stream) Event(kind, data []byte) error { return s.decode(kind, data) }

// Reset forgets how much text there was.
func (s *Stream) Reset() { s.size = 0 }

// Finish ends the text.
func (s *Stream) Finish() { s.finishText() }

// ReadOthers reads body as the body of an error and as a list of models.
func ReadOthers(body []byte) {
	_ = bodyFailure(body)
	if list, _, err := jsonwalk.Cut(body); err == nil {
		_, _ = modelNames(list)
	}
}
