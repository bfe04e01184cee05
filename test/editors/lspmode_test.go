package editors_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/llmls/llmls/test/process"
)

// lspMode is Emacs with the package lsp-mode, where another server serves the
// language already.
func lspMode(t *testing.T) *editor {
	t.Helper()
	e := emacs()
	e.name, e.setup = "lsp-mode", []string{"lsp-mode"}
	e.files[".emacs.d/early-init.el"] = strings.Replace(e.files[".emacs.d/early-init.el"], "(setq ", "(setq native-comp-enable-subr-trampolines nil ", 1)
	e.files[".emacs.d/init.el"] = fmt.Sprintf(`(load "lsp-mode-autoloads")
(require 'lsp-mode)
(setq lsp-auto-guess-root t lsp-headerline-breadcrumb-enable nil)
(lsp-register-client (make-lsp-client :server-id 'other :major-modes '(python-mode)
  :new-connection (lsp-stdio-connection (lambda () (list %q %q (expand-file-name "~/other.log"))))))
`, thisProgram(t), otherServer)
	command := func(s *session, name string) {
		s.Press("M-x")
		s.Type(name)
		s.Press("Enter")
	}
	e.ready = func(s *session) {
		s.Shows("(Python")
		command(s, "lsp")
		s.started()
		s.Shows("LSP[other", "llmls")
	}
	e.menu = func(s *session) {
		command(s, "lsp-execute-code-action")
		s.Shows("Select code action")
		s.Press("Tab")
	}
	e.chooses = func(s *session, wanted string) {
		word, _, _ := strings.Cut(wanted, " ")
		s.Type(word)
		s.Press("Tab")
		s.Shows(": " + wanted)
		s.Press("Enter")
		s.Hides("Select code action")
	}
	e.hovers = func(s *session) {
		s.Press("M-g", "g", "2", "Enter")
		command(s, "lsp-describe-thing-at-point")
	}
	e.hover = "A sum, word by word.\n\nscripted · " // without the stars that it has in its file
	e.asksOn = func(s *session, question string) {
		s.Press("C-x", "o", "M->", "C-p", "C-e")
		s.Type(question)
		command(s, "lsp-execute-code-action")
		s.Shows("Select code action")
		s.Type("Send")
		s.Press("Tab", "Enter")
	}
	e.state = func(s *session) {
		s.Press("M-:")
		s.Shows("Eval:")
		s.Type(`(message "state: %s" (list major-mode buffer-read-only))`)
		s.Press("Enter")
		s.Shows("state: (markdown-mode nil)") // lsp-mode brings it along
	}
	e.working = regexp.MustCompile(`⌛ Expl`)
	return e
}

// llmls takes nothing from the language's own server: its code actions stand
// beside those of llmls, and each gets the commands that are its own.
func TestBesideAnotherServer(t *testing.T) {
	t.Parallel()
	e := lspMode(t)
	if !e.there(t) {
		return
	}
	s := e.open(t, code)
	e.selects(s, 2, 4)
	e.menu(s)
	s.Shows("Fix it", "Explain selection")
	e.chooses(s, "Explain selection")
	s.prompt()
	s.idle(1)
	s.reads("Hello")
	e.menu(s)
	e.chooses(s, "Fix it")
	process.Eventually(t, process.Patience, "the other server has its command", func() bool {
		log, err := os.ReadFile(s.home.Dir + "/other.log")
		return err == nil && strings.Contains(string(log), "workspace/executeCommand other.fix")
	})
	log, err := os.ReadFile(s.home.Dir + "/other.log")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(log), "llmls.") {
		t.Errorf("the other server was sent\n%s", log)
	}
}
