package faults

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/llmls/llmls/test/process"
)

func languagesOf(h *process.Home) string {
	return filepath.Join(h.Dir, "config", "helix", "languages.toml")
}

// Several that add to one configuration at once lose nothing of each other's.
func TestSetupAtOnce(t *testing.T) {
	t.Parallel()
	languages := []string{"python", "rust", "go", "c", "java", "bash"}
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	h.Write(t, "config/helix/languages.toml", "# mine\n")
	var all sync.WaitGroup
	for _, language := range languages {
		c := h.Start(t, "setup", "helix", "--write", language)
		all.Go(func() {
			c.EndsWithin(process.Patience)
			c.Exits(0)
		})
	}
	all.Wait()
	raw, err := os.ReadFile(languagesOf(h))
	if err != nil || !strings.HasPrefix(string(raw), "# mine\n") {
		t.Errorf("it holds %q, %v", raw, err)
	}
	for _, word := range append(languages, "markdown") {
		if n := strings.Count(string(raw), fmt.Sprintf("name = %q\n", word)); n != 1 {
			t.Errorf("%s is there %d times", word, n)
		}
	}
	left, err := filepath.Glob(filepath.Join(h.Dir, "config", "helix", ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left are %q, %v", left, err)
	}
}

// What stands in the way of a configuration is told, and stays as it is.
func TestSetupLeavesAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		plant func(path string) error
		says  string
	}{
		"a dangling link":      {func(path string) error { return os.Symlink("dotfiles/languages.toml", path) }, "a link to dotfiles/languages.toml, which does not exist"},
		"a link to itself":     {func(path string) error { return os.Symlink(filepath.Base(path), path) }, "too many links"},
		"a pipe":               {func(path string) error { return syscall.Mkfifo(path, 0o600) }, "no regular file"},
		"a directory":          {func(path string) error { return os.Mkdir(path, 0o700) }, "no regular file"},
		"a device":             {func(path string) error { return os.Symlink("/dev/zero", path) }, "no regular file"},
		"UTF-16":               {func(path string) error { return os.WriteFile(path, []byte("\xff\xfe#\x00\n\x00"), 0o600) }, "not UTF-8"},
		"write-protected":      {func(path string) error { return os.WriteFile(path, nil, 0o400) }, "write-protected"},
		"a file without bound": {func(path string) error { return errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, 1<<40)) }, "larger than"},
		"a hard link":          {func(path string) error { return errors.Join(os.WriteFile(path, nil, 0o600), os.Link(path, path+"2")) }, "a second name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := llmls.Home(t, "http://127.0.0.1:1", "")
			path := languagesOf(h)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), test.plant(path)); err != nil {
				t.Fatal(err)
			}
			before, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			c := h.Run(t, "setup", "helix", "--write", "go")
			c.Exits(1)
			c.Says(path+" stays as it is", test.says)
			after, err := os.Lstat(path)
			if err != nil || after.Mode() != before.Mode() || after.Size() != before.Size() || !os.SameFile(before, after) {
				t.Errorf("it became %v, %v", after, err)
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), "dotfiles")); err == nil {
				t.Error("what the link names was made")
			}
		})
	}
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	c := h.Run(t, "setup", "vscode", "--write")
	c.Exits(1)
	c.Says("VS Code needs the extension")
}

// A link, the permissions, the owner, the line ends and every other byte stay,
// and a second time there is nothing to do.
func TestSetupKeeps(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	h.Through = []string{"sh", "-c", `umask 0777; exec "$0" "$@"`}
	const mine = "# mine\r\n[[language]]\r\nname = \"go\"\nlanguage-servers = [\"gopls\"] \t# two\r\nx = \"\u202e\"\r\n\r\n# no end"
	target := h.Write(t, "dotfiles/helix.toml", mine)
	path := languagesOf(h)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.Symlink("../../dotfiles/helix.toml", path), os.Chmod(target, 0o640)); err != nil {
		t.Fatal(err)
	}
	owner := os.Geteuid()
	if owner == 0 { // who alone can give a file away
		owner = 12345
		if err := os.Chown(target, owner, owner); err != nil {
			t.Fatal(err)
		}
	}
	h.Run(t, "setup", "hx", "--write", "go").Exits(0)
	written, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, rest, _ := strings.Cut(mine, `"gopls"`)
	if text := string(written); !strings.HasPrefix(text, begin+`"gopls", "llmls"`) || !strings.Contains(text, rest+"\r\n") || strings.Count(text, "\n")-strings.Count(text, "\r\n") != 1 {
		t.Errorf("it became %q", text)
	}
	link, err := os.Lstat(path)
	info, errStat := os.Stat(path)
	if err != nil || errStat != nil || link.Mode()&os.ModeSymlink == 0 || info.Mode() != 0o640 || int(info.Sys().(*syscall.Stat_t).Uid) != owner {
		t.Errorf("the link is %v, its file %v; %v, %v", link.Mode(), info.Mode(), err, errStat)
	}
	again := h.Run(t, "setup", "helix", "--write", "go")
	again.Exits(0)
	if text := again.Stdout.String(); strings.Count(text, "has it already") != 2 {
		t.Errorf("a second time it says %s", text)
	}
	if raw, err := os.ReadFile(path); err != nil || string(raw) != string(written) {
		t.Errorf("a second time it became %q, %v", raw, err)
	}
	for _, editor := range []string{"emacs", "kate", "nvim", "vim"} { // new files, and what Windows makes of their ends
		h.Run(t, "setup", editor, "--write").Exits(0)
		printed := h.Run(t, "setup", editor)
		_, file, _ := strings.Cut(printed.Stderr.String(), "For ")
		file, _, _ = strings.Cut(file, ":\n")
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm()&0o600 != 0o600 {
			t.Errorf("%s is %v, %v", file, info.Mode(), err)
		}
		returned := strings.ReplaceAll(string(raw), "\n", "\r\n")
		if err := os.WriteFile(file, []byte(returned), 0o600); err != nil {
			t.Fatal(err)
		}
		again := h.Run(t, "setup", editor, "--write")
		again.Exits(0)
		if raw, err := os.ReadFile(file); err != nil || string(raw) != returned || !strings.Contains(again.Stdout.String(), "has it already") {
			t.Errorf("%s became %q, %v; %s", file, raw, err, again.Stdout.String())
		}
	}
}

// A long configuration costs what it is long, not the square of that.
// It runs alone: the peak of a process counts that of its parent when it started.
func TestSetupOfALongFile(t *testing.T) {
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	var text strings.Builder
	text.WriteString("[[language]]\nname = \"go\"\n")
	for i := range 12_000 {
		fmt.Fprintf(&text, "# line %d\n", i)
	}
	h.Write(t, "config/helix/languages.toml", text.String())
	c := h.Run(t, "setup", "helix", "--write", "go")
	c.Exits(0)
	if peak := c.Peak(); peak > memoryLimit {
		t.Errorf("%d MB of memory at the peak", peak)
	}
	if raw, err := os.ReadFile(languagesOf(h)); err != nil || !strings.HasSuffix(string(raw), "\"llmls\"]\n") || len(raw) < text.Len() {
		t.Errorf("it became %d bytes, %v", len(raw), err)
	}
}
