//go:build unix

package lsp

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// setAside moves the log, which is full, to path.1. Two servers that did so at
// once would lose what the first one moved there, so that only who holds a lock
// on the file may, and only while the file still has its name. If another
// server holds it, nothing is left to do: the file is being moved.
func setAside(file *os.File, path string) error {
	fd := int(file.Fd())
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil
		}
		return err
	}
	defer unix.Flock(fd, unix.LOCK_UN) //nolint:errcheck // closing the file does the same
	info, err := file.Stat()
	if err != nil || renamed(info, path) {
		return err
	}
	return os.Rename(path, path+".1")
}
