package openai

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/llmls/llmls/internal/completion"
)

// open sends the request until the endpoint takes it: without the fields that
// it is known to refuse, and again at once, as part of the same attempt, if it
// refuses another one.
func (s *stream) open(ctx context.Context, req *completion.Request) (*http.Response, error) {
	t := s.target
	known := s.client.refusals.of(t)
	for without := known; ; {
		resp, err := s.send(ctx, http.MethodPost, t.chat, encode(req, without))
		if err != nil {
			return nil, err
		}
		if resp.StatusCode/100 == 2 {
			if without != known {
				s.client.refusals.remember(t, without)
			}
			return resp, nil
		}
		body := s.readError(resp)
		less, again := without.with(req, resp.StatusCode, body)
		if !again {
			e := t.refusedBy(resp, body)
			e.Body = s.client.withoutEcho(t.redact(strings.ToValidUTF8(string(body), "")), req)
			return nil, e
		}
		without = less
	}
}

// send makes one round trip up to the header of the response.
func (s *stream) send(ctx context.Context, method string, to *url.URL, body []byte) (*http.Response, error) {
	accept := "application/json"
	if method == http.MethodPost {
		accept = "text/event-stream"
	}
	req, err := http.NewRequestWithContext(ctx, method, to.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header = s.target.header(accept)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
	}
	s.watch.awaitHeader()
	resp, err := s.target.transport.RoundTrip(req)
	s.watch.stop()
	if err != nil {
		if ctx.Err() != nil {
			return nil, err // the caller knows why
		}
		return nil, s.target.unreached(err)
	}
	return resp, nil
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

// refusedBy makes the error for a response that is none of 2xx.
func (t *target) refusedBy(resp *http.Response, body []byte) *completion.Error {
	if to, err := resp.Location(); err == nil && resp.StatusCode/100 == 3 {
		return &completion.Error{
			Kind: completion.NotAnAPI, Reason: completion.Redirected, Host: t.host, Status: resp.StatusCode,
			Detail: t.detail(hostPort(to)),
		}
	}
	e := t.failed(resp.StatusCode, resp.Header, bodyFailure(body))
	if resp.StatusCode/100 == 3 {
		e.Kind, e.Status = completion.NotAnAPI, resp.StatusCode
	}
	return e
}
