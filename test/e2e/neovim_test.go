//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/test/neovim"
	"github.com/llmls/llmls/test/process"
)

// The plugin in a real Neovim, and a real llama-server: the buffer holds what
// the model says, to the byte, and the endless one is stopped.
func TestNeovim(t *testing.T) {
	found, err := neovim.Found("../..")
	if err != nil {
		t.Fatal(err)
	}
	plugin, err := filepath.Abs("../../editors/neovim")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			start := func(model string) *neovim.Neovim {
				home := llmls.Home(t, startLlama(t, model).url, "")
				home.Env[0] = "PATH=" + filepath.Dir(llmls.Path()) + ":" + os.Getenv("PATH")
				n, err := neovim.Start(path, home.Dir, home.Env, fmt.Sprintf("vim.opt.runtimepath:prepend(%q)", plugin), nil)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					if err := n.End(); err != nil {
						t.Error(err)
					}
				})
				if err := n.Command("edit " + home.Write(t, "total.py", "def total(xs):\n    return sum(xs)\n")); err != nil {
					t.Fatal(err)
				}
				if err := n.Command("1,2Llmls explain"); err != nil {
					t.Fatal(err)
				}
				return n
			}
			text := func(n *neovim.Neovim) (page string, running bool) {
				var result struct {
					Text    string
					Running bool
				}
				if err := n.ExecLua(`
					local page = require('llmls.conversation').current().page
					local lines = page and vim.api.nvim_buf_get_lines(page.bufnr, 0, -1, false) or {} -- it comes with the server
					return { Text = table.concat(lines, '\n'), Running = require('llmls').status() ~= '' }`, &result); err != nil {
					t.Fatal(err)
				}
				return result.Text, result.Running
			}

			n := start("scripted.gguf")
			process.Eventually(t, process.Patience, "the answer has ended", func() bool {
				page, running := text(n)
				return page != "" && !running
			})
			if page, _ := text(n); page != script(t, "script.txt") {
				t.Errorf("the page holds %q", page)
			}

			n = start("scripted-loop.gguf")
			process.Eventually(t, process.Patience, "text arrives", func() bool {
				page, _ := text(n)
				return page != ""
			})
			if err := n.Command("Llmls stop"); err != nil {
				t.Fatal(err)
			}
			page, running := text(n)
			if running || strings.TrimSpace(page) == "" {
				t.Errorf("after the stop: running %v, %q", running, page)
			}
			beginsLoop(t, page)
		})
	}
}
