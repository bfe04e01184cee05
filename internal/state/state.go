// Package state keeps what llmls remembers between two runs: small records in a
// directory that only the user can read, and the log. Each record is a file, which
// is replaced as a whole, so that two servers lose nothing, and a process that is
// killed while it writes leaves the old record.
package state

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// maxRecord is the most that is read of a record, in bytes: several times the longest
// record that is read, and a bound for foreign files.
const maxRecord = 64 << 10

// Path returns llmls's own directory: $XDG_STATE_HOME/llmls if that is absolute,
// as the XDG base directory specification asks, else ~/.local/state/llmls, or
// %LocalAppData%\llmls, as Windows has no directory for state. It creates
// nothing. Pass os.LookupEnv.
func Path(lookup func(string) (string, bool)) (string, error) {
	if lookup == nil {
		return "", errors.New("finding a place for what llmls remembers: there is none")
	}
	if dir, _ := lookup("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "llmls"), nil
	}
	variable, below := "HOME", filepath.Join(".local", "state", "llmls")
	if runtime.GOOS == "windows" {
		variable, below = "LocalAppData", "llmls"
	}
	dir, _ := lookup(variable)
	if !filepath.IsAbs(dir) {
		return "", fmt.Errorf("finding a place for what llmls remembers: %s is not set to an absolute path", variable)
	}
	return filepath.Join(dir, below), nil
}

// A Dir is the directory. Each call finds and opens it again, because
// another process may have changed it; nothing is created before the first
// Write. Its methods may be called from any goroutine.
//
// A record has a kind, which is the folder it is in, and a name, which may hold
// any characters and be of any length.
type Dir struct {
	lookup func(string) (string, bool)
}

// New returns the directory at Path(lookup). Pass os.LookupEnv.
func New(lookup func(string) (string, bool)) Dir { return Dir{lookup} }

// Path returns the path of the directory, "" if there is none.
func (d Dir) Path() string {
	path, err := Path(d.lookup)
	if err != nil {
		return ""
	}
	return path
}

// File returns the path of a record, for messages.
func (d Dir) File(kind, name string) string {
	dir, err := Path(d.lookup)
	if err != nil {
		return kind
	}
	return filepath.Join(dir, kind, fileName(name))
}

// Name returns the name of the record whose file is at path, in any letter case on
// Windows, where the paths of URIs have other drive letters. ok is false if there can
// be none.
func (d Dir) Name(kind, path string) (name string, ok bool) {
	dir, err := Path(d.lookup)
	if err != nil {
		return "", false
	}
	got, want := filepath.Dir(path), filepath.Join(dir, kind)
	if got != want && !(runtime.GOOS == "windows" && strings.EqualFold(got, want)) {
		return "", false
	}
	return recordName(filepath.Base(path))
}

// Write replaces a record or makes a new one. Only the user can read its directory
// and its file, whatever the umask is and whatever was there.
func (d Dir) Write(kind, name string, data []byte) error {
	folder, err := d.ensure(kind)
	if err != nil {
		return err
	}
	defer folder.Close()
	sweep(folder)
	if err := replace(folder, fileName(name), data); err != nil {
		return fmt.Errorf("writing %s: %w", d.File(kind, name), err)
	}
	return nil
}

// Read returns a record, or an error with fs.ErrNotExist or ErrNotPrivate in its
// chain. It follows no link, and does not block on a FIFO.
func (d Dir) Read(kind, name string) ([]byte, error) {
	folder, err := d.open(kind)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	data, err := read(folder, fileName(name))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", d.File(kind, name), err)
	}
	return data, nil
}

func read(folder *os.Root, name string) ([]byte, error) {
	file, info, err := openRegular(folder, name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if !owned(info) || exposed(info) {
		return nil, ErrNotPrivate
	}
	data, err := io.ReadAll(io.LimitReader(file, maxRecord+1))
	if err == nil && len(data) > maxRecord {
		err = fmt.Errorf("it holds more than %d KiB", maxRecord>>10)
	}
	return data, err
}

// Remove forgets a record. It fails with fs.ErrNotExist if there is none.
func (d Dir) Remove(kind, name string) error {
	folder, err := d.open(kind)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Remove(fileName(name))
}

// List returns the names of the records of a kind, sorted by the names of their files.
// If a name was too long for a file, the name of the file is listed, which leads to the
// same record.
func (d Dir) List(kind string) ([]string, error) {
	folder, err := d.open(kind)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	entries, err := fs.ReadDir(folder.FS(), ".")
	var names []string
	for _, entry := range entries {
		if name, ok := recordName(entry.Name()); ok && entry.Type().IsRegular() {
			names = append(names, name)
		}
	}
	return names, err
}

// maxReplaced is how often a file may be replaced while it is opened. A writer can be
// faster a few times; only an attacker is each time.
const maxReplaced = 100

// errReplaced is the error for a file that was replaced between the check and the
// opening.
var errReplaced = errors.New("it was replaced meanwhile")

// openRegular opens a regular file that exists. It follows no link and does not
// block on a FIFO. If another process replaces the file meanwhile, it opens the new
// one.
func openRegular(folder *os.Root, name string, flag int) (file *os.File, info fs.FileInfo, err error) {
	for range maxReplaced {
		if file, info, err = openOnce(folder, name, flag); !errors.Is(err, errReplaced) {
			break
		}
	}
	return file, info, err
}

func openOnce(folder *os.Root, name string, flag int) (*os.File, fs.FileInfo, error) {
	named, err := folder.Lstat(name)
	if err != nil {
		return nil, nil, err
	}
	if err := regular(named); err != nil {
		return nil, nil, err
	}
	// Not blocking, in case it has become a pipe since.
	file, err := folder.OpenFile(name, flag|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err == nil && !os.SameFile(named, info) {
		err = errReplaced
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, info, nil
}

// regular returns what is wrong with a file that is not a regular one.
func regular(info fs.FileInfo) error {
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("it is a link: %w", ErrNotPrivate)
	case !info.Mode().IsRegular():
		return fmt.Errorf("it is no regular file: %w", ErrNotPrivate)
	}
	return nil
}
