// Package terminal shows a streamed answer to a person at a terminal: Markdown
// rendered while it arrives, a status line until it does, and a footer.
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

// Width returns the columns of the terminal f, or 0 if f is none.
func Width(f *os.File) int {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// exact passes everything on: what reads a pipe wants the answer, not a view of
// it.
type exact struct{ io.Writer }

func (exact) Close() error { return nil }

// A Source shows text on a terminal as it is, without styles and wrapping;
// what the terminal would act on is made visible.
type Source struct {
	w      io.Writer
	filter filter
	out    []byte
	open   bool // the last line has no end yet
}

// NewSource returns a writer of source text to the terminal w.
func NewSource(w io.Writer) *Source {
	s := &Source{w: w}
	s.filter.emit = s.put
	return s
}

func (s *Source) put(r rune) {
	s.out = appendRune(s.out, r)
	s.open = r != '\n'
}

// Write shows p, which may end anywhere.
func (s *Source) Write(p []byte) (int, error) {
	s.filter.feed(p)
	return len(p), flush(s.w, &s.out)
}

// Close ends the last line.
func (s *Source) Close() error {
	s.filter.flush()
	if s.open {
		s.put('\n')
	}
	return flush(s.w, &s.out)
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
