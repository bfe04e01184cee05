// Mutants removes one defence after the other, each in a copy of the tree, and
// fails unless the test that holds it fails then.
//
//	go run ./test/mutants [test/mutants/NAME.patch...]
//
// A mutant is a patch; its first line is "test: " and the arguments for go
// test. Without arguments, some are tried: those that changed lately, or whose
// tests did, and one in 25 of the others, another one after each commit.
// MUTANTS=all tries all, MUTANTS=none only builds them. That all of them apply is
// a test of this package.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, paths []string) (err error) {
	share := os.Getenv("MUTANTS")
	if len(paths) > 0 {
		share = "all"
	} else if paths, err = filepath.Glob("test/mutants/*.patch"); err != nil {
		return err
	}
	mutants, err := readAll(paths)
	if err != nil {
		return err
	}
	chosen, err := choose(ctx, mutants, share)
	if err != nil {
		return err
	}
	trees, err := newTrees(ctx)
	defer trees.remove()
	if err != nil {
		return err
	}

	built := chosen
	if share == "none" {
		built = mutants
	}
	sound := each(ctx, trees, built, tree.builds)
	fmt.Printf("mutants: %d of %d apply and build\n", len(sound), len(built))
	chosen = slices.DeleteFunc(slices.Clone(chosen), func(m *mutant) bool { return !slices.Contains(sound, m) })
	tests := byTest(chosen)
	fit := each(ctx, trees, tests, tree.passes)
	fmt.Printf("mutants: %d of %d tests pass without one\n", len(fit), len(tests))
	caught := each(ctx, trees, chosen, tree.catches)
	fmt.Printf("mutants: %d of %d are caught\n", len(caught), len(chosen))
	if len(sound) < len(built) || len(fit) < len(tests) || len(caught) < len(chosen) {
		return errors.New("not all is well")
	}
	return nil
}

func readAll(paths []string) ([]*mutant, error) {
	var mutants []*mutant
	for _, path := range paths {
		patch, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		m, err := parse(path, string(patch))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		mutants = append(mutants, m)
	}
	return mutants, nil
}
