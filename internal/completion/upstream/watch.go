package upstream

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/llmls/llmls/internal/completion"
)

const (
	// maxNoContent is how long a stream may keep itself alive with comments
	// and empty chunks before it must say something. Local servers read a long
	// prompt for minutes.
	maxNoContent = 10 * time.Minute
	// finishGrace is how long to wait for the usage and the end mark once the
	// server has said that the answer is finished. Some never send either and
	// leave the connection open.
	finishGrace = 2 * time.Second
	// drainGrace is how long to wait, after the end mark, for the end of the
	// body, without which the connection cannot be used again. It mostly has
	// arrived already.
	drainGrace = 20 * time.Millisecond
	// errorGrace is how long to wait for the pieces of an error's body: the
	// status alone says a lot.
	errorGrace = 5 * time.Second
	// maxNoContentBytes bounds what may come without any content in it.
	maxNoContentBytes = 64 << 20
)

// errNoise is for a stream that sends very much without any content.
var errNoise = errors.New("64 MiB arrived without any text")

// A silence is the cause with which a watch cancels a request.
type silence struct {
	reason completion.Reason
	limit  time.Duration // as it is set, not what was left of it
}

func (s *silence) Error() string { return "silence: " + string(s.reason) }

// A watch cancels a request when its server stays silent for too long. The clock
// runs only while the stream waits for the server: a slow consumer does not trip
// it. It belongs to one goroutine.
type watch struct {
	timer   *time.Timer
	armed   bool
	tripped bool
	cause   silence // with which the timer cancels; fixed while it runs

	firstByte, idle, noContent time.Duration // the limits; 0 for none

	sent    time.Time     // when the request went out
	started bool          // the first byte of the body is there
	waited  time.Duration // for the server, in all
	silent  time.Duration // of that, since the last content
	noise   int           // bytes received since the last content
	grace   time.Duration // 0 unless only the end is waited for
}

func newWatch(cancel context.CancelCauseFunc, t *target) *watch {
	w := &watch{
		firstByte: t.firstByte, idle: t.idle, noContent: max(maxNoContent, t.firstByte, t.idle),
		sent: time.Now(),
	}
	w.timer = time.AfterFunc(time.Hour, func() { cancel(&w.cause) })
	w.timer.Stop()
	return w
}

// awaitHeader lets the clock run until stop.
func (w *watch) awaitHeader() {
	w.sent = time.Now()
	if w.firstByte > 0 {
		w.start(w.firstByte, silence{completion.FirstByte, w.firstByte})
	}
}

// awaitBody lets the clock run until stop.
func (w *watch) awaitBody() {
	if w.grace > 0 {
		w.start(w.grace, silence{completion.Idle, w.grace})
		return
	}
	left, cause := w.idle, silence{completion.Idle, w.idle}
	if !w.started && left > 0 {
		// Servers that send the header at once still think before the first
		// byte, so that wait is not over.
		switch first := w.firstByte - time.Since(w.sent); {
		case w.firstByte == 0:
			left = 0
		case first > left:
			left, cause = first, silence{completion.FirstByte, w.firstByte}
		}
	}
	if quiet := max(w.noContent-w.silent, 1); left == 0 || quiet < left {
		left, cause = quiet, silence{completion.Idle, w.noContent}
	}
	w.start(left, cause)
}

func (w *watch) start(left time.Duration, cause silence) {
	if !w.tripped {
		w.cause = cause
		w.armed = true
		w.timer.Reset(left)
	}
}

func (w *watch) stop() {
	if w.armed && !w.timer.Stop() {
		w.tripped = true // the timer's goroutine reads cause from now on
	}
	w.armed = false
}

// heard notes that content arrived.
func (w *watch) heard() {
	w.silent, w.noise = 0, 0
}

// A watchedReader reads a body as it comes off the wire.
type watchedReader struct {
	src   io.Reader
	watch *watch
}

func (r *watchedReader) Read(p []byte) (int, error) {
	began := time.Since(r.watch.sent)
	r.watch.awaitBody()
	n, err := r.src.Read(p)
	r.watch.stop()
	waited := time.Since(r.watch.sent) - began
	r.watch.waited += waited
	r.watch.silent += waited
	r.watch.started = r.watch.started || n > 0
	return n, err
}

// A noiseReader reads a body as it is decoded, and bounds what may come
// without content in it.
type noiseReader struct {
	src   io.Reader
	watch *watch
}

func (r *noiseReader) Read(p []byte) (int, error) {
	if r.watch.noise > maxNoContentBytes {
		return 0, errNoise
	}
	n, err := r.src.Read(p)
	r.watch.noise += n
	return n, err
}
