package neovim_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/neovim"
	"github.com/llmls/llmls/test/process"
)

// After $ a block goes to the end of each line, wherever the last one ends.
func TestBlockToTheEndOfLines(t *testing.T) {
	ragged := "one two three\nfour five\nsix seven eight nine\n\nx\nab\tc漢d\nab cdef\nabc漢字\n"
	want := "```\ntwo three\n five\nseven eight nine\n\n\nc漢d\ndef\n 字\n```"
	each(t, func(t *testing.T, path string) {
		for _, keys := range []string{"gg04l<C-v>7j$E", "gg04l<C-v>7j$:Llmls explain<CR>"} {
			e := open(t, path, "t.txt", ragged, "vim.keymap.set('x', 'E', '<Plug>(llmls-explain)')\nvim.o.tabstop = 4")
			e.keys(keys)
			if prompt := e.prompt(); !strings.Contains(prompt, want) {
				t.Errorf("%s: the block is not in %q", keys, prompt)
			}
			e.idle()
		}
		// A block that was selected before the lines became shorter.
		e := open(t, path, "t.txt", ragged, "")
		e.keys("gg04l<C-v>2j2l<Esc>:1,3s/ .*/ end/<CR>:'<lt>,'>Llmls explain<CR>")
		if prompt := e.prompt(); !strings.Contains(prompt, "```\nend\n en\nend\n```") {
			t.Errorf("the block is not in %q", prompt)
		}
		e.idle()
		// Without $ it ends where the cursor stands.
		e = open(t, path, "t.txt", ragged, "")
		e.keys("gg04l<C-v>2j2l:Llmls explain<CR>")
		if prompt := e.prompt(); !strings.Contains(prompt, "```\ntwo\n fi\nsev\n```") {
			t.Errorf("the block is not in %q", prompt)
		}
		e.idle()
	})
}

// On a closed fold it is the fold, as with operators.
func TestClosedFold(t *testing.T) {
	fold := "    n = 0\n    for x in xs:\n        n += x"
	each(t, func(t *testing.T, path string) {
		for _, keys := range []string{"3G:Llmls<CR>", "3GE", "3G:.Llmls<CR>", "3GVE", "3GV:Llmls<CR>", "3G:Llmls ask why?<CR>", "3Ggxl", "2Ggxj"} {
			e := open(t, path, "total.py", code, `
				vim.keymap.set({ 'n', 'x' }, 'E', '<Plug>(llmls-explain)')
				vim.keymap.set('n', 'gx', '<Plug>(llmls-explain-operator)')`)
			e.command("2,4fold")
			e.keys(keys)
			want := fold
			if keys == "2Ggxj" {
				want += "\n    return n"
			}
			if got := e.selected(); got != want {
				t.Errorf("%s: asked about %q", keys, got)
			}
			e.idle()
			if lua[int](e, "return vim.fn.foldclosed(3)") != 2 {
				t.Errorf("%s: the fold is open", keys)
			}
		}
		// An open one is nothing special.
		e := open(t, path, "total.txt", code, "")
		e.command("2,4fold | 2foldopen")
		e.keys("3G:Llmls<CR>")
		if got := e.selected(); got != "    for x in xs:" {
			t.Errorf("in an open fold: asked about %q", got)
		}
	})
}

// A buffer is called as Neovim calls it, and a file by all of its name.
func TestNames(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		for _, test := range []struct{ open, name string }{
			{"enew", "[No Name]"},
			{"enew | setlocal buftype=nofile", "[Scratch]"},
			{"call setqflist([{'text': 'a problem'}]) | copen", "[Quickfix List]"},
			{"call setloclist(0, [{'text': 'a problem'}]) | lopen", "[Location List]"},
			{"edit a\\ (2).py", "a (2).py"},
			{"edit `=\"notes[1](2).md\"`", "notes[1](2).md"},
			{"edit __init__.py", "__init__.py"},
			{"edit oil:///tmp/some\\ dir/", "some dir"},
			{"edit fugitive:///tmp/x/.git//0/a\\ b.py", "a b.py"},
			{"edit acw:foo | setlocal buftype=acwrite", "acw:foo"},
			{"exe 'edit' fnameescape('a%b #c\\d (2).py')", "a%b #c\\d (2).py"},
		} {
			e.command("silent! only | " + test.open)
			e.command("if &modifiable | call setline(1, 'some text') | endif")
			name := test.name + ":1"
			e.command("1Llmls explain ++float")
			e.shows("╭ Explain "+name+" ", "Hello")
			if prompt := e.prompt(); !strings.Contains(prompt, "`"+test.name+"`, line 1") {
				t.Errorf("%s: the prompt is %q", test.name, prompt)
			}
			e.idle()
			e.command("lua require('llmls').pin(require('llmls.conversation').current())")
			e.shows("Explain "+name+"\n", "Explain "+name+" ·")
			saved := filepath.Join(e.home.Dir, "answer.md")
			e.command("silent write! " + saved)
			if text, err := os.ReadFile(saved); err != nil || !strings.Contains(strings.ReplaceAll(string(text), "`", ""), "# Explain "+name+"\n") {
				t.Errorf("%s: the file is %q, %v", test.name, text, err)
			}
			e.command("quit")
		}
		e.silent()
		// And as a conversation of an earlier session.
		e.command("silent! only | enew")
		e.command("call setline(1, 'some text')")
		e.command("1Llmls explain")
		e.idle()
		e.lua(`
			for name in pairs(package.loaded) do
				if vim.startswith(name, 'llmls') then package.loaded[name] = nil end
			end
			vim.ui.select = function(list, _, choose) choose(list[1]) end`)
		e.command("silent! only! | Llmls answers")
		e.shows("╭ Explain [No Name]:1 ", "Hello")
	})
}

// Where there is nothing, nothing is asked, and that is said.
func TestNothingToExplain(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "blank.py", "\n \t\n\nx = 1\n", "")
		for _, line := range []string{"1Llmls", "2Llmls explain ++inline", "1,3Llmls ++split", "enew | Llmls", "Llmls inspect"} {
			e.command(line)
			e.idle()
			e.shows("nothing to explain")
			e.keys("<C-l>:messages clear<CR>:Llmls close<CR>:echo ''<CR>:silent! only!<CR>")
			e.hides("nothing to explain")
		}
		if n := len(e.upstream.Requests()); n != 0 {
			t.Errorf("%d requests", n)
		}
	})
}

// A surface alone explains, and so does one in front of a subcommand.
func TestSurfaceAlone(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		for line, shown := range map[string]string{
			"Llmls ++split":                             "# Explain total.py:2",
			"Llmls ++inline":                            "│ Hello",
			"Llmls ++float":                             "╭ Explain total.py:2 ",
			"1,5Llmls ++split":                          "# Explain total.py:1-5",
			"Llmls ++split ask why?":                    "# Ask about total.py:2",
			"Llmls ask ++split why?":                    "# Ask about total.py:2",
			"Llmls ++inline ++split":                    "# Explain total.py:2",
			"Llmls explain ++split ++inline":            "│ Hello",
			"Llmls ++float ask ++float ++inline why?":   "│ Hello",
			"vertical Llmls":                            "# Explain total.py:2",
			"botright vertical Llmls explain":           "# Explain total.py:2",
			"silent Llmls":                              "╭ Explain total.py:2 ",
			"silent! keepjumps noautocmd Llmls explain": "╭ Explain total.py:2 ",
			"Llmls ++split|wincmd j":                    "# Explain total.py:2",
			"Llmls ask ++split a|b":                     "a|b",
			"Llmls | echo 'over'":                       "╭ Explain total.py:2 ",
			"silent Llmls ++inline ":                    "│ Hello",
		} {
			e := open(t, path, "total.txt", "\n", "")
			e.edit("total.py", strings.ReplaceAll(code, "def ", "the "))
			e.keys("2G:" + line + "<CR>")
			e.shows(shown, "Hello")
			e.idle()
			e.silent()
		}
	})
}

// What is explained in place, or in a split, is not explained there again.
func TestSameAgainElsewhere(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.upstream.Script(completiontest.Delta("Half of "), completiontest.Pause("rest"), completiontest.Answer("it."))
		e.command("1,5Llmls ++inline")
		e.upstream.WaitPaused("rest")
		e.shows("│ Half of")
		e.command("1,5Llmls ++inline")
		e.upstream.Resume("rest")
		e.shows("│ Half of it.")
		e.idle()
		e.command("1,5Llmls ++inline")
		e.upstream.Script(completiontest.Answer("Hello"))
		e.command("2Llmls ++split")
		e.idle()
		e.command("wincmd t | 2Llmls ++split")
		if name := lua[string](e, "return vim.fn.bufname()"); !strings.HasPrefix(name, "llmls://2/") {
			t.Errorf("the cursor is in %s", name)
		}
		if n := len(e.upstream.Requests()); n != 2 {
			t.Errorf("%d requests", n)
		}
		// What failed is asked again, and stands there once.
		e.command("quit")
		e.upstream.Script(completiontest.Error(500, "server_error", "oops"))
		e.command("3Llmls ++inline")
		e.shows("oops")
		e.idle()
		e.upstream.Script(completiontest.Answer("Now so."))
		e.command("3Llmls ++inline")
		e.shows("│ Now so.")
		e.hides("╰ 127.0.0.1")
	})
}

// Lines below the code that nobody would see are shown where they are seen: at the last
// row of a window, out of sight, in a closed fold.
func TestInlineIsInSight(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		text := strings.Repeat("some code\n", 100) + strings.Repeat("long ", 100) + "\n"
		for _, keys := range []string{
			"G:Llmls ++inline<CR>", "ggL:Llmls ++inline<CR>", "gg:60Llmls ++inline<CR>", "gg:%Llmls ++inline<CR>", ":5,9fold<CR>7G:Llmls ++inline<CR>",
			"gg:split<CR><C-w>jL:Llmls ++inline<CR>", "99Gzb:Llmls ++inline<CR>", "101Gzb:101Llmls ++inline<CR>",
		} {
			e := open(t, path, "total.txt", text, "")
			e.upstream.Script(completiontest.Answer("All right."))
			e.keys(keys)
			e.shows("All right.")
			e.idle()
			e.silent()
		}
		e := open(t, path, "total.txt", text, "")
		e.upstream.Script(completiontest.Answer("All right."))
		e.keys("5G:Llmls ++inline<CR>")
		e.shows("│ All right.")
	})
}

// On a screen of 20 columns and 5 rows there is no error and no question for
// ENTER, and each answer is shown.
func TestTinyScreen(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		for _, surface := range []string{"float", "inline", "split"} {
			e := open(t, path, "total.py", code, "vim.o.laststatus = 2")
			e.must(e.TryResizeUI(20, 5))
			e.upstream.Script(completiontest.Answer("All right."))
			e.keys(":1,5Llmls ++" + surface + "<CR>")
			e.upstream.Next()
			e.idle()
			process.Eventually(t, process.Patience, "the answer is shown", func() bool {
				return lua[bool](e, "return require('llmls.conversation').current():is_in_sight()")
			})
			said := lua[string](e, "return vim.fn.execute('messages')")
			if strings.Contains(said, "E36") || strings.Contains(said, "traceback") {
				t.Errorf("%s: messages:\n%s", surface, said)
			}
			if mode, err := e.Mode(); err != nil || mode.Blocking || mode.Mode != "n" {
				t.Errorf("%s: the mode is %+v, %v", surface, mode, err)
			}
		}
	})
}

// On such a screen a question is typed, on one line or several, and sent whole; no
// message waits for ENTER, and an earlier question is found again.
func TestAskOnATinyScreen(t *testing.T) {
	question := "is it fast enough for a list of a million, or of ten?"
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "vim.o.laststatus = 2")
		e.must(e.TryResizeUI(20, 5))
		asked := func(how string, want ...string) {
			t.Helper()
			prompt := e.prompt()
			for _, words := range append(want, "for x in xs") {
				if !strings.Contains(prompt, words) {
					t.Errorf("%s: %q is not in %q", how, words, prompt)
				}
			}
			e.idle()
			if mode, err := e.Mode(); err != nil || mode.Blocking || mode.Mode != "n" {
				t.Errorf("%s: the mode is %+v, %v", how, mode, err)
			}
			process.Eventually(t, process.Patience, how+": the answer is shown", func() bool {
				return lua[bool](e, "return require('llmls.conversation').current():is_in_sight()")
			})
			e.command("Llmls close")
		}
		// The prompt has more than one row, and a redraw would clear it.
		prompts := func() {
			t.Helper()
			screen := strings.Replace(neovim.ScreenLua, "vim.cmd.redraw()", "", 1)
			process.Eventually(t, process.Patience, "the prompt is there", func() bool {
				return strings.Contains(lua[string](e, screen), "Ask about total.py:2\n-3:")
			})
		}
		e.keys(":2,3Llmls ask<CR>")
		prompts()
		e.keys(question + "<CR>")
		asked("on one line", question)
		e.keys(":2,3Llmls ask<CR>")
		prompts()
		e.keys("is<Tab><CR>")
		asked("again", question)
		e.keys(":2,3Llmls! ask<CR>")
		e.shows(":w)")
		e.keys("one<CR>two<CR>three<CR>four<CR>five<Esc>")
		e.shows("five")
		e.keys("<CR>")
		asked("on several lines", "one\ntwo\nthree\nfour\nfive")
		e.silent()
	})
}

// Without a row for messages nothing asks for ENTER, and what is said is shown.
func TestNoRowForMessages(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		for _, size := range [][2]int{{80, 24}, {20, 5}} {
			e := open(t, path, "total.py", "\n"+code, "vim.o.cmdheight = 0")
			e.must(e.TryResizeUI(size[0], size[1]))
			e.upstream.Script(completiontest.Error(500, "server_error", strings.Repeat("quota ", 30)))
			for _, said := range [][2]string{
				{":Llmls more<CR>", "nothing was asked yet"},
				{":Llmls nonsense<CR>", "there is no :Llmls nonsense"},
				{":Llmls model another<CR>", "the next answer comes from another"},
				{":1Llmls<CR>", "nothing to explain"},
				{":2,6Llmls explain<CR>", "quota"},
				{":Llmls reply hm?<CR>", "Ask again first"},
			} {
				e.keys(said[0])
				e.idle()
				if mode, err := e.Mode(); err != nil || mode.Blocking || mode.Mode != "n" {
					t.Errorf("%v, %s: the mode is %+v, %v", size, said[0], mode, err)
				}
				if size[0] == 80 {
					e.shows(strings.Fields(said[1])[0])
				}
			}
		}
	})
}
