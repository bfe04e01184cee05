package neovim_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

// A conversation goes on after its buffer was closed, and is shown, wherever it was.
func TestBufferIsGone(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		for _, gone := range []string{"bwipeout!", "bdelete!"} {
			for _, surface := range []string{"float", "inline", "split"} {
				e := open(t, path, "total.py", code, "vim.o.hidden = true")
				e.command("2Llmls explain ++" + surface)
				e.upstream.Next()
				e.idle()
				e.command("Llmls close")
				e.command("silent " + gone)
				e.command("Llmls retry")
				e.shows("select the code and ask again")
				e.command("Llmls close")
				for _, line := range []string{"Llmls more ++" + surface, "Llmls reply ++" + surface + " why so?"} {
					e.upstream.Script(completiontest.Answer("It goes on."))
					e.command(line)
					e.upstream.Next()
					e.shows("It goes on.")
					e.idle()
					e.command("Llmls close")
				}
				e.command("Llmls retry")
				if prompt := e.prompt(); !strings.Contains(prompt, "why so?") {
					t.Errorf("the prompt is %q", prompt)
				}
				e.idle()
				e.lua("vim.ui.select = function(list, _, chosen) chosen(list[1]) end")
				e.command("Llmls close")
				e.command("Llmls answers ++" + surface)
				e.shows("It goes on.")
				if said := lua[string](e, "return vim.fn.execute('messages')"); strings.Contains(said, "traceback") {
					t.Errorf("%s, %s: messages:\n%s", gone, surface, said)
				}
			}
		}
	})
}

// A file that something else changed, such as git, is read again: an answer goes along
// with its code, and only that code is asked about again.
func TestFileChangesUnderneath(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.txt", "one\ntwo\nthree\n", "vim.o.autoread = true")
		changes := func(text string) {
			t.Helper()
			e.must(os.WriteFile(filepath.Join(e.home.Dir, "total.txt"), []byte(text), 0o600))
			e.command("silent checktime")
		}
		e.upstream.Script(completiontest.Answer("All right."))
		e.command("2Llmls explain ++inline")
		e.upstream.Next()
		e.idle()
		e.shows("two\n│ All right.")
		changes("zero\nlonger\none\ntwo\nthree\nfour\n")
		e.shows("two\n│ All right.\n")
		e.command("Llmls retry")
		if got := e.selected(); got != "two" {
			t.Errorf("asked about %q", got)
		}
		e.idle()
		changes("two\nthree\n")
		e.shows("two\n│ ")
		changes("one\nthree\n")
		e.hides("│ ")
		e.command("Llmls retry")
		e.shows("select the code and ask again")
		if n := len(e.upstream.Requests()); n != 2 {
			t.Errorf("%d requests", n)
		}
	})
}
