package editors_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/editors"
)

// orders has a modeline of each editor, in the lines where the editor looks for one.
const orders = "A sum. -*- mode: c -*-\n\n```\nkate: hl C;\n```\n\n# Local Variables:\n# mode: c\n# buffer-read-only: t\n# End:\n\n/* vim: set ft=c ro: */"

// What an answer says to an editor is there to be read when the answer file is
// opened again, by the same editor with its stock settings.
func TestAnswersGiveNoOrders(t *testing.T) {
	each(t, func(t *testing.T, e *editor) {
		if e.state == nil {
			return // Helix takes no orders from a file
		}
		s := e.open(t, code)
		s.upstream.Script(completiontest.Answer(orders))
		s.explains()
		s.idle(1)
		s.reads("A sum.")
		if e.enters != nil {
			s.Press(e.enters...)
			s.follows("the answer is complete", func(screen string) bool {
				return strings.Contains(screen, "1 token*")
			})
			e.writes(s)
		}
		path := s.kept()
		again := &session{t: t, editor: e, home: s.home}
		env := append([]string{"TERM=tmux-256color", "COLORTERM=truecolor", "LC_ALL=C.UTF-8"}, s.home.Env...)
		again.Terminal = editors.Start(t, find(t, "tmux"), filepath.Dir(s.path), env, e.line(find(t, e.program), path)...)
		again.Shows("# Answers", "A sum.")
		e.state(again)
		e.quits(again)
		again.Ends()
	})
}
