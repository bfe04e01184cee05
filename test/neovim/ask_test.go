package neovim_test

import (
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

func TestAsk(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.keys(":2,3Llmls ask<CR>")
		e.shows("Ask about total.py:2-3:")
		e.keys("is it fast?<CR>")
		if prompt := e.prompt(); !strings.Contains(prompt, "is it fast?") || !strings.Contains(prompt, "for x in xs") {
			t.Errorf("the prompt is %q", prompt)
		}
		e.shows("> is it fast?", "Hello")
		e.idle()
		// Tab finds it again.
		e.keys(":Llmls close<CR>:2Llmls ask<CR>is<Tab><CR>")
		if prompt := e.prompt(); !strings.Contains(prompt, "is it fast?") {
			t.Errorf("the second prompt is %q", prompt)
		}
		e.idle()
		// Nothing is asked when nothing was typed.
		e.keys(":2Llmls ask<CR><Esc>:2Llmls ask<CR><CR>")
		e.idle()
		if n := len(e.upstream.Requests()); n != 2 {
			t.Errorf("%d requests", n)
		}
	})
}

// With a bang the question is typed in a small buffer.
func TestAskSeveralLines(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.keys(":2Llmls! ask<CR>")
		e.shows("send", "Ask about total.py:2")
		e.keys("one<CR>two<Esc><CR>")
		if prompt := e.prompt(); !strings.Contains(prompt, "one\ntwo") {
			t.Errorf("the prompt is %q", prompt)
		}
		e.shows("> one", "> two", "Hello")
		e.keys(":2Llmls! ask<CR>three<Esc>:w<CR>")
		if prompt := e.prompt(); !strings.Contains(prompt, "three") {
			t.Errorf("the prompt is %q", prompt)
		}
		e.idle()
		e.keys(":2Llmls! ask<CR>four<Esc>q")
		e.hides("four")
		if mode := lua[string](e, "return vim.fn.mode()"); mode != "n" {
			t.Errorf("the mode is %q", mode)
		}
	})
}

func TestConversation(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.upstream.Scripts(steps{completiontest.Answer("First.")}, steps{completiontest.Answer("Second.")}, steps{completiontest.Answer("Third.")})
		e.command("1,5Llmls explain")
		e.upstream.Next()
		e.idle()
		e.command("Llmls more")
		if prompt := e.prompt(); !strings.Contains(prompt, "more detail") {
			t.Errorf("more asks %q", prompt)
		}
		e.idle()
		e.command("Llmls reply and why?")
		request := string(e.upstream.Next().Body)
		for _, part := range []string{"First.", "Second.", "and why?"} {
			if !strings.Contains(request, part) {
				t.Errorf("the request has no %q: %s", part, request)
			}
		}
		e.shows("First.", "> more detail", "Second.", "> and why?", "Third.")
	})
}

// A diagnostic of the line goes along, and the one that is chosen of several.
func TestDiagnostic(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, `vim.ui.select = function(list, options, choose)
			picked = options.format_item(list[2])
			choose(list[2])
		end`)
		e.command("Llmls diagnostic")
		e.shows("no diagnostic")
		e.lua(`vim.diagnostic.set(vim.api.nvim_create_namespace('test'), 0, {
			{ lnum = 1, col = 4, end_lnum = 1, end_col = 5, message = 'n is a bad name', severity = 2, source = 'lint', code = 'E741' },
		})`)
		e.command("2 | Llmls diagnostic")
		if prompt := e.prompt(); !strings.Contains(prompt, "n is a bad name") {
			t.Errorf("the prompt is %q", prompt)
		}
		e.shows("Explain problem in total.py:2", "Hello")
		e.idle()
		e.lua(`vim.diagnostic.set(vim.api.nvim_create_namespace('test'), 0, {
			{ lnum = 1, col = 4, message = 'first' }, { lnum = 1, col = 4, message = 'second' },
		})`)
		e.command("2 | Llmls diagnostic")
		if prompt := e.prompt(); !strings.Contains(prompt, "second") || strings.Contains(prompt, "first") {
			t.Errorf("the prompt is %q", prompt)
		}
	})
}
