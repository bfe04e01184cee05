//go:build desktop

package desktop

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

// A desktop is a display with an editor on it, and the code in it.
type desktop struct {
	t        *testing.T
	chroot   string // runs a program of root
	root     string // where the editor is
	class    string // of its windows
	display  string
	home     *process.Home
	upstream *completiontest.Upstream
	path     string // of the code
}

// newDesktop starts a display, for an editor that llmls was set up in.
func newDesktop(t *testing.T, class string, setup ...string) *desktop {
	t.Helper()
	tree, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, "retries = 0\n")
	d := &desktop{
		t: t, class: class, home: h, upstream: u, path: h.Write(t, "work/total.py", code),
		chroot: filepath.Join(tree, "test/debian/chroot"), root: filepath.Join(tree, ".cache/desktop/sid"),
	}
	h.Run(t, append([]string{"setup", "--write"}, setup...)...).Exits(0)
	h.Write(t, "run/.keep", "")
	h.Env[0] = "PATH=" + filepath.Dir(llmls.Path()) + ":/usr/bin:/usr/sbin"
	h.Env = append(h.Env, "LC_ALL=C.UTF-8", "XDG_RUNTIME_DIR="+filepath.Join(h.Dir, "run"))
	d.display = d.startDisplay()
	h.Env = append(h.Env, "DISPLAY="+d.display)
	d.start("openbox")
	return d
}

// command is a program of the root, not started yet.
func (d *desktop) command(line ...string) *exec.Cmd {
	cmd := exec.Command(d.chroot, append([]string{d.root}, line...)...)
	cmd.Env = d.home.Env
	return cmd
}

// started waits until llmls runs.
func (d *desktop) started() {
	d.t.Helper()
	process.Eventually(d.t, process.Patience, "llmls has started", func() bool { return strings.Contains(d.home.Log(d.t), `"msg":"initialized"`) })
}

// start runs a program on the display until the test ends.
func (d *desktop) start(line ...string) {
	d.t.Helper()
	cmd := d.command(line...)
	cmd.Dir = filepath.Dir(d.path)
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
	// What is on it stands in the file Xvfb_screen0.
	cmd := d.command("Xvfb", "-displayfd", "3", "-screen", "0", "1000x700x24", "-fbdir", filepath.Join(d.home.Dir, "run"), "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{write}
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
	out, err := d.command(append([]string{"xdotool"}, args...)...).Output()
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
	out, _ := d.xdotool("search", "--onlyvisible", "--class", d.class)
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

// click clicks at a place of the window in front.
func (d *desktop) click(x, y int, button string) {
	d.xdotool("getactivewindow", "mousemove", "--window", "%1", strconv.Itoa(x), strconv.Itoa(y), "sleep", "0.3", "click", button, "sleep", "0.3")
}

// pastes has copied what stands in a pane, until it has the words when it is pasted
// at the end of the code. The function gets the size of the window; at its end the
// code has the focus.
func (d *desktop) pastes(words string, copies func(width, height int)) {
	d.t.Helper()
	var saved []byte
	defer func() {
		if d.t.Failed() {
			d.t.Logf("pasted was %q", saved)
		}
	}()
	process.Eventually(d.t, process.Patience, "the pane says "+words, func() bool {
		out, _ := d.xdotool("getactivewindow", "getwindowgeometry", "--shell")
		_, size, _ := strings.Cut(out, "WIDTH=")
		var width, height int
		if n, _ := fmt.Sscanf(size, "%d\nHEIGHT=%d", &width, &height); n < 2 {
			return false
		}
		copies(width, height)
		d.press("ctrl+End", "ctrl+v", "ctrl+s")
		d.xdotool("sleep", "0.5")
		saved, _ = os.ReadFile(d.path) // it is replaced
		return strings.Contains(string(saved), words)
	})
}
