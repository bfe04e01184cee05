package neovim_test

import "testing"

// marked has each kind of text that Neovim's queries for Markdown colour or conceal,
// also such as changes the lines above it when it arrives.
const marked = "Adds up the **numbers** in `xs`, see \\[1]:\n\n" +
	"1. starts at *zero*, with `n = 0`\n2. adds **each** one\n\n> quoted **text**\n\n" +
	"| a | b |\n| - | - |\n| 1 | `x` |\n\n## Heading\n\n" +
	"```lua\nlocal function f(x)\n  return x + 1, \"text\" -- comment\nend\n```\n\n" +
	"Setext\n======\n\n~~gone~~ and \\* escaped &amp; entity\n\n" +
	"- [ ] a task\n- [x] done\n    ```c\n    int x = 1; /* c */\n    ```\n\n" +
	"The end **of it\non two** lines.\n"

// coloured is what a page shows that got the text word by word, each with its colours,
// and what it shows when Neovim's own highlighter has taken it over, which needs a
// moment: text and attributes.
const coloured = `
vim.cmd('silent! only')
local page = require('llmls.page').new(1, 'colours')
vim.api.nvim_win_set_buf(0, page.bufnr)
vim.wo.conceallevel = 2
for word in vim.env.MARKED:gmatch('%S*%s*') do
  page:stream(word)
  page:paint()
end
vim.cmd('normal! gg')
local function drawn()
  local rows
  assert(vim.wait(5000, function()
    vim.cmd('redraw!')
    rows = {}
    for row = 1, 30 do
      local cells = {}
      for column = 1, 60 do
        cells[column] = vim.fn.screenstring(row, column) .. vim.fn.screenattr(row, column)
      end
      rows[row] = table.concat(cells, ' ')
    end
    return table.concat(rows):find('l[1-9]%d* o[1-9]%d* c[1-9]') ~= nil -- the code has colours
  end, 100))
  return table.concat(rows, '\n')
end
local own = drawn()
page.colour:release()
return { own, drawn() }`

// An answer that arrived in pieces has the colours that Neovim's own highlighter
// gives the whole text.
func TestColours(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "vim.env.MARKED = [["+marked+"]]\n")
		if both := lua[[]string](e, coloured); both[0] != both[1] {
			t.Errorf("it is\n%s\nand for Neovim's highlighter\n%s", both[0], both[1])
		}
	})
}

// A long line that grows is not parsed anew for each delta, and has its colours in the
// end; so have many lines that arrive at once.
func TestColoursOfMuch(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		got := lua[[]bool](e, `
			local page = require('llmls.page').new(1, 'long')
			local function has(row)
				local ns = vim.api.nvim_get_namespaces()['llmls.colour']
				return #vim.api.nvim_buf_get_extmarks(page.bufnr, ns, { row or 0, 0 }, -1, { limit = 1 }) > 0
			end
			page:stream(('some **bold** words '):rep(500))
			page:paint(true)
			local growing = has()
			page:paint()
			local all = has()
			page:append(('\n**bold**'):rep(300))
			local row = vim.api.nvim_buf_line_count(page.bufnr) - 1
			return { growing, all, vim.wait(5000, function() return has(row) end, 10) }`)
		if got[0] || !got[1] || !got[2] {
			t.Errorf("a long line has colours while it grows: %v, in the end: %v; many lines: %v", got[0], got[1], got[2])
		}
	})
}
