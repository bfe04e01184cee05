//go:build kate

package kate

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

const code = `def total(xs):
    n = 0
    for x in xs:
        n += x
    return n
`

// llmls is built for the run of the tests.
var llmls process.Binary

func TestMain(m *testing.M) { os.Exit(llmls.BuildAndRun(m)) }

// A desktop is a display with a Kate on it, and the code in it.
type desktop struct {
	t        *testing.T
	run      string // runs a program where Kate runs
	display  string
	home     *process.Home
	upstream *completiontest.Upstream
	path     string // of the code
}

// open starts Kate, and agrees that it starts llmls.
func open(t *testing.T) *desktop {
	t.Helper()
	run, err := filepath.Abs("../../.cache/kate/run")
	if err != nil {
		t.Fatal(err)
	}
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, "retries = 0\n")
	d := &desktop{t: t, run: run, home: h, upstream: u, path: h.Write(t, "work/total.py", code)}
	h.Run(t, "setup", "kate", "--write", "python").Exits(0)
	h.Write(t, "run/.keep", "")
	h.Env[0] = "PATH=" + filepath.Dir(llmls.Path()) + ":/usr/bin:/usr/sbin"
	h.Env = append(h.Env, "LC_ALL=C.UTF-8", "XDG_RUNTIME_DIR="+filepath.Join(h.Dir, "run"))
	d.display = d.startDisplay()
	h.Env = append(h.Env, "DISPLAY="+d.display)
	d.start("openbox")
	d.start("dbus-run-session", "--", "kate", "-n", d.path)
	// The window is there, and over it the question whether llmls may run.
	d.window("LSP server start requested")
	d.press("Return")
	process.Eventually(t, process.Patience, "llmls has started", func() bool { return strings.Contains(h.Log(t), `"msg":"initialized"`) })
	d.window("total.py")
	return d
}

// start runs a program on the display until the test ends.
func (d *desktop) start(line ...string) {
	d.t.Helper()
	cmd := exec.Command(d.run, line...)
	cmd.Env, cmd.Dir = d.home.Env, filepath.Dir(d.path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var said process.Output
	cmd.Stdout, cmd.Stderr = io.Discard, &said
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() {
		end(cmd)
		if d.t.Failed() {
			d.t.Logf("%v said:\n%s", line, said.String())
		}
	})
}

// end kills a program with all that it started.
func end(cmd *exec.Cmd) {
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // it may have ended
	_ = cmd.Wait()
}

// startDisplay starts a display that says itself which number was free.
func (d *desktop) startDisplay() string {
	d.t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		d.t.Fatal(err)
	}
	defer read.Close()
	cmd := exec.Command(d.run, "Xvfb", "-displayfd", "3", "-screen", "0", "1000x700x24", "-nolisten", "tcp")
	cmd.Env, cmd.ExtraFiles = d.home.Env, []*os.File{write}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	write.Close()
	d.t.Cleanup(func() { end(cmd) })
	var number int
	if _, err := fmt.Fscan(read, &number); err != nil {
		d.t.Fatalf("the display does not start: %v", err)
	}
	return ":" + strconv.Itoa(number)
}

// xdotool returns what the program prints, and whether it did what was asked.
func (d *desktop) xdotool(args ...string) (string, bool) {
	cmd := exec.Command(d.run, append([]string{"xdotool"}, args...)...)
	cmd.Env = d.home.Env
	out, err := cmd.Output()
	return string(out), err == nil
}

// window waits until the window in front has that in its title.
func (d *desktop) window(title string) {
	d.t.Helper()
	var in string
	defer func() {
		if d.t.Failed() {
			d.t.Logf("the window in front is %q", in)
		}
	}()
	process.Eventually(d.t, process.Patience, "the window "+title+" is in front", func() bool {
		in, _ = d.xdotool("getactivewindow", "getwindowname")
		return strings.Contains(in, title)
	})
}

func (d *desktop) press(keys ...string) {
	d.t.Helper()
	if out, ok := d.xdotool(append([]string{"key", "--delay", "40"}, keys...)...); !ok {
		d.t.Fatalf("xdotool key %v: %s", keys, out)
	}
}

func (d *desktop) types(text string) {
	d.t.Helper()
	if out, ok := d.xdotool("type", "--delay", "40", text); !ok {
		d.t.Fatalf("xdotool type: %s", out)
	}
}

// menu opens the code actions of the lines 2 to 4, and waits for the menu, which
// is a window of its own.
func (d *desktop) menu() {
	d.t.Helper()
	before := d.windows()
	d.press("ctrl+Home", "Down", "shift+Down", "shift+Down", "shift+Down", "alt+Return")
	process.Eventually(d.t, process.Patience, "the menu is open", func() bool { return d.windows() > before })
}

func (d *desktop) windows() int {
	out, _ := d.xdotool("search", "--onlyvisible", "--class", "kate")
	return len(strings.Fields(out))
}

func (d *desktop) saves(want string) {
	d.t.Helper()
	d.press("ctrl+s")
	var saved []byte
	defer func() {
		if d.t.Failed() {
			d.t.Logf("the file holds %q", saved)
		}
	}()
	process.Eventually(d.t, process.Patience, "the file is saved", func() bool {
		saved, _ = os.ReadFile(d.path) // it is replaced
		return string(saved) == want
	})
}

// What a person does in Kate: explain from its menu, type while the endpoint is
// silent, stop from the menu, ask what stands in a comment. The code is what was
// typed, byte for byte.
func TestKate(t *testing.T) {
	d := open(t)
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
	d := open(t)
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
