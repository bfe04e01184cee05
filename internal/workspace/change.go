package workspace

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // Git's name of a content, not a defence
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/git"
)

// maxChanged bounds the files of one change that are shown or named.
const maxChanged = 2000

// diff returns the changes in the repository of r.Home since the last commit, or since
// the revision that m names, in files below the root of r.Home.
func (r *Reader) diff(ctx context.Context, m *chat.Mention) ([]chat.Material, error) {
	if r.Home.Options == nil {
		return nil, refuse(completion.DetailNoChanges(m.String(), git.ErrNone))
	}
	files := r.open(ctx, &r.Home)
	if files.root == nil {
		return nil, refuse(completion.DetailNoChanges(m.String(), git.ErrNone))
	}
	below := repositoryBelow(r.Home.Options.Root, path.Dir(path.Clean(r.Home.Path)))
	repository, err := git.Open(filepath.Join(r.Home.Options.Root, filepath.FromSlash(below)))
	if err != nil {
		return nil, refuse(completion.DetailNoChanges(m.String(), err))
	}
	c := &changes{files: files, below: below, mention: m, repository: repository}
	if err := c.find(ctx); err != nil {
		if completion.AsError(err) != nil {
			return nil, err
		}
		return nil, refuse(completion.DetailNoChanges(m.String(), err))
	}
	for _, name := range c.names {
		r.paths = append(r.paths, filepath.Join(r.Home.Options.Root, filepath.FromSlash(name)))
	}
	return []chat.Material{{Mention: m.Text, Changes: &c.result}}, nil
}

// repositoryBelow returns the directory at or above dir, but not above root, that
// has a .git, or "." where the repository begins at root or above it.
func repositoryBelow(root, dir string) string {
	for ; dir != "."; dir = path.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(root, filepath.FromSlash(dir), ".git")); err == nil {
			return dir
		}
	}
	return "."
}

// changes compares a work tree with a commit. Git reads only the commit and the
// index; the files are read with the same checks as all others.
type changes struct {
	files      *Files
	below      string // the path from the root of files to the directory that git lists
	mention    *chat.Mention
	repository *git.Repository

	names  []string // that changed, from the root of files
	result chat.Changes
	old    []string // ids of the old content of result.Files, "" for none
}

func (c *changes) find(ctx context.Context) error {
	c.result.Since = c.mention.Name
	commit, err := c.repository.Commit(ctx, c.mention.Name)
	if err != nil {
		return err
	}
	base, err := c.repository.Tree(ctx, commit)
	if err != nil {
		return err
	}
	index, err := c.repository.Index(ctx)
	if err != nil {
		return err
	}
	names := slices.Collect(maps.Keys(base))
	for name := range index {
		if _, ok := base[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if err := c.compare(path.Join(c.below, name), base[name], index[name]); err != nil {
			return err
		}
	}
	if err := c.oldTexts(ctx); err != nil {
		return err
	}
	switch {
	case len(c.result.Files) > 0:
		return nil
	case len(c.result.Withheld) > 0:
		return &completion.Error{Kind: completion.Blocked, Reason: completion.Withheld, Detail: completion.DetailChangesWithheld(c.mention.String(), c.result.Withheld[0].Why)}
	}
	return errors.New("nothing changed; git add makes a new file count")
}

// compare adds the file at p if it has changed.
func (c *changes) compare(p string, was, is git.Entry) error {
	if is.ID == was.ID && is.Assumed {
		return nil
	}
	change := chat.Change{Path: p, Was: was.ID != "", Here: is.ID != ""}
	switch mode := cmpOr(is.Mode, was.Mode); {
	case mode == git.ModeSubmodule:
		if is.ID == was.ID {
			return nil
		}
		change.Why = chat.ChangedSubmodule
	case mode == git.ModeLink:
		target, err := c.files.root.Readlink(filepath.FromSlash(p))
		if err == nil && blob(was.ID, target) == was.ID {
			return nil
		}
		change.Why = chat.ChangedLink
	case is.ID == "": // git does not track it any more
	case c.untouched(p, was, is):
		return nil
	default:
		text, err := c.files.content(p, maxFile)
		switch {
		case errors.Is(err, os.ErrNotExist):
			if was.ID == "" {
				return nil
			}
			change.Here = false
		case errors.Is(err, errTooLarge):
			change.Why = chat.ChangedLarge
		case err != nil:
			change.Why = chat.ChangedBinary
		case blob(was.ID, text) == was.ID || text == "" && was.ID == "":
			return nil
		default:
			change.New = text
		}
	}
	if err := c.files.check(p, p); err != nil {
		return c.withhold(p, err)
	}
	if len(c.result.Files) == maxChanged {
		c.result.More++
		return nil
	}
	c.names = append(c.names, p)
	c.result.Files, c.old = append(c.result.Files, change), append(c.old, was.ID)
	return nil
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// withhold records that p must not be sent.
func (c *changes) withhold(p string, err error) error {
	blocked := completion.AsError(err)
	if blocked == nil {
		return err
	}
	if len(c.result.Withheld) < maxChanged {
		c.result.Withheld = append(c.result.Withheld, chat.LeftOut{What: "the change of " + p, Why: blocked.Detail})
	}
	return nil
}

// untouched reports whether the file at p is as in the commit, judged by its entry in the
// index, so that most files need not be read. Files that an editor has open are read.
func (c *changes) untouched(p string, was, is git.Entry) bool {
	if is.ID != was.ID {
		return false
	}
	if c.files.options.Opened != nil {
		if _, _, open := c.files.options.Opened(p); open {
			return false
		}
	}
	info, err := c.files.root.Lstat(filepath.FromSlash(p))
	if err != nil || !info.Mode().IsRegular() || info.Size() != is.Size {
		return false
	}
	at := info.ModTime()
	return at.Unix() == is.Seconds && is.Seconds != 0 && (is.Nanoseconds == 0 || int64(at.Nanosecond()) == is.Nanoseconds)
}

// blob returns Git's id of a content, with the hash function of the id like.
func blob(like, content string) string {
	var h hash.Hash
	switch len(like) {
	case 2 * sha1.Size:
		h = sha1.New() //nolint:gosec // see the import
	case 2 * sha256.Size:
		h = sha256.New()
	default:
		return "-"
	}
	fmt.Fprintf(h, "blob %d\x00%s", len(content), content)
	return hex.EncodeToString(h.Sum(nil))
}

// oldTexts reads what the files held.
func (c *changes) oldTexts(ctx context.Context) error {
	var ids []string
	var of []int
	for i, id := range c.old {
		if id != "" && c.result.Files[i].Why == "" {
			ids, of = append(ids, id), append(of, i)
		}
	}
	same := map[int]bool{}
	err := c.repository.Contents(ctx, ids, maxFile, func(i int, content []byte) {
		f := &c.result.Files[of[i]]
		switch {
		case content == nil:
			f.Why = chat.ChangedLarge
		case bytes.HasPrefix(content, []byte("version https://git-lfs.github.com/spec/")):
			f.Why = chat.ChangedElsewhere
		case !utf8.Valid(content) || bytes.IndexByte(content, 0) >= 0:
			f.Why = chat.ChangedBinary
		default:
			// Git and editors each have line ends of their own.
			f.Old = strings.ReplaceAll(strings.TrimPrefix(string(content), "\uFEFF"), "\r\n", "\n")
			f.New = strings.ReplaceAll(f.New, "\r\n", "\n")
			same[of[i]] = f.Here && f.Old == f.New
		}
		if f.Why != "" {
			f.New = ""
		}
	})
	if err != nil {
		return err
	}
	files := c.result.Files[:0]
	for i := range c.result.Files {
		if !same[i] {
			files = append(files, c.result.Files[i])
		}
	}
	c.result.Files = files
	return nil
}
