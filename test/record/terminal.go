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

	"github.com/llmls/llmls/test/process"
)

// inTerminal runs command in a pseudo-terminal and returns what it printed,
// as it arrived. It fails if the command does.
func inTerminal(command []string, columns, rows int) ([]event, error) {
	ours, theirs, err := process.OpenTerminal(columns, rows)
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
