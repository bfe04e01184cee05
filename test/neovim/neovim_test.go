package neovim_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/neovim"
	"github.com/llmls/llmls/test/process"
)

const root = "../.."

type steps = []completiontest.Step

// llmls is built for each run of the tests.
var llmls process.Binary

func TestMain(m *testing.M) { os.Exit(llmls.BuildAndRun(m)) }

// each runs test in every Neovim there is.
func each(t *testing.T, test func(t *testing.T, path string)) {
	t.Helper()
	t.Parallel()
	found, err := neovim.Found(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			t.Parallel()
			test(t, path)
		})
	}
}

// An editor is a Neovim with the plugin, the real llmls and a scripted endpoint.
type editor struct {
	*neovim.Neovim
	t        *testing.T
	upstream *completiontest.Upstream
	home     *process.Home
	ended    bool
}

// quit ends Neovim, if that was not done.
func (e *editor) quit() {
	e.t.Helper()
	if e.ended {
		return
	}
	e.ended = true
	if err := e.End(); err != nil {
		e.t.Error(err)
	}
}

// initLua puts the plugin into the runtime path. What goes by itself after some
// seconds stays: a busy machine may need longer to look at it.
func initLua(t *testing.T, more string) string {
	t.Helper()
	plugin, err := filepath.Abs(filepath.Join(root, "editors", "neovim"))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`vim.opt.runtimepath:prepend(%q)
local defer = vim.defer_fn
vim.defer_fn = function(f, ms)
  return defer(f, ms < 1000 and ms or 3600e3)
end
%s`, plugin, more)
}

// open starts an editor with that file in it. setup is Lua of the person's
// init.lua.
func open(t *testing.T, path, name, text, setup string) *editor {
	t.Helper()
	u := completiontest.NewUpstream(t)
	e := openAt(t, path, u.URL, setup)
	e.upstream = u
	e.edit(name, text)
	return e
}

// openAt starts an editor without a file, whose endpoint is at url.
func openAt(t *testing.T, path, url, setup string) *editor {
	t.Helper()
	return openWith(t, path, url, initLua(t, setup))
}

// openWith starts an editor that only has what init puts into it.
func openWith(t *testing.T, path, url, init string) *editor {
	t.Helper()
	h := llmls.Home(t, url, "retries = 0\n")
	h.Env[0] = "PATH=" + filepath.Dir(llmls.Path()) + ":" + os.Getenv("PATH")
	n, err := neovim.Start(path, h.Dir, h.Env, init, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := &editor{Neovim: n, t: t, home: h}
	t.Cleanup(func() {
		if t.Failed() && !e.ended {
			e.tell()
		}
		e.quit()
	})
	return e
}

// tell logs what a person would see, of a test that failed.
func (e *editor) tell() {
	if mode, err := e.Mode(); err != nil || mode.Blocking {
		e.t.Logf("neovim waits for a key: %+v, %v", mode, err)
		return
	}
	log, _ := os.ReadFile(lua[string](e, "return require('llmls.scratch').log_path()")) // there may be none
	e.t.Logf("the screen:\n%s\nthe messages:\n%s\nthe server's log:\n%s", e.screen(), lua[string](e, "return vim.fn.execute('messages')"), log)
}

func (e *editor) must(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

// edit writes a file into the home and opens it.
func (e *editor) edit(name, text string) {
	e.t.Helper()
	e.must(e.Command("edit " + e.home.Write(e.t, name, text)))
}

// command runs an Ex command.
func (e *editor) command(line string) {
	e.t.Helper()
	e.must(e.Command(line))
}

// keys types keys, as a person does.
func (e *editor) keys(keys string) {
	e.t.Helper()
	_, err := e.Input(keys)
	e.must(err)
}

// lua runs Lua and returns what that returns. A Neovim that asks for ENTER does
// not answer: that fails the test.
func lua[T any](e *editor, code string, args ...any) T {
	e.t.Helper()
	var result T
	done := make(chan error, 1)
	go func() { done <- e.ExecLua(code, &result, args...) }()
	select {
	case err := <-done:
		e.must(err)
	case <-time.After(process.Patience):
		mode, err := e.Mode()
		e.t.Fatalf("neovim does not answer; its mode is %+v, %v", mode, err)
	}
	return result
}

// lua runs Lua for what it does.
func (e *editor) lua(code string, args ...any) {
	e.t.Helper()
	lua[any](e, code, args...)
}

func (e *editor) screen() string {
	e.t.Helper()
	return lua[string](e, neovim.ScreenLua)
}

// shows waits until the screen holds each of the words.
func (e *editor) shows(words ...string) string {
	e.t.Helper()
	var screen string
	process.Eventually(e.t, process.Patience, fmt.Sprintf("the screen shows %q", words), func() bool {
		screen = e.screen()
		for _, word := range words {
			if !strings.Contains(screen, word) {
				return false
			}
		}
		return true
	})
	return screen
}

// spinner is shown until an answer has text, with the seconds so far.
var spinner = regexp.MustCompile(`[⠁-⣿] \d+ s`)

// waits waits until the screen shows that an answer is waited for or, if not want, that
// none is.
func (e *editor) waits(want bool) {
	e.t.Helper()
	process.Eventually(e.t, process.Patience, fmt.Sprintf("the spinner is shown: %v", want), func() bool {
		return spinner.MatchString(e.screen()) == want
	})
}

// hides waits until the screen does not hold the word.
func (e *editor) hides(word string) {
	e.t.Helper()
	process.Eventually(e.t, process.Patience, "the screen no longer shows "+word, func() bool {
		return !strings.Contains(e.screen(), word)
	})
}

// idle waits until no answer is running.
func (e *editor) idle() {
	e.t.Helper()
	process.Eventually(e.t, process.Patience, "the answers have ended", func() bool {
		return lua[string](e, "return require('llmls').status()") == ""
	})
}
