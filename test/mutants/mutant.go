package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// A mutant takes one defence away.
type mutant struct {
	path  string // of its patch
	test  gotest
	edits []edit
}

func (m *mutant) String() string { return strings.TrimSuffix(filepath.Base(m.path), ".patch") }

// An edit replaces lines of a file. They are found by what they say: line
// numbers drift, and lines that stand there twice may be the wrong ones.
type edit struct{ file, old, new string }

func (e edit) apply(text string) (string, error) {
	if n := strings.Count("\n"+text, "\n"+e.old); n != 1 || e.old == "" {
		return "", fmt.Errorf("does not apply: %s has %d times\n%s", e.file, n, e.old)
	}
	before, after, _ := strings.Cut("\n"+text, "\n"+e.old)
	return (before + "\n" + e.new + after)[1:], nil
}

var testLine = regexp.MustCompile(`^test: (-tags \w+ )?\./(\S+) -run '(\^\w+\$\S*)'( -count=\d+)?$`)

// parse reads a patch in the unified format.
func parse(path, patch string) (*mutant, error) {
	first, diff, _ := strings.Cut(patch, "\n")
	line := testLine.FindStringSubmatch(first)
	if line == nil {
		return nil, fmt.Errorf("the first line names no test: %s", first)
	}
	m := &mutant{path: path, test: gotest{line[1] + line[4], line[2], line[3]}}
	file := ""
	for l := range strings.Lines(diff) {
		if name, ok := strings.CutPrefix(l, "--- a/"); ok {
			file = strings.TrimSpace(name)
			continue
		}
		if strings.HasPrefix(l, "@@ ") {
			m.edits = append(m.edits, edit{file: file})
			continue
		}
		if strings.HasPrefix(l, "+++ ") {
			continue
		}
		if len(m.edits) == 0 || !strings.ContainsRune(" -+", rune(l[0])) {
			return nil, fmt.Errorf("not a line of a patch: %q", l)
		}
		e := &m.edits[len(m.edits)-1]
		if l[0] != '+' {
			e.old += l[1:]
		}
		if l[0] != '-' {
			e.new += l[1:]
		}
	}
	if len(m.edits) == 0 || file == "" {
		return nil, errors.New("changes nothing")
	}
	return m, nil
}
