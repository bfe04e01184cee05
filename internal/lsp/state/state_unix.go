//go:build !windows

package state

import (
	"io/fs"
	"os"
	"syscall"

	"github.com/google/renameio/v2"
)

// owned tells whether the user owns a file.
func owned(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// exposed tells whether a file can be read or written by others.
func exposed(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

// private takes a directory of the user's away from everybody else.
func private(dir *os.Root) error {
	info, err := dir.Stat(".")
	if err != nil {
		return err
	}
	if !owned(info) {
		return errForeign
	}
	if !exposed(info) {
		return nil
	}
	return dir.Chmod(".", dirPerm)
}

// replace gives a file in dir new contents, all at once.
func replace(dir *os.Root, name string, data []byte) error {
	file, err := renameio.NewPendingFile(name, renameio.WithRoot(dir), renameio.WithStaticPermissions(filePerm))
	if err != nil {
		return err
	}
	defer file.Cleanup() //nolint:errcheck // nothing is left to clean up after success
	if _, err := file.Write(data); err != nil {
		return err
	}
	return file.CloseAtomicallyReplace()
}
