package neovim_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// raw writes a file of any bytes and opens it as it is.
func (e *editor) raw(name, bytes string) {
	e.t.Helper()
	e.must(os.WriteFile(filepath.Join(e.home.Dir, name), []byte(bytes), 0o600))
	e.command("silent edit ++bad=keep ++ff=unix ++enc=utf-8 " + name)
}

// Each buffer without a name is a document of its own, whichever was asked about
// or changed before, and one that has a name in the end is that file.
func TestUnnamedBuffers(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "if vim.lsp.enable then vim.lsp.enable('llmls') end")
		asks := func(want string) {
			t.Helper()
			e.command("1,2Llmls explain")
			if got := e.selected(); got != want {
				t.Errorf("asked about %q, want %q", got, want)
			}
			e.idle()
			e.command("Llmls close")
		}
		for _, text := range []string{"one", "two", "three"} {
			e.command("enew | setlocal bufhidden=hide filetype=text")
			e.command("call setline(1, ['" + text + "', 'same'])")
			asks(text + "\nsame")
		}
		for _, text := range []string{"one", "three", "two"} {
			e.command("call setline(1, [])")
			e.lua(`
				for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
					if vim.startswith(vim.api.nvim_buf_get_lines(bufnr, 0, 1, false)[1] or '', ...) then vim.api.nvim_set_current_buf(bufnr) end
				end`, text)
			e.keys("A, changed<Esc>")
			asks(text + ", changed\nsame")
		}
		e.keys(":lua vim.lsp.buf.code_action({ filter = function(a) return a.title == 'Explain line' end, apply = true })<CR>")
		if got := e.selected(); got != "two, changed" {
			t.Errorf("the action asked about %q", got)
		}
		e.idle()
		e.command("Llmls close")
		e.command("silent write now.txt")
		e.keys("A twice<Esc>")
		asks("two, changed twice\nsame")
		e.command("silent! bwipeout! #")
		asks("two, changed twice\nsame")
		e.command("file other.txt")
		e.keys("A more<Esc>")
		asks("two, changed twice more\nsame")
		e.silent()
	})
}

// What LSP takes for the end of a line, or is no UTF-8, moves no line and no column:
// what is highlighted is what is asked about, from the start and after each edit.
func TestOddText(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		for name, test := range map[string]struct{ text, want string }{
			"carriage return": {"one\rtwo\nthree\r\rx\nfour 漢字 \r end\nfive\n", "four 漢字   end"},
			"mixed line ends": {"one\r\ntwo\nthree\r\nfour 漢字 end\r\nfive\n", "four 漢字 end "},
			"NUL":             {"one\x00two\n\x00\nthree\x00\nfour 漢字 \x00 end\nfive\n", "four 漢字 \x00 end"},
			"latin-1":         {"caf\xe9\n\xff\xfe\nz\xfcrich\nfour 漢字 \xe9 end\nfive\n", "four 漢字 ? end"},
			"cut character":   {"\xe6\xbc\n\xf0\x9f\x99\nx\xe6\nfour 漢字 \xe6\xbc end\nfive\n", "four 漢字 ?? end"},
		} {
			t.Run(name, func(t *testing.T) {
				e := open(t, path, "total.py", code, "vim.keymap.set('x', 'E', '<Plug>(llmls-explain)')")
				e.raw("odd.txt", test.text)
				asks := func(keys, want string) {
					t.Helper()
					e.keys(keys)
					prompt := e.prompt()
					if !strings.Contains(prompt, "\n"+want+"\n```") {
						t.Errorf("%s: asked %q, want %q", keys, prompt, want)
					}
					e.idle()
					e.command("Llmls close")
				}
				line := fmt.Sprint(lua[int](e, "return vim.fn.search('^four')"))
				asks(":"+line+"Llmls<CR>", test.want)
				asks(line+"G0f漢vlE", "漢字")
				// Edits in front of it, in it, and that bring more of the same.
				asks("gg0ione more <Esc>"+line+"GVE", test.want)
				asks("2G$a, <C-v>u00e9<C-v><CR>x<Esc>"+line+"GVE", test.want)
				asks(line+"G0f漢iA<Esc>"+line+"G0fAv2lE", "A漢字")
				asks("ggO<C-v><NL>new<Esc>"+line+"Gj0f漢v$hE", strings.TrimPrefix(test.want, "four "))
				asks("gg2ddGVE", "five")
				e.silent()
			})
		}
	})
}

// A text that becomes odd while it is open is followed as well.
func TestTextBecomesOdd(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.command("1Llmls explain")
		e.selected()
		e.idle()
		e.lua(`
			vim.api.nvim_buf_set_lines(0, 1, 1, false, { 'a\rb', 'c', 'e\255f' })
			vim.api.nvim_buf_set_text(0, 0, 0, 0, 0, { 'x' })`)
		e.keys(":5Llmls<CR>")
		if got := e.selected(); got != "    n = 0" {
			t.Errorf("asked about %q", got)
		}
		e.idle()
		e.command("Llmls close")
		e.keys("u:2Llmls<CR>")
		if got := e.selected(); got != "    n = 0" {
			t.Errorf("after undo: asked about %q", got)
		}
	})
}

// So it is in a file of any encoding and any line ends, as Neovim opens it by itself,
// with what only other programs take for the end of a line.
func TestFilesAsTheyAre(t *testing.T) {
	utf16 := "\xff\xfe"
	for _, r := range "one\ntwo\nthree\nfour 漢字 end\nfive\n" {
		utf16 += string([]byte{byte(r), byte(r >> 8)})
	}
	each(t, func(t *testing.T, path string) {
		for name, test := range map[string]struct{ text, edit, want string }{
			"dos":             {"one\r\ntwo\r\nthree\r\nfour 漢字 end\r\nfive\r\n", "", "four 漢字 end"},
			"dos without end": {"one\r\ntwo\r\nthree\r\nfive\r\nfour 漢字 end", "", "four 漢字 end"},
			"mac":             {"one\rtwo\rthree\rfour 漢字 end\rfive\r", "++ff=mac", "four 漢字 end"},
			"latin-1":         {"one\ntwo\nthr\xe9e\nfour \xe9\xfc end\nfive\n", "++enc=latin1", "four éü end"},
			"utf-16":          {utf16, "", "four 漢字 end"},
			"BOM":             {"\xef\xbb\xbfone\ntwo\nthree\nfour 漢字 end\nfive\n", "", "four 漢字 end"},
			"other breaks":    {"one\u2028x\u2029y\u0085z\ntwo\vx\fy\nthree\x1cx\x1ey\nfour 漢字 end\nfive\n", "", "four 漢字 end"},
			"overlong":        {"one \xc0\xaf\ntwo \xed\xa0\x80\nthree \xf4\x90\x80\x80\nfour 漢字 end\nfive\n", "++enc=utf-8 ++bad=keep", "four 漢字 end"},
			"binary":          {"one\r\ntwo\rx\nthree\nfour 漢字 end\nfive\xff", "++bin ++enc=utf-8", "four 漢字 end"},
		} {
			t.Run(name, func(t *testing.T) {
				for _, encoding := range []string{"utf-8", "utf-16"} {
					e := open(t, path, "total.py", code, `vim.keymap.set('x', 'E', '<Plug>(llmls-explain)')
						if vim.lsp.config then vim.lsp.config('llmls', { capabilities = { general = { positionEncodings = { '`+encoding+`' } } } }) end`)
					e.must(os.WriteFile(filepath.Join(e.home.Dir, "odd.txt"), []byte(test.text), 0o600))
					e.command("silent edit " + test.edit + " odd.txt")
					asks := func(keys, want string) {
						t.Helper()
						e.keys(keys)
						if prompt := e.prompt(); !strings.Contains(prompt, "\n"+want+"\n```") {
							t.Errorf("%s: asked %q, want %q", keys, prompt, want)
						}
						e.idle()
						e.command("Llmls close")
					}
					four := ":call search('^four', 'w')<CR>"
					word := strings.Fields(test.want)[1]
					asks(four+":.Llmls<CR>", test.want)
					asks("gg0ione more 😀<CR><Esc>"+four+"VE", test.want)
					asks(four+"0wveE", word)
					asks("2GddP"+four+"A 😀<Esc>0wveE", word)
					asks(":set ff=unix<CR>ggOx<Esc>"+four+"0wveE", word)
					e.silent()
				}
			})
		}
	})
}
