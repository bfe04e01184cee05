//go:build vscode

package vscode

import (
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

const root = "../.."

// TestLogic runs what needs no VS Code.
func TestLogic(t *testing.T) {
	t.Parallel()
	found, err := filepath.Glob(root + "/editors/vscode/test/unit/*.test.ts")
	if err != nil || len(found) == 0 {
		t.Fatalf("no tests were found: %v", err)
	}
	var files []string
	for _, path := range found {
		files = append(files, filepath.Join("unit", filepath.Base(path)))
	}
	Run(t, root, files)
}

func TestThread(t *testing.T) {
	t.Parallel()
	scripted(t, "thread.test.ts")
}

func TestEntry(t *testing.T) {
	t.Parallel()
	scripted(t, "entry.test.ts")
}

func TestSetup(t *testing.T) {
	t.Parallel()
	scripted(t, "setup.test.ts")
}

func TestDialect(t *testing.T) {
	t.Parallel()
	scripted(t, "dialect.test.ts")
}

func TestElsewhere(t *testing.T) {
	t.Parallel()
	scripted(t, "elsewhere.test.ts")
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	scripted(t, "answers.test.ts")
}

func TestKnown(t *testing.T) {
	t.Parallel()
	scripted(t, "known.test.ts")
}

func TestTrust(t *testing.T) {
	t.Parallel()
	scripted(t, "trust.test.ts")
}

// scripted runs a file of tests beside an upstream whose scripts it sets.
func scripted(t testing.TB, file string) {
	t.Helper()
	upstream := completiontest.NewUpstream(t)
	c := httptest.NewServer(&control{t: t, upstream: upstream})
	t.Cleanup(c.Close)
	Run(t, root, []string{filepath.Join("screen", file)}, "UPSTREAM="+upstream.URL, "CONTROL="+c.URL)
}
