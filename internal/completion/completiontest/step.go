package completiontest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
)

// A Step is one thing that a script does. A script that does not say otherwise
// answers with status 200 and an event stream.
type Step struct {
	play func(*player) bool // false ends the script
}

// Status sets the status and the header fields, given as pairs of name and
// value. It comes before anything is sent.
func Status(code int, fields ...string) Step {
	return Step{func(p *player) bool {
		p.status = code
		for i := 0; i+1 < len(fields); i += 2 {
			p.w.Header().Add(fields[i], fields[i+1])
		}
		return true
	}}
}

// Send sends text as it stands, at once and in one piece.
func Send(text string) Step {
	return Step{func(p *player) bool { return p.send(text) }}
}

// SendBytes sends text in pieces of n bytes.
func SendBytes(text string, n int) Step {
	return Step{func(p *player) bool {
		for rest := text; rest != ""; {
			size := min(n, len(rest))
			if !p.send(rest[:size]) {
				return false
			}
			rest = rest[size:]
		}
		return true
	}}
}

// SendEvents sends text in pieces that end in a blank line.
func SendEvents(text string) Step {
	return Step{func(p *player) bool {
		for _, event := range splitEvents(text) {
			if !p.send(event) {
				return false
			}
		}
		return true
	}}
}

// Event sends one event with that data.
func Event(data string) Step { return Send("data: " + data + "\n\n") }

// Delta sends a chunk with a piece of the answer.
func Delta(text string) Step { return Event(chunk(`{"content":` + quote(text) + `}`)) }

// Reasoning sends a chunk with a piece of the thinking.
func Reasoning(text string) Step { return Event(chunk(`{"reasoning_content":` + quote(text) + `}`)) }

// Finish sends the chunk with the finish reason.
func Finish(reason string) Step { return Event(finishChunk(reason)) }

// Usage sends the chunk with the counts of tokens.
func Usage(prompt, completion int) Step { return Event(usageChunk(prompt, completion)) }

// Done sends the end mark.
func Done() Step { return Event("[DONE]") }

// Answer plays a whole answer in those pieces, to its regular end. Each piece
// counts as a token, the prompt as ten.
func Answer(deltas ...string) Step {
	var steps []Step
	for _, text := range deltas {
		steps = append(steps, Delta(text))
	}
	return Sequence(append(steps, Finish("stop"), Usage(10, len(deltas)), Done())...)
}

// Sequence plays steps one after the other.
func Sequence(steps ...Step) Step {
	return Step{func(p *player) bool {
		for _, step := range steps {
			if !step.play(p) {
				return false
			}
		}
		return true
	}}
}

// Error answers with an error in OpenAI's form.
func Error(status int, kind, message string) Step {
	return Sequence(
		Status(status, "Content-Type", "application/json"),
		Send(`{"error":{"message":`+quote(message)+`,"type":`+quote(kind)+`,"param":null,"code":null}}`),
	)
}

// Pause waits for Resume(name), after telling WaitPaused. As the first step of
// a script it comes before even the header; Send("") sends that.
func Pause(name string) Step {
	return Step{func(p *player) bool {
		g := p.upstream.gate(name)
		g.reached <- struct{}{}
		select {
		case <-g.open:
			return true
		case <-p.r.Context().Done():
		case <-p.upstream.gone:
		}
		return false
	}}
}

// Stall sends nothing more and keeps the connection open until the client goes.
func Stall() Step {
	return Step{func(p *player) bool {
		select {
		case <-p.r.Context().Done():
		case <-p.upstream.gone:
		}
		return false
	}}
}

// Cut breaks the body off: the connection is closed, or, in HTTP/2, the stream is
// reset with INTERNAL_ERROR.
func Cut() Step {
	return Step{func(p *player) bool { panic(http.ErrAbortHandler) }}
}

// Reset sends a TCP RST. It cannot be played over HTTP/2.
func Reset() Step {
	return Step{func(p *player) bool {
		conn := p.hijack()
		if c, ok := conn.(*connection); ok {
			c.reset()
		}
		_ = conn.Close()
		return false
	}}
}

// Raw sends bytes in place of the whole response, header included, and closes
// the connection. It cannot be played over HTTP/2.
func Raw(response string) Step {
	return Step{func(p *player) bool {
		conn := p.hijack()
		_, _ = io.WriteString(conn, response)
		_ = conn.Close()
		return false
	}}
}

// Gzip compresses what follows, flushed piece by piece.
func Gzip() Step {
	return Step{func(p *player) bool {
		p.w.Header().Set("Content-Encoding", "gzip")
		p.gzip = gzip.NewWriter(p.w)
		return true
	}}
}

// A player plays one script to one request.
type player struct {
	upstream *Upstream
	w        http.ResponseWriter
	r        *http.Request
	status   int
	sent     bool // the header
	gzip     *gzip.Writer
}

// header sends the header, if that has not been done.
func (p *player) header() bool {
	if p.sent {
		return true
	}
	p.sent = true
	if p.w.Header().Get("Content-Type") == "" {
		p.w.Header().Set("Content-Type", "text/event-stream")
	}
	if p.status == 0 {
		p.status = http.StatusOK
	}
	p.w.WriteHeader(p.status)
	return http.NewResponseController(p.w).Flush() == nil
}

func (p *player) send(text string) bool {
	if !p.header() {
		return false
	}
	var err error
	if p.gzip != nil {
		_, err = io.WriteString(p.gzip, text)
		if err == nil {
			err = p.gzip.Flush()
		}
	} else {
		_, err = io.WriteString(p.w, text)
	}
	return err == nil && http.NewResponseController(p.w).Flush() == nil
}

func (p *player) hijack() net.Conn {
	conn, _, err := http.NewResponseController(p.w).Hijack()
	if err != nil {
		panic(fmt.Sprintf("completiontest: this step needs HTTP/1.1: %v", err))
	}
	return conn
}

// chunkHead is what all chunks begin with.
const chunkHead = `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1763840000,"model":"scripted",`

func chunk(delta string) string {
	return chunkHead + `"choices":[{"index":0,"delta":` + delta + `,"finish_reason":null}]}`
}

func finishChunk(reason string) string {
	return chunkHead + `"choices":[{"index":0,"delta":{},"finish_reason":` + quote(reason) + `}]}`
}

func usageChunk(prompt, completion int) string {
	return chunkHead + fmt.Sprintf(`"choices":[],"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}}`,
		prompt, completion, prompt+completion)
}

func quote(text string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		panic(err) // a string can always be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// splitEvents cuts a stream behind each blank line, whatever the line ends.
func splitEvents(text string) []string {
	var events []string
	for text != "" {
		end := len(text)
		for _, blank := range []string{"\n\n", "\r\n\r\n", "\r\r"} {
			if i := strings.Index(text, blank); i >= 0 {
				end = min(end, i+len(blank))
			}
		}
		events = append(events, text[:end])
		text = text[end:]
	}
	return events
}

func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
