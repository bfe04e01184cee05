package state

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// permissions is false because mode bits have no meaning on Windows: access control
// lists, which new files inherit, keep %LocalAppData% to its user.
const permissions = false

func owned(fs.FileInfo) bool { return true }

func exposed(fs.FileInfo) bool { return false }

func links(fs.FileInfo) int { return 1 }

// tryLock locks a file until it is closed. It locks one byte behind the end of every
// file, because others could not read or write locked bytes. It fails with errLocked
// if another process holds the lock.
func tryLock(file *os.File) error {
	err := windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, &windows.Overlapped{OffsetHigh: 1 << 30})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errLocked
	}
	return err
}

// SetAside renames the log, which is full and open as file, to Path + ".1", and
// closes it: Windows does not rename a file that is open. While another process has
// it open, it keeps its name and grows.
func (l *Log) SetAside(file *os.File) error {
	if err := file.Close(); err != nil {
		return err
	}
	_ = os.Rename(l.path, l.path+".1")
	return nil
}
