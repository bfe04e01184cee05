package editors_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// In a file that is no server's, Eglot counts characters in its own way. An answer
// comes out whole all the same, in an Emacs that was told of llmls as of any other
// server.
func TestPlainEglot(t *testing.T) {
	t.Parallel()
	e := emacs()
	if !e.there(t) {
		return
	}
	e.setup = nil
	e.files[".emacs.d/init.el"] = `(require 'eglot) (add-to-list 'eglot-server-programs '(python-mode "llmls"))`
	e.ready = func(s *session) {
		s.Shows("(Python")
		s.Press("M-x")
		s.Type("eglot")
		s.Press("Enter")
		s.Shows("[eglot:work]")
		s.started()
	}
	s := e.open(t, code)
	s.upstream.Script(completiontest.Delta("A naïve 👩\u200d💻 sum"), completiontest.Pause("one"), completiontest.Delta(" 😀 goes 🎉"), completiontest.Pause("two"),
		completiontest.Answer(" on.\n\nNext 🇩🇪 line"))
	s.explains()
	s.Shows("naïve", "sum")
	s.upstream.WaitPaused("one")
	s.upstream.Resume("one")
	s.Shows("goes")
	s.upstream.WaitPaused("two")
	s.upstream.Resume("two")
	s.idle(1)
	s.Press(e.enters...)
	s.follows("the answer is complete", func(screen string) bool {
		return strings.Contains(screen, "token*")
	})
	e.writes(s)
	process.Eventually(t, process.Patience, "the answer stands in the file", func() bool {
		return strings.Contains(s.home.Log(t), "\n\nA naïve 👩\u200d💻 sum 😀 goes 🎉 on.\n\nNext 🇩🇪 line\n\n*scripted · ")
	})
}

// Eglot has one server for a buffer: llmls takes the place of another only when the
// person says so.
func TestEglotKeepsAnotherServer(t *testing.T) {
	t.Parallel()
	e := emacs()
	if !e.there(t) {
		return
	}
	e.files[".emacs.d/init.el"] = fmt.Sprintf("(require 'eglot) (add-to-list 'eglot-server-programs '(python-mode %q %q \"other.log\"))\n", thisProgram(t), otherServer)
	run := func(s *session, name string) {
		s.Press("M-x")
		s.Type(name)
		s.Press("Enter")
	}
	const question = "Stop the one that runs here?"
	e.ready = func(s *session) {
		s.Shows("(Python")
		run(s, "eglot")
		s.Shows("[eglot:work]")
		run(s, "llmls")
		s.Shows(question)
		s.Type("no")
		s.Press("Enter")
		s.Shows("It goes on")
	}
	s := e.open(t, code)
	other := func() string {
		log, err := os.ReadFile(filepath.Join(filepath.Dir(s.path), "other.log"))
		if err != nil {
			t.Fatal(err)
		}
		return string(log)
	}
	e.selects(s, 2, 4)
	e.menu(s)
	if screen := s.Shows("Fix it"); strings.Contains(screen, "Explain") {
		t.Errorf("llmls runs:\n%s", screen)
	}
	s.Press("C-g")
	s.Hides("Pick an action")
	if log := other(); strings.Contains(log, "shutdown") {
		t.Errorf("the other server was stopped:\n%s", log)
	}
	run(s, "llmls")
	s.Shows(question)
	s.Type("yes")
	s.Press("Enter")
	s.started()
	process.Eventually(t, process.Patience, "the other server is stopped", func() bool { return strings.Contains(other(), "shutdown") })
	s.explains()
	s.prompt()
	s.idle(1)
	s.reads("Hello")
}

// The window of an answer that came while the minibuffer was open is there when
// that has been left.
func TestMinibuffer(t *testing.T) {
	t.Parallel()
	e := emacs()
	if !e.there(t) {
		return
	}
	s := e.open(t, code)
	s.upstream.Script(completiontest.Pause("first byte"), completiontest.Answer("A sum, word by word."))
	s.explains()
	s.upstream.WaitPaused("first byte")
	s.Press("M-x")
	s.Shows("Tools Minibuf")
	s.upstream.Resume("first byte")
	s.Shows("A sum, word by word.")
	s.Press("C-g")
	s.Until("the answer is there without the minibuffer", func(screen string) bool {
		return strings.Contains(screen, "A sum, word by word.") && !strings.Contains(screen, "Tools Minibuf")
	})
}

// The window of an answer is scrolled from the code.
func TestScrollingTheAnswer(t *testing.T) {
	t.Parallel()
	e := emacs()
	if !e.there(t) {
		return
	}
	s := e.open(t, code)
	s.upstream.Script(completiontest.Answer(strings.Repeat("One more line.\n\n", 30), "The last one."))
	s.explains()
	s.Shows("One more line.")
	s.Until("the end of the answer", func(screen string) bool {
		s.Press("C-M-v")
		return strings.Contains(screen, "The last one.")
	})
	s.Type("# typed ")
	s.saves("def total(xs):\n    n = 0\n    for x in xs:\n        n += x\n# typed     return n\n")
}

// optional makes ALE a plugin that is loaded only when somebody asks for it, as
// some packages of Debian do.
const optional = "let s:found = glob($VIM .. '/vimfiles/pack/dist-bundle/*/ale')\n" +
	"execute 'set runtimepath^=' .. s:found\nexecute 'source' s:found .. '/plugin/ale.vim'\n"

// alone is Vim with no plugins but its own and those of the person.
func alone() *editor {
	e := vim()
	e.line = func(program, file string) []string {
		return []string{program, "-n", "--cmd", "set packpath=~/.vim,$VIMRUNTIME", file}
	}
	return e
}

func TestOptionalALE(t *testing.T) {
	t.Parallel()
	e := alone()
	if !e.there(t) {
		return
	}
	e.files[".vim/pack/debian/opt/ale/plugin/ale.vim"] = optional
	s := e.open(t, code)
	s.explains()
	if prompt := s.prompt(); !strings.Contains(prompt, "for x in xs") {
		t.Errorf("the prompt is %s", prompt)
	}
}

// Without ALE there is one message, and no error for each file.
func TestWithoutALE(t *testing.T) {
	t.Parallel()
	e := alone()
	if !e.there(t) {
		return
	}
	e.ready = func(s *session) { s.Shows("llmls: install ALE") }
	s := e.open(t, code)
	s.Type(":e other.py")
	s.Press("Enter")
	s.Type(":echo 'this is ' . expand('%')")
	s.Press("Enter")
	if screen := s.Shows("this is other.py"); strings.Contains(screen, "E117") || strings.Contains(screen, "Press ENTER") {
		t.Errorf("the screen is\n%s", screen)
	}
}

// The setup for coc.nvim does nothing without it, and says what is missing when it is
// asked to do something.
func TestWithoutCoc(t *testing.T) {
	t.Parallel()
	inVim, inNeovim := alone(), neovim()
	inVim.files = map[string]string{".vimrc": ""}
	inNeovim.files = map[string]string{"config/nvim/init.lua": ""}
	for _, e := range []*editor{inVim, inNeovim} {
		if !e.there(t) {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			e.setup = []string{"coc"}
			e.ready = func(s *session) { s.Shows("def total") }
			s := e.open(t, code)
			e.asks(s, "why?")
			if screen := s.Shows("llmls: install coc.nvim"); strings.Contains(screen, "E117") || strings.Contains(screen, "ENTER") {
				t.Errorf("the screen is\n%s", screen)
			}
			s.saves(code)
		})
	}
}

// Of several selections Helix names the primary one alone.
func TestSeveralSelections(t *testing.T) {
	t.Parallel()
	e := helix()
	if !e.there(t) {
		return
	}
	s := e.open(t, code)
	s.Type("2ggxC")
	s.Shows("sels")
	e.menu(s)
	e.chooses(s, "Explain selection")
	if prompt := s.prompt(); !strings.Contains(prompt, "`total.py`, line 3") {
		t.Errorf("the prompt is %s", prompt)
	}
}
