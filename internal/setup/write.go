package setup

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/llmls/llmls/internal/diff"
)

// maxFile bounds a configuration file, in bytes: a thousand times what people write.
const maxFile = 8 << 20

// A Change is what adding a part does to its file.
type Change struct {
	Path     string
	Old, New string // byte for byte; Old is "" for a file that does not exist

	target string // Path, or the file that Path leads to if it is a link
	info   fs.FileInfo
	lines  []diff.Line
}

// Plan reads the part's file and returns what adding the part would change;
// nothing is written. If Old and New are the same nothing is missing. What stays
// keeps its line ends, and what is added has those that most of the file has.
func (p *Part) Plan() (*Change, error) {
	c := &Change{Path: p.Path}
	if p.Path != "" {
		if err := c.read(); err != nil {
			return nil, err
		}
	}
	lines := readLines(c.Old)
	old := lines.text()
	merged, err := p.Merge(old)
	if err != nil {
		return nil, err
	}
	c.lines = diff.All(old, merged)
	c.New = lines.changed(c.lines)
	return c, nil
}

// read reads the file. It fails if replacing the file would lose more than its text, such
// as another name of it.
func (c *Change) read() error {
	c.target, c.info, c.Old = c.Path, nil, ""
	// Configuration often is a link into a repository: the link stays.
	target, err := filepath.EvalSymlinks(c.Path)
	if errors.Is(err, fs.ErrNotExist) {
		if leads, err := os.Readlink(c.Path); err == nil {
			return fmt.Errorf("it is a link to %s, which does not exist: make that file, or remove the link", leads)
		}
		return nil
	}
	if err != nil {
		return err
	}
	c.target = target
	file, err := os.OpenFile(target, os.O_RDONLY|syscall.O_NONBLOCK, 0) // else opening a FIFO would block
	if err != nil {
		return err
	}
	defer file.Close()
	if c.info, err = file.Stat(); err != nil {
		return err
	}
	switch {
	case !c.info.Mode().IsRegular():
		return errors.New("it is no regular file")
	case c.info.Mode().Perm()&0o200 == 0:
		return errors.New("it is write-protected: lift that, or add what is printed without --write by hand")
	case links(c.info) > 1:
		return errors.New("it has a second name, by a hard link, which would be cut: add what is printed without --write by hand")
	}
	raw, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return err
	case len(raw) > maxFile:
		return fmt.Errorf("it is larger than %d MiB", maxFile>>20)
	case strings.ContainsRune(string(raw), 0):
		return errors.New("it is not UTF-8: save it as that first")
	}
	c.Old = string(raw)
	return nil
}

// Write makes the change: the file is replaced as a whole, or not at all, and keeps
// its permissions and its owner. It fails if the file has changed since Plan read
// it. Callers that may run at the same time must take a lock before Plan.
func (c *Change) Write() error {
	if err := mkdir(filepath.Dir(c.target)); err != nil {
		return err
	}
	temporary := filepath.Join(filepath.Dir(c.target), ".llmls-"+rand.Text()+".tmp")
	defer func() { _ = os.Remove(temporary) }()                                   // unless it has become the file
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // as editors create it
	if err != nil {
		return err
	}
	_, err = file.WriteString(c.New)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := c.keepAttributes(temporary); err != nil {
		return err
	}
	now := &Change{Path: c.Path}
	if err := now.read(); err != nil {
		return err
	}
	if now.target != c.target || now.Old != c.Old || (now.info == nil) != (c.info == nil) {
		return fmt.Errorf("%s was changed meanwhile, and stays as it is: run this again", c.Path)
	}
	return os.Rename(temporary, c.target)
}

// keepAttributes gives the file at path the owner and the permissions of the one
// that it replaces; a new one can be read by its owner whatever the umask.
func (c *Change) keepAttributes(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	mode := info.Mode().Perm() | 0o600
	if c.info != nil {
		mode = c.info.Mode().Perm()
		if err := keepOwner(path, info, c.info); err != nil {
			return fmt.Errorf("keeping the owner of %s: %w", c.Path, err)
		}
	}
	return os.Chmod(path, mode)
}

// mkdir makes a directory with all that is missing above it, as editors do, and
// one that can be entered whatever the umask.
func mkdir(path string) error {
	if exists(path) {
		return nil
	}
	if err := mkdir(filepath.Dir(path)); err != nil {
		return err
	}
	err := os.Mkdir(path, 0o755) //nolint:gosec // as editors create it
	if errors.Is(err, fs.ErrExist) && exists(path) {
		return nil // another process made it
	}
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return os.Chmod(path, info.Mode().Perm()|0o700)
}
