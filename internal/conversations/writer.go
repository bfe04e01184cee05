package conversations

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/llmls/llmls/internal/state"
)

// A Writer writes one turn of a conversation while its answer grows. It appends. It
// rewrites a part of its own answer if later text shows that this part holds a secret,
// and changes nothing that a person or another process wrote. It is for one goroutine.
type Writer struct {
	store    *Store
	id       string
	question Question
	answer   Answer

	name  string   // of the record, once there is one
	file  *os.File // held while the turn grows, so that nobody writes into it
	begun bool
	gone  bool // somebody removed the record, so nothing more is written

	kept    []byte // the answer as the record has it
	end     int    // how much of the text is in kept, in bytes
	thought int    // how much of that is thinking
	from    int    // where in the text the window begins that is searched for secrets
	base    int    // where in kept the window begins
	next    int    // how long the window may get before it is moved
}

// Begin returns the Writer of a turn that belongs to the conversation id. Nothing is
// written before the answer has a text.
func (s *Store) Begin(id string, q Question, a Answer) *Writer {
	q.Shown, q.Title, q.URI, q.Text = s.Redact(q.Shown), s.Redact(q.Title), s.Redact(q.URI), s.Redact(q.Text)
	for _, list := range [][]string{q.Documents, q.Related} {
		for i, u := range list {
			list[i] = s.Redact(u)
		}
	}
	if q.Time.IsZero() {
		q.Time = time.Now()
	}
	q.Time = q.Time.UTC().Truncate(time.Second)
	return &Writer{store: s, id: id, question: q, answer: a}
}

// Grow writes what is new of text, all of the answer so far, of which the first
// thought bytes turned out to be thinking. The last word waits for its end. It fails
// with state.ErrLocked while another turn of the conversation is being written: try
// again.
func (w *Writer) Grow(text string, thought int) error {
	end := w.settled(text)
	if thought > end {
		thought = w.thought
	}
	for {
		from := w.from
		if thought != w.thought {
			from = thought
		}
		to := runeStart(text, min(end, from+maxWindow))
		if to <= w.end && thought == w.thought {
			return nil
		}
		if err := w.grow(text[:to], thought); err != nil {
			return err
		}
	}
}

func (w *Writer) grow(text string, thought int) error {
	from, base, at, head := w.from, w.base, w.base, ""
	if thought != w.thought {
		head = w.body(text[:thought], thought)
		from, base, at = thought, len(head), 0
	}
	all := w.encode(text[from:])
	if err := w.put(at, head+all); err != nil {
		return err
	}
	w.end, w.thought, w.from, w.base = len(text), thought, from, base
	w.advance(text[from:], all)
	return nil
}

const (
	// window is how much of the end of an answer that grows is searched for secrets,
	// in bytes: no secret is longer, or farther from the name that shows that it is one.
	window = 64 << 10
	// maxWindow bounds a window that cannot be moved: what follows is written at the end.
	maxWindow = 4 * window
	// maxWord is how much of a word waits for its end, in bytes: the longest token.
	maxWord = 4 << 10
	// maxQuoted is how much of a line waits for the end of a quoted secret, in bytes.
	maxQuoted = 1 << 10
)

// settled returns how much of text can be written: all but its last word, which may be
// the beginning of a secret.
func (w *Writer) settled(text string) int {
	end := len(text)
	for ; end > 0; end-- {
		if c := text[end-1]; c == ' ' || c == '\n' || len(text)-end > maxWord {
			break
		} else if c >= utf8.RuneSelf {
			if r, n := utf8.DecodeLastRuneInString(text[:end]); r != utf8.RuneError || n > 1 {
				break
			}
		}
	}
	begin := strings.LastIndexByte(text[:end], '\n') + 1
	start := runeStart(text, max(w.end, end-maxQuoted, begin))
	if start >= end {
		return end
	}
	line := strings.TrimRight(text[max(begin, start-maxQuoted):end], " ")
	redacted := w.store.Redact(line)
	for _, quote := range []string{`"`, "'", "`"} {
		if w.store.Redact(line+quote) != redacted+quote {
			return start // a value that this would end is a secret
		}
	}
	return end
}

// runeStart returns at, or where the rune begins that at is within.
func runeStart(text string, at int) int {
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}

// advance moves the start of the window to a later line, or further into a line that is
// as long, if the same secrets are found in the rest then. more is the text in the window,
// and all is what the record has for it.
func (w *Writer) advance(more, all string) {
	if len(more) <= max(w.next, 2*window) {
		return
	}
	for at := len(more) - window; at > 0; at -= window / 4 {
		line := strings.LastIndexByte(more[:at], '\n') + 1
		from := 0
		for range strings.Count(more[:line], "\n") { // a secret leaves its line ends
			from += strings.IndexByte(all[from:], '\n') + 1
		}
		if line == 0 { // it is a long one
			line = runeStart(more, at)
			from = len(w.encode(more[:line]))
		}
		if from <= len(all) && w.encode(more[line:]) == all[from:] {
			w.from, w.base, w.next = w.from+line, w.base+from, 0
			return
		}
	}
	w.next = len(more) + window/4
}

// End writes the rest of text and how the answer ended.
func (w *Writer) End(text string, thought int, finish, model, footer string) error {
	if text == "" {
		return nil
	}
	ended := Answer{Endpoint: w.answer.Endpoint, Model: model, Finish: finish, Footer: w.store.Redact(footer)}
	if err := w.put(0, w.body(text, thought)+ended.end()); err != nil {
		return err
	}
	return w.Close()
}

// Close gives the record up. What was not written is lost.
func (w *Writer) Close() error {
	if w.file == nil {
		return nil
	}
	err := w.file.Close()
	w.file = nil
	return err
}

// body returns how text stands in the record.
func (w *Writer) body(text string, thought int) string {
	if thought == 0 {
		return w.encode(text)
	}
	thought = min(thought, len(text))
	return w.encode(text[:thought]) + thinking + w.encode(text[thought:])
}

func (w *Writer) encode(text string) string { return escape(w.store.Redact(text)) }

// put replaces kept[base:] in the record by body.
func (w *Writer) put(base int, body string) error {
	if !w.begun {
		if err := w.begin(w.question.section() + w.answer.section() + body); err != nil {
			return err
		}
		w.begun, w.kept = true, []byte(body)
		return nil
	}
	same := base
	for same < len(w.kept) && same-base < len(body) && w.kept[same] == body[same-base] {
		same++
	}
	body = body[same-base:]
	var err error
	if same == len(w.kept) {
		err = w.append(body)
	} else {
		err = w.replace(same, body)
	}
	if err == nil {
		w.kept = append(w.kept[:same], body...)
	}
	return err
}

// replace replaces kept[same:] in the record by body. If somebody has edited the answer
// there, it stays, and body is appended.
func (w *Writer) replace(same int, body string) error {
	if err := w.ready(); err != nil || w.gone {
		return err
	}
	if _, err := w.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	data, err := io.ReadAll(w.file)
	if err != nil {
		return err
	}
	at := bytes.LastIndex(data, w.kept)
	if at < 0 {
		return w.append(body)
	}
	return patch(w.file, data, at+same, at+len(w.kept), body)
}

// patch replaces data[from:to] by body in a file that holds data. What stands behind to
// is copied first, so that it is whole in the file at any time, also if the process is
// killed or the disk is full.
func patch(file interface {
	io.WriterAt
	Truncate(size int64) error
}, data []byte, from, to int, body string,
) error {
	rest := append([]byte(body), data[to:]...)
	if to < len(data) {
		if _, err := file.WriteAt(rest, int64(len(data))); err != nil {
			return errors.Join(err, file.Truncate(int64(len(data))))
		}
	}
	if _, err := file.WriteAt(rest, int64(from)); err != nil {
		return err
	}
	return file.Truncate(int64(from + len(rest)))
}

// begin appends the turn to the record. A record that it cannot write it does not
// leave behind.
func (w *Writer) begin(turn string) error {
	if err := w.ready(); err != nil || w.gone {
		return err
	}
	size, err := w.file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	lead := "\n\n" // whatever it ends in, ours begins on a line of its own
	if size == 0 {
		lead = w.question.heading()
	}
	err = w.add(lead + turn)
	if err != nil && size == 0 {
		err = errors.Join(err, w.store.State.Remove(kind, w.name))
	}
	return err
}

// append appends to the record.
func (w *Writer) append(text string) error {
	if err := w.ready(); err != nil || w.gone {
		return err
	}
	return w.add(text)
}

// add appends to the open file, all of text or nothing.
func (w *Writer) add(text string) error {
	size, err := w.file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if _, err = w.file.WriteString(text); err != nil {
		err = errors.Join(err, w.file.Truncate(size))
	}
	return err
}

// ready opens the record again if its file was replaced, as an editor does that saves it.
func (w *Writer) ready() error {
	dir := w.store.State
	if w.file != nil && !dir.Has(kind, w.name, w.file) {
		if err := w.Close(); err != nil {
			return err
		}
		_, err := os.Lstat(dir.File(kind, w.name))
		w.gone = errors.Is(err, fs.ErrNotExist)
	}
	if w.gone || w.file != nil {
		return nil
	}
	return w.open(dir)
}

func (w *Writer) open(dir state.Dir) error {
	if w.name == "" {
		if folder, err := dir.Open(kind); err == nil {
			w.name = find(folder, w.id)
			folder.Close()
		}
	}
	if w.name == "" {
		w.name = record(w.question.Time.Local(), w.id)
	}
	file, err := dir.Edit(kind, w.name)
	if err != nil {
		return err
	}
	w.file = file
	return nil
}
