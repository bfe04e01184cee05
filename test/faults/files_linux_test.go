package faults

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// stateDir is where an account's llmls keeps its files.
func stateDir(h *process.Home) string { return filepath.Join(h.Dir, "state", "llmls") }

// A bystander is a file that is not llmls's, and has to stay as it is.
type bystander struct{ path, text string }

func newBystander(t *testing.T, h *process.Home) bystander {
	t.Helper()
	b := bystander{h.Write(t, "profile", "export A=1\n"), "export A=1\n"}
	if err := os.Chmod(b.path, 0o644); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b bystander) isUntouched(t *testing.T) {
	t.Helper()
	raw, err := os.ReadFile(b.path)
	info, errStat := os.Stat(b.path)
	if err != nil || errStat != nil || string(raw) != b.text || info.Mode() != 0o644 {
		t.Errorf("%s became %q, %v; %v, %v", b.path, raw, info.Mode(), err, errStat)
	}
}

// logs has the server write entries until it has said that it cannot, or, for
// none, until one has come.
func (s *server) logs(failures int) {
	s.t.Helper()
	for range 3 {
		s.Must(s.Notify("textDocument/didChange", "malformed"))
	}
	s.stillWorks()
	process.Eventually(s.t, process.Patience, "entries are written", func() bool { return strings.Count(s.Stderr.String(), "was not understood") == 3 })
	if n := strings.Count(s.Stderr.String(), entriesFailed); n != failures {
		s.t.Errorf("%d warnings", n)
	}
}

// What stands where the log belongs is neither followed, waited for nor changed,
// and costs one warning.
func TestPlantedLog(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(log, other string) error{
		"a link":          func(log, other string) error { return os.Symlink(other, log) },
		"a relative link": func(log, _ string) error { return os.Symlink("../../profile", log) },
		"a link within": func(log, _ string) error {
			return errors.Join(os.WriteFile(log+"s", nil, 0o600), os.Symlink("llmls.logs", log))
		},
		"a dangling link": func(log, other string) error { return os.Symlink(other+"-new", log) },
		"a hard link":     func(log, other string) error { return os.Link(other, log) },
		"a pipe":          func(log, _ string) error { return syscall.Mkfifo(log, 0o600) },
		"a directory":     func(log, _ string) error { return os.Mkdir(log, 0o700) },
		"a device":        func(log, _ string) error { return os.Symlink("/dev/full", log) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := llmls.Home(t, "http://127.0.0.1:1", "")
			other := newBystander(t, h)
			log := filepath.Join(stateDir(h), "llmls.log")
			if err := errors.Join(os.MkdirAll(stateDir(h), 0o700), plant(log, other.path)); err != nil {
				t.Fatal(err)
			}
			before, err := os.Lstat(log)
			if err != nil {
				t.Fatal(err)
			}
			start(t, h).ready().logs(1)
			other.isUntouched(t)
			if after, err := os.Lstat(log); err != nil || after.Mode() != before.Mode() {
				t.Errorf("it became %v, %v", after, err)
			}
			if _, err := os.Lstat(other.path + "-new"); err == nil {
				t.Error("a file was made where the link leads")
			}
			if info, err := os.Stat(log + "s"); err == nil && info.Size() > 0 {
				t.Error("the link within the directory was followed")
			}
		})
	}
}

// Who sets the log aside follows no link either, and what is set aside is
// private, as what comes after it is.
func TestPlantedPredecessorOfTheLog(t *testing.T) {
	t.Parallel()
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	other := newBystander(t, h)
	log := h.Write(t, "state/llmls/llmls.log", strings.Repeat(strings.Repeat("x", 1023)+"\n", 5<<10))
	if err := errors.Join(os.Chmod(log, 0o644), os.Symlink(other.path, log+".1")); err != nil {
		t.Fatal(err)
	}
	start(t, h).ready().logs(0)
	other.isUntouched(t)
	for _, path := range []string{log, log + ".1"} {
		if info, err := os.Lstat(path); err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v, %v", path, info, err)
		}
	}
}

// A log file that the user chose is as the user has it: by a link, and for
// whoever may read it. One that is made is private.
func TestChosenLog(t *testing.T) {
	t.Parallel()
	for name, plant := range map[string]func(t *testing.T, chosen, other string) (log string, mode fs.FileMode){
		"readable": func(t *testing.T, chosen, _ string) (string, fs.FileMode) {
			if err := os.WriteFile(chosen, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			return chosen, 0o644
		},
		"a link": func(t *testing.T, chosen, other string) (string, fs.FileMode) {
			if err := os.Symlink(other, chosen); err != nil {
				t.Fatal(err)
			}
			return other, 0o644
		},
		"new": func(_ *testing.T, chosen, _ string) (string, fs.FileMode) { return chosen, 0o600 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := llmls.Home(t, "http://127.0.0.1:1", "")
			chosen := filepath.Join(h.Dir, "chosen.log")
			log, mode := plant(t, chosen, newBystander(t, h).path)
			h.Configure(t, "logFile = '"+chosen+"'\n")
			h.Through = []string{"sh", "-c", `umask 0777; exec "$0" "$@"`}
			start(t, h).ready().logs(0)
			raw, err := os.ReadFile(log)
			info, errStat := os.Lstat(log)
			if err != nil || errStat != nil || !bytes.Contains(raw, []byte("not understood")) || info.Mode() != mode {
				t.Errorf("%s has %v, %q, %v, %v", log, info.Mode(), raw, err, errStat)
			}
		})
	}
	t.Run("a pipe", func(t *testing.T) {
		t.Parallel()
		h := llmls.Home(t, "http://127.0.0.1:1", "")
		chosen := filepath.Join(h.Dir, "chosen.log")
		if err := syscall.Mkfifo(chosen, 0o600); err != nil {
			t.Fatal(err)
		}
		h.Configure(t, "logFile = '"+chosen+"'\n")
		start(t, h).ready().logs(1)
	})
}

// A directory of llmls's that leads elsewhere is not used, and what it leads to
// stays as it is; the answer comes all the same.
func TestStateThatLeadsElsewhere(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"llmls", "llmls/keys", "llmls/trust", "llmls/answers"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			h := llmls.Home(t, u.URL, calm)
			elsewhere := filepath.Join(h.Dir, "elsewhere")
			link := filepath.Join(h.Dir, "state", name)
			if err := errors.Join(os.Mkdir(elsewhere, 0o755), os.MkdirAll(filepath.Dir(link), 0o700), os.Symlink(elsewhere, link)); err != nil {
				t.Fatal(err)
			}
			if name != "llmls/answers" {
				stored := login(t, h, storedKey, "--file", "https://relay.example")
				trusted := h.Run(t, "trust", "https://relay.example")
				if refused := map[bool]*process.Command{true: stored, false: trusted}[name != "llmls/trust"]; true {
					refused.Exits(1)
					refused.Says("it is a link", "XDG_STATE_HOME")
				}
			}
			newReader(t, h)
			s := start(t, h)
			s.Initialized(readerCapabilities)
			s.Open(uri, "python", document)
			s.Must(s.Notify("textDocument/didChange", "malformed")) // is logged
			var shown result
			s.Must(s.Command("llmls.explain", place(), nil))
			s.Must(s.Command("llmls.explain", place("partialResultToken", "t"), &shown))
			if shown.Text != "Hello" {
				t.Errorf("answered %q", shown.Text)
			}
			entries, err := os.ReadDir(elsewhere)
			info, errStat := os.Stat(elsewhere)
			if err != nil || errStat != nil || len(entries) > 0 || info.Mode().Perm() != 0o755 {
				t.Errorf("it is %v now and has %v; %v, %v", info.Mode(), entries, err, errStat)
			}
		})
	}
}

// Directories that others may enter or write are the user's alone from the first
// use on, whatever was made in them before.
func TestWideStateIsTightened(t *testing.T) {
	t.Parallel()
	for _, umask := range []string{"0000", "0777"} {
		h := withoutKey(t, "")
		h.Through = []string{"sh", "-c", "umask " + umask + `; exec "$0" "$@"`}
		for _, kind := range []string{"keys", "trust"} {
			h.Write(t, "state/llmls/"+kind+"/.hidden", "")
			if err := os.Chmod(filepath.Join(stateDir(h), kind), 0o777); err != nil {
				t.Fatal(err)
			}
		}
		h.Write(t, "state/llmls/llmls.log", "an entry\n")
		if err := errors.Join(os.Chmod(stateDir(h), 0o777), os.Chmod(filepath.Join(stateDir(h), "llmls.log"), 0o666)); err != nil {
			t.Fatal(err)
		}
		login(t, h, storedKey, "--file", "https://relay.example").Exits(0)
		h.Run(t, "trust", "https://other.example").Exits(0)
		h.Run(t, "setup", "vim", "--write").Exits(0) // takes a lock
		start(t, h).ready().logs(0)
		err := filepath.WalkDir(stateDir(h), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := entry.Info()
			if err == nil && info.Mode().Perm() != map[bool]fs.FileMode{true: 0o700, false: 0o600}[entry.IsDir()] {
				t.Errorf("under umask %s %s is %v", umask, path, info.Mode())
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// Only what a killed llmls left behind is swept: editors keep swap, lock, undo
// and backup files beside an answer, and have what was not saved in them.
func TestEditorsFilesStay(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, calm)
	const left = ".llmls-AAAAAAAAAAAAAAAAAAAAAAAAAA.tmp"
	files := map[string]bool{left: false}
	for _, name := range []string{
		".w-ABCDEF.md.swp", ".w-ABCDEF.md.swo", ".w-ABCDEF.md.un~", ".w-ABCDEF.md.kate-swp", "#w-ABCDEF.md#", "w-ABCDEF.md~", "4913",
		".goutputstream-ABCDEF", ".w-ABCDEF.md.123456", ".nfs000000000000000100000001", ".llmls-note.tmp",
	} {
		files[name] = true
	}
	for name := range files {
		path := h.Write(t, "state/llmls/answers/"+name, "what was not saved")
		if err := os.Chtimes(path, time.Time{}, time.Now().Add(-100*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	lock := filepath.Join(stateDir(h), "answers", ".#w-ABCDEF.md") // Emacs's lock is a link that leads nowhere
	if err := os.Symlink("user@host.1:2", lock); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		newReader(t, h)
		s := start(t, h)
		s.Initialized(readerCapabilities)
		s.Open(uri, "python", document)
		s.Must(s.Command("llmls.explain", place(), nil))
		s.Await("the answer file", func(m message) bool { return m.Method == "workspace/applyEdit" })
	}
	for name, stays := range files {
		if _, err := os.Stat(filepath.Join(stateDir(h), "answers", name)); (err == nil) != stays {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Lstat(lock); err != nil {
		t.Error(err)
	}
}
