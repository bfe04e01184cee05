package state

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// Only this package opens what is below the directory of llmls. It follows no symbolic
// link there; a file has to be a regular one that the user owns; directories get mode
// 0700 and files 0600, whatever the umask is and whatever was there.

const (
	dirPerm  fs.FileMode = 0o700
	filePerm fs.FileMode = 0o600

	// stale is the age from which the writer of a temporary file has certainly
	// locked it, or is gone.
	stale = time.Minute

	// maxName bounds the name of a file, in bytes: what eCryptfs allows, which
	// allows least (143, see ecryptfs-utils), less what rotation adds.
	maxName = 140
)

// ErrNotPrivate is in the chain of the error for a file that is not regular, that
// another user owns, or that others can read or write: its contents may not come
// from the user, or may no longer be secret.
var ErrNotPrivate = errors.New("it is not its user's alone")

// errForeign is for a directory that is not the user's.
var errForeign = errors.New("it belongs to somebody else")

// mkdir makes a directory with all that is missing above it. It is not MkdirAll,
// whose directories cannot be entered under some umasks.
func mkdir(path string) error {
	err := os.Mkdir(path, dirPerm)
	if errors.Is(err, fs.ErrNotExist) && filepath.Dir(path) != path {
		if err := mkdir(filepath.Dir(path)); err != nil {
			return err
		}
		err = os.Mkdir(path, dirPerm)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil // the caller checks what it is when it opens it
	}
	if err != nil {
		return err
	}
	return os.Chmod(path, dirPerm) // the umask may have taken too much
}

// ensure opens the folder of a kind, "" for the directory itself, and makes what
// is missing.
func (d Dir) ensure(kind string) (*os.Root, error) {
	dir, err := Path(d.lookup)
	if err != nil {
		return nil, err
	}
	if err := mkdir(dir); err != nil {
		return nil, fmt.Errorf("making a place to remember in: %w", err)
	}
	root, err := d.open("")
	if err != nil || kind == "" {
		return root, err
	}
	defer root.Close()
	// Below the opened directory: it may be a link by now.
	switch err := root.Mkdir(kind, dirPerm); {
	case err == nil:
		if err := root.Chmod(kind, dirPerm); err != nil { // as in mkdir
			return nil, err
		}
	case !errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("making a place to remember in: %w", err)
	}
	return openKind(root, kind)
}

// open opens the folder of a kind, "" for the directory itself. Both are made
// private if they are not; each file in them is checked when it is opened.
func (d Dir) open(kind string) (*os.Root, error) {
	dir, err := Path(d.lookup)
	if err != nil {
		return nil, err
	}
	root, err := openPrivate(place{dir, os.Lstat, os.Chmod, os.OpenRoot})
	if err != nil || kind == "" {
		return root, err
	}
	defer root.Close()
	return openKind(root, kind)
}

func openKind(root *os.Root, kind string) (*os.Root, error) {
	folder, err := openPrivate(place{kind, root.Lstat, root.Chmod, root.OpenRoot})
	if err != nil {
		return nil, fmt.Errorf("in %s: %w", root.Name(), err)
	}
	return folder, nil
}

// A place is the name of a directory, and how to get at it.
type place struct {
	name  string
	lstat func(string) (fs.FileInfo, error)
	chmod func(string, fs.FileMode) error
	open  func(string) (*os.Root, error)
}

func openPrivate(p place) (*os.Root, error) {
	named, err := p.lstat(p.name)
	if err != nil {
		return nil, err
	}
	switch {
	case named.Mode()&fs.ModeSymlink != 0:
		err = errors.New("it is a link, and llmls follows none there; remove it, and set XDG_STATE_HOME if all of this is to be elsewhere")
	case !named.IsDir():
		err = errors.New("it is no directory; remove it")
	case !owned(named):
		err = errForeign
	case named.Mode().Perm()&dirPerm != dirPerm && permissions: // or it could not be opened
		err = p.chmod(p.name, dirPerm)
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", p.name, err)
	}
	root, err := p.open(p.name)
	if err != nil {
		return nil, err
	}
	opened, err := root.Stat(".")
	switch {
	case err != nil:
	case !os.SameFile(named, opened):
		err = errReplaced
	case exposed(opened):
		err = root.Chmod(".", dirPerm)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", p.name, err), root.Close())
	}
	return root, nil
}

// makeFile makes a file that was not there.
func makeFile(folder *os.Root, name string, flag int) (*os.File, error) {
	file, err := folder.OpenFile(name, flag|os.O_CREATE|os.O_EXCL, filePerm)
	if err != nil {
		return nil, err
	}
	if err := file.Chmod(filePerm); err != nil { // the umask may have taken too much
		return nil, errors.Join(err, file.Close(), folder.Remove(name))
	}
	return file, nil
}

// replace gives a file new contents, all at once.
func replace(folder *os.Root, name string, data []byte) error {
	temporary := ".llmls-" + rand.Text() + ".tmp"
	file, err := makeFile(folder, temporary, os.O_WRONLY)
	if err != nil {
		return err
	}
	_ = tryLock(file) // a file system without locks is not swept either
	_, err = file.Write(data)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(err, folder.Remove(temporary))
	}
	if err := folder.Rename(temporary, name); err != nil {
		return errors.Join(err, folder.Remove(temporary))
	}
	return nil
}

// isTemporary reports whether replace writes under such names. They differ from the
// names of the swap and lock files that editors keep beside an answer.
func isTemporary(name string) bool {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	random, isOurs := strings.CutPrefix(name, ".llmls-")
	random, isTemp := strings.CutSuffix(random, ".tmp")
	return isOurs && isTemp && len(random) == 26 && strings.Trim(random, digits) == ""
}

// sweep removes the temporary files of writers that are gone: a running writer holds
// a lock on its file.
func sweep(folder *os.Root) {
	entries, _ := fs.ReadDir(folder.FS(), ".") // the next sweep tries again
	for _, entry := range entries {
		if !isTemporary(entry.Name()) {
			continue
		}
		file, info, err := openRegular(folder, entry.Name(), os.O_RDONLY)
		if err != nil {
			continue
		}
		if time.Since(info.ModTime()) > stale && tryLock(file) == nil {
			_ = folder.Remove(entry.Name()) // another process may have done so
		}
		file.Close()
	}
}

// cutName is the name of a file whose record has a longer one: the beginning of
// that, a digest of all of it, and what it ends in, which editors go by. To compile
// it takes 2 ms, for which each start would wait.
var cutName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[^=]{0,100}=[0-9a-f]{32}(\.[a-z]{1,4})?$`)
})

// fileName returns the name of a record's file: one that every file system allows,
// and not that of a temporary file. A name that it returned for a long one is
// returned unchanged.
func fileName(name string) string {
	if cutName().MatchString(name) {
		return name
	}
	escaped := url.QueryEscape(name) // leaves no "="
	if rest, ok := strings.CutPrefix(escaped, "."); ok {
		escaped = "%2E" + rest
	}
	if len(escaped) <= maxName {
		return escaped
	}
	digest := sha256.Sum256([]byte(name))
	cut := escaped[:100] + "=" + hex.EncodeToString(digest[:16])
	if withEnd := cut + filepath.Ext(name); cutName().MatchString(withEnd) {
		return withEnd
	}
	return cut
}

// recordName returns the name of the record that a file holds. It reports false for
// a file that is not a record, such as an editor's swap file.
func recordName(file string) (string, bool) {
	if cutName().MatchString(file) {
		return file, true
	}
	name, err := url.QueryUnescape(file)
	return name, err == nil && fileName(name) == file
}
