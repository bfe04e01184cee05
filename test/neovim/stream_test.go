package neovim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

const code = "def total(xs):\n    n = 0\n    for x in xs:\n        n += x\n    return n\n"

// place is where a person is: window, cursor, first line, mode, and how often
// the code was changed.
const placeLua = `
local view = vim.fn.winsaveview()
return table.concat({ vim.api.nvim_get_current_win(), view.lnum, view.col, view.topline, vim.fn.mode(),
  vim.b.changedtick, vim.fn.undotree().seq_last, vim.fn.winnr('$') }, ' ')`

// The text appears with the first delta, beside the code, and nothing else
// moves: not the cursor, not the focus, not the view, not the undo history.
func TestFirstDelta(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", strings.Repeat("# before\n", 50)+code+strings.Repeat("# after\n", 50), "")
		e.keys("51Gztww")
		before := lua[string](e, placeLua)
		e.upstream.Script(completiontest.Pause("first"), completiontest.Delta("Adds "), completiontest.Pause("second"), completiontest.Answer("all of it up."))
		e.command("51,55Llmls explain")
		e.upstream.WaitPaused("first")
		e.waits(true)
		e.upstream.Resume("first")
		e.upstream.WaitPaused("second")
		if screen := e.shows("Adds"); spinner.MatchString(screen) {
			t.Error("the spinner stays")
		}
		e.upstream.Resume("second")
		screen := e.shows("Adds all of it up.", "scripted", "token")
		for line := range strings.Lines(code) {
			if !strings.Contains(screen, strings.TrimSuffix(line, "\n")) {
				t.Errorf("the float covers %q:\n%s", line, screen)
			}
		}
		// One window more, the float, and nothing else.
		after := lua[string](e, placeLua)
		if want := before[:len(before)-1] + "2"; after != want {
			t.Errorf("the person was at %s and is at %s", before, after)
		}
	})
}

// The buffer holds exactly what the endpoint sent, however it was cut.
func TestTextIsExact(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		text := strings.Repeat("Zeile mit Ümläuten, 漢字 und 🙂.\n\n```c\nint main(void);\n```\n\n", 40)
		var deltas []string
		for rest, n := []rune(text), 0; len(rest) > 0; n++ {
			size := min(1+n%7, len(rest))
			deltas, rest = append(deltas, string(rest[:size])), rest[size:]
		}
		e.upstream.Script(completiontest.Answer(deltas...))
		e.command("1,5Llmls explain")
		e.idle()
		if got := e.page(); got != text {
			t.Errorf("the page holds %q", got)
		}
	})
}

// page is the text of the newest conversation's buffer.
func (e *editor) page() string {
	e.t.Helper()
	return lua[string](e, `
		local page = require('llmls.conversation').all()[1].page
		return table.concat(vim.api.nvim_buf_get_lines(page.bufnr, 0, -1, false), '\n')`)
}

// lines is an answer of that many lines.
func lines(n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf("- line %d\n", i))
	}
	return all
}

// A cursor above the last line stays where it is; one in the last line follows the
// text.
func TestReaderStays(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.upstream.Script(completiontest.Sequence(deltas(lines(60))...), completiontest.Pause("more"), completiontest.Answer(lines(60)...))
		e.command("1,5Llmls explain")
		e.upstream.WaitPaused("more")
		e.shows("line 59")
		e.command("lua require('llmls.float').current():enter()")
		e.keys("gg0")
		view := lua[string](e, "return vim.inspect(vim.fn.winsaveview())")
		e.upstream.Resume("more")
		e.idle()
		if after := lua[string](e, "return vim.inspect(vim.fn.winsaveview())"); after != view {
			t.Errorf("the view moved from %s to %s", view, after)
		}
		e.upstream.Script(completiontest.Answer(lines(60)...))
		e.keys("Gr")
		e.idle()
		row := lua[[]int](e, "return { vim.fn.line('.'), vim.fn.line('$') }")
		if row[0] != row[1] {
			t.Errorf("in the last line, but not read along: %v", row)
		}
	})
}

func deltas(texts []string) []completiontest.Step {
	var script []completiontest.Step
	for _, text := range texts {
		script = append(script, completiontest.Delta(text))
	}
	return script
}

// While an answer streams a person types in the code, and each key arrives.
func TestTypingWhileStreaming(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		var script []completiontest.Step
		for i := range 200 {
			script = append(script, completiontest.Delta(fmt.Sprintf("word %d ", i)))
		}
		e.upstream.Script(completiontest.Sequence(script[:100]...), completiontest.Pause("typing"), completiontest.Sequence(script[100:]...), completiontest.Answer("end"))
		e.command("1,5Llmls explain")
		e.upstream.WaitPaused("typing")
		e.keys("Go")
		e.upstream.Resume("typing")
		typed := strings.Repeat("abc ", 50)
		for _, key := range typed {
			e.keys(string(key))
		}
		e.keys("<Esc>")
		e.idle()
		if got := lua[string](e, "return vim.fn.getline('$')"); strings.TrimSpace(got) != strings.TrimSpace(typed) {
			t.Errorf("the line is %q", got)
		}
		// One undo takes all of it back, and only it.
		e.keys("u")
		if got := lua[string](e, "return table.concat(vim.fn.getline(1, '$'), '\\n') .. '\\n'"); got != code {
			t.Errorf("after undo: %q", got)
		}
	})
}

// The text never reaches LspProgress: other plugins see one short line.
func TestLspProgress(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, `
			seen = {}
			vim.api.nvim_create_autocmd('LspProgress', { callback = function(event)
				local value = event.data.params.value
				table.insert(seen, value.kind .. ': ' .. (value.title or '') .. ' ' .. (value.message or ''))
			end })`)
		e.upstream.Script(completiontest.Reasoning("hm, let me see"), completiontest.Delta("Adds "), completiontest.Delta("it up"), completiontest.Answer("."))
		e.command("1,5Llmls explain")
		e.idle()
		e.shows("Adds it up.")
		seen := lua[[]string](e, "return seen")
		all := strings.Join(seen, "\n")
		if strings.Contains(all, "Adds") || !strings.HasPrefix(all, "begin: Explain total.py:1-5") || !strings.Contains(seen[len(seen)-1], "end: ") {
			t.Errorf("LspProgress saw:\n%s", all)
		}
		ring := lua[string](e, "return vim.inspect(vim.lsp.get_clients({ name = 'llmls' })[1].progress)")
		if strings.Contains(ring, "Adds") {
			t.Errorf("the ring of messages holds text: %s", ring)
		}
		// What is not ours passes.
		e.lua(`
			seen = {}
			local client = vim.lsp.get_clients({ name = 'llmls' })[1]
			client.handlers['$/progress'](nil, { token = 'other', value = { kind = 'begin', title = 'Indexing' } }, { client_id = client.id, method = '$/progress' })`)
		if seen := lua[[]string](e, "return seen"); !slices.Equal(seen, []string{"begin: Indexing "}) {
			t.Errorf("of another's progress LspProgress saw %q", seen)
		}
	})
}

func TestUserEvents(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, `
			events = {}
			vim.api.nvim_create_autocmd('User', { pattern = 'Llmls*', callback = function(event)
				local d = event.data
				table.insert(events, table.concat({ event.match, d.id, d.bufnr, d.command, d.question or '-', d.text or '-', d.kind or '-', d.state or '-' }, ' '))
			end })`)
		e.command("1,5Llmls ask why?")
		e.idle()
		e.upstream.Script(completiontest.Error(401, "auth", "no"))
		e.command("1,5Llmls explain")
		e.idle()
		want := []string{
			"LlmlsStart 1 1 llmls.ask why? - - -",
			"LlmlsDelta 1 1 llmls.ask why? Hello - -",
			"LlmlsDone 1 1 llmls.ask why? Hello - done",
			"LlmlsStart 2 1 llmls.explain - - - -",
			"LlmlsError 2 1 llmls.explain -  auth -",
		}
		if got := lua[[]string](e, "return events"); !slices.Equal(got, want) {
			t.Errorf("events:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

func TestStatus(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "vim.o.statusline = \"[%{v:lua.require'llmls'.status()}]\"")
		e.upstream.Script(completiontest.Pause("go"), completiontest.Answer("Hello"))
		e.command("1Llmls explain")
		e.shows("[llmls ") // and the seconds so far
		e.upstream.Resume("go")
		e.shows("[]")
	})
}

// Fifty in a row, each in the float of the last.
func TestManyAnswers(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		for i := range 50 {
			e.upstream.Script(completiontest.Answer(fmt.Sprintf("answer %d.", i)))
			e.command(fmt.Sprintf("%d,5Llmls ask number %d", 1+i%5, i))
			e.shows(fmt.Sprintf("answer %d.", i))
			e.idle()
		}
		if n := lua[int](e, "return #vim.api.nvim_list_wins()"); n != 2 {
			t.Errorf("%d windows", n)
		}
		if n := lua[int](e, "return #require('llmls.conversation').all()"); n != 50 {
			t.Errorf("%d conversations", n)
		}
		if lua[bool](e, "return next(require('llmls.answer').running()) ~= nil") {
			t.Error("answers are said to run")
		}
	})
}

// Whatever is closed while it streams: no error, and the text is kept.
func TestClosingWhileStreaming(t *testing.T) {
	for name, closes := range map[string]string{
		"the float":       "fclose!",
		"by its key":      "lua require('llmls.float').current():enter() vim.api.nvim_input('q')",
		"its buffer":      "lua vim.api.nvim_buf_delete(vim.fn.bufnr('llmls://1'), { force = true })",
		"the code":        "bwipeout!",
		"the tab":         "tabnew | tabclose 1",
		"another tab":     "tabnew",
		"with a split":    "Llmls close | vsplit",
		"all other ones":  "only!",
		"hide the buffer": "enew!",
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, path string) {
				e := open(t, path, "total.py", code, "")
				e.upstream.Script(completiontest.Delta("Half of "), completiontest.Pause("close"), completiontest.Answer("it, and the rest."))
				e.command("1,5Llmls explain")
				e.upstream.WaitPaused("close")
				e.shows("Half of")
				e.command(closes)
				e.upstream.Resume("close")
				e.idle()
				text := lua[string](e, "return require('llmls.conversation').all()[1]:last():text()")
				if text != "Half of it, and the rest." {
					t.Errorf("the text is %q", text)
				}
				e.silent()
				e.command("lua vim.ui.select = function(list, _, choose) choose(list[1]) end")
				e.command("Llmls answers")
				e.shows("Half of it, and the rest.")
				e.silent()
			})
		})
	}
}

// silent fails the test if anything was said.
func (e *editor) silent() {
	e.t.Helper()
	if said := strings.TrimSpace(lua[string](e, "return vim.fn.execute('messages')")); said != "" {
		e.t.Errorf("messages:\n%s", said)
	}
}

// Quitting while an answer streams ends the server too.
func TestQuittingWhileStreaming(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.upstream.Script(completiontest.Delta("Half of "), completiontest.Stall())
		e.command("1,5Llmls explain")
		request := e.upstream.Next()
		e.shows("Half of")
		e.quit()
		request.WaitDone(t)
	})
}

// Two windows and two tab pages on the same code.
func TestWindowsAndTabs(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.command("split | tab split | tabprevious")
		win := lua[int](e, "return vim.api.nvim_get_current_win()")
		e.upstream.Script(completiontest.Delta("One "), completiontest.Pause("tab"), completiontest.Answer("two"))
		e.command("1,5Llmls explain")
		e.upstream.WaitPaused("tab")
		e.shows("One")
		e.command("tabnext")
		e.upstream.Resume("tab")
		e.idle()
		e.hides("One two")
		e.command("tabprevious")
		e.shows("One two")
		if now := lua[int](e, "return vim.api.nvim_get_current_win()"); now != win {
			t.Errorf("the window is %d, was %d", now, win)
		}
		e.silent()
	})
}
