package neovim_test

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// A failure is one sentence that ends in the next step: no JSON, no stack
// trace, and never a question for ENTER.
func TestFailures(t *testing.T) {
	tests := []struct {
		name   string
		script steps
		says   []string
	}{
		{"wrong key", steps{completiontest.Error(401, "auth", "Incorrect API key provided")}, []string{"refused the key", "OPENAI_API_KEY"}},
		{"a page", steps{completiontest.Status(200, "Content-Type", "text/html"), completiontest.Send("<html><title>Sign in</title>")}, []string{"baseUrl"}},
		{"cut", steps{completiontest.Delta("Half of"), completiontest.Cut()}, []string{"Half of", "incomplete", "Ask again"}},
		{"no reason", steps{completiontest.Delta("All of it?"), completiontest.Done()}, []string{"All of it?", "may be cut"}},
		{"limit", steps{completiontest.Delta("Half of"), completiontest.Finish("length"), completiontest.Done()}, []string{"Half of", "limit"}},
	}
	each(t, func(t *testing.T, path string) {
		for _, test := range tests {
			for _, surface := range []string{"float", "inline", "split"} {
				t.Run(test.name+" "+surface, func(t *testing.T) {
					e := open(t, path, "total.py", code, "vim.o.columns = 80")
					e.upstream.Script(test.script...)
					e.keys(":1,5Llmls explain ++" + surface + "<CR>")
					e.idle()
					var text string
					process.Eventually(t, process.Patience, "the failure is told", func() bool {
						text = plain(e.screen())
						return strings.Contains(text, test.says[len(test.says)-1])
					})
					for _, says := range test.says {
						if !strings.Contains(text, says) {
							t.Errorf("the screen does not say %q", says)
						}
					}
					for _, never := range []string{"stack traceback", "Press ENTER", `{"`} {
						if strings.Contains(text, never) {
							t.Errorf("the screen says %q", never)
						}
					}
				})
			}
		}
	})
}

// plain is a screen without its borders, in one line.
func plain(screen string) string {
	for _, border := range []string{"│", "╭", "╮", "╰", "╯", "─"} {
		screen = strings.ReplaceAll(screen, border, " ")
	}
	return strings.Join(strings.Fields(screen), " ")
}

// A retry takes the place of what failed without a word.
func TestRetryAfterFailure(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.upstream.Script(completiontest.Error(500, "server_error", "oops"))
		e.keys(":1,5Llmls ask why?<CR>")
		e.shows("oops")
		e.idle()
		e.upstream.Script(completiontest.Answer("Because."))
		e.keys(":Llmls retry<CR>")
		e.shows("Because.")
		e.idle()
		if got := e.page(); got != "> why?\n\nBecause." {
			t.Errorf("the page holds %q", got)
		}
	})
}

func TestStop(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.upstream.Script(completiontest.Delta("Half of"), completiontest.Stall())
		for _, stop := range []string{":Llmls stop<CR>", "<C-c>"} {
			e.command("1,5Llmls ask why?")
			request := e.upstream.Next()
			e.shows("Half of")
			if stop == "<C-c>" {
				e.command("lua require('llmls.float').current():enter()")
			}
			// CTRL-C that comes while Neovim is busy is no key but an interrupt, and
			// is lost: a person presses it again.
			process.Eventually(t, process.Patience, "it stops", func() bool {
				e.keys(stop)
				return lua[int](e, "return #require('llmls.answer').running()") == 0
			})
			request.WaitDone(t)
			e.idle()
			e.shows("Half of", "Stopped.")
			e.keys(":Llmls close<CR>")
			e.hides("Stopped.")
		}
		// What was stopped before any text leaves nothing behind.
		e.upstream.Script(completiontest.Pause("never"))
		e.command("1,5Llmls explain")
		request := e.upstream.Next()
		e.command("Llmls stop")
		request.WaitDone(t)
		e.idle()
		if screen := e.screen(); strings.Contains(screen, "Stopped") || spinner.MatchString(screen) {
			t.Errorf("the screen:\n%s", screen)
		}
		e.silent()
	})
}

// An answer that was stopped can be replied to.
func TestReplyAfterStop(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.upstream.Script(completiontest.Delta("Half of"), completiontest.Stall())
		e.command("1,5Llmls explain")
		e.upstream.Next()
		e.shows("Half of")
		e.command("Llmls stop")
		process.Eventually(t, process.Patience, "the server has told the conversation", func() bool {
			return lua[bool](e, "return require('llmls.conversation').current():last().result ~= nil")
		})
		e.upstream.Script(completiontest.Answer("The other half."))
		e.command("Llmls reply go on")
		if body := string(e.upstream.Next().Body); !strings.Contains(body, "go on") || !strings.Contains(body, "Half of") {
			t.Errorf("the request is %s", body)
		}
		e.shows("Half of", "> go on", "The other half.")
	})
}

// What to do comes first: the last row may have no room for more.
func TestMissingBinary(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "require('llmls').setup({ cmd = { 'no-such-llmls' } })")
		e.keys(":1Llmls explain<CR>")
		process.Eventually(t, process.Patience, "the way to get it is told", func() bool {
			text := plain(e.screen())
			return strings.Contains(text, "no-such-llmls is not executable") && strings.Contains(text, ":help llmls-install")
		})
		if screen := e.screen(); !strings.Contains(screen[strings.LastIndex(screen, "\n")+1:], "llmls: Install llmls and put it into PATH") {
			t.Errorf("the last row does not begin with what to do:\n%s", screen)
		}
		e.idle()
		e.command("Llmls log")
		e.shows("llmls: ask something first")
	})
}

// A server that dies ends its answers, marked, and the next question starts
// another one; one that dies at every start is left alone in the end.
func TestServerDies(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.upstream.Script(completiontest.Delta("Half of"), completiontest.Stall())
		for range 3 {
			e.command("1,5Llmls ask why?")
			e.shows("Half of")
			e.kill()
			e.idle()
			process.Eventually(t, process.Patience, "the end is told", func() bool {
				text := plain(e.screen())
				return strings.Contains(text, "Half of") && strings.Contains(text, "Try again, and see :Llmls log")
			})
			e.keys(":Llmls close<CR>")
			e.hides("Half of")
		}
		e.keys(":1,5Llmls ask why?<CR>")
		process.Eventually(t, process.Patience, "it is left alone", func() bool {
			return strings.Contains(plain(e.screen()), "ended 3 times within a minute")
		})
	})
}

// kill kills the children of this Neovim: its server.
func (e *editor) kill() {
	e.t.Helper()
	for _, pid := range lua[[]int](e, "return vim.api.nvim_get_proc_children(vim.fn.getpid())") {
		child, err := os.FindProcess(pid)
		e.must(err)
		_ = child.Signal(syscall.SIGKILL) // it may have ended
	}
}

// A server that never starts properly is told about, and Neovim stays usable.
func TestServerThatDoesNotStart(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "require('llmls').setup({ cmd = { 'false' } })")
		e.keys(":1Llmls explain<CR>")
		process.Eventually(t, process.Patience, "the failure is told", func() bool {
			return strings.Contains(plain(e.screen()), "llmls ended")
		})
		e.idle()
	})
}

// A failure is told once where the answer is shown, the first of a session too,
// and :messages has all of what the row has no room for.
func TestFailureIsToldOnce(t *testing.T) {
	long := strings.Repeat("quota ", 30) + "exceeded"
	each(t, func(t *testing.T, path string) {
		for _, surface := range []string{"float", "inline", "split"} {
			e := open(t, path, "total.py", code, "")
			e.upstream.Script(completiontest.Error(500, "server_error", long))
			for range 2 {
				e.command("1,5Llmls explain ++" + surface)
				e.idle()
				e.shows("exceeded")
				rows := strings.Split(strings.TrimSpace(e.screen()), "\n")
				if n := strings.Count(plain(strings.Join(rows[:len(rows)-1], "\n")), "exceeded"); n != 1 {
					t.Errorf("%s: it is told %d times:\n%s", surface, n, strings.Join(rows, "\n"))
				}
				said := strings.TrimSpace(lua[string](e, "return vim.fn.execute('messages')"))
				if strings.Count(said, "exceeded") != 1 || strings.Count(said, "\n") != 0 {
					t.Errorf("%s: messages:\n%s", surface, said)
				}
				e.command("Llmls close")
				e.command("messages clear")
			}
		}
	})
}
