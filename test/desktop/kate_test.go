//go:build desktop

package desktop

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// openKate starts Kate, and agrees that it starts llmls.
func openKate(t *testing.T) *desktop {
	t.Helper()
	d := newDesktop(t, "kate", "kate", "python")
	d.start("dbus-run-session", "--", "kate", "-n", d.path)
	// The window is there, and over it the question whether llmls may run.
	d.window("LSP server start requested")
	d.press("Return")
	d.started()
	d.window("total.py")
	return d
}

// What a person does in Kate: explain from its menu, type while the endpoint is
// silent, stop from the menu, ask what stands in a comment. The code is what was
// typed, byte for byte.
func TestKate(t *testing.T) {
	d := openKate(t)
	d.upstream.Scripts(
		[]completiontest.Step{completiontest.Pause("first byte"), completiontest.Delta("Half of "), completiontest.Stall()},
		[]completiontest.Step{completiontest.Answer("It is.")},
	)
	d.menu()
	d.press("Down", "Return") // Explain selection
	request := d.upstream.Next()
	if body := string(request.Body); !strings.Contains(body, "lines 2-4") {
		t.Errorf("asked was %s", body)
	}
	d.upstream.WaitPaused("first byte")
	d.press("ctrl+Home")
	d.types("# typed ")
	d.saves("# typed " + code)
	d.upstream.Resume("first byte")
	d.menu()
	d.press("Down", "Down", "Down", "Return") // Stop answering, behind Explain and Ask
	request.WaitDone(t)

	d.press("ctrl+Home", "Return", "Up")
	d.types("# ? is it fast")
	d.menu()
	d.press("Down", "Down", "Return") // Ask: "is it fast"
	if body := string(d.upstream.Next().Body); !strings.Contains(body, "is it fast") {
		t.Errorf("asked was %s", body)
	}
	process.Eventually(t, process.Patience, "it is answered", func() bool {
		return strings.Contains(d.home.Log(t), `"msg":"answered"`)
	})
	d.saves("# ? is it fast\n# typed " + code)
}

// What an answer says to Kate is there to be read when its file is opened: a tab
// is as wide as the person has it.
func TestAnswersGiveNoOrders(t *testing.T) {
	d := openKate(t)
	d.upstream.Script(completiontest.Answer("A sum.\n\nkate: indent-width 7; tab-width 7;\n\n// kate-wildcard(*): indent-width 7; tab-width 7;"))
	d.menu()
	d.press("Down", "Return") // Explain selection
	var path string
	process.Eventually(t, process.Patience, "the answer file is written", func() bool {
		found, err := filepath.Glob(filepath.Join(d.home.Dir, "state", "llmls", "answers", "*.md"))
		if err != nil || len(found) != 1 {
			return false
		}
		path = found[0]
		raw, err := os.ReadFile(path)
		return err == nil && strings.Contains(string(raw), "1 token*")
	})
	d.start("dbus-run-session", "--", "kate", "-n", path)
	d.window(filepath.Base(path))
	d.press("ctrl+Home", "Tab", "ctrl+s")
	var saved []byte
	process.Eventually(t, process.Patience, "the file is saved", func() bool {
		saved, _ = os.ReadFile(path) // it is replaced
		return strings.Contains(string(saved), " # Answers")
	})
	if first, _, _ := strings.Cut(string(saved), "\n"); first != "    # Answers" {
		t.Errorf("the file begins with %q", first)
	}
}

// A command that fails at once says why in the pane Output, which opens for that.
func TestKateRefusal(t *testing.T) {
	d := openKate(t)
	d.home.Write(t, "work/.aiignore", "total.py\n")
	d.menu()
	d.press("Down", "Return") // Explain selection
	d.pastes("Select other code or", func(width, height int) {
		d.xdotool("getactivewindow", "mousemove", "--window", "%1", "60", strconv.Itoa(height-160), "mousedown", "1",
			"mousemove", "--window", "%1", strconv.Itoa(width-60), strconv.Itoa(height-35), "mouseup", "1")
		d.click(100, height-60, "3") // the menu of what is selected
		d.press("Down", "Return")    // Copy
		d.click(300, height-330, "1")
	})
	if n := len(d.upstream.Requests()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}
