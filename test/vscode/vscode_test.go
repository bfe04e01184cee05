//go:build vscode

package vscode

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

const (
	// fetched is where test/vscode/fetch puts VS Code, the browser and Node.
	fetched = "../../.cache/vscode"

	// screen holds what a person does, in TypeScript.
	screen = "../../editors/vscode/test/screen"

	llama = "../llama-server"
)

// loadTime is for llama-server to load a model of 120 KB on a busy machine.
const loadTime = 60 * time.Second

// TestLogic runs what needs no VS Code.
func TestLogic(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../editors/vscode/test/unit/*.test.ts")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests were found: %v", err)
	}
	run(t, files)
}

func TestThread(t *testing.T) { scripted(t, "thread.test.ts") }

func TestEntry(t *testing.T) { scripted(t, "entry.test.ts") }

func TestTrust(t *testing.T) { scripted(t, "trust.test.ts") }

// scripted runs a file of tests beside an upstream whose scripts it sets.
func scripted(t *testing.T, file string) {
	t.Helper()
	t.Parallel()
	upstream := completiontest.NewUpstream(t)
	c := httptest.NewServer(&control{t: t, upstream: upstream})
	t.Cleanup(c.Close)
	run(t, []string{filepath.Join(screen, file)}, "UPSTREAM="+upstream.URL, "CONTROL="+c.URL)
}

// TestLlamaServer runs one explanation against a real server, whose scripted
// model has a known answer.
func TestLlamaServer(t *testing.T) {
	t.Parallel()
	address := completiontest.NowhereAddress(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	server := exec.CommandContext(t.Context(), filepath.Join(llama, "run"), "scripted.gguf", port)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill() // it may have ended
		_ = server.Wait()
	})
	process.Eventually(t, loadTime, "llama-server is ready", func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/health", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := (&http.Client{}).Do(request)
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	script, err := filepath.Abs(filepath.Join(llama, "models/script.txt"))
	if err != nil {
		t.Fatal(err)
	}
	run(t, []string{filepath.Join(screen, "llama.test.ts")}, "LLAMA=http://"+address+"/v1", "SCRIPT="+script)
}

// run has Node run files of tests, whose report is part of ours.
func run(t *testing.T, files []string, env ...string) {
	t.Helper()
	dir, err := filepath.Abs(fetched)
	if err != nil {
		t.Fatal(err)
	}
	node := filepath.Join(dir, "bin/node")
	if _, err := os.Stat(node); err != nil {
		t.Fatalf("%v\nmake vscode fetches VS Code and runs these tests", err)
	}
	cmd := exec.CommandContext(t.Context(), node, append([]string{"--test", "--test-reporter=spec"}, files...)...)
	// An empty home: neither settings nor state of whoever runs the tests.
	cmd.Env = append([]string{"FETCHED=" + dir, "HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir()}, env...)
	report, err := cmd.CombinedOutput()
	t.Logf("%s", report)
	if err != nil {
		t.Errorf("%s: %v", files[0], err)
	}
}
