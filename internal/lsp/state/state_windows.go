package state

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
)

// Windows keeps %LocalAppData% to its user by access control lists, which what
// is made in it inherits. Permission bits say nothing there.

func owned(fs.FileInfo) bool { return true }

func exposed(fs.FileInfo) bool { return false }

func private(*os.Root) error { return nil }

// replace gives a file in dir new contents, all at once. The library that does
// so elsewhere promises nothing on Windows, and is not built there.
func replace(dir *os.Root, name string, data []byte) error {
	temporary := "." + name + rand.Text()
	err := dir.WriteFile(temporary, data, filePerm)
	if err == nil {
		err = dir.Rename(temporary, name)
	}
	if err != nil {
		return errors.Join(err, dir.Remove(temporary))
	}
	return nil
}
