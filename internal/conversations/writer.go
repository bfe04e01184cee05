package conversations

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/llmls/llmls/internal/state"
)

// A Writer writes one turn of a conversation while its answer grows. It only ever
// appends, so that what a person or another process wrote stays. It is for one
// goroutine.
type Writer struct {
	store    *Store
	id       string
	question Question
	answer   Answer

	name    string   // of the record, once there is one
	file    *os.File // held while the turn grows, so that nobody writes into it
	begun   bool
	gone    bool   // somebody removed the record, who wants no more of it
	written int    // of the text, in bytes
	line    int    // where the last line begins of what is written
	out     string // what is written of that line
	body    int    // where what is no thinking begins, as far as that is written
}

// Begin returns the Writer of a turn that belongs to the conversation id. Nothing is
// written before the answer has a text.
func (s *Store) Begin(id string, q Question, a Answer) *Writer {
	q.Shown, q.Title, q.URI, q.Text = s.Redact(q.Shown), s.Redact(q.Title), s.Redact(q.URI), s.Redact(q.Text)
	for i, u := range q.Documents {
		q.Documents[i] = s.Redact(u)
	}
	if q.Time.IsZero() {
		q.Time = time.Now()
	}
	q.Time = q.Time.UTC().Truncate(time.Second)
	return &Writer{store: s, id: id, question: q, answer: a}
}

// Grow writes what is new of text, all of the answer so far, of which the first
// thought bytes turned out to be thinking. The last word waits for its end, and a
// private key for its last line. It fails with state.ErrLocked while another turn
// of the conversation is being written: try again.
func (w *Writer) Grow(text string, thought int) error {
	end := strings.LastIndexAny(text, " \n") + 1
	if i := strings.LastIndex(text[:end], "-----BEGIN"); i >= w.written && !strings.Contains(text[i:end], "-----END") && end-i < maxHeld {
		end = i
	}
	return w.write(text, thought, end)
}

// maxHeld is how much of an answer waits for the end of a private key, in bytes:
// the largest have half of it.
const maxHeld = 32 << 10

// End writes the rest of text and how the answer ended.
func (w *Writer) End(text string, thought int, finish, model, footer string) error {
	if text == "" {
		return nil
	}
	if err := w.write(text, thought, len(text)); err != nil {
		return err
	}
	w.answer.Finish, w.answer.Model, w.answer.Footer = finish, model, w.store.Redact(footer)
	err := w.append(w.answer.end())
	return errors.Join(err, w.Close())
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

func (w *Writer) write(text string, thought, end int) error {
	if end == 0 || end <= w.written && w.begun {
		return nil
	}
	next := *w // which is in force once it is written
	var b strings.Builder
	if !w.begun {
		b.WriteString(w.question.section() + w.answer.section())
	}
	if thought > w.body && end >= thought {
		b.WriteString(next.redacted(text, max(thought, w.written)) + thinking)
		next.body, next.line, next.out = thought, max(thought, w.written), ""
	}
	b.WriteString(next.redacted(text, end))
	if err := w.append(b.String()); err != nil {
		return err
	}
	next.name, next.file, next.gone = w.name, w.file, w.gone
	*w = next
	w.begun = true
	return nil
}

// maxLine is how long a line is looked at as a whole for secrets, in bytes.
const maxLine = 64 << 10

// redacted returns what is to be written of text up to end. Secrets are found by
// what stands before them in their line, so that is looked at again.
func (w *Writer) redacted(text string, end int) string {
	all := w.store.Redact(text[w.line:end])
	more := all[min(len(w.out), len(all)):]
	w.out, w.written = all, end
	if i := strings.LastIndexByte(text[w.line:end], '\n'); i >= 0 || end-w.line > maxLine {
		if i < 0 {
			i = end - w.line - 1
		}
		w.line += i + 1
		w.out = w.store.Redact(text[w.line:end])
	}
	return more
}

// append appends to the record by the name that it has now: an editor that saves
// replaces it.
func (w *Writer) append(text string) error {
	dir := w.store.State
	if w.file != nil && !dir.Has(kind, w.name, w.file) {
		if err := w.Close(); err != nil {
			return err
		}
		_, err := os.Lstat(dir.File(kind, w.name))
		w.gone = errors.Is(err, fs.ErrNotExist)
	}
	if w.gone {
		return nil
	}
	if w.file == nil {
		if err := w.open(dir); err != nil {
			return err
		}
	}
	_, err := w.file.WriteString(text)
	return err
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
	file, err := dir.Append(kind, w.name)
	if err != nil {
		return err
	}
	w.file = file
	info, err := file.Stat()
	if err != nil {
		return err
	}
	switch {
	case w.begun:
	case info.Size() > 0: // whatever it ends in, ours begins on a line of its own
		_, err = file.WriteString("\n\n")
	default:
		_, err = file.WriteString(w.question.heading())
	}
	return err
}
