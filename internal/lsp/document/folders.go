package document

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
)

// maxFile bounds a file that is read from disk, in bytes: far above any source
// file, far below the memory that llmls may use.
const maxFile = 16 << 20

// maxFolders bounds the folders of the workspace. Further ones count as no folders:
// files in them are not read from disk, and the ignore files above them apply.
const maxFolders = 1000

// Why a file is not read. The error for a missing one is fs.ErrNotExist.
var (
	ErrOutside    = errors.New("it is not in a folder of the workspace")
	ErrNotRegular = errors.New("it is not a regular file")
	ErrTooLarge   = errors.New("it is larger than 16 MiB")
)

// Folders are the folders of the workspace: the only places from which files
// are read that are not open. Safe for concurrent use; the zero value has none.
//
// No directory is held open: each read opens its folder as an os.Root and
// closes it again, so that a folder can be removed or replaced meanwhile.
type Folders struct {
	mu   sync.RWMutex
	list []uri.URI // clean; changed by replacement only
}

// Set replaces all folders.
func (f *Folders) Set(folders []protocol.WorkspaceFolder) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = cleaned(folders)
}

// Change removes and adds folders, as workspace/didChangeWorkspaceFolders says.
func (f *Folders) Change(added, removed []protocol.WorkspaceFolder) {
	gone := map[uri.URI]bool{}
	for _, folder := range removed {
		gone[Key(folder.URI)] = true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := slices.DeleteFunc(slices.Clone(f.list), func(u uri.URI) bool { return gone[Key(u)] })
	kept = append(kept, cleaned(added)...)
	f.list = kept[:min(len(kept), maxFolders)]
}

// ReadFile reads the file u, for a client that counts positions in enc. Only
// regular files inside a folder are read: os.Root lets neither ".." nor a
// symbolic link lead out of it, and a FIFO does not block. A byte-order mark is
// dropped, as editors do. Errors never name a place outside the workspace.
func (f *Folders) ReadFile(u uri.URI, enc Encoding) (*Document, error) {
	name := clean(u)
	folder, rel, ok := f.find(name)
	if !ok {
		return nil, fmt.Errorf("read %s: %w", base(u), ErrOutside)
	}
	data, err := readRegular(folder.FsPath(), filepath.FromSlash(rel))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", rel, err)
	}
	return &Document{
		URI: u, LanguageID: LanguageID(name.Path(), string(data[:min(len(data), 16<<10)])), Version: NoVersion,
		Text: NewText(strings.TrimPrefix(string(data), "\uFEFF")), enc: enc,
	}, nil
}

// Name returns what the first folder is called, or "" if there is none.
func (f *Folders) Name() string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if len(f.list) == 0 {
		return ""
	}
	return base(f.list[0])
}

// RelPath returns the path of u inside its folder, with forward slashes. What
// is in no folder is called by its base name only, and what has no name, "".
func (f *Folders) RelPath(u uri.URI) string {
	if _, rel, ok := f.find(clean(u)); ok {
		return rel
	}
	return Name(u)
}

// Locate returns the folder that holds the file u, in the form of the operating
// system, and the path of u inside it, with forward slashes.
func (f *Folders) Locate(u uri.URI) (folder, rel string, ok bool) {
	dir, rel, ok := f.find(clean(u))
	if !ok {
		return "", "", false
	}
	return dir.FsPath(), rel, true
}

// Paths returns the paths of all folders, in the form of the operating system.
func (f *Folders) Paths() []string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	paths := make([]string, len(f.list))
	for i, folder := range f.list {
		paths[i] = folder.FsPath()
	}
	return paths
}

// find returns the innermost folder that holds the file name, and the path of
// the file inside it.
func (f *Folders) find(name uri.URI) (folder uri.URI, rel string, ok bool) {
	f.mu.RLock()
	list := f.list
	f.mu.RUnlock()
	if !name.IsFile() {
		return "", "", false
	}
	for _, dir := range list {
		r, in := inside(dir.Path(), name.Path())
		if !in || name.Authority() != dir.Authority() {
			continue
		}
		if !ok || len(r) < len(rel) {
			folder, rel, ok = dir, r, true
		}
	}
	return folder, rel, ok
}

func readRegular(dir, name string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, cause(err)
	}
	defer root.Close()
	// Without O_NONBLOCK, opening a FIFO waits for a writer.
	file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, cause(err)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, cause(err)
	case !info.Mode().IsRegular():
		return nil, ErrNotRegular
	case info.Size() > maxFile:
		return nil, ErrTooLarge
	}
	// A file may grow while it is read.
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, cause(err)
	}
	if len(data) > maxFile {
		return nil, ErrTooLarge
	}
	return data, nil
}

// cause drops the absolute path that an *os.PathError holds.
func cause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

func cleaned(folders []protocol.WorkspaceFolder) []uri.URI {
	var list []uri.URI
	for _, folder := range folders {
		if len(folder.URI) > MaxURI || len(list) == maxFolders {
			continue
		}
		if u := clean(folder.URI); u.IsFile() {
			list = append(list, clone(u))
		}
	}
	return list
}

// base returns the last element of the path of u.
func base(u uri.URI) string { return path.Base(clean(u).Path()) }
