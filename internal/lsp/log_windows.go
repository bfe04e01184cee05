package lsp

import (
	"os"
)

// setAside moves the log, which is full, to path.1. Windows does not move a file
// that is open: while another server has it, it stays and grows.
func setAside(file *os.File, path string) error {
	if err := file.Close(); err != nil {
		return err
	}
	_ = os.Rename(path, path+".1")
	return nil
}
