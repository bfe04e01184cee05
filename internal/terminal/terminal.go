// Package terminal shows a streamed answer to a person at a terminal: Markdown rendered
// while it arrives, and a status line before that. The answer must come from
// safety.Answers, because it is drawn as it is, and a terminal acts on control characters.
package terminal

import (
	"io"
	"os"

	"golang.org/x/term"
)

// Open returns the writer that suits f: Markdown on a terminal, the source text
// where NO_COLOR is set or TERM is dumb, and the exact bytes if f is a file or a
// pipe. Close prints what is held back; it does not close f.
func Open(f *os.File, getenv func(string) string) io.WriteCloser {
	switch {
	case !term.IsTerminal(int(f.Fd())):
		return exact{f}
	case getenv("NO_COLOR") != "" || getenv("TERM") == "dumb" || enableEscapes(f) != nil:
		return NewSource(f)
	default:
		return NewMarkdown(f, Width(f))
	}
}

// Width returns the columns of the terminal f, or 0 if f is not a terminal.
func Width(f *os.File) int {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// exact passes everything on unchanged: the program that reads a pipe wants the
// answer itself.
type exact struct{ io.Writer }

func (exact) Close() error { return nil }

// A Source shows text on a terminal as it is, without styles and wrapping.
type Source struct {
	w    io.Writer
	open bool // the last line has no end yet
}

// NewSource returns a writer of source text to the terminal w.
func NewSource(w io.Writer) *Source { return &Source{w: w} }

// Write shows p.
func (s *Source) Write(p []byte) (int, error) {
	if len(p) > 0 {
		s.open = p[len(p)-1] != '\n'
	}
	return s.w.Write(p)
}

// Close ends the last line.
func (s *Source) Close() error {
	if !s.open {
		return nil
	}
	s.open = false
	_, err := io.WriteString(s.w, "\n")
	return err
}

// flush writes out with one call, so that no half of an escape sequence is left
// on the terminal between two.
func flush(w io.Writer, out *[]byte) error {
	if len(*out) == 0 {
		return nil
	}
	_, err := w.Write(*out)
	*out = (*out)[:0]
	return err
}
