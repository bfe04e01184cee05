//go:build !windows

package settings

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/term"
)

// killAll lets the end of cmd's context kill what cmd has started, too. On a
// person's terminal cmd stays in llmls's own group, because in another it could
// not read a passphrase there; Ctrl-C then reaches all of them.
func killAll(cmd *exec.Cmd) {
	if term.IsTerminal(int(os.Stdin.Fd())) || term.IsTerminal(int(os.Stderr.Fd())) {
		return
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
