package process

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A Terminal is a running llmls on a pseudo-terminal, and what is seen there.
type Terminal struct {
	*Process
	Keys   *os.File // what is written here is typed
	Screen Output
}

// StartTerminal runs llmls on a pseudo-terminal of its own. It is killed at the
// end of the test, which fails if a secret was shown or logged.
func (h *Home) StartTerminal(t testing.TB, args ...string) *Terminal {
	t.Helper()
	ours, theirs, err := OpenTerminal(100, 30)
	if err != nil {
		t.Fatal(err)
	}
	term := &Terminal{Process: h.prepare(t, args), Keys: ours}
	term.cmd.Stdin, term.cmd.Stdout, term.cmd.Stderr = theirs, theirs, theirs
	term.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	term.start()
	theirs.Close()
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = ours.WriteTo(&term.Screen) // fails once the last process has left the terminal
	}()
	t.Cleanup(func() {
		_ = term.cmd.Process.Kill() // it may have ended
		<-term.ended
		<-read
		ours.Close()
		term.keepsSecrets(term.Screen.String())
		if t.Failed() {
			t.Logf("screen: %q", term.Screen.String())
		}
	})
	return term
}

// Shows waits until text has appeared.
func (t *Terminal) Shows(text string) {
	t.t.Helper()
	Eventually(t.t, Patience, "the terminal shows "+text, func() bool { return strings.Contains(t.Screen.String(), text) })
}

// OpenTerminal returns the two ends of a new pseudo-terminal; see pts(4).
func OpenTerminal(columns, rows int) (ours, theirs *os.File, err error) {
	ours, err = os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			ours.Close()
		}
	}()
	fd := int(ours.Fd())
	if err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, nil, err
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		return nil, nil, err
	}
	size := &unix.Winsize{Col: uint16(columns), Row: uint16(rows)}
	if err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, size); err != nil {
		return nil, nil, err
	}
	theirs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	return ours, theirs, err
}
