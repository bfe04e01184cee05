package neovim_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

// obeying turns modelines on, which Neovim turns off for root.
const obeying = "vim.o.modeline = true\n"

// What an answer, a question or a file's name says to editors is shown and not
// obeyed, neither in the split nor in the file that it is saved to.
func TestModelinesInASavedSplit(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, obeying+"require('llmls').setup({ surface = 'split' })")
		file := e.home.Write(t, "x vim: ft=c -*- kate:.py", code)
		e.lua("vim.cmd.edit(vim.fn.fnameescape(...))", file)
		e.upstream.Script(completiontest.Answer("A sum.\n\n", "```\n# v", "im: ft=c ro\n```\n\n", " vim: set ft=c ro:\n\n-*- mode: c -*-\n\nLocal Variables:\n\nkate: hl C;"))
		e.lua("require('llmls').ask('why -*- kate:\\nvim: ft=c\\nex: ro Vim: set ro: vim>802: LOCAL variables:?')")
		e.shows("hl C;")
		e.idle()
		saved := filepath.Join(e.home.Dir, "saved.md")
		e.lua(`local page = vim.iter(vim.api.nvim_list_bufs()):find(function(bufnr)
  return vim.startswith(vim.api.nvim_buf_get_name(bufnr), 'llmls://')
end)
vim.cmd.sbuffer(page)
vim.cmd.doautocmd('User')
assert(vim.bo.filetype == 'markdown' and not vim.bo.readonly, vim.bo.filetype)
vim.cmd.write(...)`, saved)
		raw, err := os.ReadFile(saved)
		if err != nil || !strings.Contains(string(raw), "hl C;") {
			t.Fatalf("saved was %q, %v", raw, err)
		}
		if err := completiontest.Modeline(string(raw)); err != nil {
			t.Error(err)
		}
		e.lua("vim.cmd.edit(...)", saved)
		if got := lua[string](e, "return vim.bo.filetype .. tostring(vim.bo.readonly)"); got != "markdownfalse" {
			t.Errorf("the file has filetype and readonly %s", got)
		}
	})
}

// A log may hold what a repository chose, and older ones are not broken.
func TestModelinesInALog(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, obeying)
		log := lua[string](e, "return require('llmls.scratch').log_path()")
		e.home.Write(t, "state/llmls/llmls.log", "x vim: set ft=c:\n")
		e.command("Llmls log")
		e.shows("x vim: set ft=c:")
		e.must(os.WriteFile(log, []byte("once more vim: set ft=c:\n"), 0o600))
		e.command("checktime")
		e.shows("once more")
		if got := lua[string](e, "return vim.bo.filetype"); got == "c" {
			t.Error("it was obeyed")
		}
		if !lua[bool](e, "return vim.go.modeline") {
			t.Error("no other file has modelines any more")
		}
	})
}
