package ignore

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
)

const (
	// maxFile is the largest file of rules that is read, far above any real one.
	maxFile = 256 << 10
	// openFlags keep a FIFO from being waited for.
	openFlags = os.O_RDONLY | syscall.O_NONBLOCK
)

var (
	errNotRegular = errors.New("it is not a regular file")
	errTooLarge   = errors.New("it is larger than 256 KiB")
)

// read reads the patterns in a file, of which there are none if it does not
// exist.
func read(open func(name string) (*os.File, error), name string) (Patterns, error) {
	file, err := open(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return nil, nil
	case err != nil:
		return nil, cause(err)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, cause(err)
	case !info.Mode().IsRegular():
		return nil, errNotRegular
	}
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return nil, cause(err)
	case len(data) > maxFile:
		return nil, errTooLarge
	}
	return Parse(string(data)), nil
}

// cause drops the absolute path that an *os.PathError holds.
func cause(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}
