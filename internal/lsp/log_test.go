//go:build linux

package lsp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest"

	"github.com/llmls/llmls/internal/state"
)

func newLogFile(path string, warn *zap.Logger) *logFile {
	return &logFile{chosen: func() string { return path }, warn: warn}
}

// Several servers share one file, and come to its limit at the same time. One
// of them sets it aside, and none what another has just begun: the one
// predecessor that is kept would be lost.
func TestLogOfManyServers(t *testing.T) {
	const rounds, servers = 20, 16
	for range rounds {
		path := filepath.Join(t.TempDir(), "state", "llmls.log")
		entry := func(server, n int) string {
			return fmt.Sprintf(`{"server":%d,"n":%d,"fill":"%s"}`+"\n", server, n, strings.Repeat("x", 10000))
		}
		// Together they fill it once and a half, so that nothing has to go.
		each := maxLog * 3 / 2 / len(entry(0, 0)) / servers
		var all sync.WaitGroup
		for server := range servers {
			file := newLogFile(path, zaptest.NewLogger(t))
			all.Go(func() {
				for n := range each {
					if _, err := file.Write([]byte(entry(server, n))); err != nil {
						t.Error(err)
					}
				}
				if err := file.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		seen := map[string]bool{}
		for _, name := range []string{path, path + ".1"} {
			for _, e := range entries(t, name) {
				seen[fmt.Sprint(e.Server, " ", e.N)] = true
			}
		}
		if len(seen) != servers*each {
			t.Fatalf("%d of %d entries are left", len(seen), servers*each)
		}
	}
}

// A server that has the log open when another sets it aside goes on in the new
// one, and leaves the one before alone.
func TestLogFollowsItsName(t *testing.T) {
	path := filepath.Join(t.TempDir(), "llmls.log")
	one, other := newLogFile(path, zaptest.NewLogger(t)), newLogFile(path, zaptest.NewLogger(t))
	t.Cleanup(func() {
		if err := errors.Join(one.Close(), other.Close()); err != nil {
			t.Error(err)
		}
	})
	write := func(file *logFile, server, n, fill int) {
		if _, err := fmt.Fprintf(file, `{"server":%d,"n":%d,"fill":"%s"}`+"\n", server, n, strings.Repeat("x", fill)); err != nil {
			t.Fatal(err)
		}
	}
	write(other, 2, 0, 0)
	for n := 0; ; n++ {
		write(one, 1, n, 10000)
		if _, err := os.Stat(path + ".1"); err == nil {
			break
		}
	}
	write(other, 2, 1, 0)
	if got := entries(t, path); len(got) != 2 || got[1] != (logEntry{2, 1}) {
		t.Errorf("in the new log are %v", got)
	}
}

type logEntry struct{ Server, N int }

// entries returns what is in a log, and fails the test if it is not private.
func entries(t *testing.T, name string) (all []logEntry) {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(raw) {
		var e logEntry
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("a torn line: %.80q", line)
		}
		all = append(all, e)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v", name, info.Mode(), err)
	}
	return all
}

// A log that cannot be written costs one warning, whatever the reason.
func TestLogThatCannotBeWritten(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, f *logFile){
		"full disk": func(t *testing.T, f *logFile) {
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			f.place, f.file = state.LogAt("/dev/full"), full
		},
		"no directory": func(t *testing.T, f *logFile) {
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			f.place = state.LogAt(filepath.Join(file, "llmls.log"))
		},
		"a directory": func(t *testing.T, f *logFile) { f.place = state.LogAt(t.TempDir()) },
		"a device":    func(_ *testing.T, f *logFile) { f.place = state.LogAt("/dev/null") },
		"a pipe": func(t *testing.T, f *logFile) {
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			f.place = state.LogAt(pipe)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			warn := zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(&stderr), zap.InfoLevel))
			f := newLogFile("", warn)
			prepare(t, f)
			for range 3 {
				if n, err := f.Write([]byte("entry\n")); n != 6 || err != nil {
					t.Errorf("Write: %d, %v", n, err)
				}
			}
			if n := strings.Count(stderr.String(), "logging to stderr alone"); n != 1 {
				t.Errorf("%d warnings: %s", n, stderr.String())
			}
			_ = f.Close()
		})
	}
}
