//go:build coc

package editors_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// cocs are Vim and Neovim with the coc.nvim that COC names: no package has it, so that
// only a person who has it can test it.
func cocs(t *testing.T) []*editor {
	t.Helper()
	coc := os.Getenv("COC")
	if _, err := os.Stat(filepath.Join(coc, "build", "index.js")); coc == "" || err != nil {
		t.Fatalf("COC=%s names no installed coc.nvim, a directory with build/index.js: make test-coc COC=/path/to/coc.nvim", coc)
	}
	coc, err := filepath.Abs(coc)
	if err != nil {
		t.Fatal(err)
	}
	node, err := exec.Command(filepath.Join(root, "test", "node")).Output()
	if err != nil {
		t.Fatal(err)
	}
	vimrc := "set nocompatible modeline runtimepath+=" + coc + "\nfiletype plugin on\nlet g:coc_node_path = '" + strings.TrimSpace(string(node)) + "'\n"

	inVim := alone()
	inVim.name, inVim.setup = "coc-vim", []string{"coc"}
	inVim.files = map[string]string{".vim/vimrc": vimrc, ".vim/coc-settings.json": quiet}
	inVim.ready = func(s *session) {
		s.Shows("def total")
		s.started()
	}
	inNeovim := neovim()
	inNeovim.name, inNeovim.setup = "coc-neovim", []string{"coc"}
	inNeovim.files = map[string]string{"config/nvim/init.vim": vimrc, "config/nvim/coc-settings.json": quiet}
	for _, e := range []*editor{inVim, inNeovim} {
		e.files["config/coc/made"] = "" // or a notification says that it was
		withCoc(e)
	}
	return []*editor{inVim, inNeovim}
}

// quiet are settings without the notification of progress, which moves over the screen.
const quiet = `{
  "notification.disabledProgressSources": ["language-client-languageserver.llmls"], // mine
}
`

// withCoc has a person type what coc.nvim and the keys of the setup take.
func withCoc(e *editor) {
	e.menu = func(s *session) {
		if strings.Contains(s.Screen(), "VISUAL") {
			s.Type(`\a`)
		} else {
			s.Type(`\ac`)
		}
		s.Shows("Choose action")
	}
	e.chooses = func(s *session, wanted string) {
		screen := s.Shows(wanted)
		number := regexp.MustCompile(`(\d+)\. ` + regexp.QuoteMeta(wanted)).FindStringSubmatch(screen)
		if number == nil {
			s.t.Fatalf("the menu has no number for %q:\n%s", wanted, screen)
		}
		s.Type(number[1])
		s.Hides("Choose action")
	}
	e.opens, e.again, e.returns = nil, nil, nil
	e.hovers = func(s *session) {
		s.Type("2G:call CocActionAsync('doHover')")
		s.Press("Enter")
	}
	e.enters, e.bottom = []string{"C-w", "w"}, []string{"G"}
	e.asksOn = func(s *session, question string) {
		writesBelow(s, question)
		e.menu(s)
		e.chooses(s, "Send: ")
	}
	e.finds = func(s *session, word string) {
		s.Type("/" + word)
		s.Press("Enter")
	}
	e.working = nil
}

// A notification has the newest words while an answer grows, and typing in the code goes
// on, from before the window of the answer opens until it is complete.
func TestCocProgress(t *testing.T) {
	t.Parallel()
	for _, e := range cocs(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			for name, text := range e.files {
				if text == quiet {
					delete(e.files, name)
				}
			}
			s := e.open(t, code)
			s.upstream.Script(completiontest.Pause("first byte"), completiontest.Delta("Adds up the numbers"), completiontest.Pause("rest"),
				completiontest.Answer(" in it.\n\n", "That is all.\n"))
			s.explains()
			s.upstream.WaitPaused("first byte")
			s.Shows("Explain total.py:2-4")
			var typed strings.Builder
			s.Type("ggO")
			types := func(from int) {
				for i := range 20 {
					word := fmt.Sprintf("w%d ", from+i)
					s.Type(word)
					typed.WriteString(word)
				}
			}
			types(0)
			s.upstream.Resume("first byte")
			types(20)
			s.upstream.WaitPaused("rest")
			s.Shows("# Answers", "│Adds up the numbers")
			s.upstream.Resume("rest")
			types(40)
			s.Shows("That is all.", "w59")
			s.Press("Escape")
			s.Hides("INSERT")
			s.saves(typed.String() + "\n" + code)
		})
	}
}

// coc.nvim has many servers for one file: their code actions stand in one menu, and each
// gets the commands that are its own. What coc-settings.json has for them holds.
func TestCocBesideAnotherServer(t *testing.T) {
	t.Parallel()
	for _, e := range cocs(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			for name, text := range e.files {
				if text == quiet {
					e.files[name] = fmt.Sprintf(`{"languageserver": { // mine
	"other": {"command": %q, "args": [%q, "other.log"], "filetypes": ["python"]},
	"llmls": {"settings": {"llmls": {"language": "Klingon"}}},
}}`, thisProgram(t), otherServer)
				}
			}
			s := e.open(t, code)
			other := filepath.Join(filepath.Dir(s.path), "other.log")
			process.Eventually(t, process.Patience, "the other server has the file", func() bool {
				log, err := os.ReadFile(other)
				return err == nil && strings.Contains(string(log), "textDocument/didOpen")
			})
			e.selects(s, 2, 4)
			e.menu(s)
			s.Shows("Fix it", "Explain selection")
			e.chooses(s, "Explain selection")
			if prompt := s.prompt(); !strings.Contains(prompt, "Klingon") {
				t.Errorf("the prompt has nothing of coc-settings.json: %s", prompt)
			}
			s.idle(1)
			s.Shows("Hello")
			e.selects(s, 2, 4)
			e.menu(s)
			e.chooses(s, "Fix it")
			process.Eventually(t, process.Patience, "the other server has its command", func() bool {
				log, err := os.ReadFile(other)
				return err == nil && strings.Contains(string(log), "workspace/executeCommand other.fix")
			})
			if log, err := os.ReadFile(other); err != nil || strings.Contains(string(log), "llmls.") {
				t.Errorf("the other server was sent %v\n%s", err, log)
			}
		})
	}
}

// The key and the command of the setup: :Ask explains or asks about the lines, wherever
// the cursor is, and a key that the person has stays theirs.
func TestCocAsk(t *testing.T) {
	t.Parallel()
	for _, e := range cocs(t) {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			for name := range e.files {
				if strings.Contains(name, "vim") && !strings.HasSuffix(name, ".json") {
					e.files[name] += "nnoremap \\ac ggOmine, still<Esc>\n"
				}
			}
			s := e.open(t, code)
			e.selects(s, 2, 4)
			s.Type(`\e`)
			if prompt := s.prompt(); !strings.Contains(prompt, "lines 2-4") {
				t.Errorf("the key explains %s", prompt)
			}
			s.idle(1)
			s.Type(":3,5Ask is it fast?")
			s.Press("Enter")
			if prompt := s.prompt(); !strings.Contains(prompt, "lines 3-5") || !strings.Contains(prompt, "is it fast?") {
				t.Errorf("the command asks %s", prompt)
			}
			s.idle(2)
			s.Type(`\ac`)
			s.Shows("mine, still")
		})
	}
}
