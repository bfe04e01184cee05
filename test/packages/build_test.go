// Package packages tries what a release consists of. The tests of what `make release`
// left in dist/ have the tag "packages".
package packages

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// The binary of a release is the same wherever it is built, has the version of the
// tag, and names no directory of the machine. `make same` compares all of a release.
func TestSameBinary(t *testing.T) {
	config, err := os.ReadFile(filepath.Join(root, ".goreleaser.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	setting := func(name string) string {
		found := regexp.MustCompile(`(?m)^ +` + name + `: \["?(.+?)"?\]$`).FindSubmatch(config)
		if found == nil {
			t.Fatalf(".goreleaser.yaml has no %s", name)
		}
		return string(found[1])
	}
	build := append(append([]string{"build"}, strings.Split(setting("flags"), ", ")...), "-ldflags="+setting("ldflags"), "-o", "llmls.exe", "./cmd/llmls")
	var binaries [][]byte
	for _, place := range []string{"first", "second/deeper"} {
		dir := filepath.Join(t.TempDir(), filepath.FromSlash(place))
		run := func(program string, args ...string) string {
			cmd := exec.Command(program, args...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GIT_AUTHOR_DATE=@1000000000 +0000", "GIT_COMMITTER_DATE=@1000000000 +0000")
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%s %s: %v: %s", program, args[0], err, out)
			}
			return string(out)
		}
		for _, part := range []string{"cmd", "internal"} {
			if err := os.CopyFS(filepath.Join(dir, part), os.DirFS(filepath.Join(root, part))); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"go.mod", "go.sum", ".gitignore", ".gitattributes"} {
			text, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		run("git", "init", "-q", "-b", "main")
		run("git", "add", ".")
		run("git", "-c", "user.name=llmls", "-c", "user.email=llmls@localhost", "commit", "-q", "-m", "all")
		run("git", "tag", "v1.2.3")
		run("go", build...)
		if said := run("./llmls.exe", "--version"); !strings.HasPrefix(said, "llmls v1.2.3 (") || strings.Contains(said, "modified") {
			t.Errorf("at the tag v1.2.3 it says that it is %s", said)
		}
		binary, err := os.ReadFile(filepath.Join(dir, "llmls.exe"))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(binary, []byte(dir)) {
			t.Errorf("the binary names the directory that it was built in")
		}
		binaries = append(binaries, binary)
	}
	if !bytes.Equal(binaries[0], binaries[1]) {
		t.Error("two builds of one commit differ")
	}
}
