package editors

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Find returns the path of a program: the one that test/editors/fetch or
// test/neovim/fetch fetched below root, else, but for CI, the one in PATH.
func Find(root, name string) (string, error) {
	for _, dir := range []string{"editors", "neovim"} {
		path, err := filepath.Abs(filepath.Join(root, ".cache", dir, "sid", name))
		if err != nil {
			return "", err
		}
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	if path, err := exec.LookPath(name); err == nil && os.Getenv("CI") == "" {
		return path, nil
	}
	return "", fmt.Errorf("there is no %s to test with: run test/editors/fetch and test/neovim/fetch (make test does)", name)
}
