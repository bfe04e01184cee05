package neovim_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// repository is a git repository with the plugin where ours has it.
func repository(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "llmls")
	if err := os.CopyFS(filepath.Join(dir, "editors", "neovim"), os.DirFS(filepath.Join(root, "editors", "neovim"))); err != nil {
		t.Fatal(err)
	}
	commit(t, dir)
	return dir
}

// released is the repository that a release makes of the plugin.
func released(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "llmls.nvim")
	if out, err := exec.Command(filepath.Join(root, "release", "neovim"), dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	commit(t, dir)
	return dir
}

func commit(t *testing.T, dir string) {
	t.Helper()
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "."}, {"-c", "user.name=llmls", "-c", "user.email=llmls@localhost", "commit", "-q", "-m", "all"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v: %s", args[0], err, out)
		}
	}
}

// documented is a block of the page about Neovim, the one after those words.
func documented(t *testing.T, words string) string {
	t.Helper()
	return block(t, "docs/editors/neovim.md", words)
}

// block is the first block of code on a page after those words.
func block(t *testing.T, name, words string) string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	_, behind, _ := strings.Cut(string(page), words)
	m := regexp.MustCompile("(?s)```\\w+\n(.*?)```").FindStringSubmatch(behind)
	if m == nil {
		t.Fatalf("no block after %q", words)
	}
	return m[1]
}

// What the page says about each plugin manager works as it stands there.
// vim.pack installs for real, from a repository on this machine; the others are
// not there, and what they do with these lines is done in their place.
func TestInstall(t *testing.T) {
	confirm := "vim.fn.confirm = function() return 1 end\n"
	ways := map[string]func(dir string) string{
		"vim.pack of a release": func(string) string {
			return confirm + strings.ReplaceAll(block(t, "release/neovim.md", "# llmls"), "https://github.com/llmls/llmls.nvim", "file://"+released(t))
		},
		"vim.pack": func(dir string) string {
			return confirm + strings.ReplaceAll(documented(t, "With `vim.pack`"), "https://github.com/llmls/llmls", "file://"+dir)
		},
		"lazy.nvim": func(dir string) string {
			return fmt.Sprintf("local spec = %s\nspec.config({ dir = %q })", documented(t, "With lazy.nvim"), dir)
		},
		"vim-plug": func(dir string) string {
			return fmt.Sprintf(`vim.api.nvim_create_user_command('Plug', function(call)
				vim.opt.runtimepath:append(%q .. '/' .. call.args:match("'rtp': '(.-)'"))
			end, { nargs = '+' })
			vim.cmd(%q)`, dir, documented(t, "With vim-plug"))
		},
		"by hand": func(dir string) string {
			return strings.ReplaceAll(documented(t, "By hand"), "/path/to/llmls", dir)
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, path string) {
				if strings.HasPrefix(name, "vim.pack") && strings.Contains(path, "trixie") {
					return // it came with 0.12
				}
				init := way(repository(t))
				if strings.Contains(path, "trixie") {
					init = strings.ReplaceAll(init, "vim.lsp.enable('llmls')", "local _") // as the page says
				}
				u := completiontest.NewUpstream(t)
				e := openWith(t, path, u.URL, init)
				e.upstream = u
				if strings.HasPrefix(name, "vim.pack") {
					e.confirms()
				}
				process.Eventually(t, process.Patience, "it is installed", func() bool {
					return lua[int](e, "return vim.fn.exists(':Llmls')") == 2
				})
				e.edit("total.py", code)
				e.command("1,5Llmls explain")
				e.shows("Hello")
				e.idle()
				if said := lua[string](e, "return vim.fn.execute('messages')"); strings.Contains(said, "Error") {
					t.Error(said)
				}
				e.command("helptags ALL")
				e.command("help llmls")
			})
		})
	}
}

// confirms presses ENTER whenever Neovim asks for it, until the test ends: vim.pack
// says what it installs, at any time between two requests.
func (e *editor) confirms() {
	done := make(chan struct{})
	looks := time.NewTicker(20 * time.Millisecond)
	var looking sync.WaitGroup
	looking.Go(func() {
		defer looks.Stop()
		for {
			select {
			case <-done:
				return
			case <-looks.C:
			}
			if mode, err := e.Mode(); err == nil && mode.Blocking {
				_, _ = e.Input("<CR>") // it may have ended
			}
		}
	})
	e.t.Cleanup(func() { close(done); looking.Wait() })
}

// The plugin can be loaded again, while it is at work too.
func TestReload(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.upstream.Script(completiontest.Delta("Half of "), completiontest.Pause("rest"), completiontest.Answer("it."))
		e.command("1,5Llmls explain")
		e.upstream.WaitPaused("rest")
		e.shows("Half of")
		reload := `
			for name in pairs(package.loaded) do
				if vim.startswith(name, 'llmls') then package.loaded[name] = nil end
			end
			vim.g.loaded_llmls = nil
			vim.cmd.runtime('plugin/llmls.lua')`
		e.lua("before = require('llmls.answer') " + reload)
		e.upstream.Script(completiontest.Answer("All of it, anew."))
		for range 2 {
			e.command("1,5Llmls explain")
			e.shows("All of it, anew.")
			e.idle()
			e.waits(false)
			if n := lua[int](e, "return #vim.api.nvim_list_wins()"); n != 2 {
				t.Errorf("%d windows", n)
			}
			e.lua(reload)
		}
		// The one that was under way ends as if nothing had happened.
		e.upstream.Resume("rest")
		process.Eventually(t, process.Patience, "the first answer ends", func() bool {
			return lua[int](e, "return #before.running()") == 0
		})
		if text := lua[string](e, "return table.concat(vim.api.nvim_buf_get_lines(vim.fn.bufnr('llmls://1/'), 0, -1, false), '\\n')"); text != "Half of it." {
			t.Errorf("the first answer is %q", text)
		}
		e.silent()
	})
}

// What is shown and runs when the plugin is loaded again can be stopped and closed.
func TestReloadedStopsAndCloses(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		for surface, shown := range map[string]string{"inline": "│ Half of", "split": "# Explain total.py:2", "float": "╭ Explain total.py:2 "} {
			e := open(t, path, "total.py", code, "")
			e.upstream.Script(completiontest.Delta("Half of "), completiontest.Stall())
			e.command("2Llmls explain ++" + surface)
			e.shows(shown, "Half of")
			for range 2 {
				e.lua(`
					before = before or require('llmls.answer')
					for name in pairs(package.loaded) do
						if vim.startswith(name, 'llmls') then package.loaded[name] = nil end
					end`)
				e.command("Llmls answers nothing of it")
			}
			e.command("Llmls stop")
			if n := lua[int](e, "return #before.running()"); n != 0 {
				t.Errorf("%s: %d answers run", surface, n)
			}
			e.command("Llmls close")
			e.hides(shown)
			e.hides("Half of")
		}
	})
}
