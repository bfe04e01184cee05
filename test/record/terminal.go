//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// inTerminal runs command in a pseudo-terminal and returns what it printed,
// as it arrived. It fails if the command does.
func inTerminal(command []string, columns, rows int) ([]event, error) {
	ours, theirs, err := openTerminal(columns, rows)
	if err != nil {
		return nil, fmt.Errorf("opening a pseudo-terminal: %w", err)
	}
	defer ours.Close()

	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = theirs, theirs, theirs
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "NO_COLOR=")
	}), "TERM=xterm-256color", "LANG=C.UTF-8")
	started := time.Now()
	err = cmd.Start()
	theirs.Close()
	if err != nil {
		return nil, err
	}

	var events []event
	var rest []byte // a letter whose last bytes have not arrived
	buffer := make([]byte, 32<<10)
	for {
		n, err := ours.Read(buffer)
		text, cut := wholeLetters(append(rest, buffer[:n]...))
		rest = slices.Clone(cut)
		if text != "" {
			events = append(events, event{at: time.Since(started), text: text})
		}
		if err != nil { // EIO once the last process has left the terminal
			break
		}
	}
	if err := cmd.Wait(); err != nil {
		return nil, err
	}
	if len(events) == 0 {
		return nil, errors.New("it printed nothing")
	}
	return events, nil
}

// wholeLetters cuts the beginning of an incomplete UTF-8 sequence off the end
// of p.
func wholeLetters(p []byte) (text string, rest []byte) {
	for i := len(p) - 1; i >= 0 && i >= len(p)-utf8.UTFMax; i-- {
		if utf8.RuneStart(p[i]) {
			if !utf8.FullRune(p[i:]) {
				return string(p[:i]), p[i:]
			}
			break
		}
	}
	return string(p), nil
}

// openTerminal returns the two ends of a new pseudo-terminal; see pts(4).
func openTerminal(columns, rows int) (ours, theirs *os.File, err error) {
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
