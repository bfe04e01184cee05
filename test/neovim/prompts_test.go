package neovim_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// A prompt of the person's own is completed, asks for its input, and is sent with
// the code.
func TestOwnPrompts(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "vim.ui.input = function(o, done) asked = o.prompt; done('the sum') end")
		e.home.Write(t, "config/llmls/prompts/review.md", "---\ntitle: Review this\n---\nName what is wrong.")
		e.home.Write(t, "config/llmls/prompts/name.md", "---\ninput: What is it?\n---\nName ${input} well.")
		if got := lua[[]string](e, "return vim.fn.getcompletion('Llmls prompt r', 'cmdline')"); !slices.Equal(got, []string{"review"}) {
			t.Errorf("completed to %q", got)
		}
		e.upstream.Script(completiontest.Answer("Nothing is."))
		e.command("1,5Llmls prompt review")
		e.shows("Nothing is.")
		if sent := string(e.upstream.Next().Body); !strings.Contains(sent, "Name what is wrong.") || !strings.Contains(sent, "def total") {
			t.Errorf("sent %s", sent)
		}
		e.command("Llmls close")
		e.upstream.Script(completiontest.Answer("It is fine."))
		e.command("lua vim.lsp.buf.code_action({ filter = function(a) return a.title == 'Review this' end, apply = true })")
		e.shows("It is fine.")
		e.upstream.Next()
		e.command("Llmls close")
		for _, text := range []string{"some draft", "another one"} { // buffers without names, which all have one URI
			e.command("enew | setlocal bufhidden=hide filetype=text")
			e.command("call setline(1, '" + text + "')")
			e.command("Llmls explain")
			e.upstream.Next()
			e.idle()
			e.command("Llmls close")
			e.upstream.Script(completiontest.Answer("A draft."))
			e.command("lua vim.lsp.buf.code_action({ filter = function(a) return a.title == 'Review this' end, apply = true })")
			if got := e.selected(); got != text {
				t.Errorf("asked about %q", got)
			}
			e.idle()
			e.command("Llmls close")
		}
		e.command("buffer total.py")
		e.command("1,5Llmls prompt name")
		if sent := string(e.upstream.Next().Body); !strings.Contains(sent, "Name the sum well.") {
			t.Errorf("sent %s", sent)
		}
		if asked := lua[string](e, "return asked"); !strings.Contains(asked, "What is it?") {
			t.Errorf("asked %q", asked)
		}
	})
}

// Conversations of earlier sessions are in the list; one that is opened goes on with
// a reply, and is removed from the disk, like all of them.
func TestEarlierAnswers(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, `
			vim.ui.select = function(list, o, choose)
				shown = vim.tbl_map(o.format_item, list)
				choose(list[#list])
			end`)
		e.upstream.Script(completiontest.Answer("An answer of another day."))
		e.home.Run(t, "ask", "what was it?").Exits(0)
		e.command("Llmls answers")
		e.shows("An answer of another day.")
		if shown := lua[[]string](e, "return shown"); len(shown) != 1 || !strings.Contains(shown[0], "what was it?") {
			t.Errorf("the list: %q", shown)
		}
		e.upstream.Next()
		e.upstream.Script(completiontest.Answer("And one of today."))
		e.command("Llmls reply and now?")
		e.shows("And one of today.")
		if sent := string(e.upstream.Next().Body); !strings.Contains(sent, "An answer of another day.") || !strings.Contains(sent, "and now?") {
			t.Errorf("sent %s", sent)
		}
		process.Eventually(t, process.Patience, "both turns are in one file", func() bool {
			all := e.home.Conversations(t)
			return strings.Contains(all, "And one of today.") && strings.Count(all, "# what was it?") == 1 && strings.Count(all, "## Question") == 2
		})
		e.command("Llmls answers nonsense")
		process.Eventually(t, process.Patience, "nothing is found", func() bool { return strings.Contains(plain(e.screen()), "no answer yet") })

		e.home.Run(t, "ask", "something else?").Exits(0)
		e.upstream.Next()
		e.command("lua vim.ui.select = function(list, o, choose) asked = o.prompt; choose('Keep') end")
		e.command("Llmls forget all")
		e.command("lua vim.ui.select = function(list, o, choose) asked = o.prompt; choose('Remove') end")
		e.command("Llmls forget")
		e.shows("1 conversation removed")
		if all := e.home.Conversations(t); strings.Contains(all, "what was it?") || !strings.Contains(all, "something else?") {
			t.Errorf("left: %s", all)
		}
		if asked := lua[string](e, "return asked"); asked != `Remove "Ask" for good?` {
			t.Errorf("asked %q", asked)
		}
		e.command("Llmls forget all")
		process.Eventually(t, process.Patience, "all are gone", func() bool { return e.home.Conversations(t) == "" })
	})
}

// An earlier conversation, whose code is not marked, stands where answers about the line
// of the cursor do, and is not on the cursor wherever that goes; without room beside it,
// it is shown all the same.
func TestEarlierAnswersStandAtTheCursor(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", strings.Repeat("x = 1\n", 40), `
			vim.ui.select = function(list, o, choose) choose(list[#list]) end`)
		e.upstream.Script(completiontest.Answer("An answer of another day."))
		e.home.Run(t, "ask", "what was it?").Exits(0)
		e.command("normal! 12G")
		at := `
			for _, win in ipairs(vim.api.nvim_list_wins()) do
				if vim.w[win].llmls_float then return vim.fn.win_screenpos(win)[1] end
			end`
		e.command("Llmls answers")
		e.shows("An answer of another day.")
		earlier := lua[int](e, at)
		e.command("Llmls close")
		e.command("Llmls explain")
		e.idle()
		if now := lua[int](e, at); now != earlier {
			t.Errorf("the earlier one is at row %d, the one about the line at %d:\n%s", earlier, now, e.screen())
		}
		e.command("Llmls close")
		e.command("Llmls answers")
		e.shows("An answer of another day.")
		for _, keys := range []string{"j", "3j", "$", "5k", "G", "gg", "12G"} {
			e.keys(keys)
			process.Eventually(t, process.Patience, "the cursor is free after "+keys, func() bool {
				return !lua[bool](e, onCursorLua)
			})
		}
		e.command("Llmls close")
		e.must(e.TryResizeUI(20, 5))
		e.command("Llmls answers")
		e.shows("An answer of")
		e.silent()
	})
}
