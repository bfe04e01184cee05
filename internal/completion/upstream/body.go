package upstream

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/jsonwalk"
	"github.com/llmls/llmls/internal/completion/sse"
)

const (
	// peekSize is the buffer in which the form of a body is recognised. It is
	// smaller than the reads that follow, so that they bypass it.
	peekSize = 512
	// maxDrain is how much may come between the end mark and the end.
	maxDrain = 4 << 10
	// maxPage is how much of an error body, or of a web page, is looked at.
	maxPage = 64 << 10
)

// A form is how a body is framed. Content-Type is only a hint to it: servers
// send streams as text/plain, whole completions as text/event-stream, and error
// objects as anything.
type form uint8

const (
	formEvents form = iota // an event stream
	formJSON               // JSON values one after the other, mostly just one
	formPage               // a page for people
)

func formOf(header http.Header, body *bufio.Reader) form {
	skipSpace(body)
	for n := 1; n <= body.Size(); n++ {
		seen, err := body.Peek(n)
		if f, ok := formOfText(bytes.TrimLeft(seen, " \t\r\n"), header); ok {
			return f
		}
		if err != nil {
			break
		}
	}
	return formEvents // space, and perhaps the start of a field
}

// skipSpace steps over white space, which servers send to keep a connection open
// before a whole answer.
func skipSpace(body *bufio.Reader) {
	for {
		next, err := body.Peek(1)
		if err != nil || !bytes.ContainsAny(next, " \t\r\n") {
			return
		}
		_, _ = body.Discard(1) // it is in the buffer
	}
}

// formOfText decides by the start of a body. It reports false if that needs
// more of it.
func formOfText(text []byte, header http.Header) (f form, decided bool) {
	if len(text) == 0 {
		return 0, false
	}
	switch text[0] {
	case '<':
		return formPage, true
	case '{', '[':
		return formJSON, true
	}
	if isEventStream(header) {
		return formEvents, true
	}
	for _, field := range []string{":", "data:", "event:", "id:", "retry:"} {
		switch n := min(len(text), len(field)); {
		case string(text[:n]) != field[:n]:
		case n == len(field):
			return formEvents, true
		default:
			return 0, false
		}
	}
	return formPage, true
}

// skipMark steps over a byte order mark.
func skipMark(body *bufio.Reader) {
	const mark = "\xEF\xBB\xBF"
	first, err := body.Peek(1)
	if err != nil || first[0] != mark[0] {
		return
	}
	if seen, _ := body.Peek(len(mark)); string(seen) == mark {
		_, _ = body.Discard(len(mark)) // it is in the buffer
	}
}

func isEventStream(header http.Header) bool {
	return strings.HasPrefix(strings.ToLower(header.Get("Content-Type")), "text/event-stream")
}

// decompress undoes a compression that was not asked for, as it streams. What
// comes out is bounded where it is used. A proxy that undoes it already may
// leave the header behind, so the bytes decide.
func decompress(header http.Header, body io.Reader) (io.Reader, error) {
	coding := strings.ToLower(strings.TrimSpace(header.Get("Content-Encoding")))
	buffered := bufio.NewReaderSize(body, peekSize)
	head, _ := buffered.Peek(2)
	if len(head) < 2 {
		return buffered, nil // not even a header; reading it returns the error
	}
	magic := int(head[0])<<8 | int(head[1])
	switch coding {
	case "gzip", "x-gzip", "", "identity": // some leave the header out
		if magic == 0x1f8b {
			return gzip.NewReader(buffered)
		}
		return buffered, nil
	case "deflate": // zlib by the standard, bare deflate by custom
		if head[0]&0x0f == 8 && magic%31 == 0 {
			return zlib.NewReader(buffered)
		}
		return flate.NewReader(buffered), nil
	default:
		return nil, &pageError{detail: "it sent Content-Encoding " + coding + ", which was not asked for"}
	}
}

// A pageError is for a response that is no completion in any form.
type pageError struct{ detail string }

func (e *pageError) Error() string { return "not an API: " + e.detail }

func (s *stream) notAnAPI(header http.Header, body io.Reader) error {
	page, err := io.ReadAll(io.LimitReader(body, maxPage))
	if len(page) == 0 && err != nil {
		return err
	}
	if isFirewall(s.status, header, page) {
		return &completion.Error{Kind: completion.NotAnAPI, Reason: completion.Firewall, Host: s.target.host, Detail: s.target.detail(pageText(page))}
	}
	return &pageError{detail: pageText(page)}
}

// pageText returns what a page says, in one line.
func pageText(page []byte) string {
	if !isMarkup(page) {
		return string(page[:min(len(page), 4*maxDetail)])
	}
	if title := pageTitle(page); title != "" {
		return "a page with the title " + strings.TrimSpace(title)
	}
	return "a web page"
}

// bodyFailure reads what an error response says: JSON, an event stream with the
// error in it, a page, or text.
func bodyFailure(body []byte) *failure {
	body = bytes.TrimSpace(body)
	if isMarkup(body) {
		return &failure{message: pageText(body)}
	}
	if isFramed(body) {
		events := sse.NewDecoder(bytes.NewReader(body))
		for {
			event, err := events.Next()
			if err != nil {
				break
			}
			if len(event.Data) > 0 && !isDone(event.Data) {
				body = bytes.Clone(event.Data)
				break
			}
		}
	}
	var f *failure
	if errors.As(FailureIn(body), &f) {
		return f
	}
	return &failure{}
}

func isFramed(body []byte) bool {
	for _, start := range []string{"data:", "event:", "id:", "retry:", ":"} {
		if bytes.HasPrefix(body, []byte(start)) {
			return true
		}
	}
	return false
}

// readValues decodes a body of JSON values: a whole completion where a stream
// was asked for, an error object, or chunks without the framing of events.
func (s *stream) readValues(r io.Reader) error {
	limited := &limitReader{src: r, stream: s}
	values := jsontext.NewDecoder(limited, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	for !s.done && !s.stopped {
		if _, _, err := jsonwalk.Cut(values.UnreadBuffer()); err != nil {
			if s.handOn(); s.stopped {
				return nil
			}
		}
		limited.n, s.buffer = 0, 0
		value, err := values.ReadValue()
		var syntax *jsontext.SyntacticError
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			return io.ErrUnexpectedEOF
		case errors.Is(err, sse.ErrTooLong):
			return sse.ErrTooLong
		case errors.Is(err, errTooLarge):
			return errTooLarge
		case errors.As(err, &syntax):
			line := lineOf(values.UnreadBuffer(), limited)
			if s.done = isDone(line); s.done {
				return nil
			}
			return notJSON(line, jsonwalk.ErrNotJSON)
		case err != nil:
			return err
		}
		if err := s.event(nil, value); err != nil {
			return err
		}
	}
	return nil
}

// lineOf is the line that seen begins and rest goes on with, so that what is
// said of it does not depend on how much of it had come.
func lineOf(seen []byte, rest io.Reader) []byte {
	seen = bytes.TrimLeft(seen, " \t\r\n")
	line, _, _ := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(seen), rest), 4*maxDetail).ReadLine()
	return line
}

// A limitReader fails when more than sse.MaxEvent bytes come for one value, or
// more than there is room for.
type limitReader struct {
	src    io.Reader
	stream *stream
	n      int
}

func (r *limitReader) Read(p []byte) (int, error) {
	if r.n > sse.MaxEvent {
		return 0, sse.ErrTooLong
	}
	r.stream.buffer = 2 * r.n // it doubles
	if err := r.stream.hold(); err != nil {
		return 0, err
	}
	n, err := r.src.Read(p)
	r.n += n
	return n, err
}
