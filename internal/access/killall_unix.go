//go:build !windows

package access

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/term"
)

// killAll makes the end of cmd's context kill cmd's child processes, too. On a
// terminal cmd stays in the process group of llmls, because in another one it could
// not read a passphrase; there Ctrl-C reaches all of them.
func killAll(cmd *exec.Cmd) {
	if term.IsTerminal(int(os.Stdin.Fd())) || term.IsTerminal(int(os.Stderr.Fd())) {
		return
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
