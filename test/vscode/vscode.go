// Package vscode runs the extension in a real VS Code, as it is packaged, with
// the binary that is in the package, against a scripted endpoint. Its tests
// need a browser and a server, so they are built only with the tag vscode;
// test/vscode/run fetches everything and runs them.
//
// What a person does is in the *.test.ts files, which Node runs; driver.ts is
// their hands and eyes. The endpoint is the one of all other tests: the Go side
// starts it and takes its scripts over HTTP (control_test.go).
package vscode

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// patience is how long a file of tests in Node may take; it only turns a hang into a
// failure.
const patience = 8 * time.Minute

// Run has the Node that test/vscode/fetch fetched run tests of the extension.
// files are names below editors/vscode/test, and root leads to the top of the
// tree. Their report is logged, and what fails there fails t.
func Run(t testing.TB, root string, files []string, env ...string) {
	t.Helper()
	fetched, err := filepath.Abs(filepath.Join(root, ".cache", "vscode"))
	if err != nil {
		t.Fatal(err)
	}
	node := filepath.Join(fetched, "bin", "node")
	if _, err := os.Stat(node); err != nil {
		t.Fatalf("%v\ntest/vscode/run fetches it and runs these tests", err)
	}
	args := append([]string{"--test", "--test-timeout=" + strconv.Itoa(int(patience.Milliseconds())), "--test-reporter=spec"}, files...)
	cmd := exec.CommandContext(t.Context(), node, args...)
	cmd.Dir = filepath.Join(root, "editors", "vscode", "test")
	// An empty home: neither settings nor state of whoever runs the tests.
	cmd.Env = append([]string{"FETCHED=" + fetched, "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}, env...)
	report, err := cmd.CombinedOutput()
	t.Logf("%s", report)
	if err != nil {
		t.Errorf("%s: %v", files[0], err)
	}
}
