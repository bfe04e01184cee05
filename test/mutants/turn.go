package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

const (
	turns  = 25 // after so many commits all mutants were tried
	lately = 3  // commits whose mutants and tests are tried in any turn
)

// choose returns the mutants to try: all, none, or those whose turn it is.
func choose(ctx context.Context, mutants []*mutant, share string) ([]*mutant, error) {
	switch share {
	case "all":
		return mutants, nil
	case "none":
		return nil, nil
	}
	count, err := git(ctx, "rev-list", "--count", "HEAD")
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(strings.TrimSpace(count))
	if err != nil {
		return nil, err
	}
	var changed []string
	for _, args := range [][]string{
		{"log", "-n", strconv.Itoa(lately), "--name-only", "--format="},
		{"diff", "--name-only", "HEAD"},
		{"ls-files", "-o", "--exclude-standard"},
	} {
		names, err := git(ctx, args...)
		if err != nil {
			return nil, err
		}
		changed = append(changed, strings.Fields(names)...)
	}
	var chosen []*mutant
	for _, m := range mutants {
		file, err := m.test.file(".")
		if err != nil || slices.Contains(changed, file) || slices.Contains(changed, m.path) || m.test.turn() == number%turns {
			chosen = append(chosen, m)
		}
	}
	fmt.Printf("mutants: %d of %d to try: what changed in %d commits, and turn %d of %d (MUTANTS=all tries all)\n",
		len(chosen), len(mutants), lately, number%turns+1, turns)
	return chosen, nil
}

func git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	return string(out), err
}

// byTest returns one mutant for each test.
func byTest(mutants []*mutant) []*mutant {
	seen := make(map[gotest]bool)
	return slices.DeleteFunc(slices.Clone(mutants), func(m *mutant) bool {
		again := seen[m.test]
		seen[m.test] = true
		return again
	})
}
