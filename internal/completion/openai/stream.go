package openai

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/sse"
)

// A stream is one request and its answer. It runs on the caller's goroutine.
type stream struct {
	client *Client
	target *target
	watch  *watch
	holding
	buffer int // how much of the body is kept to be decoded
	decoder
}

// run sends the request and gives its events to the reader. When it returns,
// the connection is closed, or free for the next request.
func (s *stream) run(parent context.Context, req *completion.Request) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	defer s.release()
	s.watch = newWatch(cancel, s.target)
	resp, err := s.open(ctx, req)
	if err != nil {
		s.give(completion.Event{}, s.reason(parent, ctx, err))
		return
	}
	defer resp.Body.Close()
	raw := &watchedReader{src: resp.Body, watch: s.watch}
	if err := s.receive(resp.Header, raw); err != nil {
		s.give(completion.Event{}, s.reason(parent, ctx, err))
		return
	}
	if s.done { // let the connection be used again
		s.watch.grace = drainGrace
		io.CopyN(io.Discard, raw, maxDrain) //nolint:errcheck // the answer is complete
	}
}

// receive gives out the events of a body, the last one included if the answer
// is whole. The error says why it is not.
func (s *stream) receive(header http.Header, raw io.Reader) error {
	err := s.read(header, raw)
	s.finishText()
	switch {
	case s.complete(err):
		s.giveFinish()
	case !s.stopped:
		return err
	}
	return nil
}

// read decodes the body until the end mark, the end, or an error. A clean end
// is io.EOF.
func (s *stream) read(header http.Header, raw io.Reader) error {
	decoded, err := decompress(header, raw)
	if err != nil {
		return err
	}
	body := bufio.NewReaderSize(&noiseReader{src: decoded, watch: s.watch}, peekSize)
	skipMark(body)
	switch formOf(header, body) {
	case formPage:
		return notAnAPI(body)
	case formJSON:
		err = s.readValues(body)
	default:
		err = s.readEvents(body)
	}
	if errors.Is(err, io.EOF) && !s.known && !isEventStream(header) {
		return &pageError{detail: "nothing in its answer is a completion"}
	}
	return err
}

// readEvents decodes an event stream.
func (s *stream) readEvents(r io.Reader) error {
	events := sse.NewDecoder(r)
	var cut []byte // the start of a chunk whose end is missing
	seen := 0      // how much data of an open event were not whole
	for !s.done && !s.stopped {
		event, ok := events.Scan()
		open := false
		if !ok {
			// Some servers send no blank line between events, or send it with
			// the next one. What is a whole chunk need not wait for it.
			event, open = events.Open()
			open = open && len(event.Data) > seen && isWhole(event.Data)
			seen = len(event.Data)
		}
		switch {
		case !ok && !open:
			if s.flush(); s.stopped {
				return nil
			}
			s.buffer = events.Held()
			if err := s.hold(); err != nil {
				return err
			}
			if err := events.Fill(); err != nil && len(cut) > 0 {
				return io.ErrUnexpectedEOF
			} else if err != nil {
				return err
			}
			continue
		case cut != nil:
			return notJSON(cut, errNotJSON)
		}
		seen = 0
		err := s.event(event.Type, event.Data)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			cut = bytes.Clone(event.Data[:min(len(event.Data), 4*maxDetail)]) // only the end of the stream excuses it
		} else if err != nil {
			return err
		}
		if open {
			events.Drop()
		}
	}
	return nil
}

// isWhole tells whether the data of an open event can be decoded as they are.
func isWhole(data []byte) bool {
	if isDone(data) {
		return true
	}
	if len(data) == 0 || data[0] != '{' {
		return false
	}
	_, rest, err := cutValue(data)
	return err == nil && len(bytes.TrimSpace(rest)) == 0
}

// event decodes one event and keeps the watch informed.
func (s *stream) event(kind, data []byte) error {
	before := s.size
	err := s.decoder.event(kind, data)
	if s.size > before {
		s.watch.heard()
	}
	if err == nil {
		err = s.hold()
	}
	s.watch.grace = 0
	if s.finish.last && s.size == before {
		s.watch.grace = finishGrace
	}
	return err
}

// hold fails if others hold too much for what this stream has by now.
func (s *stream) hold() error { return s.set(s.size, s.buffer) }

// complete tells whether the answer is whole, given how reading ended. Once the
// server has said that it is finished, it does not matter how it hangs up.
func (s *stream) complete(err error) bool {
	var failed *failure
	switch {
	case err == nil:
		return s.done
	case errors.As(err, &failed), s.stopped:
		return false
	case errors.Is(err, io.EOF):
		return s.finish.reason != "" || s.whole == 1
	default:
		return s.finish.last && !s.finish.doubtful
	}
}

func (s *stream) giveFinish() {
	finish := &completion.Finish{
		Reason: s.finish.reason, Model: modelTitle(s.model), Usage: s.usage, ToolCalls: s.tools.finished(),
	}
	if finish.Reason == "" {
		finish.Reason = completion.FinishUnknown
	}
	s.give(completion.Event{Kind: completion.Finished, Finish: finish}, nil)
}

// reason turns what ended the stream into the error that the reader gets.
func (s *stream) reason(parent, ctx context.Context, err error) error {
	var quiet *silence
	var failed *failure
	var page *pageError
	var already *completion.Error
	switch t := s.target; {
	case parent.Err() != nil:
		return context.Cause(parent)
	case errors.As(err, &already):
		return already
	case errors.As(err, &failed):
		return t.failed(0, nil, failed)
	case errors.As(context.Cause(ctx), &quiet):
		return t.timedOut(quiet)
	case errors.As(err, &page):
		return &completion.Error{Kind: completion.NotAnAPI, Host: t.host, Detail: t.detail(page.detail)}
	case errors.Is(err, io.EOF) && !s.known && s.size == 0:
		return &completion.Error{Kind: completion.Network, Reason: completion.Incomplete, Host: t.host, Detail: "it sent no answer"}
	case errors.Is(err, io.EOF):
		return t.incomplete()
	case errors.Is(err, errTooLarge):
		return &completion.Error{Kind: completion.Busy, Reason: completion.TooLarge, Host: t.host, Detail: err.Error(), Err: err}
	case errors.Is(err, errTooMuch), errors.Is(err, errNoise), errors.Is(err, sse.ErrTooLong):
		return &completion.Error{Kind: completion.Server, Reason: completion.TooLarge, Host: t.host, Detail: err.Error(), Err: err}
	default:
		return t.broken(err)
	}
}
