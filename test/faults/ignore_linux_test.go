package faults

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/lsp/editor"
	"github.com/llmls/llmls/internal/lsp/lsptest"
	"github.com/llmls/llmls/test/process"
)

// What a repository writes into its ignore files costs a question neither much
// memory nor time: what is too much forbids.
func TestIgnoreFilesWithoutAnEnd(t *testing.T) {
	t.Parallel()
	const deep = 200
	fill := func(size int, line string) string { return strings.Repeat(line, size/len(line)) }
	for _, test := range []struct{ name, rules string }{
		{"marks", fill(256<<10, "?")},
		{"lines of marks", fill(256<<10, strings.Repeat("?", 60)+"\n")},
		{"lines of marks in each directory", fill(5<<10, strings.Repeat("?", 60)+"\n")},
		{"stars", fill(5<<10, strings.Repeat("*a", 100)+"b\n")},
		{"directories", fill(5<<10, strings.Repeat("**/", 100)+"b\n")},
		{"classes", fill(5<<10, strings.Repeat("[!b-c[:digit:]xyz]", 10)+"b\n")},
		{"exceptions", fill(5<<10, "!*a\n*b\n")},
		{"nothing but lines", fill(256<<10, "\n")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := llmls.Home(t, "http://127.0.0.1:1", "")
			dir := "project"
			for range deep {
				dir += "/aaaaaaaaaa"
				h.Write(t, dir+"/.aiignore", test.rules)
			}
			h.Write(t, dir+"/good.py", "good = 1\n")
			s := askedAtOnce(t, h, dir+"/good.py", 4)
			s.peakBelow(60)
			s.workedBelow(6 * time.Second)
		})
	}
}

// One question at a time is checked, however many are asked: what the rules take is
// there once.
func TestQuestionsAreCheckedOneAtATime(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	dir := "project"
	for range 3 {
		dir += "/a"
		h.Write(t, dir+"/.aiignore", strings.Repeat("!a\nb\n", 256<<10/5))
	}
	h.Write(t, dir+"/good.py", "good = 1\n")
	s := askedAtOnce(t, h, dir+"/good.py", 80)
	s.peakBelow(65) // one takes 24, all together 118
}

// askedAtOnce starts a server in the folder project of h and asks n questions at once
// about a file of it, of which some may be forbidden.
func askedAtOnce(t *testing.T, h *process.Home, name string, n int) *server {
	t.Helper()
	s := start(t, h)
	s.Initialized("", filepath.Join(h.Dir, "project"))
	s.Open(uri, "python", document)
	var all []*editor.Pending
	for range n {
		all = append(all, s.StartCommand("llmls.explain", map[string]any{
			"uri": lsptest.URI(filepath.Join(h.Dir, name)), "range": lsptest.Range(0, 0, 1, 0), "dryRun": true,
		}))
	}
	for _, p := range all {
		if err := p.Wait(s.Context(), nil); err != nil && !strings.Contains(err.Error(), ".aiignore may forbid it") {
			t.Error(err)
		}
	}
	s.stillWorks()
	return s
}
