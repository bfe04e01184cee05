//go:build linux

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/test/process"
)

// about asks about a file, and returns what came of it.
func about(s *server, file string) error {
	return s.Command("llmls.ask", map[string]any{"uri": lsptest.URI(file), "question": "why?", "partialResultToken": file}, nil)
}

func link(t *testing.T, h *process.Home, target, name string) {
	t.Helper()
	if err := os.Symlink(target, filepath.Join(h.Dir, "w", name)); err != nil {
		t.Fatal(err)
	}
}

// A document below a link that leads out of the workspace, or that is absolute,
// is judged by its own name and by where it leads: what is not there forbids
// nothing, and what is there and cannot be read forbids.
func TestLinksOut(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	for _, name := range []string{"store/pkg/fine.py", "store/pkg/own.py", "store/pkg/kept.sql", "store/pkg/.env", "odd/fine.py", "w/in/fine.py", "w/in/own.py"} {
		h.Write(t, name, "canary_5ca1ab1e = 1\n")
	}
	h.Write(t, "store/.aiignore", "*.sql\n")
	h.Write(t, "w/.aiignore", "absolute/own.py\nabove/own.py\n/again/own.py\n")
	if err := os.Mkdir(filepath.Join(h.Dir, "odd", ".aiignore"), 0o700); err != nil {
		t.Fatal(err)
	}
	link(t, h, filepath.Join(h.Dir, "store", "pkg"), "absolute")
	link(t, h, "../store/pkg", "above")
	link(t, h, "in", "again")
	link(t, h, "../odd", "unreadable")
	link(t, h, "absolute", "twice")
	folder := filepath.Join(h.Dir, "w")
	s := start(t, h)
	s.Initialized("", folder)
	for _, name := range []string{"absolute/fine.py", "above/fine.py", "again/fine.py", "twice/fine.py", "twice/own.py"} {
		file := filepath.Join(folder, name)
		s.Open(lsptest.URI(file), "python", "fine = 1\n")
		if err := about(s, file); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	sent := len(u.Requests())
	for name, says := range map[string]string{
		"absolute/own.py": "line 1 of .aiignore", "above/own.py": "line 2 of .aiignore", "again/own.py": "line 3 of .aiignore",
		"absolute/kept.sql": "store/.aiignore", "above/kept.sql": "store/.aiignore", "twice/kept.sql": "store/.aiignore", "twice/.env": "often hold secrets",
		"unreadable/fine.py": "cannot be read",
	} {
		file := filepath.Join(folder, name)
		s.Open(lsptest.URI(file), "python", "canary_5ca1ab1e = 1\n")
		refused(t, name, about(s, file), says)
		if !strings.HasPrefix(name, "again") {
			h.Run(t, "explain", file).Exits(1)
		}
	}
	if n := len(u.Requests()); n != sent {
		t.Errorf("%d requests were sent", n-sent)
	}
}

// What protects nothing, or allows nothing, though it seems to, is told: in the
// editor once, and on the command line.
func TestRulesThatDoNothing(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm+"[context]\nallow = ['C:\\w\\*.pem']\n")
	fine := h.Write(t, "w/[a](b)/fine.py", "fine = 1\n")
	h.Write(t, "w/.aiignore", "*.sql\nsub\\kept.csv\n")
	h.Write(t, "w/[a](b)/.aiignore", "sub\\kept.csv\n./kept.csv\n \"kept.csv\"\n")
	s := start(t, h)
	s.Initialized("", filepath.Join(h.Dir, "w"))
	told := func(m editor.Message, word string) bool {
		return m.Method == "window/showMessage" && strings.Contains(string(m.Params), word)
	}
	setting := s.Await("the setting", func(m editor.Message) bool { return told(m, "context.allow") })
	if text := string(setting.Params); !strings.Contains(text, "backslash") || !strings.Contains(text, "write /") {
		t.Errorf("the editor shows %s", text)
	}
	s.Must(about(s, fine))
	rule := s.Await("the rule", func(m editor.Message) bool { return told(m, "line 2 of .aiignore") })
	if text := string(rule.Params); !strings.Contains(text, "line 1 of [a] (b)/.aiignore") {
		t.Errorf("the editor shows %s", text)
	}
	s.Must(about(s, fine))
	s.Must(s.Call(s.Context(), "shutdown", nil, nil)) // after all that was shown
	times := 0
	for _, m := range s.Seen() {
		if told(m, "line 2 of .aiignore") {
			times++
		}
	}
	if times != 1 {
		t.Errorf("it was told %d times", times)
	}
	c := h.Run(t, "explain", fine)
	c.Exits(0)
	c.Says("line 2 of", "context.allow", "write /", "line 3 of", "the name alone")
	for _, pattern := range []string{"*\u200b.pem", "*.pem\u00a0", "./*.pem", "'*.pem'"} {
		h := llmls.Home(t, u.URL, calm+fmt.Sprintf("[context]\nallow = [%q]\n", pattern))
		c := h.Run(t, "explain", h.Write(t, "w/fine.py", "fine = 1\n"))
		c.Exits(0)
		c.Says("context.allow", "invisible character", "write the name alone")
	}
}

// A repository that brings ignore files without an end, or such as take long to
// match, is refused in little memory, and nothing else waits for it.
func TestRulesWithoutEnd(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	u.Script(completiontest.Answer("Yes."))
	h := llmls.Home(t, u.URL, calm)
	deep, large := "w/deep", strings.Repeat(strings.Repeat("?", 200)+"\n", 1200)
	for i := range 200 {
		deep += "/d" + strconv.Itoa(i)
		h.Write(t, deep+"/.aiignore", large)
	}
	far := h.Write(t, deep+"/fine.py", "fine = 1\n")
	slow := h.Write(t, "w/slow/"+strings.Repeat("a", 240)+"/"+strings.Repeat("a", 240)+"/fine.py", "fine = 1\n")
	h.Write(t, "w/slow/.aiignore", strings.Repeat(strings.Repeat("*a", 100)+"/*/*b\n", 1000))
	fine := h.Write(t, "w/fine.py", "fine = 1\n")
	s := start(t, h)
	s.Initialized("", filepath.Join(h.Dir, "w"))
	refused(t, "large", about(s, far), "larger than 1 MiB")
	refused(t, "slow", about(s, slow), "too long to match")
	s.Must(about(s, fine))
	s.peakBelow(memoryLimit)
}
