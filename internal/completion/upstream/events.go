package upstream

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/llmls/llmls/internal/completion/jsonwalk"
)

// errTooMuch is for an answer longer than maxAnswer.
var errTooMuch = errors.New("the answer is longer than 8 MiB")

// decode decodes the data of one event: usually one chunk, but several where the
// server puts a single line end between events. The error is a *failure if the
// server reports one, and io.ErrUnexpectedEOF if the JSON is cut.
func (s *stream) decode(kind, data []byte) error {
	switch {
	case isFailureKind(kind) && len(data) == 0:
		s.failing = true // the next event may have the message
		return nil
	case isFailureKind(kind):
		return FailureIn(data)
	case s.failing:
		if value, _, err := jsonwalk.Cut(data); err == nil && saysFailure(value) {
			return FailureIn(value)
		}
		return errUnsaid()
	}
	for !s.done && !s.stopped {
		data = bytes.TrimSpace(data)
		if inner, wrapped := bytes.CutPrefix(data, []byte("data:")); wrapped { // some relays wrap twice
			data = bytes.TrimSpace(inner)
		}
		switch {
		case len(data) == 0:
			return nil
		case isDone(data):
			s.done = true
			return nil
		}
		value, rest, err := jsonwalk.Cut(data)
		if err != nil {
			if isKeepalive(kind, data) {
				return nil
			}
			if glued := max(bytes.LastIndex(data, []byte("data: {")), bytes.LastIndex(data, []byte("data:{"))); glued > 0 && s.skip(notJSON(data[:glued], jsonwalk.ErrNotJSON)) == nil {
				data = data[glued:] // the next chunk began in the middle of this one
				continue
			}
			return notJSON(data, err)
		}
		if err := s.decodeValue(kind, value); err != nil {
			return err
		}
		if s.size > maxAnswer {
			return errTooMuch
		}
		data = rest
	}
	return nil
}

// decodeValue decodes a value, or each element of a list: some relays put their events,
// or their errors, into one.
func (s *stream) decodeValue(kind, value []byte) error {
	if value[0] == '"' && soundsLikeFailure([]byte(jsonwalk.String(value))) {
		return FailureIn(value)
	}
	if value[0] != '[' {
		err := s.decodeObject(kind, value)
		s.strange = s.strange || !s.known && (isStrange(value) || s.target.api() != "" && isChat(value))
		return err
	}
	for element := range jsonwalk.Elements(value) {
		if element[0] == '[' {
			continue
		}
		if err := s.decodeObject(nil, element); err != nil {
			return err
		}
	}
	return nil
}

// decodeObject passes an object to the decoder, and checks whether it reports an error in
// a place where its format has none.
func (s *stream) decodeObject(kind, object []byte) error {
	before := s.size
	err := s.decoder.Decode(kind, object)
	if err == nil && s.size > before && !mayHoldError(object) {
		return nil // most chunks
	}
	if inner := enveloped(object); inner != nil {
		if within := s.decoder.Decode(kind, inner); within == nil || err == nil {
			err = within // else the envelope says more
		}
	}
	if err != nil {
		return err
	}
	switch certain, possible := announces(object); {
	case certain:
		return FailureIn(object)
	case possible && s.size == before:
		s.doubt = FailureIn(object)
	}
	return nil
}

// mayHoldError reports whether a name or a text in an object may begin with "err".
func mayHoldError(object []byte) bool {
	for { // the letter that is the rarest in a chunk
		r := bytes.IndexByte(object, 'r')
		if r < 0 {
			return false
		}
		if bytes.HasSuffix(object[:r], []byte(`"e`)) {
			return true
		}
		object = object[r+1:]
	}
}

// isDone recognises the end mark, also quoted.
func isDone(data []byte) bool {
	const mark = "[DONE]"
	data = bytes.TrimPrefix(data, []byte(`"`))
	return len(data) >= len(mark) && bytes.EqualFold(data[:len(mark)], []byte(mark))
}

// isKeepalive recognises what servers send to keep a connection open other than
// as a comment: a comment wrapped as data, or a word.
func isKeepalive(kind, data []byte) bool {
	if data[0] == ':' {
		return true
	}
	for _, word := range []string{"ping", "pong", "heartbeat", "keepalive", "keep-alive", "processing"} {
		if bytes.EqualFold(kind, []byte(word)) || bytes.EqualFold(bytes.Trim(data, "[]"), []byte(word)) {
			return true
		}
	}
	return false
}

// isStrange reports whether a value without any part of an answer suggests that another
// API answers. Keepalives and counts of tokens do not.
func isStrange(value []byte) bool {
	strange := false
	for name, v := range jsonwalk.Members(value) {
		switch string(name) {
		case "usage", "choices", "ping", "error":
			return false
		case "type", "object", "event", "status":
			text := wording(strings.ToLower(jsonwalk.String(v)))
			if text.any("ping", "alive", "heartbeat", "processing", "completion") {
				return false
			}
		}
		strange = true
	}
	return strange
}

// isChat reports whether a value is a chunk of chat completions.
func isChat(value []byte) bool {
	for name, v := range jsonwalk.Members(value) {
		if string(name) == "choices" && !jsonwalk.IsEmpty(v) {
			return true
		}
	}
	return false
}

// errUnsaid returns the error for an error event without a message.
func errUnsaid() error { return &failure{message: "it reported an error and did not say which"} }

// errSpoilt is for a chunk that cannot be read. Those behind it may be good.
var errSpoilt = errors.New("a chunk that is not JSON")

// A spoiltError is errSpoilt with the message that a person gets.
type spoiltError struct {
	*failure
	told bool // the chunk is an error in plain text
}

func (e *spoiltError) Is(target error) bool { return target == errSpoilt }

func (e *spoiltError) Unwrap() error { return e.failure }

func notJSON(data []byte, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	text := string(data[:min(len(data), 4*maxDetail)])
	if soundsLikeFailure(data) {
		return &spoiltError{&failure{message: text}, true}
	}
	return &spoiltError{&failure{message: "it sent a chunk that is not JSON: " + text}, false}
}
