// Package state keeps what llmls remembers for its user between two runs: small
// records in a directory that nobody else can read. There is one file for each
// record and each is replaced as a whole, so that two servers lose nothing and
// need no lock, and whoever is killed while writing leaves the old record.
package state

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const (
	dirPerm  fs.FileMode = 0o700
	filePerm fs.FileMode = 0o600

	// maxRecord is the most that a record may hold, in bytes: twice the longest
	// key, and a bound for what somebody else put there.
	maxRecord = 64 << 10
	// stale is the age at which a temporary file has no writer any more: writing
	// a record takes milliseconds.
	stale = time.Minute
)

// ErrNotPrivate is in the chain of the error for a record that is no regular
// file of the user's, or that others can read or write: what it says may not be
// the user's, or no secret any more.
var ErrNotPrivate = errors.New("others have access to it")

// errForeign is for a directory that is not the user's.
var errForeign = errors.New("it belongs to somebody else")

// Path returns llmls's own directory: $XDG_STATE_HOME/llmls if that is absolute,
// as the XDG base directory specification asks, else ~/.local/state/llmls, or
// %LocalAppData%\llmls, as Windows has no directory for state. It creates
// nothing. Pass os.LookupEnv.
func Path(lookup func(string) (string, bool)) (string, error) {
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

// A Dir is the directory. It is found and opened anew by each call, because
// another process may have changed it; nothing is created before the first
// Write. Its methods may be called from any goroutine.
//
// A record has a kind, which is the folder it is in, and a name, which may hold
// any characters.
type Dir struct {
	lookup func(string) (string, bool)
}

// New returns the directory that Path tells. Pass os.LookupEnv.
func New(lookup func(string) (string, bool)) Dir { return Dir{lookup} }

// File returns the path of a record, for messages.
func (d Dir) File(kind, name string) string {
	dir, err := Path(d.lookup)
	if err != nil {
		return kind
	}
	return filepath.Join(dir, kind, fileName(name))
}

// Write replaces a record or makes a new one. Directory and file can be read by
// nobody but the user, whatever the umask is and whatever stood there.
func (d Dir) Write(kind, name string, data []byte) error {
	err := d.create(kind)
	if err != nil {
		return fmt.Errorf("making a place to remember in: %w", err)
	}
	folder, err := d.open(kind)
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

// Read returns a record, or an error with fs.ErrNotExist or ErrNotPrivate in
// its chain. What is no regular file is neither followed nor waited for.
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

// Remove forgets a record. It fails with fs.ErrNotExist if there is none.
func (d Dir) Remove(kind, name string) error {
	folder, err := d.open(kind)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Remove(fileName(name))
}

// List returns the names of the records of a kind, sorted by their escaped
// form. There may be none.
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
		if name, err := url.QueryUnescape(entry.Name()); err == nil && entry.Type().IsRegular() && !isTemporary(entry.Name()) {
			names = append(names, name)
		}
	}
	return names, err
}

// fileName is the name of a record as every file system takes it, and not one
// of a temporary file.
func fileName(name string) string {
	escaped := url.QueryEscape(name)
	if rest, ok := strings.CutPrefix(escaped, "."); ok {
		return "%2E" + rest
	}
	return escaped
}

// create makes the folder of a kind, with all that is missing above it. It is
// not MkdirAll, whose directories cannot be entered under some umasks.
func (d Dir) create(kind string) error {
	dir, err := Path(d.lookup)
	if err != nil {
		return err
	}
	return mkdir(filepath.Join(dir, kind))
}

func mkdir(path string) error {
	err := os.Mkdir(path, dirPerm)
	if errors.Is(err, fs.ErrNotExist) && filepath.Dir(path) != path {
		if err := mkdir(filepath.Dir(path)); err != nil {
			return err
		}
		err = os.Mkdir(path, dirPerm)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil // open looks at what it is
	}
	if err != nil {
		return err
	}
	return os.Chmod(path, dirPerm) // the umask may have taken too much
}

// open opens the folder of a kind and makes it and the directory above private.
func (d Dir) open(kind string) (*os.Root, error) {
	dir, err := Path(d.lookup)
	if err != nil {
		return nil, err
	}
	// The directory itself may be a link, as some keep their files elsewhere; it
	// must be the user's own, and what it leads to is checked like any other.
	if info, err := os.Lstat(dir); err != nil {
		return nil, err
	} else if !owned(info) {
		return nil, fmt.Errorf("opening %s: %w", dir, errForeign)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if err := private(root); err != nil {
		return nil, fmt.Errorf("opening %s: %w", dir, err)
	}
	if info, err := root.Lstat(kind); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("opening %s: no directory", filepath.Join(dir, kind))
	}
	folder, err := root.OpenRoot(kind)
	if err != nil {
		return nil, err
	}
	if err := private(folder); err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", filepath.Join(dir, kind), err), folder.Close())
	}
	return folder, nil
}

func read(folder *os.Root, name string) ([]byte, error) {
	info, err := folder.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("no regular file: %w", ErrNotPrivate)
	}
	// Not blocking, in case it has become a pipe since.
	file, err := folder.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	opened, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !opened.Mode().IsRegular() || !owned(opened) || exposed(opened) {
		return nil, ErrNotPrivate
	}
	data, err := io.ReadAll(io.LimitReader(file, maxRecord+1))
	if err == nil && len(data) > maxRecord {
		err = fmt.Errorf("it holds more than %d KiB", maxRecord>>10)
	}
	return data, err
}

// isTemporary recognises the names under which replace writes.
func isTemporary(name string) bool { return strings.HasPrefix(name, ".") }

// sweep removes what writers that were killed left behind.
func sweep(folder *os.Root) {
	entries, _ := fs.ReadDir(folder.FS(), ".") // the next one tries again
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && isTemporary(entry.Name()) && time.Since(info.ModTime()) > stale {
			_ = folder.Remove(entry.Name()) // another process may have done so
		}
	}
}
