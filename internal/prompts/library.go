package prompts

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// MaxPrompts is how many files of a directory are read.
	MaxPrompts = 1000
	// maxForeign is how many files of a repository's directory are read: their
	// number is not the person's choice.
	maxForeign = 100
	// maxKept is how many files are remembered at most.
	maxKept = MaxPrompts + 5*maxForeign
	// racy is how long after its modification time a file is read again each time:
	// until then it may change without a new modification time (file systems have
	// resolutions of up to 2 s).
	racy = 2 * time.Second
)

// A Library reads directories of prompts and caches their files until they change.
// The zero value is ready, and safe for concurrent use.
type Library struct {
	mu   sync.Mutex
	read map[string]*entry // by path
}

// An entry is a file as it was when it was last read.
type entry struct {
	size   int64
	time   time.Time
	seen   time.Time
	prompt *Prompt
	err    error
}

// A Problem is a file that cannot be read as a prompt.
type Problem struct {
	Path string
	Err  error // for a person
}

// Sentence returns the path and the error in one line.
func (p *Problem) Sentence() string { return fmt.Sprintf("%s is no prompt: %v", p.Path, p.Err) }

// Dir returns the directory of a person's own prompts, beside config.toml.
// configuration is the path of config.toml, "" if there is none; then Dir returns "".
func Dir(configuration string) string {
	if configuration == "" {
		return ""
	}
	return filepath.Join(filepath.Dir(configuration), "prompts")
}

// Own returns the prompts in dir, sorted by name, and the files there that cannot be
// read as prompts. A directory that does not exist has neither.
func (l *Library) Own(dir string) ([]Prompt, []Problem) {
	if dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, []Problem{{Path: dir, Err: fmt.Errorf("the directory cannot be read: %w", reason(err))}}
	}
	var list []Prompt
	var problems []Problem
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".md")
		if !ok || name == "" || name[0] == '.' {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if len(list) >= MaxPrompts {
			problems = append(problems, Problem{path, fmt.Errorf("%d others count; remove some", MaxPrompts)})
			break
		}
		p, err := l.load(path, name, own, osFiles{})
		if err != nil {
			problems = append(problems, Problem{path, err})
			continue
		}
		list = append(list, *p)
	}
	return list, problems
}

// Repository returns the prompts of the repository at root, sorted by name, and the
// files there that cannot be read as prompts. The caller has to ask for consent
// before it uses one.
func (l *Library) Repository(root string) ([]Prompt, []Problem) {
	root, dir := openRepository(root)
	if dir == nil {
		return nil, nil // the folder does not exist any more
	}
	defer dir.Close()
	var list []Prompt
	var problems []Problem
	for _, place := range []struct {
		dir, suffix string
		form        form
	}{{".llmls/prompts", ".md", repository}, {".github/prompts", ".prompt.md", foreign}} {
		folder := filepath.FromSlash(place.dir)
		names := namesIn(dir, folder, place.suffix)
		for i, file := range names {
			rel := filepath.Join(folder, file)
			path, name := filepath.Join(root, rel), strings.TrimSuffix(file, place.suffix)
			if i >= maxForeign {
				problems = append(problems, Problem{path, fmt.Errorf("%d others of that directory count", maxForeign)})
				break
			}
			if slices.ContainsFunc(list, func(p Prompt) bool { return p.Name == name }) {
				continue
			}
			p, err := l.load(path, name, place.form, rootFiles{dir, rel})
			if err != nil {
				problems = append(problems, Problem{path, err})
				continue
			}
			of := *p
			of.Repository = root
			list = append(list, of)
		}
	}
	slices.SortFunc(list, func(a, b Prompt) int { return cmp.Compare(a.Name, b.Name) })
	return list, problems
}

// openRepository opens the directory of a repository, and returns its path without links:
// consent is about that path. It returns nil if there is no such directory.
func openRepository(root string) (path string, dir *os.Root) {
	path, err := filepath.EvalSymlinks(root)
	if err != nil {
		return root, nil
	}
	if dir, err = os.OpenRoot(path); err != nil {
		return path, nil
	}
	return path, dir
}

// RepositoryOf returns the directory of the repository that a file belongs to, by the
// path of the file alone: a prompt is two directories below it.
func RepositoryOf(path string) string {
	dir := filepath.Dir(path)
	for _, place := range []string{".llmls", ".github"} {
		if root, ok := strings.CutSuffix(dir, filepath.Join(string(filepath.Separator)+place, "prompts")); ok {
			return root
		}
	}
	return dir
}

// namesIn returns the names of the files in a folder that end in suffix, sorted.
func namesIn(dir *os.Root, folder, suffix string) []string {
	file, err := dir.OpenFile(folder, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	defer file.Close()
	const maxNames = 10_000 // a repository may have any number
	all, _ := file.Readdirnames(maxNames)
	names := slices.DeleteFunc(all, func(name string) bool {
		return !strings.HasSuffix(name, suffix) || name == suffix || name[0] == '.'
	})
	slices.Sort(names)
	return names
}

// files opens files and reads their metadata.
type files interface {
	stat(path string) (fs.FileInfo, error)
	open(path string) (*os.File, error)
}

// osFiles follows links, as a person's own directory may have them.
type osFiles struct{}

func (osFiles) stat(path string) (fs.FileInfo, error) { return os.Stat(path) }
func (osFiles) open(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// rootFiles opens only files below a directory, and follows no link.
type rootFiles struct {
	root *os.Root
	rel  string
}

func (f rootFiles) stat(string) (fs.FileInfo, error) { return f.root.Lstat(f.rel) }
func (f rootFiles) open(string) (*os.File, error) {
	return f.root.OpenFile(f.rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

var errNotRegular = errors.New("it is no regular file")

// load reads a file, or returns the cached prompt if the file has not changed.
func (l *Library) load(path, name string, f form, from files) (*Prompt, error) {
	info, err := from.stat(path)
	if err != nil {
		return nil, reason(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	l.mu.Lock()
	e := l.read[path]
	l.mu.Unlock()
	if e != nil && e.size == info.Size() && e.time.Equal(info.ModTime()) && e.seen.Sub(e.time) > racy {
		return e.prompt, e.err
	}
	e = &entry{size: info.Size(), time: info.ModTime(), seen: time.Now()}
	var data []byte
	if data, e.err = read(path, from); e.err == nil {
		e.prompt, e.err = parse(name, data, f)
	}
	if e.err == nil {
		e.prompt.Path, e.prompt.Digest = path, fmt.Sprintf("%x", sha256.Sum256(data))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.read == nil || len(l.read) > maxKept { // forgets files that were removed, too
		l.read = map[string]*entry{}
	}
	l.read[path] = e
	return e.prompt, e.err
}

// read returns the contents of a file, at most one byte more than MaxFile.
func read(path string, from files) ([]byte, error) {
	file, err := from.open(path)
	if err != nil {
		return nil, reason(err)
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	data, err := io.ReadAll(io.LimitReader(file, MaxFile+1))
	return data, reason(err)
}

// reason returns err without the path, which the message has already.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// Instructions returns AGENTS.md of the repository at root as a prompt of that
// name without front matter, or nil if there is none.
func (l *Library) Instructions(root string) (*Prompt, error) {
	root, dir := openRepository(root)
	if dir == nil {
		return nil, nil
	}
	defer dir.Close()
	const name = "AGENTS.md"
	if _, err := dir.Lstat(name); err != nil {
		return nil, nil
	}
	p, err := l.load(filepath.Join(root, name), name, foreign, rootFiles{dir, name})
	if err != nil {
		return nil, err
	}
	of := *p
	of.Repository = root
	return &of, nil
}
