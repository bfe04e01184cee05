//go:build unix

package setup

import (
	"io/fs"
	"os"
	"syscall"
)

// links returns how many names a file has.
func links(info fs.FileInfo) int {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 1
	}
	return int(stat.Nlink)
}

// keepOwner gives the file at path, which info is of, the owner and the group
// that old has.
func keepOwner(path string, info, old fs.FileInfo) error {
	has, ok := info.Sys().(*syscall.Stat_t)
	wants, okOld := old.Sys().(*syscall.Stat_t)
	if !ok || !okOld || has.Uid == wants.Uid && has.Gid == wants.Gid {
		return nil
	}
	return os.Chown(path, int(wants.Uid), int(wants.Gid))
}
