//go:build unix

package state

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// permissions is true because the mode bits of a file decide who may use it.
const permissions = true

// owned reports whether the user owns a file.
func owned(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// exposed reports whether a file can be read or written by others.
func exposed(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

// links returns how many names a file has.
func links(info fs.FileInfo) int {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 1
	}
	return int(stat.Nlink)
}

// tryLock locks a file until it is closed. It fails with errLocked if another
// process holds the lock, with another error if the file system has none.
func tryLock(file *os.File) error {
	err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errLocked
	}
	return err
}

// SetAside renames the log, which is full and open as file, to Path + ".1". If two
// processes did so at once, what the first one renamed would be lost, so it needs a
// lock on the file, and the file must still have its name. If another process holds
// the lock it returns nil: that process renames the file.
func (l *Log) SetAside(file *os.File) error {
	if err := tryLock(file); err != nil {
		if errors.Is(err, errLocked) {
			return nil
		}
		return err
	}
	defer unix.Flock(int(file.Fd()), unix.LOCK_UN) //nolint:errcheck // closing the file does the same
	info, err := file.Stat()
	if err != nil || !l.Has(info) {
		return err
	}
	return os.Rename(l.path, l.path+".1")
}
