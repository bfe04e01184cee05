package neovim_test

import (
	"slices"
	"strings"
	"testing"
)

// Tab completes what a question mentions, where it is typed; the answer is asked with
// the file.
func TestMentionsAreCompleted(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "w/total.py", code, "")
		e.home.Write(t, "w/.git/HEAD", "")
		e.home.Write(t, "w/prices.py", "price = 3\n")
		e.command("edit")
		e.keys(":Llmls ask<CR>")
		e.shows("Ask about total.py")
		e.keys("why #f<Tab>")
		e.shows("why #file:")
		e.keys("pri<Tab>")
		e.shows("why #file:prices.py")
		e.keys("?<CR>")
		if prompt := e.prompt(); !strings.Contains(prompt, "price = 3") {
			t.Errorf("the file is not in %q", prompt)
		}
		e.idle()
		for line, want := range map[string]string{"Llmls ask is #symbol:tot": "#symbol:total", "Llmls ask what does (#d": "(#diff", "Llmls ask #file:": "#file:prices.py"} {
			if got := lua[[]string](e, "return vim.fn.getcompletion(..., 'cmdline')", line); !slices.Contains(got, want) {
				t.Errorf("%s: completed to %q", line, got)
			}
		}
	})
}
