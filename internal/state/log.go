package state

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A Log is a file that several processes append to, and that is renamed when it is
// full.
type Log struct {
	path string
	open func() (*os.Root, error) // the directory it is in, made if it is missing
	ours bool                     // it is in the directory of llmls
}

// Log returns the log of that name in the directory itself.
func (d Dir) Log(name string) (*Log, error) {
	dir, err := Path(d.lookup)
	if err != nil {
		return nil, err
	}
	return &Log{path: filepath.Join(dir, name), ours: true, open: func() (*os.Root, error) { return d.ensure("") }}, nil
}

// LogAt returns a log at a path that the user chose, which is absolute. Links in it
// are followed, and the permissions of an existing file stay.
func LogAt(path string) *Log {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // it is renamed, not the link
	}
	return &Log{path: path, open: func() (*os.Root, error) {
		if err := mkdir(filepath.Dir(path)); err != nil {
			return nil, err
		}
		return os.OpenRoot(filepath.Dir(path))
	}}
}

// Path returns the path of the log.
func (l *Log) Path() string { return l.path }

// Open opens the log to append to it, and makes it if it is missing. A log in
// the directory of llmls is private then.
func (l *Log) Open() (*os.File, error) {
	folder, err := l.open()
	if err != nil {
		return nil, fmt.Errorf("finding the place of the log: %w", err)
	}
	defer folder.Close()
	file, err := l.openIn(folder, filepath.Base(l.path), os.O_APPEND|os.O_WRONLY)
	if err != nil {
		return nil, fmt.Errorf("opening the log %s: %w", l.path, err)
	}
	return file, nil
}

// openIn tries again if another process renamed the log meanwhile.
func (l *Log) openIn(folder *os.Root, name string, flag int) (file *os.File, err error) {
	const attempts = 20 // each is lost only to one more rotation
	for range attempts {
		file, err = l.openOnce(folder, name, flag)
		if !errors.Is(err, errReplaced) && !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	return file, err
}

func (l *Log) openOnce(folder *os.Root, name string, flag int) (*os.File, error) {
	file, err := makeFile(folder, name, flag)
	if !errors.Is(err, fs.ErrExist) {
		return file, err
	}
	file, info, err := openRegular(folder, name, flag)
	switch {
	case errors.Is(err, fs.ErrNotExist): // it was renamed just now
		return makeFile(folder, name, flag)
	case errors.Is(err, ErrNotPrivate):
		return nil, fmt.Errorf("%w; remove it, or set logFile to another file", err)
	case err != nil || !l.ours:
		return file, err
	case !owned(info):
		err = errForeign
	case links(info) > 1:
		err = errors.New("it has a second name, by a hard link; remove it, or set logFile to another file")
	case exposed(info):
		err = file.Chmod(filePerm) // it is older than this rule
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// Has reports whether file is still the log, and was neither renamed nor removed.
func (l *Log) Has(file fs.FileInfo) bool {
	named, err := os.Lstat(l.path)
	return err == nil && os.SameFile(file, named)
}
