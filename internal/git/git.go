// Package git reads what a repository has committed, by the git program. It has git
// read refs, trees, the index and objects, and never a file of the work tree, for
// which git would run filters, monitors and diff programs that the repository names:
// no such program is run.
package git

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The reasons why a repository or a revision cannot be read.
var (
	ErrNone     = errors.New("there is no Git repository")
	ErrForeign  = errors.New("its .git leads to a repository elsewhere that does not know it")
	ErrNoGit    = errors.New("the program git was not found")
	ErrRevision = errors.New("there is no such revision")
)

// maxOutput bounds the output of one git command, in bytes.
const maxOutput = 64 << 20

// A Repository is the one that a directory is in.
type Repository struct {
	Root    string // of its work tree
	dir     string // the directory that was asked for; only files below it are listed
	program string
}

// Open finds the repository of dir, which is absolute. The error is one of those
// above.
func Open(dir string) (*Repository, error) {
	root, err := find(dir)
	if err != nil {
		return nil, err
	}
	program, err := exec.LookPath("git") // fails for a git in a relative directory of PATH
	if err != nil {
		return nil, ErrNoGit
	}
	return &Repository{Root: root, dir: dir, program: program}, nil
}

// find returns the directory at or above dir that has a .git of its own.
func find(dir string) (string, error) {
	for {
		info, err := os.Lstat(filepath.Join(dir, ".git"))
		if err == nil {
			if !owned(dir, info) {
				return "", ErrForeign
			}
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", ErrNone
		}
		dir = parent
	}
}

// owned reports whether the .git in root holds the repository itself or leads to one
// that lists root as a work tree or a submodule. The author of root may have written
// .git, too, and must not make llmls read the commits of another repository.
func owned(root string, info os.FileInfo) bool {
	name := filepath.Join(root, ".git")
	if info.IsDir() {
		for _, part := range []string{"HEAD", "refs", "objects", "packed-refs", "objects/pack", "objects/info"} {
			if info, err := os.Lstat(filepath.Join(name, part)); err == nil && info.Mode()&os.ModeSymlink != 0 {
				return false
			}
		}
		return !exists(filepath.Join(name, "commondir")) && !exists(filepath.Join(name, "objects/info/alternates"))
	}
	dir, ok := leads(root, name, "gitdir: ")
	if !ok {
		return false
	}
	for above := filepath.Dir(root); ; above = filepath.Dir(above) {
		if rel, err := filepath.Rel(filepath.Join(above, ".git", "modules"), dir); err == nil && filepath.IsLocal(rel) {
			return true
		}
		if above == filepath.Dir(above) {
			break
		}
	}
	common, ok := leads(dir, filepath.Join(dir, "commondir"), "")
	back, known := leads(dir, filepath.Join(dir, "gitdir"), "")
	return ok && known && filepath.Join(common, "worktrees", filepath.Base(dir)) == dir && same(back, name)
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// leads returns the path that a small file holds behind prefix, relative to dir.
func leads(dir, file, prefix string) (string, bool) {
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 8<<10 {
		return "", false
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", false
	}
	to, ok := strings.CutPrefix(strings.TrimRight(string(raw), "\r\n"), prefix)
	if !ok || to == "" {
		return "", false
	}
	if to = filepath.FromSlash(to); !filepath.IsAbs(to) {
		to = filepath.Join(dir, to)
	}
	return filepath.Clean(to), true
}

// same reports whether both names lead to the same file.
func same(a, b string) bool {
	x, err := os.Lstat(a)
	if err != nil {
		return false
	}
	y, err := os.Lstat(b)
	return err == nil && os.SameFile(x, y)
}

// command returns git with args, cut off from everything that a repository, or
// the environment of a hook, could make it run or connect to. The user's own
// configuration applies, and so does git's refusal of what another user owns.
func (r *Repository) command(ctx context.Context, args ...string) *exec.Cmd {
	all := []string{
		"--no-pager", "--literal-pathspecs", "--no-replace-objects", "-C", r.dir,
		"-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull, "-c", "core.untrackedCache=false",
		"-c", "safe.bareRepository=explicit",
	}
	cmd := exec.CommandContext(ctx, r.program, append(all, args...)...) //nolint:gosec // git of the user's PATH
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(strings.ToUpper(variable), "GIT_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(
		cmd.Env, "GIT_CEILING_DIRECTORIES="+filepath.Dir(r.Root), "GIT_WORK_TREE="+r.Root, "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "GIT_PAGER=cat",
		// Objects that are not there would be fetched, by a program or an address
		// that the repository names: not by git of 2.44 and later, nor by any that
		// may speak no protocol.
		"GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none",
	)
	cmd.WaitDelay = time.Second
	return cmd
}

// output runs git and returns what it prints.
func (r *Repository) output(ctx context.Context, args ...string) ([]byte, error) {
	cmd := r.command(ctx, args...)
	var out, said capped
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case out.over:
		return nil, errors.New("it has too many files")
	case err != nil:
		return nil, fmt.Errorf("git: %s", firstLine(said.String(), err))
	}
	return out.Bytes(), nil
}

// firstLine returns the first line of git's error output, without its prefix.
func firstLine(said string, err error) string {
	line, _, _ := strings.Cut(strings.TrimPrefix(said, "fatal: "), "\n")
	if line == "" {
		return err.Error()
	}
	return strings.ToValidUTF8(line[:min(len(line), 300)], "")
}

// capped keeps what is written up to maxOutput.
type capped struct {
	bytes.Buffer
	over bool
}

func (c *capped) Write(p []byte) (int, error) {
	if c.Len()+len(p) > maxOutput {
		c.over = true
		return len(p), nil
	}
	return c.Buffer.Write(p)
}

// Commit returns the id of the commit that a revision names; "" is the last one,
// and its id is "" if there is none yet.
func (r *Repository) Commit(ctx context.Context, revision string) (string, error) {
	name := revision
	if revision == "" {
		name = "HEAD"
	}
	if strings.HasPrefix(name, "-") || strings.ContainsAny(name, "\x00\n") {
		return "", ErrRevision
	}
	out, err := r.output(ctx, "rev-parse", "--verify", name+"^{commit}")
	if err == nil {
		return strings.TrimSpace(string(out)), nil
	}
	if _, broken := r.output(ctx, "rev-parse", "--git-dir"); broken != nil || ctx.Err() != nil {
		return "", broken
	}
	if revision == "" {
		return "", nil
	}
	return "", ErrRevision
}

// An Entry is a file as a commit or the index has it.
type Entry struct {
	Mode string // of six octal digits
	ID   string // of its content

	// The file on the disk when git last looked at it, from the index.
	Seconds, Nanoseconds int64 // when it was changed
	Size                 int64
	Assumed              bool // it is as in the index, whatever is on the disk
}

// The modes of what is no regular file.
const (
	ModeLink      = "120000"
	ModeSubmodule = "160000"
)

// Tree returns the files of a commit below the directory, by their paths from
// there; none for the id "".
func (r *Repository) Tree(ctx context.Context, commit string) (map[string]Entry, error) {
	files := map[string]Entry{}
	if commit == "" {
		return files, nil
	}
	out, err := r.output(ctx, "ls-tree", "-r", "-z", commit)
	if err != nil {
		return nil, err
	}
	for line := range bytes.SplitSeq(out, []byte{0}) {
		about, name, ok := strings.Cut(string(line), "\t")
		if fields := strings.Fields(about); ok && len(fields) == 3 {
			files[name] = Entry{Mode: fields[0], ID: fields[2]}
		}
	}
	return files, nil
}

// Index returns the files that git follows below the directory, by their paths
// from there.
func (r *Repository) Index(ctx context.Context) (map[string]Entry, error) {
	out, err := r.output(ctx, "ls-files", "-z", "--stage", "--debug")
	if err != nil {
		return nil, err
	}
	files := map[string]Entry{}
	// Behind the NUL of each name stand lines such as "  mtime: 1700000000:5".
	name := ""
	for part := range bytes.SplitSeq(out, []byte{0}) {
		rest := string(part)
		for strings.HasPrefix(rest, "  ") {
			var line string
			line, rest, _ = strings.Cut(rest, "\n")
			e := files[name]
			e.debug(line)
			files[name] = e
		}
		var about string
		var ok bool
		if about, name, ok = strings.Cut(rest, "\t"); ok {
			if fields := strings.Fields(about); len(fields) == 3 {
				files[name] = Entry{Mode: fields[0], ID: fields[1], Size: -1}
			}
		}
	}
	return files, nil
}

// debug reads a line of ls-files --debug. A line in another form is ignored; then the
// file is compared.
func (e *Entry) debug(line string) {
	for field := range strings.SplitSeq(line, "\t") {
		key, value, _ := strings.Cut(strings.TrimSpace(field), ": ")
		switch key {
		case "mtime":
			seconds, nanoseconds, _ := strings.Cut(value, ":")
			e.Seconds, _ = strconv.ParseInt(seconds, 10, 64)
			e.Nanoseconds, _ = strconv.ParseInt(nanoseconds, 10, 64)
		case "size":
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				e.Size = n
			}
		case "flags":
			const assumeUnchanged, skipWorkTree = 0x8000, 0x40000000
			flags, _ := strconv.ParseInt(value, 16, 64)
			e.Assumed = flags&(assumeUnchanged|skipWorkTree) != 0
		}
	}
}

// Contents calls yield with the content of each id, in order; it is nil for what
// is not there or has more than limit bytes.
func (r *Repository) Contents(ctx context.Context, ids []string, limit int64, yield func(i int, content []byte)) error {
	if len(ids) == 0 {
		return nil
	}
	cmd := r.command(ctx, "cat-file", "--batch", "--buffer")
	cmd.Stdin = strings.NewReader(strings.Join(ids, "\n") + "\n")
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("git: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("git: %w", err)
	}
	in := bufio.NewReader(pipe)
	for i := range ids {
		var content []byte
		if content, err = object(in, limit); err != nil {
			break
		}
		yield(i, content)
	}
	_ = pipe.Close()
	if ended := cmd.Wait(); err == nil && ended != nil {
		err = ended
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("git: %w", err)
	}
	return nil
}

// object reads one answer of cat-file: "ID blob SIZE", the content, a line end.
func object(in *bufio.Reader, limit int64) ([]byte, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("reading an object: %w", err)
	}
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return nil, nil // missing
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return nil, fmt.Errorf("reading an object: %w", err)
	}
	var content []byte
	if size <= limit {
		content = make([]byte, size)
		_, err = io.ReadFull(in, content)
	} else {
		_, err = io.CopyN(io.Discard, in, size)
	}
	if err == nil {
		_, err = in.Discard(1)
	}
	if err != nil {
		return nil, fmt.Errorf("reading an object: %w", err)
	}
	return content, nil
}
