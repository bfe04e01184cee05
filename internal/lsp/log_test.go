//go:build linux

package lsp

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

func newLogFile(path string, warn *zap.Logger) *logFile {
	return &logFile{chosen: func() string { return path }, warn: warn}
}

// Two servers share one file; each sets it aside when it has written its fill.
// Neither may set aside what the other has just begun: the one predecessor that
// is kept would be lost.
func TestLogOfTwoServers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "llmls.log")
	servers := []*logFile{newLogFile(path, zap.NewNop()), newLogFile(path, zap.NewNop())}
	entry := func(server, n int) string {
		return fmt.Sprintf(`{"server":%d,"n":%d,"fill":"%s"}`+"\n", server, n, strings.Repeat("x", 1000))
	}
	size := len(entry(0, 1000))
	// The first fills its half and a little more, then the second, so that each
	// comes to its limit once, the second just after the first.
	counts := []int{maxLog/size + 10, maxLog/size + 5}
	for n := range counts[0] {
		for server, file := range servers {
			if n < counts[server] {
				if _, err := file.Write([]byte(entry(server, n))); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	seen := map[string]bool{}
	for _, name := range []string{path, path + ".1"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(raw) {
			if !json.Valid(line) {
				t.Fatalf("a torn line: %.80q", line)
			}
			var e struct{ Server, N int }
			if err := json.Unmarshal(line, &e); err != nil {
				t.Fatal(err)
			}
			seen[fmt.Sprint(e.Server, e.N)] = true
		}
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != logFilePerm {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	for server, count := range counts {
		for n := range count {
			if !seen[fmt.Sprint(server, n)] {
				t.Fatalf("entry %d of server %d is lost", n, server)
			}
		}
		if err := servers[server].Close(); err != nil {
			t.Error(err)
		}
	}
}

// A log that cannot be written costs one warning, whatever the reason.
func TestLogThatCannotBeWritten(t *testing.T) {
	for name, prepare := range map[string]func(t *testing.T, f *logFile){
		"full disk": func(t *testing.T, f *logFile) {
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			f.path, f.file = "/dev/full", full
		},
		"no directory": func(t *testing.T, f *logFile) {
			file := filepath.Join(t.TempDir(), "file")
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			f.path = filepath.Join(file, "llmls.log")
		},
		"a directory": func(t *testing.T, f *logFile) { f.path = t.TempDir() },
		"a device":    func(_ *testing.T, f *logFile) { f.path = "/dev/null" },
		"a pipe": func(t *testing.T, f *logFile) {
			f.path = filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(f.path, 0o600); err != nil {
				t.Fatal(err)
			}
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
