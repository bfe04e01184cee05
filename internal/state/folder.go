package state

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
)

// ErrLocked is in the chain of Edit's error if another process, or another call, has the
// record open.
var ErrLocked = errLocked

// Edit opens a record to read and write it, at its start, and creates it if it is
// missing. It holds a lock until the file is closed, which the end of the process does,
// too. It fails with ErrLocked if the record is locked.
func (d Dir) Edit(kind, name string) (*os.File, error) {
	folder, err := d.ensure(kind)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	log := Log{path: d.File(kind, name), ours: true}
	file, err := log.openIn(folder, fileName(name), os.O_RDWR)
	if err == nil {
		if err = tryLock(file); err != nil {
			err = errors.Join(err, file.Close())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", d.File(kind, name), err)
	}
	return file, nil
}

// Has reports whether file is the record of that name, and not one that was
// removed, or that somebody replaced.
func (d Dir) Has(kind, name string, file *os.File) bool {
	info, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(d.File(kind, name))
	return err == nil && os.SameFile(info, named)
}

// A Folder is the records of one kind, opened once to read many of them. It may be
// used by several goroutines. Close gives it back.
type Folder struct{ root *os.Root }

// Open opens the records of a kind. It fails with fs.ErrNotExist if there are none.
func (d Dir) Open(kind string) (*Folder, error) {
	root, err := d.open(kind)
	if err != nil {
		return nil, err
	}
	return &Folder{root}, nil
}

// Close closes f, which must not be used after that.
func (f *Folder) Close() { f.root.Close() }

// Names returns the names of the records, sorted. It goes by names alone: not each need
// be that of a regular file.
func (f *Folder) Names() ([]string, error) {
	dir, err := f.root.Open(".")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	files, err := dir.Readdirnames(-1)
	var names []string
	for _, file := range files {
		if name, ok := recordName(file); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, err
}

// Stat describes the file of a record, which need not be a regular one.
func (f *Folder) Stat(name string) (fs.FileInfo, error) { return f.root.Lstat(fileName(name)) }

// Read returns the first limit bytes of a record. What is no regular file is neither
// followed nor waited for. One that an editor saved so that others could read it is
// read all the same: nobody else can enter the folder.
func (f *Folder) Read(name string, limit int64) ([]byte, error) {
	file, info, err := openRegular(f.root, fileName(name), os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if !owned(info) {
		return nil, ErrNotPrivate
	}
	data := make([]byte, min(info.Size(), limit))
	n, err := io.ReadFull(file, data)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) { // it became shorter
		err = nil
	}
	return data[:n], err
}

// Remove forgets a record. It fails with fs.ErrNotExist if there is none.
func (f *Folder) Remove(name string) error { return f.root.Remove(fileName(name)) }
