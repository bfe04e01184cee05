package upstream

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/jsonwalk"
	"github.com/llmls/llmls/internal/completion/sse"
)

// A stream is one request and its answer. It runs on the caller's goroutine.
type stream struct {
	client *Client
	target *target
	watch  *watch
	memoryShare
	buffer  int   // how much of the body is kept to be decoded
	spoilt  error // why a chunk was skipped, nil if none was
	skipped int   // how many were
	*Answer
	decoder Decoder
	without Refused // what is left out of the request
	status  int     // of the response, 0 before there is one
	failing bool    // an error was announced
	doubt   error   // a possible error; text that follows refutes it
	stray   []byte  // lines that are no part of an event stream
	fails   bool    // stray reports an error
	strange bool    // something arrived that is no part of an answer
}

func (c *Client) newStream(t *target, yield func(completion.Event, error) bool) *stream {
	s := &stream{client: c, target: t, memoryShare: memoryShare{of: &c.memory}, Answer: NewAnswer(yield)}
	s.decoder = t.format.NewDecoder(s.Answer)
	return s
}

// run sends the request and gives its events to the consumer. When it returns,
// the connection is closed, or free for the next request.
func (s *stream) run(parent context.Context, req *completion.Request) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	defer s.release()
	defer s.client.transports.markUsed()
	s.without = s.client.refusals.of(s.target)
	for {
		s.watch = newWatch(cancel, s.target)
		s.limit = req.MaxOutputTokens
		err := s.exchange(ctx, req)
		if err == nil {
			return
		}
		if ctx.Err() != nil || !s.refusedWithin(req, err) {
			s.give(completion.Event{}, s.reason(parent, ctx, err))
			return
		}
		s.Answer = NewAnswer(s.yield)
		s.decoder = s.target.format.NewDecoder(s.Answer)
	}
}

// exchange sends the request and gives out the answer.
func (s *stream) exchange(ctx context.Context, req *completion.Request) error {
	resp, err := s.open(ctx, req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	s.status = resp.StatusCode
	raw := &watchedReader{src: resp.Body, watch: s.watch}
	err = s.receive(resp.Header, raw)
	if err == nil || s.size > 0 { // leaving out s.without helped
		s.client.refusals.remember(s.target, s.without)
	}
	if err == nil && s.done { // let the connection be used again
		s.watch.grace = drainGrace
		io.CopyN(io.Discard, raw, maxDrain) //nolint:errcheck // the answer is complete
	}
	return err
}

// receive gives out the events of a body, the last one included if the answer
// is whole. The error says why it is not.
func (s *stream) receive(header http.Header, raw io.Reader) error {
	err := s.read(header, raw)
	if len(s.kept) > 0 && !s.stopped {
		s.decoder.Rest(s.kept)
	}
	s.finishText()
	s.lumps.arrived(s.watch.waited)
	if told := s.told(); told != nil && !isFailure(err) {
		err = told
	}
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
		return s.notAnAPI(header, body)
	case formJSON:
		err = s.readValues(body)
	default:
		err = s.readEvents(body)
	}
	if errors.Is(err, io.EOF) && !s.known && len(s.stray) > 0 {
		return &pageError{detail: pageText(s.stray)}
	}
	if err == nil && s.done && !s.known && s.strange {
		err = io.EOF // the end mark of another API
	}
	if errors.Is(err, io.EOF) && !s.known && s.status != http.StatusAccepted && (!isEventStream(header) && s.watch.started || s.strange) {
		return &pageError{detail: "nothing in its answer is a completion"}
	}
	return err
}

// readEvents decodes an event stream.
func (s *stream) readEvents(r io.Reader) error {
	events := sse.NewDecoder(r)
	events.Stray = s.takeStray
	var cut []byte // the start of a chunk whose end is missing, as long as it is the last
	seen := 0      // how much data of an open event were not whole
	for !s.done && !s.stopped {
		event, ok := events.Scan()
		open := false
		if !ok {
			// Some servers send no blank line between events, or send it with
			// the next one. A whole chunk need not wait for it.
			event, open = events.Open()
			open = open && len(event.Data) > seen && isWhole(event.Data)
			seen = len(event.Data)
		}
		switch {
		case !ok && !open:
			if s.handOn(); s.stopped {
				return nil
			}
			s.buffer = events.Held()
			if err := s.hold(); err != nil {
				return err
			}
			switch err := events.Fill(); {
			case err != nil && len(cut) > 0:
				return io.ErrUnexpectedEOF
			case errors.Is(err, io.EOF) && s.failing:
				return errUnsaid()
			case errors.Is(err, io.EOF) && s.spoilt != nil:
				return s.spoilt
			case err != nil:
				return err
			}
			continue
		case cut != nil: // a chunk may be cut at the end of the stream only
			if err := s.skip(notJSON(cut, jsonwalk.ErrNotJSON)); err != nil {
				return err
			}
			cut = nil
		}
		seen = 0
		switch err := s.event(event.Type, event.Data); {
		case errors.Is(err, io.ErrUnexpectedEOF):
			cut = bytes.Clone(event.Data[:min(len(event.Data), 4*maxDetail)])
		case errors.Is(err, errSpoilt):
			if err := s.skip(err); err != nil {
				return err
			}
		case err != nil:
			return err
		}
		if open {
			events.Drop()
		}
	}
	return s.spoilt
}

// handOn yields what has arrived, before the stream waits for more.
func (s *stream) handOn() {
	s.lumps.arrived(s.watch.waited)
	s.Flush()
}

// maxSpoilt is how many chunks may be spoilt before the stream is given up.
const maxSpoilt = 16

// skip notes a chunk that cannot be read. What follows is still read, but the answer
// is not whole any more. It returns the first such error once there
// are too many of them.
func (s *stream) skip(err error) error {
	if s.spoilt == nil {
		s.spoilt = err
	}
	if s.skipped++; s.skipped > maxSpoilt {
		return s.spoilt
	}
	return nil
}

// isWhole reports whether the data of an open event can be decoded as they are.
func isWhole(data []byte) bool {
	if isDone(data) {
		return true
	}
	if len(data) == 0 || data[0] != '{' {
		return false
	}
	for { // several, if they came at once
		_, rest, err := jsonwalk.Cut(data)
		if err != nil {
			return errors.Is(err, io.EOF)
		}
		data = rest
	}
}

// event decodes one event and keeps the watch informed.
func (s *stream) event(kind, data []byte) error {
	before := s.size
	err := s.decode(kind, data)
	if s.size > before {
		s.watch.heard()
		s.doubt = nil
	}
	if err == nil {
		err = s.hold()
	}
	s.watch.grace = 0
	if s.finish.last && s.size == before && s.size > 0 { // some say "stop" before the first text
		s.watch.grace = finishGrace
	}
	if s.failing || s.doubt != nil {
		s.watch.grace = finishGrace
	}
	return err
}

// hold fails if the other streams leave no memory for what this one holds by now.
func (s *stream) hold() error {
	return s.set(s.size+s.texts.size()+s.thoughts.size()+len(s.textAgain.held)+len(s.thoughtAgain.held)+len(s.kept), s.buffer)
}

// complete reports whether the answer is whole, given how reading ended. Once the
// server has said that it is finished, it does not matter how it hangs up.
func (s *stream) complete(err error) bool {
	var failed *failure
	switch {
	case err == nil:
		return s.done
	case errors.As(err, &failed), s.stopped, s.spoilt != nil, s.failing:
		return false
	case errors.Is(err, io.EOF):
		return s.finish.reason != "" || s.whole == 1
	default:
		return s.finish.last && !s.finish.doubtful
	}
}

func (s *stream) giveFinish() {
	s.giveSources()
	finish := s.Summary()
	if finish.Reason == "" {
		finish.Reason = completion.FinishUnknown
	}
	s.give(completion.Event{Kind: completion.Finished, Finish: finish}, nil)
}

// unanswered makes the error for a response without any part of an answer.
func (s *stream) unanswered() *completion.Error {
	e := &completion.Error{Kind: completion.Network, Reason: completion.Incomplete, Host: s.target.host, Detail: "it sent no answer"}
	if s.waiting || s.status == http.StatusAccepted {
		e.Kind, e.Reason, e.Detail = completion.Server, completion.Pending, ""
	}
	if s.status != http.StatusOK {
		e.Status = s.status
	}
	return e
}

// reason turns what ended the stream into the error that the consumer gets.
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
		e := t.failed(0, nil, failed)
		if spoilt, ok := errors.AsType[*spoiltError](err); ok && !spoilt.told {
			e.Reason = completion.Unreadable
		}
		return e
	case s.failing && errors.As(errUnsaid(), &failed):
		return t.failed(0, nil, failed)
	case errors.As(context.Cause(ctx), &quiet):
		return t.timedOut(quiet)
	case errors.As(err, &page):
		return &completion.Error{Kind: completion.NotAnAPI, Host: t.host, API: t.api(), Detail: t.detail(page.detail)}
	case errors.Is(err, io.EOF) && s.size == 0 && (s.waiting || !s.known):
		return s.unanswered()
	case errors.Is(err, io.EOF):
		return t.incomplete()
	case errors.Is(err, errTooLarge):
		return &completion.Error{Kind: completion.Busy, Reason: completion.TooLarge, Host: t.host, Detail: err.Error(), Err: err}
	case errors.Is(err, errTooMuch), errors.Is(err, errNoise), errors.Is(err, errManyModels), errors.Is(err, sse.ErrTooLong):
		return &completion.Error{Kind: completion.Server, Reason: completion.TooLarge, Host: t.host, Detail: err.Error(), Err: err}
	default:
		return t.broken(err)
	}
}
