package neovim_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// odd has letters of one to four bytes, composing ones, a tab and an emoji that
// is two UTF-16 units.
const odd = "naïve café\n\tx = \"e\u0301a\" 🙂 y\n漢字 wide\nlast\n"

// selected is the code that the next request asks about.
func (e *editor) selected() string {
	e.t.Helper()
	content := e.prompt()
	m := regexp.MustCompile("(?s)Selected code[^\n]*:\n(`{3,})[^\n]*\n(.*?)\n`{3,}").FindStringSubmatch(content)
	if m == nil {
		e.t.Fatalf("no code in %q", content)
	}
	return m[2]
}

// prompt is the last message of the next request.
func (e *editor) prompt() string {
	e.t.Helper()
	var body struct {
		Messages []struct{ Content string }
	}
	if err := json.Unmarshal(e.upstream.Next().Body, &body); err != nil {
		e.t.Fatal(err)
	}
	return body.Messages[len(body.Messages)-1].Content
}

// What is highlighted is what is asked about, to the letter.
func TestSelections(t *testing.T) {
	const (
		xmap = "vim.keymap.set('x', 'E', '<Plug>(llmls-explain)')\n"
		gx   = "vim.keymap.set('n', 'gx', '<Plug>(llmls-explain-operator)')\n"
	)
	tests := []struct{ name, setup, keys, want string }{
		{"line under the cursor", "", ":2Llmls explain<CR>", "\tx = \"e\u0301a\" 🙂 y"},
		{"range of lines", "", ":2,3Llmls explain<CR>", "\tx = \"e\u0301a\" 🙂 y\n漢字 wide"},
		{"line", "", ":Llmls<CR>", "naïve café"},
		{"count", "", "2G2:Llmls<CR>", "\tx = \"e\u0301a\" 🙂 y\n漢字 wide"},
		{"charwise ends on two bytes", "", "gg0vf\u00efE", "naï"},
		{"charwise ends on a composed letter", "", "2G0fe" + "vE", "e\u0301"},
		{"charwise ends on an emoji", "", "2G0f🙂vE", "🙂"},
		{"charwise over lines", "", "gg0wv3G0E", "café\n\tx = \"e\u0301a\" 🙂 y\n漢"},
		{"charwise backwards", "", "3G0vgg0wE", "café\n\tx = \"e\u0301a\" 🙂 y\n漢"},
		{"charwise to the end of the line", "", "gg0wv$E", "café"},
		{"charwise from the command line", "", "gg0wve:Llmls explain<CR>", "café"},
		{"exclusive", "vim.o.selection = 'exclusive'\n", "gg0v2lE", "na"},
		{"exclusive to the left", "vim.o.selection = 'exclusive'\n", "gg0wvbE", "naïve "},
		{"exclusive without a motion", "vim.o.selection = 'exclusive'\n", "gg0wvE", "c"},
		{"exclusive by an operator", "vim.o.selection = 'exclusive'\n" + gx, "gg0wgxe", "café"},
		{"Select mode", "vim.keymap.set('s', 'E', '<Cmd>Llmls explain<CR>')\n", "gg0wve<C-g>E", "café"},
		{"selected before", "", "gg0wve<Esc>G:'<lt>,'>Llmls<CR>", "café"},
		{"selected before by a star", "", "gg0wve<Esc>G:*Llmls<CR>", "café"},
		{"lines in which was selected before", "", "gg0wve<Esc>:1Llmls<CR>", "naïve café"},
		{"this line in which was selected before", "", "gg0wve<Esc>:.Llmls explain<CR>", "naïve café"},
		{"all lines of which was selected before", "", "gg0wvG0<Esc>:%Llmls ++float<CR>", strings.TrimSuffix(odd, "\n")},
		{"lines of marks", "", "2Gma3Gmbgg0:'a,'bLlmls<CR>", "\tx = \"e\u0301a\" 🙂 y\n漢字 wide"},
		{"selected before the line became shorter", "", "gg0wve<Esc>3xb:'<lt>,'>Llmls<CR>", "caf"},
		{"linewise", "", "2GVjE", "\tx = \"e\u0301a\" 🙂 y\n漢字 wide"},
		{"linewise upwards", "", "3GVkE", "\tx = \"e\u0301a\" 🙂 y\n漢字 wide"},
		{"linewise from the command line", "", "2GVj:Llmls explain<CR>", "\tx = \"e\u0301a\" 🙂 y\n漢字 wide"},
		{"last line", "", "GVE", "last"},
		{"operator over a word", gx, "gg0wgxe", "café"},
		{"operator over lines", gx, "gggxj", "naïve café\n\tx = \"e\u0301a\" 🙂 y"},
		{"operator over a paragraph", gx, "gxip", strings.TrimSuffix(odd, "\n")},
	}
	each(t, func(t *testing.T, path string) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				e := open(t, path, "odd.txt", odd, xmap+test.setup)
				e.keys(test.keys)
				if got := e.selected(); got != test.want {
					t.Errorf("asked about %q, want %q", got, test.want)
				}
				e.idle()
				if mode := lua[string](e, "return vim.fn.mode()"); mode != "n" {
					t.Errorf("the mode is %q", mode)
				}
			})
		}
	})
}

// The same in the other position encodings: the range is in whichever the
// client and the server agreed upon.
func TestPositionEncodings(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		for _, encoding := range []string{"utf-8", "utf-16", "utf-32"} {
			got := lua[int](open(t, path, "odd.txt", odd, ""), `
				local place = { bufnr = 0, first = { 1, 0 }, last = { 1, #vim.fn.getline(2) } }
				return require('llmls.place').to_range(place, ...)['end'].character`, encoding)
			want := map[string]int{"utf-8": 18, "utf-16": 15, "utf-32": 14}[encoding]
			if got != want {
				t.Errorf("%s: character %d, want %d", encoding, got, want)
			}
		}
	})
}

// LSP has no range for a block of columns: its lines are the range, and the
// block itself, to the letter, goes along.
func TestBlockwiseSelection(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "t.txt", "one two three\nfour five six\nseven eight nine\n", "vim.keymap.set('x', 'E', '<Plug>(llmls-explain)')")
		for _, keys := range []string{"gg0w<C-v>2jeE", "gg0w<C-v>2je:Llmls explain<CR>"} {
			e.keys(keys)
			prompt := e.prompt()
			if !strings.Contains(prompt, "```\ntwo thr\n five s\nn eight\n```") {
				t.Errorf("%s: the block is not in %q", keys, prompt)
			}
			if !strings.Contains(prompt, "one two three\nfour five six\nseven eight nine") {
				t.Errorf("%s: the lines are not in %q", keys, prompt)
			}
			e.idle()
			e.keys(":Llmls close<CR>") // or the same again would be what is shown
		}
	})
}

// Without a selection it is the function around the cursor, where treesitter
// knows the language.
func TestEnclosingFunction(t *testing.T) {
	code := "int a;\n\nint add(int x, int y)\n{\n\tint sum = x;\n\tsum += y;\n\treturn sum;\n}\n\nint b;\n"
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "add.c", code, "")
		e.keys("6G:Llmls<CR>")
		want := "int add(int x, int y)\n{\n\tint sum = x;\n\tsum += y;\n\treturn sum;\n}"
		if got := e.selected(); got != want {
			t.Errorf("in the function: asked about %q", got)
		}
		e.idle()
		e.keys(":Llmls close<CR>G:Llmls<CR>")
		if got := e.selected(); got != "int b;" {
			t.Errorf("outside: asked about %q", got)
		}
	})
}

// A document that changed in between is refused, not explained in the wrong
// place.
func TestStaleVersion(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "a.txt", "one\ntwo\n", "")
		e.command("1Llmls explain")
		e.upstream.Next()
		e.idle()
		e.command("Llmls close")
		// The server hears of no change, as with a client that loses one.
		e.lua("vim.lsp.util.buf_versions[vim.api.nvim_get_current_buf()] = 4711")
		e.command("2Llmls explain")
		e.idle()
		e.shows("changed")
		if n := len(e.upstream.Requests()); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

// What is typed right before the command is part of the question.
func TestUnsentChanges(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "a.txt", "one\ntwo\n", "")
		e.command("1Llmls explain")
		e.selected()
		e.idle()
		e.keys("ggOzero<Esc>:Llmls close<CR>:1,2Llmls explain<CR>")
		if got := e.selected(); got != "zero\none" {
			t.Errorf("asked about %q", got)
		}
	})
}
