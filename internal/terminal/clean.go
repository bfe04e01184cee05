package terminal

import (
	"io"

	"github.com/llmls/llmls/internal/completion/safety"
)

// Clean returns a writer to w for messages that may quote file names and other
// foreign text: it removes what a terminal would act on. Line ends and tabs pass.
// Each Write must end at the end of a character.
func Clean(w io.Writer) io.Writer { return cleaner{w} }

type cleaner struct{ w io.Writer }

func (c cleaner) Write(p []byte) (int, error) {
	if _, err := io.WriteString(c.w, safety.Visible(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}
