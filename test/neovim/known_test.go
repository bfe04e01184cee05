package neovim_test

import (
	"strings"
	"testing"
)

// anotherServer is Lua that starts a language server in this Neovim beside llmls, which
// looks definitions up in the table defined, by the name at the position, and waits for
// as many milliseconds as late says. It counts what it is asked.
const anotherServer = `
defined, asked, late = {}, 0, nil
local function request(method, params, callback)
  if method == 'initialize' then
    return true, callback(nil, { capabilities = { definitionProvider = true, positionEncoding = 'utf-16' } })
  elseif method ~= 'textDocument/definition' then
    return true, callback(nil, vim.NIL)
  end
  asked = asked + 1
  local line = vim.api.nvim_buf_get_lines(vim.uri_to_bufnr(params.textDocument.uri), params.position.line, params.position.line + 1, false)[1]
  local at = vim.fn.byteidx(line, params.position.character)
  local answer = defined[line:match('^[%w_\128-\255]+', at + 1)]
  local function reply() callback(nil, answer or vim.NIL) end
  if late == 'never' then return true, asked end
  vim.schedule(reply)
  return true, asked
end
vim.lsp.start({
  name = 'scripted', root_dir = vim.fn.getcwd(),
  cmd = function()
    return { request = request, notify = function() return true end, is_closing = function() return false end, terminate = function() end }
  end,
})
local function at(file, line, name)
  local range = { start = { line = line, character = 0 }, ['end'] = { line = line, character = 3 } }
  return { uri = vim.uri_from_fname(file), range = range }
end
`

// What another language server of the buffer knows of the names in the selection goes
// along: of a file in the workspace, which llmls reads, and of one outside of it, of
// which the lines are sent. It is not waited for for long, and nothing waits where
// there is none.
func TestDefinitionsOfAnotherServer(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "w/total.py", "def total(xs):\n    é = deduced(); é.go_on(xs)\n    return total\n", "")
		e.home.Write(t, "w/.git/HEAD", "")
		e.home.Write(t, "w/far/away.py", "class Far:\n    def go_on(self, xs):\n        pass\n")
		e.home.Write(t, "lib/deduced.py", "x = 1\n\n# Deduced is outside.\ndef deduced():\n    return 'body'\n")
		e.home.Write(t, "lib/.env", "def canary(): pass\n")
		e.command("edit") // with the root that is there now
		e.command("1,3Llmls explain")
		if prompt := e.prompt(); strings.Contains(prompt, "go_on(self") || strings.Contains(prompt, "Deduced") {
			t.Fatalf("without another server: %q", prompt)
		}
		e.idle()
		e.command("Llmls close")

		e.lua(anotherServer+`
			local home = ...
			defined.go_on = { at(home .. '/w/far/away.py', 1) }
			local outside = at(home .. '/lib/deduced.py', 3)
			defined.deduced = { { targetUri = outside.uri, targetRange = outside.range, targetSelectionRange = outside.range } }
			defined.xs = at(home .. '/lib/.env', 0)
			defined['é'] = at(home .. '/gone.py', 0)
			defined['return'] = { at(home .. '/w/far/away.py', 9000), at('/nowhere', 0), 'nonsense', { uri = 'jdt://x', range = outside.range } }
			defined.def = 'nonsense'
			`, e.home.Dir)
		e.command("1,3Llmls explain ++split")
		prompt := e.prompt()
		for _, want := range []string{"def go_on(self, xs):", "@@ 3-4\n# Deduced is outside.\ndef deduced():\n"} {
			if !strings.Contains(prompt, want) {
				t.Errorf("%q is not in %q", want, prompt)
			}
		}
		if strings.Contains(prompt, "canary") {
			t.Errorf("a file that stays was sent: %q", prompt)
		}
		e.idle()
		if n := lua[int](e, "return asked"); n < 6 || n > 10 {
			t.Errorf("%d requests", n)
		}

		// One that never answers delays a question and does not stop it; a stop meanwhile
		// sends none.
		e.lua("late = 'never'")
		e.command("1,3Llmls ask ++split why?")
		if prompt := e.prompt(); strings.Contains(prompt, "Deduced") {
			t.Errorf("what comes too late was sent: %q", prompt)
		}
		e.idle()
		before := len(e.upstream.Requests())
		e.lua("vim.cmd('1,3Llmls ask ++split and now?') vim.cmd('Llmls stop')")
		e.idle()
		e.lua("late = nil")
		e.command("1,3Llmls ask ++split again?")
		if prompt := e.prompt(); !strings.Contains(prompt, "again?") || len(e.upstream.Requests()) != before+1 {
			t.Errorf("after a stop: %d requests, then %q", len(e.upstream.Requests())-before, prompt)
		}
	})
}
