//go:build !windows

package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const kind = "trust"

// at returns the Dir of a user whose state is kept in home.
func at(home string) Dir {
	return New(func(name string) (string, bool) {
		if name == "XDG_STATE_HOME" {
			return home, true
		}
		return "", false
	})
}

func TestPath(t *testing.T) {
	for _, test := range []struct{ xdg, home, want string }{
		{"/s", "/h", "/s/llmls"},
		{"", "/h", "/h/.local/state/llmls"},
		{"relative", "/h", "/h/.local/state/llmls"},
		{"", "", ""},
		{"", "relative", ""},
	} {
		lookup := func(name string) (string, bool) {
			return map[string]string{"XDG_STATE_HOME": test.xdg, "HOME": test.home}[name], true
		}
		if got, err := Path(lookup); got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%q, %q: got %q, %v", test.xdg, test.home, got, err)
		}
	}
}

func TestRecords(t *testing.T) {
	d := at(t.TempDir())
	names := []string{"https://a.example:8443", "http://[::1]:80", "../../x", "https://A%2F?*"}
	if got, err := d.List(kind); err != nil || len(got) > 0 {
		t.Errorf("before the first: %q, %v", got, err)
	}
	if _, err := d.Read(kind, "x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before the first: %v", err)
	}
	for _, name := range names {
		for _, text := range []string{"first", name} {
			if err := d.Write(kind, name, []byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := d.Read(kind, name); err != nil || string(got) != name {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	listed, err := d.List(kind)
	slices.Sort(listed)
	slices.Sort(names)
	if diff := cmp.Diff(names, listed); diff != "" || err != nil {
		t.Errorf("List: %v\n%s", err, diff)
	}
	if err := d.Remove(kind, names[0]); err != nil {
		t.Error(err)
	}
	if err := d.Remove(kind, names[0]); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("removed twice: %v", err)
	}
}

// TestUmask is for directories and files that come into being under any umask,
// and for those that were there with other permissions. The umask belongs to
// the process, so nothing runs beside this test.
func TestUmask(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o777} {
		home := t.TempDir()
		d := at(filepath.Join(home, "new", "state"))
		before := syscall.Umask(umask)
		err := d.Write(kind, "n", []byte("x"))
		syscall.Umask(before)
		if err != nil {
			t.Fatalf("umask %o: %v", umask, err)
		}
		checkModes(t, home)

		dir := filepath.Join(home, "new", "state", "llmls")
		for path, mode := range map[string]fs.FileMode{dir: 0o755, filepath.Join(dir, kind): 0o777, filepath.Dir(dir): 0o755} {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := d.Read(kind, "n"); err != nil {
			t.Error(err)
		}
		if info, err := os.Stat(filepath.Dir(dir)); err != nil || info.Mode().Perm() != 0o755 {
			t.Errorf("the directory above is now %v, %v", info.Mode(), err)
		}
		checkModes(t, dir)
	}
}

// checkModes wants everything below dir to be its user's alone.
func checkModes(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		want := filePerm
		if entry.IsDir() {
			want = dirPerm
		}
		if info, err := entry.Info(); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has %v, want %v: %v", path, info.Mode(), want, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// What is no private regular file is neither read nor waited for, and a Write
// takes its place without touching what a link leads to.
func TestPlanted(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("outside"), 0o600); err != nil {
		t.Fatal(err)
	}
	plants := map[string]func(path string) error{
		"link":        func(path string) error { return os.Symlink(outside, path) },
		"link inside": func(path string) error { return os.Symlink("good", path) },
		"pipe":        func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"readable":    func(path string) error { return os.WriteFile(path, []byte("x"), 0o644) },
		"of the group": func(path string) error {
			return errors.Join(os.WriteFile(path, []byte("x"), 0o600), os.Chmod(path, 0o620))
		},
	}
	for name, plant := range plants {
		t.Run(name, func(t *testing.T) {
			d := at(t.TempDir())
			if err := d.Write(kind, "good", nil); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(plant(d.File(kind, "n")), os.Chmod(d.File(kind, "good"), 0o600)); err != nil {
				t.Fatal(err)
			}
			if name == "readable" {
				if err := os.Chmod(d.File(kind, "n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if got, err := d.Read(kind, "n"); !errors.Is(err, ErrNotPrivate) {
				t.Errorf("read %q, %v", got, err)
			}
			if err := d.Write(kind, "n", []byte("mine")); err != nil {
				t.Error(err)
			}
			if got, err := d.Read(kind, "n"); err != nil || string(got) != "mine" {
				t.Errorf("after a write: %q, %v", got, err)
			}
			if got, err := os.ReadFile(outside); err != nil || string(got) != "outside" {
				t.Errorf("outside is %q, %v", got, err)
			}
		})
	}
	t.Run("folder", func(t *testing.T) {
		home, other := t.TempDir(), t.TempDir()
		d := at(home)
		if err := errors.Join(os.Mkdir(filepath.Join(home, "llmls"), 0o700), os.Symlink(other, filepath.Join(home, "llmls", kind))); err != nil {
			t.Fatal(err)
		}
		if err := d.Write(kind, "n", []byte("x")); err == nil {
			t.Error("followed a link out of the directory")
		}
		if err := errors.Join(os.Remove(filepath.Join(home, "llmls", kind)), os.Mkdir(filepath.Join(home, "llmls", "elsewhere"), 0o700),
			os.Symlink("elsewhere", filepath.Join(home, "llmls", kind))); err != nil {
			t.Fatal(err)
		}
		if err := d.Write(kind, "n", []byte("x")); err == nil {
			t.Error("followed a link inside the directory")
		}
	})
}

// Nowhere to write is an error, not an end.
func TestNowhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, d := range []Dir{at(file), at(""), at("/proc/llmls")} {
		if err := d.Write(kind, "n", nil); err == nil {
			t.Error("wrote nowhere")
		}
		if _, err := d.Read(kind, "n"); err == nil {
			t.Error("read nowhere")
		}
	}
}

// Only llmls's own leftovers are removed, and only if no process writes to them any
// more: editors keep files of their own beside an answer.
func TestStaleTemporaryFilesAreSwept(t *testing.T) {
	d := at(t.TempDir())
	if err := d.Write(kind, "n", nil); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Dir(d.File(kind, "n"))
	const gone, fresh, held = ".llmls-AAAAAAAAAAAAAAAAAAAAAAAAAA.tmp", ".llmls-BBBBBBBBBBBBBBBBBBBBBBBBBB.tmp", ".llmls-CCCCCCCCCCCCCCCCCCCCCCCCCC.tmp"
	want := []string{"n"}
	for name, age := range map[string]time.Duration{
		gone: time.Hour, fresh: 0, held: time.Hour, ".llmls-other.tmp": time.Hour,
		gone + "~": time.Hour, "." + gone: time.Hour, gone[:20] + "1" + gone[21:]: time.Hour, gone[:20] + gone[21:]: time.Hour,
		".n.md.swp": time.Hour, ".n.md.kate-swp": time.Hour, ".#n.md": time.Hour, "#n.md#": time.Hour, ".n.md.un~": time.Hour, ".x": time.Hour,
	} {
		path := filepath.Join(folder, name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, time.Time{}, time.Now().Add(-age))); err != nil {
			t.Fatal(err)
		}
		if name != gone {
			want = append(want, name)
		}
	}
	writer, err := os.Open(filepath.Join(folder, held))
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if err := tryLock(writer); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(kind, "n", nil); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, entry := range entries {
		left = append(left, entry.Name())
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("left are (want -, got +)\n%s", diff)
	}
	if names, err := d.List(kind); err != nil || len(names) != 1 {
		t.Errorf("listed %q, %v", names, err)
	}
}

// Names of any length fit, stay distinct, and lead to their records again.
func TestLongNames(t *testing.T) {
	d := at(t.TempDir())
	long := strings.Repeat("ä/", 500)
	for _, name := range []string{long + "1.md", long + "2.md", long, "." + long, strings.Repeat("%", 255), strings.Repeat("x", 141)} {
		if err := d.Write(kind, name, []byte(name)); err != nil {
			t.Fatal(err)
		}
		file := d.File(kind, name)
		if base := filepath.Base(file); len(base) > maxName || filepath.Ext(base) != filepath.Ext(name) && strings.HasSuffix(name, ".md") {
			t.Errorf("%.10s… is in %s", name, base)
		}
	}
	names, err := d.List(kind)
	if err != nil || len(names) != 6 {
		t.Fatalf("listed %q, %v", names, err)
	}
	for _, name := range names {
		raw, err := d.Read(kind, name)
		if err != nil || fileName(string(raw)) != fileName(name) {
			t.Errorf("%s holds %.20q, %v", name, raw, err)
		}
	}
}

// One process holds a lock; waiting for it can be cancelled.
func TestLock(t *testing.T) {
	d := at(t.TempDir())
	release, err := d.Lock(t.Context(), "l")
	if err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := d.Lock(stopped, "l"); !errors.Is(err, context.Canceled) {
		t.Errorf("a second one got it: %v", err)
	}
	release()
	release, err = d.Lock(stopped, "l")
	if err != nil {
		t.Fatal(err)
	}
	release()
}

// Many write one record and records of their own: each is whole, none is lost.
func TestWritersDoNotDisturbEachOther(t *testing.T) {
	home := t.TempDir()
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			d := at(home) // as another process would
			for _, name := range []string{"shared", fmt.Sprint(i)} {
				if err := d.Write(kind, name, []byte("whole")); err != nil {
					t.Error(err)
				}
				if got, err := d.Read(kind, name); err != nil || string(got) != "whole" {
					t.Errorf("%s is %q, %v", name, got, err)
				}
			}
		})
	}
	all.Wait()
	if names, err := at(home).List(kind); err != nil || len(names) != 21 {
		t.Errorf("there are %q, %v", names, err)
	}
}
