package editors_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/test/process"
)

var update = flag.Bool("update", false, "rewrite the screens in testdata")

// A mask is what stands in the goldens for something that differs from run to
// run.
type mask struct {
	is   *regexp.Regexp
	with string
}

func masks() []mask {
	return []mask{
		{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
		{regexp.MustCompile(`\d+(\.\d)? s\b|\d+ ms\b`), "0 ms"},
		{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d`), "2026-01-31 12:00"},
		{regexp.MustCompile(`-[A-Z2-7]{6}\.md`), "-ABCDEF.md"},
		{regexp.MustCompile(`[⣾⣽⣻⢿⡿⣟⣯⣷]`), "⣾"},
		{regexp.MustCompile(`\[eglot:work[/\d?%]*\]`), "[eglot:work]"},
		{regexp.MustCompile(`(?:Flymake.*)?(?:Lens )?LSP\[.*`), "LSP"}, // the numbers of processes, and what comes and goes behind them
		// The actions of the server that answers last stand first.
		{regexp.MustCompile(`(?m)^Fix it\n((?:[A-Z].*\n)+)`), "${1}Fix it\n"},
		{regexp.MustCompile(`\nApplying \d+ edits? to .*`), ""},
		{regexp.MustCompile(`\n\[coc\.nvim\] Use ':wa' to save changes.*`), ""}, // until something else is said
		{regexp.MustCompile(`-{3,}(?m:$)`), "---"},
		// Neovim draws a ruler with its window, and lines below what is visible do not change that.
		{regexp.MustCompile(`(?m)( \[\+\] .* 1,1 +)Top$`), "${1}All"},
		{regexp.MustCompile(`\n(\s*~?\n){2,}`), "\n\n"}, // the rows below a text that an editor leaves empty
	}
}

// looks waits until the screen is the golden of that name for this editor. With
// -update it becomes that, once it holds the words and stands still.
func (s *session) looks(name string, words ...string) {
	s.t.Helper()
	path := filepath.Join("testdata", s.editor.name+"-"+name+".txt")
	if *update {
		s.Shows(words...)
		if err := os.WriteFile(path, []byte(s.masked(s.still())), 0o600); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	var got string
	defer func() {
		if s.t.Failed() {
			s.t.Logf("%s differs from the screen (-want +got):\n%s", path, cmp.Diff(string(want), got))
		}
	}()
	s.Until("the screen is "+path, func(screen string) bool {
		got = s.masked(screen)
		return got == string(want)
	})
}

// still waits until nothing moves on the screen any more.
func (s *session) still() string {
	var last string
	var since time.Time
	process.Eventually(s.t, process.Patience, "the screen stands still", func() bool {
		if screen := s.Screen(); s.masked(screen) != s.masked(last) {
			last, since = screen, time.Now()
		}
		return time.Since(since) > time.Second
	})
	return last
}

// masked returns the screen without what differs from run to run.
func (s *session) masked(screen string) string {
	screen = strings.ReplaceAll(screen, s.home.Dir, "~")
	for _, m := range masks() {
		screen = m.is.ReplaceAllString(screen, m.with)
	}
	return screen
}
