//go:build desktop

package desktop

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// openGeany starts Geany, whose plugin LSP Client somebody has turned on and given
// a key for the code actions.
func openGeany(t *testing.T) *desktop {
	t.Helper()
	d := newDesktop(t, "geany", "geany", "Python")
	d.home.Write(t, "config/geany/geany.conf", "[plugins]\nload_plugins=true\nactive_plugins=/usr/lib/x86_64-linux-gnu/geany/lsp.so;\n")
	d.home.Write(t, "config/geany/keybindings.conf", "[lsp]\nshow_code_action_popup=<Alt>Return\n")
	d.start("dbus-run-session", "--", "geany", "-i", d.path)
	d.window("total.py")
	d.started()
	return d
}

// answer waits until Geany shows the file of the answers with the words in it, and
// returns what the file holds once it is saved.
func (d *desktop) answer(words string) string {
	d.t.Helper()
	var text string
	process.Eventually(d.t, process.Patience, "the answer is in the file", func() bool {
		d.press("ctrl+s")
		found, err := filepath.Glob(filepath.Join(d.home.Dir, "state", "llmls", "answers", "*.md"))
		if err != nil || len(found) != 1 {
			return false
		}
		raw, err := os.ReadFile(found[0]) // it is replaced
		text = string(raw)
		return err == nil && strings.Contains(text, words)
	})
	return text
}

// What a person does in Geany: explain from its menu, read the answer while it grows,
// type in the code meanwhile, stop, ask what stands in a comment, and ask on below the
// answer. The code is what was typed, byte for byte.
func TestGeany(t *testing.T) {
	d := openGeany(t)
	d.upstream.Scripts(
		[]completiontest.Step{completiontest.Delta("Adds up the **numbers** in `xs`:\n\n1. starts at zero,\n"), completiontest.Stall()},
		[]completiontest.Step{completiontest.Answer("It is.")},
		[]completiontest.Step{completiontest.Answer("Because.")},
	)
	d.menu()
	d.picture("geany/menu.png")
	d.press("Return") // Explain selection
	request := d.upstream.Next()
	if body := string(request.Body); !strings.Contains(body, "lines 2-4") {
		t.Errorf("asked was %s", body)
	}
	d.window(".md - ") // the answer has taken the place of the code
	d.answer("starts at zero")
	d.picture("geany/growing.png")
	d.press("ctrl+Prior")
	d.window("total.py")
	d.press("ctrl+Home")
	d.types("# typed ")
	d.saves("# typed " + code)
	d.menu()
	d.press("Down", "Down", "Return") // Stop answering, behind Explain and Ask
	request.WaitDone(t)

	d.press("ctrl+Home", "Return", "Up")
	d.types("# ? is it fast")
	d.menu()
	d.press("Down", "Return") // Ask: "is it fast"
	if body := string(d.upstream.Next().Body); !strings.Contains(body, "is it fast") {
		t.Errorf("asked was %s", body)
	}
	process.Eventually(t, process.Patience, "it is answered", func() bool {
		return strings.Count(d.home.Log(t), `"msg":"answered"`) > 0
	})
	d.saves("# ? is it fast\n# typed " + code)

	d.press("ctrl+Next")
	d.window(".md - ")
	d.answer("It is.")
	d.press("ctrl+End", "Up", "End")
	d.types("and why?")
	before := d.windows()
	d.press("alt+Return")
	process.Eventually(t, process.Patience, "the menu is open", func() bool { return d.windows() > before })
	d.press("Return") // Send
	if body := string(d.upstream.Next().Body); !strings.Contains(body, "and why?") || !strings.Contains(body, "It is.") {
		t.Errorf("asked was %s", body)
	}
	d.answer("Because.")
}

// A command that fails at once says why in the pane Status.
func TestGeanyRefusal(t *testing.T) {
	d := openGeany(t)
	d.home.Write(t, "work/.aiignore", "total.py\n")
	d.menu()
	d.press("Return") // Explain selection
	d.pastes("Select other code or", func(width, height int) {
		d.click(width-200, height-50, "1")
		d.click(width-200, height-50, "3") // the menu of the newest message
		d.press("Down", "Down", "Return")  // Copy, behind Clear
		d.click(width-200, height-300, "1")
	})
	if n := len(d.upstream.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}
