package main

import (
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A gotest is a test that go test can run alone.
type gotest struct {
	flags string // -tags and -count, if any
	dir   string // of its package, without "./"
	run   string // the pattern of its name
}

func (t gotest) String() string { return strings.TrimSpace(t.flags + " ./" + t.dir + " -run " + t.run) }

// command returns go test with flags, which the test's own override.
func (t gotest) command(flags ...string) []string {
	flags = append([]string{"go", "test", "-vet=off", "-timeout=3m"}, flags...)
	return append(append(flags, strings.Fields(t.flags)...), "./"+t.dir, "-run", t.run)
}

var passed = regexp.MustCompile(`(?m)^ *--- PASS: (\S+)`)

// ran reports whether the output of go test -v tells of the test, and of the
// subtest if it is one: go test is content with a pattern that matches nothing.
func (t gotest) ran(output string) bool {
	for _, p := range passed.FindAllStringSubmatch(output, -1) {
		if strings.Count(p[1], "/") == strings.Count(t.run, "/") {
			return true
		}
	}
	return false
}

// turn is the same for all mutants of a test, which has to pass without them
// once.
func (t gotest) turn() int {
	h := fnv.New32a()
	h.Write([]byte(t.String()))
	return int(h.Sum32() % turns)
}

// file returns where the test is declared in the tree at root.
func (t gotest) file(root string) (string, error) {
	name, _, _ := strings.Cut(strings.TrimPrefix(t.run, "^"), "$")
	files, err := filepath.Glob(filepath.Join(root, t.dir, "*_test.go"))
	if err != nil {
		return "", err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if strings.Contains("\n"+string(text), "\nfunc "+name+"(") {
			return filepath.Rel(root, file)
		}
	}
	return "", fmt.Errorf("there is no %s in %s", name, t.dir)
}
