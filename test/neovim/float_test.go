package neovim_test

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// onCursorLua reports whether a float stands on the cell of the cursor, as the
// screen has it.
const onCursorLua = `
vim.cmd.redraw()
local row, column = vim.fn.screenrow(), vim.fn.screencol()
for _, win in ipairs(vim.api.nvim_list_wins()) do
	local config = vim.api.nvim_win_get_config(win)
	if config.relative ~= '' and not config.hide and win ~= vim.api.nvim_get_current_win() then
		local at = vim.fn.win_screenpos(win)
		if row >= at[1] and row < at[1] + config.height + 2 and column >= at[2] and column < at[2] + config.width + 2 then
			return true
		end
	end
end
return false`

// Wherever a person scrolls and goes while a float is open, and whether the code is
// in sight or not, it never stands on the cursor, and never on the explained lines.
func TestFloatNeverCoversTheCursor(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		for _, width := range []int{20, 100} {
			e := open(t, path, "total.py", "", "vim.o.wrap = true")
			e.lua(`
				local lines, width = {}, ...
				for i = 1, 200 do lines[i] = ('%03d '):format(i) .. ('x'):rep(width - 4) end
				vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)`, width)
			e.upstream.Script(completiontest.Answer(lines(30)...))
			e.command("normal! 20Gzt")
			e.command("20,24Llmls explain")
			e.idle()
			e.shows("scripted")
			for _, keys := range []string{"<C-e>", "5<C-e>", "<C-f>", "5j", "$", "<C-f>", "10j", "G", "gg", "20G", "10j", "L", "M", "H", "A typed<Esc>", "50Gzb", "20Gzb", "10k"} {
				e.keys(keys)
				process.Eventually(t, process.Patience, "the cursor is free after "+keys, func() bool {
					return !lua[bool](e, onCursorLua)
				})
				screen := e.screen()
				for _, line := range []string{"020 ", "021 ", "022 ", "023 ", "024 "} {
					if strings.Contains(screen, "│"+line) || strings.Contains(screen, "╯"+line) {
						t.Errorf("after %s the float is on line %s:\n%s", keys, line, screen)
					}
				}
			}
			e.command("normal! 20Gzt")
			e.shows("scripted")
			e.silent()
		}
	})
}

// Of a line that is only in sight in part, at the top or the bottom of a window,
// nothing is covered either.
func TestFloatNeverCoversAPartOfALine(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		short, long := strings.Repeat("x\n", 20), strings.Repeat("W", 790)+"\n"
		for _, test := range []struct{ text, keys, lines string }{
			{short + long + "z\n", ":set smoothscroll | split<CR><C-w>j21Gzt4<C-e>", "21"},
			{short + long + "z\n", ":set smoothscroll<CR>21Gzt4<C-e>G", "21"},
			{short + long + "z\n", "5Gzt", "21"},
			{short + long + "z\n", ":split<CR>5Gzt<C-w>j5Gzt", "21"},
			{short + long + long + "z\n", "15Gzt", "21,22"},
			{strings.Repeat(long, 3), "gg", "1,3"},
			{strings.Repeat(long, 3), "gg", "1,2"},
			{long + "z\n", "gg3gj", "1"},
		} {
			for _, laststatus := range []string{"0", "2", "3"} {
				e := open(t, path, "total.txt", test.text, "")
				e.must(e.TryResizeUI(80, 20))
				e.command("set laststatus=" + laststatus)
				e.keys(test.keys)
				before := strings.Count(e.screen(), "W")
				e.command(test.lines + "Llmls explain ++float")
				e.shows("Hello")
				e.idle()
				after := e.screen()
				if strings.Contains(after, "╭") && strings.Count(after, "W") != before {
					t.Errorf("%s: %d of %d letters are in sight:\n%s", test.keys, strings.Count(after, "W"), before, after)
				}
				e.silent()
			}
		}
	})
}
