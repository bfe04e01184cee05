package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// A tree is a copy of the files, in which one mutant at a time lives.
type tree struct{ dir string }

// trees are as many as can be worked in at the same time.
type trees []tree

// newTrees copies the tree as it stands, new files included. What the tests
// drive was fetched and is linked.
func newTrees(ctx context.Context) (made trees, err error) {
	for range runtime.NumCPU() {
		dir, err := os.MkdirTemp("", "llmls-mutants-")
		if err != nil {
			return made, err
		}
		made = append(made, tree{dir})
		cmd := exec.CommandContext(ctx, "bash", "-euo", "pipefail", "-c", `
			git ls-files -co --exclude-standard -z | xargs -0 cp --parents -t "$0"
			for fetched in .cache editors/vscode/node_modules; do
				[ ! -d "$fetched" ] || ln -s "$PWD/$fetched" "$0/$fetched"
			done`, dir)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); err != nil {
			return made, err
		}
	}
	return made, nil
}

func (ts trees) remove() {
	for _, t := range ts {
		_ = os.RemoveAll(t.dir) // it lies in the temporary directory
	}
}

// each does with every mutant what do does with one, prints what is wrong, and
// returns those with which nothing is.
func each(ctx context.Context, ts trees, mutants []*mutant, do func(tree, context.Context, *mutant) error) []*mutant {
	failed := make([]error, len(mutants))
	queue := make(chan int)
	var running sync.WaitGroup
	for _, t := range ts {
		running.Go(func() {
			for i := range queue {
				if failed[i] = do(t, ctx, mutants[i]); failed[i] != nil {
					fmt.Printf("mutant %s %v\n", mutants[i], failed[i])
				}
			}
		})
	}
	for i := range mutants {
		queue <- i
	}
	close(queue)
	running.Wait()
	var sound []*mutant
	for i, m := range mutants {
		if failed[i] == nil {
			sound = append(sound, m)
		}
	}
	return sound
}

// builds fails unless the mutant applies, its test exists, and what it changes
// is still code: a test would fail for anything else, too.
func (t tree) builds(ctx context.Context, m *mutant) error {
	if _, err := m.test.file(t.dir); err != nil {
		return err
	}
	return t.mutated(m, func() error {
		for _, e := range m.edits {
			cmd, ok := map[string][]string{
				".go":  {"go", "build", "-o", os.DevNull, "./" + path.Dir(e.file)},
				".lua": {".cache/neovim/trixie/luacheck", "-q", e.file, "--only", "0"},
				".ts":  {".cache/vscode/bin/node", "--check", e.file},
			}[path.Ext(e.file)]
			if !ok {
				continue
			}
			if out, err := t.output(ctx, cmd...); err != nil {
				return fmt.Errorf("does not build: %w\n%s", err, out)
			}
		}
		return nil
	})
}

// passes fails unless the test of the mutant passes without the mutant.
func (t tree) passes(ctx context.Context, m *mutant) error {
	out, err := t.output(ctx, m.test.command("-count=1", "-v")...)
	if err != nil {
		return fmt.Errorf("has a test that fails without it: %w\n%s", err, tail(out))
	}
	if !m.test.ran(out) {
		return fmt.Errorf("has a test that is none: %s", m.test)
	}
	return nil
}

// catches fails unless the test of the mutant fails with it. A test that looks
// for a race has three tries to meet it.
func (t tree) catches(ctx context.Context, m *mutant) error {
	return t.mutated(m, func() error {
		start := time.Now()
		out, err := t.output(ctx, m.test.command("-count=3", "-failfast")...)
		switch {
		case err == nil:
			return errors.New("SURVIVED: its test passes without the defence")
		case !strings.Contains(out, "--- FAIL: "):
			return fmt.Errorf("has a test that does not run: %w\n%s", err, tail(out))
		}
		fmt.Printf("mutant %s is caught, %.0f s\n", m, time.Since(start).Seconds())
		return nil
	})
}

// mutated does something while the mutant is in the tree.
func (t tree) mutated(m *mutant, do func() error) error {
	before, after, err := t.edited(m)
	if err != nil {
		return err
	}
	err = t.write(after)
	if err == nil {
		err = do()
	}
	return errors.Join(err, t.write(before))
}

// edited returns the files that the mutant changes, as they are and as it makes
// them.
func (t tree) edited(m *mutant) (before, after map[string]string, err error) {
	before, after = make(map[string]string), make(map[string]string)
	for _, e := range m.edits {
		if _, ok := after[e.file]; !ok {
			text, err := os.ReadFile(filepath.Join(t.dir, e.file))
			if err != nil {
				return nil, nil, err
			}
			before[e.file], after[e.file] = string(text), string(text)
		}
		if after[e.file], err = e.apply(after[e.file]); err != nil {
			return nil, nil, err
		}
	}
	return before, after, nil
}

// write replaces files, which keep their permissions.
func (t tree) write(files map[string]string) error {
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(t.dir, name), []byte(text), 0); err != nil {
			return err
		}
	}
	return nil
}

// output runs a command in the tree. Without the tree's path in what is built,
// the build cache knows most packages from the other trees.
func (t tree) output(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = t.dir
	cmd.Env = append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -trimpath")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func tail(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}
