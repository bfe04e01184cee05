// Command gen writes the files that are derived from settings.Options: the
// JSON Schema, docs/settings.md, the table in README.md and the settings in the
// manifest of the extension for VS Code. Comments and tags are read from the source,
// defaults from settings.Default.
//
// To derive another file, add it to outputs.
package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "settings/gen:", err)
		os.Exit(1)
	}
}

func run() error {
	root, err := moduleRoot()
	if err != nil {
		return err
	}
	files, err := outputs(root)
	if err != nil {
		return err
	}
	for path, content := range files {
		if err := os.WriteFile(filepath.Join(root, path), []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// outputs returns the derived files as they should be, by their paths from the
// root of the module.
func outputs(root string) (map[string]string, error) {
	list, err := read(filepath.Join(root, "internal/settings/options.go"))
	if err != nil {
		return nil, err
	}
	files := map[string]string{"docs/settings.md": page(list)}
	if files["internal/settings/settings.schema.json"], err = jsonSchema(list); err != nil {
		return nil, err
	}
	manifest, err := os.ReadFile(filepath.Join(root, vscodeManifest))
	if err != nil {
		return nil, err
	}
	if files[vscodeManifest], err = vscodePackage(string(manifest), list); err != nil {
		return nil, err
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return files, nil
	case err != nil:
		return nil, err
	}
	if text, ok := replaceBetween(string(readme), "<!-- settings:begin -->", "<!-- settings:end -->", table(list, "docs/settings.md")); ok {
		files["README.md"] = text
	}
	return files, nil
}

// replaceBetween puts middle on lines of its own between two markers. It is
// false if text does not have both.
func replaceBetween(text, begin, end, middle string) (string, bool) {
	before, rest, ok := strings.Cut(text, begin)
	if !ok {
		return "", false
	}
	_, after, ok := strings.Cut(rest, end)
	return before + begin + "\n" + middle + end + after, ok
}

// moduleRoot returns the nearest parent directory that holds go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("find the module's root: there is no go.mod above this directory")
		}
		dir = parent
	}
}
