package editors_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// title matches the titles of llmls in a menu.
var title = regexp.MustCompile(`Explain (?:selection|line|problem: .*)|Ask about \w+…|Ask: ".*"|Stop answering|Send: |Dismiss explanation|Show earlier answers|Show ".*"`)

func helix() *editor {
	return &editor{
		name: "helix", program: "hx", setup: []string{"helix", "python"},
		line: func(program, file string) []string { return []string{program, file} },
		ready: func(s *session) {
			s.Shows("NOR")
			s.started()
		},
		selects: func(s *session, first, last int) {
			s.Type(strconv.Itoa(first) + "gg" + strings.Repeat("x", last-first+1))
			s.Shows(strconv.Itoa(last) + ":")
		},
		menu: func(s *session) { s.Type(" a") },
		chooses: func(s *session, wanted string) {
			screen := s.Shows(wanted)
			titles := title.FindAllString(screen, -1)
			for range slices.IndexFunc(titles, func(t string) bool { return strings.HasPrefix(t, wanted) }) {
				s.Press("Down")
			}
			s.Press("Enter")
			s.Hides(wanted)
		},
		// The words of the answer stand in the row of messages before its file comes.
		opens:  func(s *session) { s.Shows("# Answers") },
		again:  func(s *session) { s.Type("gp") },
		hovers: func(s *session) { s.Type("2gg k") },
		bottom: []string{"g", "e"},
		asksOn: func(s *session, question string) {
			s.Type("geA" + question)
			s.Shows(question, "INS")
			s.Press("Escape")
			s.Shows("NOR")
			s.Type(" a")
			s.Shows("Send: ")
			s.Press("Enter")
		},
		finds: func(s *session, word string) {
			s.Type("/" + word)
			s.Press("Enter")
			s.Shows("1 sel")
		},
		returns: func(s *session) { // the answer has taken the place of the code
			s.Type("gp")
			s.Shows("def total")
		},
		types: func(s *session, text string) {
			s.Type("ggi" + text)
			s.Shows(text, "INS")
			s.Press("Escape")
			s.Shows("NOR")
		},
		asks: func(s *session, question string) {
			s.Type(`:lsp-workspace-command llmls.ask "` + question + `"`)
			s.Press("Enter")
		},
		writes: func(s *session) {
			s.Type(":w")
			s.Press("Enter")
		},
		leaves: func(s *session) {
			s.Type(":wqa")
			s.Press("Enter")
		},
		quits: func(s *session) {
			s.Type(":qa!")
			s.Press("Enter")
		},
		working: regexp.MustCompile(`NOR [⣾⣽⣻⢿⡿⣟⣯⣷]`),
	}
}

func emacs() *editor {
	command := func(s *session, name string) {
		s.Press("M-x")
		s.Type(name)
		s.Press("Enter")
	}
	return &editor{
		name: "emacs", program: "emacs", setup: []string{"emacs"},
		files: map[string]string{
			// What was fetched has no compiler, and a hint about a shorter name
			// takes the next key.
			".emacs.d/early-init.el": "(setq native-comp-jit-compilation nil extended-command-suggest-shorter nil)",
		},
		line: func(program, file string) []string { return []string{program, "-nw", file} },
		ready: func(s *session) {
			s.Shows("(Python")
			command(s, "llmls")
			s.Shows("[eglot:work]")
			s.started()
		},
		selects: func(s *session, first, last int) {
			s.Press("M-g", "g")
			s.Type(strconv.Itoa(first))
			s.Press("Enter", "C-Space")
			s.Press(slices.Repeat([]string{"Down"}, last-first+1)...)
			s.Shows("L" + strconv.Itoa(last+1) + " ")
		},
		menu: func(s *session) {
			command(s, "eglot-code-actions")
			s.Shows("Pick an action")
			s.Press("Tab")
		},
		chooses: func(s *session, wanted string) {
			word, _, _ := strings.Cut(wanted, " ")
			s.Type(word)
			s.Press("Tab")
			s.Shows(": " + wanted)
			s.Press("Enter")
			s.Hides("Pick an action")
		},
		hovers: func(s *session) {
			s.Press("M-g", "g", "2", "Enter")
			command(s, "eldoc")
		},
		enters: []string{"C-x", "o"},
		// Where the end is already in view, M-> leaves the view where it stands.
		bottom: []string{"M->", "M--", "C-l"},
		asksOn: func(s *session, question string) {
			s.Press("C-x", "o", "M->", "C-p", "C-e")
			s.Type(question)
			command(s, "eglot-code-actions")
			s.Shows("Pick an action (default Send: ")
			s.Press("Enter")
		},
		types: func(s *session, text string) {
			s.Press("M-<")
			s.Type(text)
			s.Shows(text)
		},
		asks: func(s *session, question string) {
			command(s, "llmls-ask")
			s.Shows("Ask llmls:")
			s.Type(question)
			s.Press("Enter")
		},
		writes: func(s *session) { s.Press("C-x", "C-s") },
		leaves: func(s *session) { s.Press("C-x", "C-c") },
		quits:  func(s *session) { command(s, "kill-emacs") },
		state: func(s *session) {
			s.Press("M-:")
			s.Shows("Eval:")
			s.Type(`(message "state: %s" (list major-mode buffer-read-only))`)
			s.Press("Enter")
			s.Shows("state: (text-mode nil)")
		},
		working: regexp.MustCompile(`\[eglot:work/`),
	}
}

func neovim() *editor {
	e := vim()
	e.name, e.program, e.setup = "neovim", "nvim", []string{"neovim"}
	// Neovim starts itself once more behind its own screen. As the loader runs
	// it here it would not find itself, so both halves are started.
	e.line = func(program, file string) []string {
		return []string{
			"sh", "-c",
			`s=$HOME/nvim$$; "$0" --headless -n --listen "$s" "$1" & until [ -S "$s" ]; do sleep 0.01; done; exec "$0" --server "$s" --remote-ui`,
			program, file,
		}
	}
	e.menu = func(s *session) { s.Type("gra") }
	e.opens, e.again, e.returns = nil, nil, nil
	e.hovers = func(s *session) { s.Type("2GK") }
	e.enters, e.bottom = []string{"C-w", "w"}, []string{"G"}
	e.asksOn = func(s *session, question string) {
		writesBelow(s, question)
		s.Type("gra")
		choosesNumber(s, "Send: ", "Enter")
	}
	e.finds = func(s *session, word string) {
		s.Type("/" + word)
		s.Press("Enter")
	}
	e.chooses = func(s *session, title string) {
		choosesNumber(s, title, "Enter", "Escape") // or Visual mode goes on
		s.Hides("VISUAL")
	}
	e.files = map[string]string{"config/nvim/plugin/modeline.lua": "vim.o.modeline = true"}
	e.working = regexp.MustCompile(`(?m)^Explain total\.py:2-4`)
	return e
}

func vim() *editor {
	closes := func(s *session) {
		s.Type(":pclose")
		s.Press("Enter")
		s.Hides("ALEPreview")
	}
	told := false
	hover := func(s *session) {
		// ALE shows long messages in the window of hovers, and this one comes once,
		// a moment after the first text.
		if !told {
			s.Shows("this editor does not show it")
			closes(s)
			told = true
		}
		s.Type("2G:ALEHover")
		s.Press("Enter")
	}
	return &editor{
		name: "vim", program: "vim", setup: []string{"vim"},
		files: map[string]string{".vim/plugin/modeline.vim": "set modeline"}, // which root has not
		line:  func(program, file string) []string { return []string{program, "-n", file} },
		ready: func(s *session) {
			s.Shows("def total")
			s.started()
		},
		selects: func(s *session, first, last int) {
			s.Type(strconv.Itoa(first) + "GV" + strconv.Itoa(last) + "G")
			s.Shows("VISUAL LINE")
		},
		menu: func(s *session) {
			s.Type(":ALECodeAction")
			s.Press("Enter")
		},
		chooses: func(s *session, title string) { choosesNumber(s, title, "Enter") },
		opens:   hover, again: hover, hovers: hover,
		returns: closes,
		types: func(s *session, text string) {
			s.Type("gg0i" + text)
			s.Shows(text, "INSERT")
			s.Press("Escape")
			s.Hides("INSERT")
		},
		asks: func(s *session, question string) {
			s.Type(":Ask " + question)
			s.Press("Enter")
		},
		writes: func(s *session) {
			s.Type(":w")
			s.Press("Enter")
		},
		leaves: func(s *session) {
			s.Type(":qa")
			s.Press("Enter")
		},
		quits: func(s *session) {
			s.Type(":qa!")
			s.Press("Enter")
		},
		state: func(s *session) {
			s.Type(`:echo "state:" &modeline &filetype &readonly`)
			s.Press("Enter")
			s.Shows("state: 1 markdown 0")
		},
	}
}

// choosesNumber chooses from a list with numbers.
func choosesNumber(s *session, wanted string, keys ...string) {
	s.t.Helper()
	screen := s.Shows(wanted)
	number := regexp.MustCompile(`(?m)^(\d+)[:)] ` + regexp.QuoteMeta(wanted)).FindStringSubmatch(screen)
	if number == nil {
		s.t.Fatalf("the menu has no number for %q:\n%s", wanted, screen)
	}
	s.Type(number[1])
	s.Press(keys...)
	s.Hides("Type number")
}

// writesBelow writes a question below the last answer, in the other window of Vim or
// Neovim.
func writesBelow(s *session, question string) {
	s.Press("C-w", "w")
	s.Type("GA" + question)
	s.Shows(question, "INSERT")
	s.Press("Escape")
	s.Hides("INSERT")
}
