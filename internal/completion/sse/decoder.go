// Package sse frames event streams as the WHATWG HTML standard defines them
// (section 9.2, "Server-sent events"): bytes in, events out. It knows nothing
// of what the events mean.
package sse

import (
	"bytes"
	"errors"
	"io"
)

// MaxEvent is the longest line, and the most data of one event, in bytes.
// Lines of 3 MB exist in the field; what is longer than this is no event.
const MaxEvent = 8 << 20

// ErrTooLong is the error for a line or an event longer than MaxEvent.
var ErrTooLong = errors.New("event stream: an event is longer than 8 MiB")

const (
	// firstBuffer holds some sixty chunks of a usual stream: what has piled up
	// while the consumer was busy comes in one read. It is small, because 64
	// answers may stream at once.
	firstBuffer = 16 << 10
	// maxRead bounds one read, and with it what scanning for the rarer line
	// end can cost.
	maxRead = 32 << 10
	// keptBuffer is the largest buffer that is kept after a long event.
	keptBuffer = 64 << 10
	// maxEmptyReads is how often a reader may return nothing without an error,
	// as in bufio.
	maxEmptyReads = 100
)

// An Event is one message of the stream. Its slices lie in the decoder's buffer
// and are valid until the next call.
type Event struct {
	Type []byte // the event field; empty stands for "message"
	Data []byte // the data lines, joined by \n
}

// A Decoder reads events from a stream. Use Next, or, to know when it would
// have to wait for the sender, Scan and Fill.
//
// It differs from the standard on the side of losing nothing: the last event
// counts without the blank line after it; a line that starts with { is data
// (some servers forget the prefix; no field has such a name), and so is an object in a
// field whose name is data but for letter case and space; an event of the
// type error counts without data; and a field named error is data of such an
// event (llama.cpp before 2025 wrote its errors so).
type Decoder struct {
	// Stray, unless nil, takes each line that is no field of the standard, which
	// ignores it. It must not keep the slice.
	Stray func(line []byte)

	src io.Reader
	err error // why reading ended

	buf  []byte
	line int // start of the first line not yet taken
	seen int // no line end before this position, from line on

	open    bool // a data line of the current event was seen
	data    int  // its data are buf[data:dataEnd], joined in place
	dataEnd int
	kind    []byte // its event field

	taken   bool // the current event was returned and must be forgotten
	started bool // a byte order mark cannot come any more
	skipLF  bool // the last line ended in CR: a LF right after belongs to it
}

// errorType is the type of events that report a failure.
const errorType = "error"

// NewDecoder returns a Decoder that reads from r.
func NewDecoder(r io.Reader) *Decoder {
	return &Decoder{src: r, buf: make([]byte, 0, firstBuffer)}
}

// Next returns the next event. At the end it returns io.EOF; the reader's error
// comes only after all events before it.
func (d *Decoder) Next() (Event, error) {
	for {
		if event, ok := d.Scan(); ok {
			return event, nil
		}
		if err := d.Fill(); err != nil {
			return Event{}, err
		}
	}
}

// Scan returns the next event if all of it has been received. It never reads.
func (d *Decoder) Scan() (Event, bool) {
	if d.taken {
		d.Drop()
	}
	for {
		start, end, ok := d.takeLine()
		switch {
		case !ok && d.err != nil && (d.open || string(d.kind) == errorType):
			if !d.open {
				d.data, d.dataEnd = d.line, d.line
			}
			return d.take(), true // nothing ends it any more
		case !ok:
			return Event{}, false
		case start < end:
			d.field(start, end)
		case d.open:
			return d.take(), true
		case string(d.kind) == errorType:
			d.data, d.dataEnd = d.line, d.line
			return d.take(), true
		default:
			d.Drop() // an event without data does not count
		}
	}
}

// Fill reads once from the stream, waiting for it if need be. It returns the
// reader's error, or ErrTooLong, in the call after the one that met it, so that
// Scan has had the last bytes.
func (d *Decoder) Fill() error {
	if d.err != nil {
		return d.err
	}
	if d.taken {
		d.Drop()
	}
	d.makeRoom()
	if d.err != nil {
		return nil //nolint:nilerr // the next call returns it
	}
	for range maxEmptyReads {
		n, err := d.src.Read(d.buf[len(d.buf):min(cap(d.buf), len(d.buf)+maxRead)])
		d.buf = d.buf[:len(d.buf)+n]
		d.err = err
		if n > 0 || err != nil {
			return nil //nolint:nilerr // the next call returns it
		}
	}
	d.err = io.ErrNoProgress
	return nil
}

// Held returns the size of the buffer in bytes. It is above keptBuffer only while
// an event is long.
func (d *Decoder) Held() int { return cap(d.buf) }

// Open returns what has been received of the event that is still open: whole
// data lines, but no blank line yet. A caller that can tell by itself that the
// data are complete takes it so, and then calls Drop.
func (d *Decoder) Open() (Event, bool) {
	if !d.open || d.taken {
		return Event{}, false
	}
	return Event{Type: d.kind, Data: d.buf[d.data:d.dataEnd]}, true
}

// Drop forgets the event that is still open.
func (d *Decoder) Drop() {
	d.open, d.taken = false, false
	d.kind = d.kind[:0]
}

func (d *Decoder) take() Event {
	d.taken = true
	return Event{Type: d.kind, Data: d.buf[d.data:d.dataEnd]}
}

// takeLine steps over the next line and says where in the buffer it lies,
// without its end. A line that the end of the stream cuts counts; one that an
// error cuts does not.
func (d *Decoder) takeLine() (start, end int, ok bool) {
	if !d.start() {
		return 0, 0, false
	}
	start, end = d.line, d.lineEnd()
	if end < 0 {
		end = len(d.buf)
		d.seen = end
		if d.err != io.EOF || start == end {
			return 0, 0, false
		}
		d.line = end
		return start, end, true
	}
	d.skipLF = d.buf[end] == '\r'
	d.line, d.seen = end+1, end+1
	return start, end, true
}

// start steps over what is not part of the next line: a byte order mark at the
// start of the stream, and the LF of a CRLF. It reports false if that cannot be
// decided yet.
func (d *Decoder) start() bool {
	const mark = "\xEF\xBB\xBF"
	rest := d.buf[d.line:]
	if !d.started {
		if len(rest) < len(mark) && d.err == nil && string(rest) == mark[:len(rest)] {
			return false
		}
		d.started = true
		if bytes.HasPrefix(rest, []byte(mark)) {
			d.line += len(mark)
		}
	}
	if d.skipLF && d.line < len(d.buf) {
		d.skipLF = false
		if d.buf[d.line] == '\n' {
			d.line++
		}
	}
	d.seen = max(d.seen, d.line)
	return true
}

// lineEnd is the position of the next CR or LF, or -1.
func (d *Decoder) lineEnd() int {
	rest := d.buf[d.seen:]
	lf := bytes.IndexByte(rest, '\n')
	if lf >= 0 {
		rest = rest[:lf]
	}
	if cr := bytes.IndexByte(rest, '\r'); cr >= 0 {
		return d.seen + cr
	}
	if lf < 0 {
		return -1
	}
	return d.seen + lf
}

func (d *Decoder) field(start, end int) {
	line := d.buf[start:end]
	name, value, _ := bytes.Cut(line, []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch {
	case line[0] == '{':
		d.appendData(start, end)
	case string(name) == "data", isData(name, value):
		d.appendData(end-len(value), end)
	case string(name) == "event":
		d.kind = append(d.kind[:0], value...)
	case string(name) == errorType && len(value) > 0:
		d.kind = append(d.kind[:0], errorType...)
		d.appendData(end-len(value), end)
	case len(name) > 0 && string(name) != "id" && string(name) != "retry" && d.Stray != nil:
		d.Stray(line)
	}
}

// isData reports whether a field that the standard ignores is meant as data: its value is
// an object, and its name is data but for letter case, white space and a byte order mark.
func isData(name, value []byte) bool {
	return len(value) > 0 && value[0] == '{' && bytes.EqualFold(bytes.TrimSpace(bytes.TrimPrefix(name, []byte("\xEF\xBB\xBF"))), []byte("data"))
}

// appendData joins a data line to the open event, in place: the line lies
// further on in the buffer, with at least a line end between.
func (d *Decoder) appendData(start, end int) {
	if !d.open {
		d.open, d.data, d.dataEnd = true, start, end
		return
	}
	d.buf[d.dataEnd] = '\n'
	d.dataEnd += 1 + copy(d.buf[d.dataEnd+1:], d.buf[start:end])
}

// makeRoom leaves space for a read behind what is still needed: the data of the
// open event and the lines not yet taken. Each byte is moved a bounded number
// of times, because the buffer grows unless half of it becomes free.
func (d *Decoder) makeRoom() {
	if !d.open {
		d.data, d.dataEnd = d.line, d.line
	}
	held := d.dataEnd - d.data
	used := held + len(d.buf) - d.line
	switch free := cap(d.buf) - len(d.buf); {
	case used > MaxEvent:
		d.err = ErrTooLong
		d.Drop() // a part of an event cannot be used
	case used == 0 && cap(d.buf) > keptBuffer:
		d.move(make([]byte, 0, firstBuffer), 0)
	case free >= firstBuffer/4 || free >= cap(d.buf)/2:
	case used > cap(d.buf)/2:
		d.move(make([]byte, 0, 2*cap(d.buf)), held)
	default:
		d.move(d.buf[:0], held)
	}
}

// move copies what is still needed to the front of buf. Behind data it leaves
// the line end that appendData relies on.
func (d *Decoder) move(buf []byte, held int) {
	rest := d.buf[d.line:]
	buf = append(buf, d.buf[d.data:d.dataEnd]...)
	if d.open {
		buf = append(buf, '\n')
	}
	line := len(buf)
	buf = append(buf, rest...)
	d.data, d.dataEnd = 0, held
	d.seen += line - d.line
	d.line = line
	d.buf = buf
}
