package upstream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/llmls/llmls/internal/completion"
)

// open sends the request until the endpoint takes it: without the fields that
// it is known to refuse, and again at once, as part of the same attempt, if it
// refuses another one.
func (s *stream) open(ctx context.Context, req *completion.Request) (*http.Response, error) {
	t := s.target
	for {
		resp, err := s.send(ctx, call{http.MethodPost, t.url, t.format.Encode(req, s.without), accepted(s.without)})
		if err != nil {
			return nil, err
		}
		if resp.StatusCode/100 == 2 {
			return resp, nil
		}
		body := s.readError(resp)
		if !s.refused(req, resp.StatusCode, saidIn(body)) {
			return nil, t.refusedBy(resp, body)
		}
	}
}

// saidIn returns the body of an error for matching: as it was sent, and without escapes.
func saidIn(body []byte) wording {
	return wording(bytes.ToLower(body)) + "\n" + bodyFailure(body).refusal()
}

// refusal returns what f says, with the parameter that it names on a line of its own.
func (f *failure) refusal() wording {
	return newWording(f) + "\nparam: " + wording(strings.ToLower(f.param)) + "\n"
}

// refusedWithin reports whether err is a refusal inside a good response, before any
// text of an answer, that a request without what it names may cure.
func (s *stream) refusedWithin(req *completion.Request, err error) bool {
	var failed *failure
	if !errors.As(err, &failed) || errors.Is(err, errSpoilt) || s.size > 0 {
		return false
	}
	status := failed.status
	if status == 0 {
		status = http.StatusBadRequest
	}
	return s.refused(req, status, failed.refusal())
}

// refused adds what an error names to s.without. It reports false if the next request
// would be the same as the last one.
func (s *stream) refused(req *completion.Request, status int, said wording) bool {
	without, learned := s.without.learn(req, status, said)
	f := s.target.format
	if !learned || accepted(without) == accepted(s.without) && bytes.Equal(f.Encode(req, without), f.Encode(req, s.without)) {
		return false
	}
	s.without = without
	return true
}

// accepted returns the Accept field of a request.
func accepted(without Refused) string {
	switch {
	case without.Stream:
		return typeJSON
	case without.EventsOnly:
		return typeEvents + ", " + typeJSON
	default:
		return typeEvents
	}
}

const (
	typeJSON   = "application/json"
	typeEvents = "text/event-stream"
)

// A call is one request as HTTP has it.
type call struct {
	method string
	to     *url.URL
	body   []byte
	accept string
}

// send makes one round trip up to the header of the response. A connection that
// was kept from an earlier request may be dead: the machine slept, or a load
// balancer forgot it. If one breaks before a byte of the response, all that are
// kept are given up, and the request goes out once more on a fresh one.
func (s *stream) send(ctx context.Context, c call) (*http.Response, error) {
	resp, err := s.roundTrip(ctx, c)
	if stale, ok := errors.AsType[*staleError](err); ok {
		s.target.pool.giveUp()
		if resp, err = s.roundTrip(ctx, c); errors.As(err, &stale) {
			err = stale.err
		}
	}
	var already *completion.Error
	if err != nil && ctx.Err() == nil && !errors.As(err, &already) {
		return nil, s.target.unreached(err)
	}
	return resp, err // if ctx is over, the caller knows why
}

// A staleError is for a connection of an earlier request that broke before it
// brought anything.
type staleError struct{ err error }

func (e *staleError) Error() string { return e.err.Error() }

func (s *stream) roundTrip(ctx context.Context, c call) (*http.Response, error) {
	if s.target.allowed != nil {
		if err := s.target.allowed(); err != nil {
			return nil, err
		}
	}
	var connected, reused, answered atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		TLSHandshakeStart:    func() { connected.Store(true) },
		GotConn:              func(info httptrace.GotConnInfo) { connected.Store(true); reused.Store(info.Reused) },
		GotFirstResponseByte: func() { answered.Store(true) },
	})
	req, err := http.NewRequestWithContext(traced, c.method, c.to.String(), bytes.NewReader(c.body))
	if err != nil {
		return nil, err
	}
	req.Header = s.target.header(c.accept)
	if c.method == http.MethodPost {
		req.Header.Set("Content-Type", typeJSON)
	}
	s.client.transports.dropStale()
	s.watch.awaitHeader()
	resp, err := s.target.pool.Load().RoundTrip(req)
	s.watch.stop()
	s.watch.waited = time.Since(s.watch.sent)
	if err != nil && reused.Load() && !answered.Load() && ctx.Err() == nil {
		err = &staleError{err}
	}
	if err != nil && !connected.Load() && isClosed(err) {
		if to, _ := proxy(req); to != nil {
			err = &proxyError{"it closed the connection"}
		}
	}
	return resp, err
}

// readError reads the body of an error response, as much as there is of it.
func (s *stream) readError(resp *http.Response) []byte {
	defer resp.Body.Close()
	s.watch.grace = errorGrace
	body, err := decompress(resp.Header, &watchedReader{src: resp.Body, watch: s.watch})
	if err != nil {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(body, maxPage)) // a part says enough
	s.watch.grace = 0
	return text
}

// refusedBy makes the error for a response whose status is not 2xx.
func (t *target) refusedBy(resp *http.Response, body []byte) *completion.Error {
	if to, err := resp.Location(); err == nil && to.Host != "" && resp.StatusCode/100 == 3 {
		return t.redirectedTo(to, resp.StatusCode)
	}
	if isFirewall(resp.StatusCode, resp.Header, body) {
		e := t.failed(resp.StatusCode, nil, bodyFailure(body))
		e.Kind, e.Reason, e.KeySource, e.Temporary = completion.NotAnAPI, completion.Firewall, "", false
		return e
	}
	e := t.failed(resp.StatusCode, resp.Header, bodyFailure(body))
	if resp.StatusCode < 400 { // a redirect that leads nowhere, or another protocol
		e.Kind, e.Status = completion.NotAnAPI, resp.StatusCode
	}
	return e
}
