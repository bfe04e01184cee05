package setup

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Change is what adding a part does to its file.
type Change struct {
	Path     string
	Old, New string // Old is "" for a file that does not exist

	target string // Path, or where the link leads that it is
}

// Plan reads the part's file and returns what adding the part would change;
// nothing is written. If Old and New are the same nothing is missing.
func (p *Part) Plan() (*Change, error) {
	c := &Change{Path: p.Path, target: p.Path}
	// Configuration often is a link into a repository: the link stays.
	if target, err := filepath.EvalSymlinks(p.Path); err == nil {
		c.target = target
	}
	raw, err := os.ReadFile(c.target)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	c.Old = string(raw)
	if c.New, err = p.Merge(c.Old); err != nil {
		return nil, err
	}
	return c, nil
}

// Write makes the change: the file is replaced as a whole, or not at all, and
// keeps its permissions.
func (c *Change) Write() error {
	if err := os.MkdirAll(filepath.Dir(c.target), 0o755); err != nil { //nolint:gosec // as editors create it
		return err
	}
	temporary := c.target + ".llmls-" + rand.Text()
	defer func() { _ = os.Remove(temporary) }()                                   // unless it has become the file
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // as editors create it
	if err != nil {
		return err
	}
	if info, missing := os.Stat(c.target); missing == nil {
		err = os.Chmod(temporary, info.Mode().Perm())
	}
	_, failed := file.WriteString(c.New)
	if err := errors.Join(err, failed, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(temporary, c.target)
}

// Diff returns the change line by line: what goes, what comes, and a line of
// what stays around it.
func (c *Change) Diff() string {
	before, after := strings.SplitAfter(c.Old, "\n"), strings.SplitAfter(c.New, "\n")
	var out strings.Builder
	show := func(mark, line string) {
		if line != "" {
			out.WriteString(mark + strings.TrimSuffix(line, "\n") + "\n")
		}
	}
	kept := "" // a line that stays, and is printed if one beside it changes
	changed := false
	for _, step := range steps(before, after) {
		switch {
		case step.mark != " ":
			show("  ", kept)
			kept, changed = "", true
			show(step.mark+" ", step.line)
		case changed:
			show("  ", step.line)
			kept, changed = "", false
		default:
			kept = step.line
		}
	}
	return out.String()
}

type step struct{ mark, line string }

// steps are the lines of both texts, by their longest common subsequence. What
// they begin and end with in common is not compared with everything else: a
// person's configuration may have thousands of lines.
func steps(a, b []string) []step {
	var head, tail []step
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		head = append(head, step{" ", a[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		tail = append(tail, step{" ", a[len(a)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	slices.Reverse(tail)
	return slices.Concat(head, differing(a, b), tail)
}

// differing is steps of texts of which nothing is known.
func differing(a, b []string) []step {
	common := make([][]int, len(a)+1) // of a[i:] and b[j:]
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			common[i][j] = max(common[i+1][j], common[i][j+1])
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var all []step
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			all = append(all, step{" ", a[i]})
			i++
			j++
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			all = append(all, step{"-", a[i]})
			i++
		default:
			all = append(all, step{"+", b[j]})
			j++
		}
	}
	return all
}
