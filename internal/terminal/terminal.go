// Package terminal shows a streamed answer to a person at a terminal.
package terminal

import (
	"io"
	"os"
	"time"

	"github.com/llmls/llmls/internal/completion"
)

// Open returns the writer that suits f: Markdown on a terminal, the same text
// without styles where NO_COLOR is set or TERM is dumb, and the exact text if
// f is a file or a pipe. Close prints what is held back; it does not close f.
func Open(f *os.File, getenv func(string) string) io.WriteCloser { return nil }

// A Markdown renders Markdown as it arrives.
type Markdown struct{}

// NewMarkdown returns a renderer for a terminal of width columns. 0 does not wrap.
func NewMarkdown(w io.Writer, width int) *Markdown { return nil }

// Write renders p, which may end anywhere.
func (m *Markdown) Write(p []byte) (int, error) { return 0, nil }

// Close prints what is held back and ends the last line.
func (m *Markdown) Close() error { return nil }

// A Status is a line on a terminal that says what is being waited for.
type Status struct{}

// StartStatus shows that model is being waited for on w, a terminal of width
// columns, until Stop.
func StartStatus(w io.Writer, model string, width int) *Status { return nil }

// Retrying shows that another attempt follows.
func (s *Status) Retrying(r *completion.Retry) {}

// Stop removes the line. It returns when the line is gone; more calls do nothing.
func (s *Status) Stop() {}

// A Summary is what is known of an answer that ended.
type Summary struct {
	Model      string
	Total      time.Duration
	FirstDelta time.Duration // until the first word; 0 if none came
	Tokens     int
	Estimated  bool // Tokens is our estimate: the endpoint sent no usage
}

// String is the footer: "model · 3.2 s · 812 tokens · first word after 0.4 s".
func (s Summary) String() string { return "" }
