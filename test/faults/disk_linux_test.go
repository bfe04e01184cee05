package faults

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// through runs llmls in a mount namespace of its own, after script.
func through(script string) []string {
	return []string{"unshare", "-rm", "sh", "-c", script + ` && exec "$0" "$@"`}
}

const entriesFailed = "logging to stderr alone"

// A disk that is really full, or may not be written, costs one warning, not an
// answer.
func TestDisks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		mount string // for fmt, with the directory
		warns int
	}{
		{"full", `mkdir -p %[1]s && mount -t tmpfs -o size=64k none %[1]s && { head -c 60k /dev/zero > %[1]s/full; true; }`, 1},
		{"full to the last byte", `mkdir -p %[1]s && mount -t tmpfs -o size=64k none %[1]s && { head -c 64k /dev/zero > %[1]s/full; true; }`, 1},
		{"read-only", `mkdir -p %[1]s && mount -t tmpfs none %[1]s && mount -o remount,ro %[1]s`, 1},
		{"good", `mkdir -p %[1]s && mount -t tmpfs -o size=1m none %[1]s`, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			u.Script(completiontest.Answer("Hello"))
			h := llmls.Home(t, u.URL, "logLevel = \"debug\"\n")
			h.Through = through(fmt.Sprintf(test.mount, filepath.Join(h.Dir, "state")))
			s := start(t, h).ready()
			for range 200 { // some 30 KB
				s.Must(s.Notify("textDocument/didChange", "malformed")) // is logged
			}
			for range 3 {
				if r, err := s.explain("t"); err != nil || r.Text != "Hello" {
					t.Errorf("got %q, %v", r.Text, err)
				}
			}
			s.stillWorks()
			process.Eventually(t, process.Patience, "the ends are logged", func() bool { return strings.Count(s.Stderr.String(), "answered") == 3 })
			if n := strings.Count(s.Stderr.String(), entriesFailed); n != test.warns {
				t.Errorf("%d warnings", n)
			}
			unkept := func(m message) bool {
				return m.Method == "window/showMessage" && strings.Contains(string(m.Params), "conversations cannot be kept")
			}
			if test.warns > 0 {
				s.Await("a message", unkept)
			}
			s.Must(s.Call(s.Context(), "shutdown", nil, nil)) // after all that was shown
			told := 0
			for _, m := range s.Seen() {
				if unkept(m) {
					told++
				}
			}
			if told != test.warns {
				t.Errorf("the person was told %d times", told)
			}
		})
	}
}

// A disk that fills up leaves no file of a conversation that could not be begun, and
// nothing of a turn behind others.
func TestDiskFillsUp(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	long := completiontest.Answer(strings.Repeat("More than there is room for. ", 10_000))
	u.Scripts([]completiontest.Step{long}, []completiontest.Step{completiontest.Answer("Hello.")}, []completiontest.Step{long})
	h := llmls.Home(t, u.URL, calm)
	state := filepath.Join(h.Dir, "state")
	h.Through = through(fmt.Sprintf(`mkdir -p %[1]s && mount -t tmpfs -o size=128k none %[1]s`, state))
	s := start(t, h).ready()
	files := func() (all map[string]string) {
		all = map[string]string{}
		names, _ := filepath.Glob(filepath.Join("/proc", strconv.Itoa(s.ID()), "root", state, "llmls", "conversations", "*")) // none yet
		for _, name := range names {
			data, err := os.ReadFile(name)
			s.Must(err)
			all[name] = string(data)
		}
		return all
	}
	unkept := func(m message) bool {
		return m.Method == "window/showMessage" && strings.Contains(string(m.Params), "conversations cannot be kept")
	}
	_, err := s.explain("a")
	s.Must(err)
	s.Await("a message", unkept)
	if left := files(); len(left) > 0 {
		t.Errorf("left is %v", left)
	}
	hello, err := s.explain("b")
	s.Must(err)
	process.Eventually(t, process.Patience, "a short one is kept", func() bool {
		return strings.Contains(strings.Join(slices.Collect(maps.Values(files())), ""), `"finishReason":"stop"`)
	})
	before := files()
	s.Must(s.Command("llmls.ask", map[string]any{"question": "why?", "conversation": hello.Conversation, "partialResultToken": "c"}, nil))
	process.Eventually(t, process.Patience, "it is given up", func() bool { return strings.Count(s.Stderr.String(), "could not keep a conversation") == 2 })
	if diff := cmp.Diff(before, files()); diff != "" {
		t.Error(diff)
	}
	if list := s.history(map[string]any{}); len(list) != 1 || list[0].Turns != 1 {
		t.Errorf("listed %+v", list)
	}
}

// What llmls writes is its user's alone, whatever the mask it was started with.
func TestStateIsPrivate(t *testing.T) {
	t.Parallel()
	for _, umask := range []string{"000", "022", "077"} {
		t.Run(umask, func(t *testing.T) {
			t.Parallel()
			h := llmls.Home(t, "http://127.0.0.1:1", "")
			h.Through = []string{"sh", "-c", "umask " + umask + ` && exec "$0" "$@"`}
			s := start(t, h).ready()
			s.Must(s.Notify("textDocument/didChange", "malformed")) // is logged
			s.stillWorks()
			log := filepath.Join(h.Dir, "state", "llmls", "llmls.log")
			for path, want := range map[string]os.FileMode{log: 0o600, filepath.Dir(log): 0o700 | os.ModeDir} {
				info, err := os.Stat(path)
				if err != nil || info.Mode() != want {
					t.Errorf("%s: %v, %v, want %v", path, info.Mode(), err, want)
				}
			}
		})
	}
}

// Servers that fill one log at the same time set it aside once, and lose
// nothing: neither an entry nor a half of one.
func TestLogIsSetAside(t *testing.T) {
	t.Parallel()
	const servers, each = 4, 10_000 // entries, which fill the log once and a half
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	var all sync.WaitGroup
	for range servers {
		s := start(t, h).ready()
		all.Go(func() {
			for range each {
				_ = s.Notify("textDocument/didChange", "malformed") // is logged
			}
			s.stillWorks()
		})
	}
	all.Wait()
	old, err := os.Stat(filepath.Join(h.Dir, "state", "llmls", "llmls.log.1"))
	if err != nil {
		t.Fatal(err)
	}
	log := h.Log(t)
	t.Logf("%d bytes of %d are set aside", old.Size(), len(log))
	if n := strings.Count(log, "a notification was not understood"); n != servers*each {
		t.Errorf("%d of %d entries", n, servers*each)
	}
	for line := range strings.Lines(log) {
		if !strings.HasPrefix(line, "{") || !strings.HasSuffix(line, "}\n") {
			t.Errorf("a torn entry: %q", line)
		}
	}
}
