package terminal

import (
	"os"

	"golang.org/x/sys/windows"
)

// enableEscapes makes the terminal f understand escape sequences. The classic
// console of Windows shows them as text unless it is asked; it fails on those
// before Windows 10 1511.
func enableEscapes(f *os.File) error {
	var mode uint32
	h := windows.Handle(f.Fd())
	if err := windows.GetConsoleMode(h, &mode); err != nil {
		return err
	}
	return windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING)
}
