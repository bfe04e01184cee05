package neovim_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// Wherever the code stands on the screen and however long its lines are, the
// answer never stands on it.
func TestFloatNeverCoversTheCode(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", "", "vim.o.wrap = true")
		for _, size := range [][2]int{{110, 36}, {80, 24}, {60, 15}, {160, 50}} {
			e.lua("vim.o.columns, vim.o.lines = ...", size[0], size[1])
			for _, width := range []int{20, 70, 140} {
				for _, span := range [][2]int{{1, 1}, {1, 8}, {30, 40}, {20, 60}, {95, 100}} {
					e.covers(span[0], span[1], width)
				}
			}
		}
	})
}

// covers asks about lines of that width, and fails the test if an answer of 30
// lines hides any of them that was in sight.
func (e *editor) covers(first, last, width int) {
	e.t.Helper()
	e.lua(`
		local lines, width = {}, ...
		for i = 1, 100 do lines[i] = ('%03d '):format(i) .. ('x'):rep(width - 4) end
		vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)`, width)
	e.upstream.Script(completiontest.Answer(lines(30)...))
	e.command(fmt.Sprintf("normal! %dGzz", first))
	before := e.screen()
	e.command(fmt.Sprintf("%d,%dLlmls explain", first, last))
	e.idle()
	e.shows("scripted")
	after := e.screen()
	// With a split there is less room for the code, but nothing stands on it.
	if strings.Contains(before, "│") || !strings.Contains(after, "╭") {
		e.command("Llmls close")
		return
	}
	for i := first; i <= last; i++ {
		number := fmt.Sprintf("%03d x", i)
		if row := rowWith(before, number); row != "" && rowWith(after, number) != row {
			// Beside it is allowed to stand.
			rest, ok := strings.CutPrefix(rowWith(after, number), row)
			if !ok || !strings.HasPrefix(strings.TrimLeft(rest, " "), "│") && !strings.HasPrefix(strings.TrimLeft(rest, " "), "╭") && !strings.HasPrefix(strings.TrimLeft(rest, " "), "╰") {
				e.t.Errorf("lines %d-%d of width %d: line %d is hidden:\n%s", first, last, width, i, after)
				break
			}
		}
	}
	e.command("Llmls close")
}

func rowWith(screen, text string) string {
	for line := range strings.Lines(screen) {
		if strings.HasPrefix(line, text) {
			return strings.TrimSuffix(line, "\n")
		}
	}
	return ""
}

// The same command again enters the float; it does not ask again.
func TestSameAgainEnters(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "vim.keymap.set({ 'n', 'x' }, 'E', '<Plug>(llmls-explain)')")
		e.keys("2GE")
		e.shows("Hello")
		e.idle()
		e.keys("E")
		process.Eventually(t, process.Patience, "the cursor is in the float", func() bool {
			return lua[bool](e, "return vim.api.nvim_win_get_config(0).relative ~= ''")
		})
		if n := len(e.upstream.Requests()); n != 1 {
			t.Errorf("%d requests", n)
		}
		e.keys("q")
		e.hides("Hello")
		e.keys("3GE")
		e.upstream.Next()
		e.upstream.Next()
	})
}

func TestFloatKeys(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		answer := "Like so:\n\n```python\nsum(xs)\nmax(xs)\n```\n\nDone."
		enter := func() {
			e.command("lua require('llmls.float').current():enter()")
		}
		e.upstream.Script(completiontest.Answer(answer))
		e.command("1,5Llmls explain")
		e.shows("Done.")
		e.idle()
		enter()
		e.keys("y")
		if got := lua[string](e, "return vim.fn.getreg('\"')"); got != answer {
			t.Errorf("y yanks %q", got)
		}
		e.keys("4G\"agy")
		if got := lua[string](e, "return vim.fn.getreg('a')"); got != "sum(xs)\nmax(xs)" {
			t.Errorf("gy yanks %q", got)
		}
		e.keys("gggy")
		e.shows("no code block under the cursor")
		e.keys("?")
		e.shows("pin to a split", "more detail")
		e.keys("q")
		e.hides("pin to a split")
		e.upstream.Next()
		e.keys("<CR>")
		e.shows("Reply: ")
		e.keys("and then?<CR>")
		if prompt := e.prompt(); !strings.Contains(prompt, "and then?") {
			t.Errorf("<CR> asks %q", prompt)
		}
		e.idle()
		e.keys("+")
		if prompt := e.prompt(); !strings.Contains(prompt, "more detail") {
			t.Errorf("+ asks %q", prompt)
		}
		e.idle()
		e.keys("r")
		if prompt := e.prompt(); !strings.Contains(prompt, "more detail") {
			t.Errorf("r asks %q", prompt)
		}
		e.idle()
		e.keys("p")
		process.Eventually(t, process.Patience, "it is a split", func() bool {
			return lua[bool](e, "return vim.api.nvim_win_get_config(0).relative == '' and vim.fn.winnr('$') == 2")
		})
		if first := lua[string](e, "return vim.fn.getline(1)"); first != "# Explain total.py:1-5" {
			t.Errorf("the split begins with %q", first)
		}
	})
}

// The split is an ordinary buffer: written in, undone, saved, and streamed into
// behind what the person wrote elsewhere in it.
func TestSplit(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "require('llmls').setup({ surface = 'split' })")
		e.upstream.Script(completiontest.Delta("One "), completiontest.Pause("write"), completiontest.Answer("two."))
		win := lua[int](e, "return vim.api.nvim_get_current_win()")
		e.command("vertical 1,5Llmls explain")
		e.upstream.WaitPaused("write")
		e.shows("One")
		if now := lua[int](e, "return vim.api.nvim_get_current_win()"); now != win {
			t.Error("the split took the focus")
		}
		e.keys("<C-w>lggOmine<Esc>")
		e.upstream.Resume("write")
		e.idle()
		saved := filepath.Join(e.home.Dir, "answer.md")
		e.command("write " + saved)
		text, err := os.ReadFile(saved)
		if err != nil || string(text) != "mine\n# Explain total.py:1-5\n\nOne two.\n" {
			t.Errorf("saved %q, %v", text, err)
		}
		e.upstream.Script(completiontest.Answer("Three."))
		e.command("Llmls reply more")
		e.shows("> more", "Three.")
		e.idle()
	})
}

// Inline: below the code, following it, and gone when the code is another one.
func TestInline(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code+"\nlast = 1\n", "require('llmls').setup({ surface = 'inline', inline = { height = 4 } })")
		e.upstream.Script(completiontest.Answer("# Sum\n", "Adds **it** *all* `up`, 2 * 3 * 4.\n", strings.Repeat("long words ", 30)))
		e.command("1,5Llmls explain")
		screen := e.shows("│ Sum", "│ Adds it all up, 2 * 3 * 4.", ":Llmls answers shows the rest", "scripted")
		if strings.Index(screen, "│ Sum") < strings.Index(screen, "return n") || strings.Index(screen, "│ Sum") > strings.Index(screen, "last = 1") {
			t.Errorf("it is not below the code:\n%s", screen)
		}
		e.keys("ggO# above<Esc>")
		screen = e.shows("# above", "│ Sum")
		if strings.Index(screen, "│ Sum") < strings.Index(screen, "return n") {
			t.Errorf("it did not follow the code:\n%s", screen)
		}
		e.keys("Gofar below<Esc>") // by when what the line above caused has happened
		e.shows("# above", "│ Sum", "far below")
		e.keys("2GI# <Esc>")
		e.hides("│ Sum")
		e.keys("u")
		e.command("2,6Llmls explain")
		e.shows("│ Sum")
		e.idle()
		e.keys("3GA + 1<Esc>")
		e.hides("│ Sum")
		e.keys("u")
		e.command("2,6Llmls explain")
		e.shows("│ Sum")
		e.idle()
		e.command("Llmls close")
		e.hides("│ Sum")
		if left := lua[int](e, "return #vim.api.nvim_buf_get_extmarks(0, -1, 0, -1, { type = 'virt_lines' })"); left > 0 {
			t.Errorf("%d virtual lines are left", left)
		}
	})
}

// An inline answer can be read as a whole later, also while it grows.
func TestAnswersShowsInline(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "vim.ui.select = function(list, options, choose) shown = vim.tbl_map(options.format_item, list) choose(list[1]) end")
		e.upstream.Script(completiontest.Delta("Half of "), completiontest.Pause("rest"), completiontest.Answer("it."))
		e.command("1,5Llmls explain ++inline")
		e.upstream.WaitPaused("rest")
		e.shows("│ Half of")
		e.command("Llmls close")
		e.hides("Half of")
		e.command("Llmls answers")
		e.shows("╭ Explain total.py:1-5", "Half of")
		e.upstream.Resume("rest")
		e.shows("Half of it.")
		if items := lua[[]string](e, "return shown"); items[0] != "Explain total.py:1-5: … Half of" {
			t.Errorf("the list: %q", items)
		}
	})
}

// The mark goes with the answer.
func TestRangeIsMarked(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		marked := func() string {
			return lua[string](e, `
				local found = {}
				for _, m in ipairs(vim.api.nvim_buf_get_extmarks(1, -1, 0, -1, { details = true })) do
					if m[4].hl_group == 'LlmlsRange' then
						table.insert(found, table.concat({ m[2], m[3], m[4].end_row, m[4].end_col }, ' '))
					end
				end
				return table.concat(found, ', ')`)
		}
		e.upstream.Script(completiontest.Pause("go"), completiontest.Answer("Hello"))
		e.keys("gg0wve:Llmls explain<CR>")
		e.upstream.WaitPaused("go")
		if got := marked(); got != "0 4 0 9" {
			t.Errorf("marked: %s", got)
		}
		e.upstream.Resume("go")
		e.shows("Hello")
		e.idle()
		e.command("Llmls close")
		if got := marked(); got != "" {
			t.Errorf("still marked: %s", got)
		}
	})
}

// Once an answer that fits has ended, all of it is in sight, and no more.
func TestFloatFits(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.upstream.Script(completiontest.Answer("First line.\n\n", "```python\na = 1\n", "```\n\n```python\nb = 2\n", "```\n\n", "Last line."))
		e.command("1,5Llmls explain")
		e.idle()
		process.Eventually(t, process.Patience, "the float fits", func() bool {
			screen := e.screen()
			_, below, found := strings.Cut(screen, "│Last line.")
			rows := strings.Split(below, "\n")
			return found && strings.Contains(screen, "│First line.") && len(rows) > 1 && strings.Contains(rows[1], "╰")
		})
	})
}

// Fences are not shown, not even while they arrive; what only begins like one
// is, and so is what is said below the last of them.
func TestFences(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.upstream.Script(completiontest.Delta("Like so:\n```py"), completiontest.Pause("fence"),
			completiontest.Delta("thon\nsum(xs)\n``"), completiontest.Delta("`\nor\n```"), completiontest.Pause("code"),
			completiontest.Delta("max(xs)``` in short.\n\n```c\nint n;\n```"), completiontest.Cut())
		e.command("1,5Llmls explain")
		e.upstream.WaitPaused("fence")
		e.shows("Like so:")
		e.hides("```")
		e.upstream.Resume("fence")
		e.upstream.WaitPaused("code")
		e.shows("sum(xs)", "│or")
		e.upstream.Resume("code")
		e.idle()
		e.shows("max(xs)", "in short.", "int n;", "incomplete")
		e.hides("```")
		screen := e.screen()
		if strings.Contains(screen, "python") {
			t.Errorf("a fence is shown:\n%s", screen)
		}
		_, below, _ := strings.Cut(screen, "int n;")
		if within, _, _ := strings.Cut(below, "╰"); !strings.Contains(within, "incomplete") {
			t.Errorf("the float does not say that it is incomplete:\n%s", screen)
		}
	})
}

// What is asked after code that was cut is not part of that code.
func TestTurnAfterCutCode(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.upstream.Scripts(steps{completiontest.Delta("Like so:\n\n```c\nint n"), completiontest.Finish("length"), completiontest.Done()},
			steps{completiontest.Error(500, "server_error", "oops")}, steps{completiontest.Answer("Now *so*.")})
		e.command("1,5Llmls explain")
		e.shows("int n")
		e.idle()
		for range 2 { // the second time it is asked anew, in place of what failed
			e.command("Llmls reply go on")
			e.idle()
		}
		if got, want := e.page(), "Like so:\n\n```c\nint n\n```\n\n> go on\n\n> go on\n\nNow *so*."; got != want {
			t.Errorf("the page holds %q, want %q", got, want)
		}
	})
}

// What turns out to be thinking is gone from wherever the answer is shown, with the
// answer in its place; what the person wrote stays.
func TestRefiled(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		for _, surface := range []string{"float", "split", "inline"} {
			t.Run(surface, func(t *testing.T) {
				e := open(t, path, "total.py", code, `
					vim.api.nvim_create_autocmd('User', { pattern = 'LlmlsDone', callback = function(event) done = event.data.text end })`)
				e.upstream.Script(
					completiontest.Delta("Let me see.\n\n```py\nx = 1\n```\nA loop."), completiontest.Pause("think"),
					completiontest.Delta("\n</think>\n\n"), completiontest.Delta("Adds"), completiontest.Pause("rest"), completiontest.Answer(" numbers."),
				)
				e.command("1,5Llmls explain ++" + surface)
				e.upstream.WaitPaused("think")
				e.shows("Let me see.", "A loop.")
				if surface == "split" {
					e.keys("<C-w>jGomine<Esc><C-w>k")
				}
				e.upstream.Resume("think")
				e.upstream.WaitPaused("rest")
				e.shows("Adds")
				e.hides("Let me see.")
				e.upstream.Resume("rest")
				e.idle()
				e.shows("Adds numbers.")
				if got := lua[string](e, "return done"); got != "Adds numbers." {
					t.Errorf("done with %q", got)
				}
				switch want := "Adds numbers."; surface {
				case "split":
					want = "# Explain total.py:1-5\n\n" + want + "\nmine"
					fallthrough
				case "float":
					if got := e.page(); got != want {
						t.Errorf("the page holds %q, want %q", got, want)
					}
				}
				e.upstream.Script(completiontest.Answer("More."))
				e.command("Llmls reply more")
				e.shows("more", "More.")
			})
		}
	})
}
