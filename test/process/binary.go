// Package process runs llmls as a process of its own, for tests: the binary as
// releases build it, in an account that holds nothing but what the test puts
// there. A process ends with its test, and the test fails if it prints a secret.
package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// A Binary is llmls, built for one run of a package's tests. The zero value is
// for BuildAndRun.
type Binary struct{ path string }

// BuildAndRun builds the binary, runs the tests, removes the binary and returns
// the exit code, for TestMain.
func (b *Binary) BuildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "llmls-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }() // it lies in the temporary directory
	b.path = filepath.Join(dir, "llmls")
	build := exec.Command("go", "build", "-trimpath", "-o", b.path, "github.com/llmls/llmls/cmd/llmls")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building llmls:", err)
		return 1
	}
	return m.Run()
}

// Path is where the binary lies while the tests run, for programs that start it
// themselves.
func (b *Binary) Path() string { return b.path }
