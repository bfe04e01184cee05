// Package editors drives Helix, Emacs, Neovim and Vim in terminals, with nothing
// but llmls and the configuration that `llmls setup` prints: what a person types,
// and what stands on the screen.
package editors

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/test/process"
)

// The size of the screen.
const (
	Columns = 120
	Rows    = 30
)

// tmuxSettings leave the whole screen to the program, and let Escape be a key of
// its own at once.
const tmuxSettings = `set -g status off
set -s escape-time 0
set -g default-terminal tmux-256color
set -g remain-on-exit off
`

// A Terminal is a program in a terminal of its own, and what stands there.
type Terminal struct {
	t      testing.TB
	tmux   string
	socket string
}

// Start runs the program in that directory with nothing but env. At the end of
// the test its terminal is closed.
func Start(t testing.TB, tmux, dir string, env []string, line ...string) *Terminal {
	t.Helper()
	private := t.TempDir()
	term := &Terminal{t: t, tmux: tmux, socket: filepath.Join(private, "tmux")}
	config := filepath.Join(private, "tmux.conf")
	if err := os.WriteFile(config, []byte(tmuxSettings), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = term.command("kill-server").Run() // it ends with its last program
	})
	args := []string{
		"-f", config, "new-session", "-d", "-x", fmt.Sprint(Columns), "-y", fmt.Sprint(Rows), "-c", dir,
		"env", "-i",
	}
	args = append(args, env...)
	term.run(append(args, line...)...)
	return term
}

func (term *Terminal) command(args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), process.Patience)
	term.t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, term.tmux, append([]string{"-S", term.socket}, args...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
	return cmd
}

func (term *Terminal) run(args ...string) string {
	term.t.Helper()
	out, err := term.command(args...).CombinedOutput()
	if err != nil {
		term.t.Fatalf("tmux %s: %v\n%s", args[0], err, out)
	}
	return string(out)
}

// Press presses keys, by tmux's names: Escape, C-c, M-x, Down, or a character.
func (term *Terminal) Press(keys ...string) {
	term.t.Helper()
	term.run(append([]string{"send-keys"}, keys...)...)
}

// Type types text as it stands.
func (term *Terminal) Type(text string) {
	term.t.Helper()
	term.run("send-keys", "-l", "--", text)
}

// Screen returns the rows of the screen without what is blank at their ends.
func (term *Terminal) Screen() string {
	term.t.Helper()
	var rows strings.Builder
	for row := range strings.Lines(term.run("capture-pane", "-p")) {
		rows.WriteString(strings.TrimRight(row, " \n") + "\n")
	}
	return strings.TrimRight(rows.String(), "\n") + "\n"
}

// Shows waits until the screen holds each of the words, and returns it.
func (term *Terminal) Shows(words ...string) string {
	term.t.Helper()
	return term.Until(fmt.Sprintf("the screen shows %q", words), func(screen string) bool {
		for _, word := range words {
			if !strings.Contains(screen, word) {
				return false
			}
		}
		return true
	})
}

// Hides waits until the screen does not hold the word, and returns it.
func (term *Terminal) Hides(word string) string {
	term.t.Helper()
	return term.Until("the screen no longer shows "+word, func(screen string) bool { return !strings.Contains(screen, word) })
}

// Until waits until ok holds for the screen, and returns it.
func (term *Terminal) Until(what string, ok func(screen string) bool) string {
	term.t.Helper()
	var screen string
	defer func() {
		if term.t.Failed() {
			term.t.Logf("the screen:\n%s", screen)
		}
	}()
	process.Eventually(term.t, process.Patience, what, func() bool {
		screen = term.Screen()
		return ok(screen)
	})
	return screen
}

// Ends waits until the program has ended.
func (term *Terminal) Ends() {
	term.t.Helper()
	var screen []byte
	defer func() {
		if term.t.Failed() {
			term.t.Logf("the last screen:\n%s", screen)
		}
	}()
	process.Eventually(term.t, process.Patience, "the editor has ended", func() bool {
		last, err := term.command("capture-pane", "-p").Output()
		if err == nil {
			screen = last
		}
		return err != nil
	})
}
