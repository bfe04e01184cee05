// Package workspace reads the files of a workspace whose code may be sent along with
// a question. Each passes the same checks as a file that is asked about: it is a
// regular file inside the workspace, holds text, is not too large, and no rule
// forbids sending it.
package workspace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/llmls/llmls/internal/completion/related"
	"github.com/llmls/llmls/internal/ignore"
)

// Limits of one question.
const (
	maxFile  = 1 << 20 // bytes, of a file; larger ones are data, or generated
	maxNames = 20_000  // of a directory, in whatever order the disk has them
)

// Files are the files below a directory, for one question. It implements
// related.Source. It is for one goroutine.
type Files struct {
	ctx     context.Context
	root    *os.Root
	checker *ignore.Checker
	options Options
}

// Options are what Open needs.
type Options struct {
	Root    string   // absolute
	Folders []string // of the workspace, where the rules of ignore files begin
	Allow   []string // context.allow

	// Shelf keeps what was read, nil for nothing.
	Shelf *related.Shelf
	// Opened returns the text of a file that an editor has open. One that is
	// open may have no text that can be used. Nil if no editor is asked.
	Opened func(path string) (text string, usable, open bool)
	// OpenedOnly keeps what is not open in the editor from being read.
	OpenedOnly bool
}

// Open opens the directory. If it cannot be opened, only what an editor has open is
// read. Close gives it back. Once ctx is done, nothing more is read.
func Open(ctx context.Context, options *Options) *Files {
	f := &Files{ctx: ctx, checker: ignore.NewChecker(options.Allow), options: *options}
	var err error
	if f.root, err = os.OpenRoot(options.Root); err != nil {
		f.options.OpenedOnly = true
	}
	return f
}

// Close closes the directory. f must not be used after that.
func (f *Files) Close() {
	if f.root != nil {
		f.root.Close()
	}
}

// Notes returns sentences about ineffective lines of the ignore files that applied.
func (f *Files) Notes() []string { return f.checker.Notes() }

// File returns the file at p, below the root and with forward slashes, or nil.
func (f *Files) File(p string) *related.File {
	if f.ctx.Err() != nil || !filepath.IsLocal(filepath.FromSlash(p)) {
		return nil
	}
	if f.options.Opened != nil {
		if text, usable, open := f.options.Opened(p); open {
			if !usable || !f.maySend(p) {
				return nil
			}
			return related.NewFile(p, "", text)
		}
	}
	if f.options.OpenedOnly {
		return nil
	}
	info, err := f.root.Stat(filepath.FromSlash(p))
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxFile || info.Size() == 0 || !f.maySend(p) {
		return nil
	}
	stamp := info.ModTime().String() + strconv.FormatInt(info.Size(), 10)
	name := f.options.Root + "\x00" + p
	if f.options.Shelf != nil {
		if file, ok := f.options.Shelf.Get(name, stamp); ok {
			return file
		}
	}
	text, err := f.read(p, maxFile)
	if err != nil {
		return nil
	}
	file := related.NewFile(p, "", text)
	if f.options.Shelf != nil {
		f.options.Shelf.Put(name, stamp, file)
	}
	return file
}

func (f *Files) maySend(p string) bool { return f.check(p, p) == nil }

// check fails with a *completion.Error of kind Blocked if nothing of p, which a
// person calls name, may be sent.
func (f *Files) check(p, name string) error {
	file := filepath.Join(f.options.Root, filepath.FromSlash(p))
	return f.checker.Check(ignore.File{Path: file, Folders: f.options.Folders, Name: name})
}

var (
	errNotText  = errors.New("it is not UTF-8 text")
	errTooLarge = errors.New("it is too large")
	errUnfit    = errors.New("it is not a regular file")
)

// read returns the text of p, of at most limit bytes, without a byte-order mark.
func (f *Files) read(p string, limit int) (string, error) {
	// Without O_NONBLOCK, opening a FIFO waits for a writer.
	file, err := f.root.OpenFile(filepath.FromSlash(p), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", fmt.Errorf("reading related code: %w", err)
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", errUnfit
	}
	data, err := io.ReadAll(io.LimitReader(file, int64(limit)+1))
	switch {
	case err != nil:
		return "", errUnfit
	case len(data) > limit:
		return "", errTooLarge
	case !utf8.Valid(data):
		return "", errNotText
	}
	return strings.TrimPrefix(string(data), "\uFEFF"), nil
}

// Names returns the names of what is in a directory, sorted.
func (f *Files) Names(dir string) []string {
	if f.ctx.Err() != nil || f.options.OpenedOnly || !filepath.IsLocal(filepath.FromSlash(dir)) {
		return nil
	}
	file, err := f.root.OpenFile(filepath.FromSlash(dir), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	defer file.Close()
	var names []string
	for len(names) < maxNames {
		more, err := file.Readdirnames(1000)
		names = append(names, more...)
		if err != nil {
			break
		}
	}
	slices.Sort(names)
	return names
}

// RootOf returns the directory that a file belongs to on the command line: the
// repository that it is in, else the working directory if the file is below it,
// else its own; and the path of the file in it, with forward slashes.
func RootOf(file, workingDirectory string) (root, rel string) {
	root = filepath.Dir(file)
	if inside(workingDirectory, file) {
		root = workingDirectory
	}
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			root = dir
			break
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	if r, err := filepath.Rel(root, file); err == nil {
		rel = filepath.ToSlash(r)
	}
	return root, path.Clean(rel)
}

func inside(dir, file string) bool {
	rel, err := filepath.Rel(dir, file)
	return err == nil && filepath.IsLocal(rel)
}
