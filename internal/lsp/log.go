package lsp

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/llmls/llmls/internal/completion/secrets"
	"github.com/llmls/llmls/internal/lsp/settings"
	"github.com/llmls/llmls/internal/lsp/state"
)

const (
	// maxLog is how large the log file grows before it is set aside. One
	// predecessor is kept, so the log takes twice that at most.
	maxLog      = 5 << 20
	logFilePerm = 0o600
	logDirPerm  = 0o700
)

// OpenLog returns a logger that writes to stderr, where editors look, and to
// the file at path, which stays; "" is the usual place. Path is called, and the
// file opened, for the first entry, because an editor waits for the start. A
// file that cannot be written costs one warning and nothing else. Both are
// written through secrets. The returned function closes the file.
func OpenLog(path func() string, level zapcore.LevelEnabler, stderr io.Writer, secrets *secrets.Redactor) (*zap.Logger, func() error) {
	encoding := zap.NewProductionEncoderConfig()
	encoding.EncodeTime = zapcore.ISO8601TimeEncoder
	encoding.EncodeLevel = zapcore.CapitalLevelEncoder
	console := zapcore.NewCore(zapcore.NewConsoleEncoder(encoding), zapcore.Lock(zapcore.AddSync(secrets.Writer(stderr))), level)

	file := &logFile{chosen: path, warn: zap.New(console)}
	kept := zapcore.NewCore(zapcore.NewJSONEncoder(encoding), zapcore.AddSync(secrets.Writer(file)), level)
	return zap.New(zapcore.NewTee(console, kept)), file.Close
}

// LogLevel returns the level that the settings ask for.
func LogLevel(s *settings.Settings) zapcore.Level {
	level, err := zapcore.ParseLevel(s.LogLevel)
	if err != nil {
		return zapcore.InfoLevel
	}
	return level
}

// LogPath returns the place of the log file: the state directory of the user.
func LogPath() (string, error) {
	dir, err := state.Path(os.LookupEnv)
	return filepath.Join(dir, "llmls.log"), err
}

// A logFile is an append-only file that is set aside when it is full. Several
// servers may write to one: each entry is one write at the end of the file.
type logFile struct {
	chosen func() string // the path, "" for the usual place
	warn   *zap.Logger

	mu     sync.Mutex
	path   string   // "" until the first entry
	file   *os.File // nil until the first entry
	failed bool
}

func (f *logFile) open() error {
	if f.path == "" {
		f.path = f.chosen()
	}
	if f.path == "" {
		var err error
		if f.path, err = LogPath(); err != nil {
			return fmt.Errorf("finding a place for the log: %w", err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(f.path), logDirPerm); err != nil {
		return fmt.Errorf("making a place for the log: %w", err)
	}
	// Not blocking, or a pipe that nobody reads would stop the server here.
	file, err := os.OpenFile(f.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY|syscall.O_NONBLOCK, logFilePerm)
	if err != nil {
		return fmt.Errorf("opening the log: %w", err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err == nil {
		err = file.Chmod(logFilePerm) // it may be older than this rule
	}
	if err != nil {
		return errors.Join(fmt.Errorf("opening the log %s: %w", f.path, err), file.Close())
	}
	f.file = file
	return nil
}

// Write appends one entry. It never fails, and says once if it could not write.
func (f *logFile) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed {
		return len(p), nil
	}
	err := f.prepare(len(p))
	if err == nil {
		_, err = f.file.Write(p)
	}
	if err != nil {
		f.failed = true
		f.warn.Warn("logging to stderr alone", zap.Error(err))
	}
	return len(p), nil
}

// prepare makes the file ready for n more bytes.
func (f *logFile) prepare(n int) error {
	if f.file == nil {
		return f.open()
	}
	// Other servers write to it too, and set it aside.
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	if !renamed(info, f.path) {
		if info.Size()+int64(n) <= maxLog {
			return nil
		}
		if err := setAside(f.file, f.path); err != nil {
			return err
		}
	}
	_ = f.file.Close() // nothing is buffered
	return f.open()
}

// renamed tells whether the file that info is of has another name than path by
// now, or none.
func renamed(info os.FileInfo, path string) bool {
	named, err := os.Stat(path)
	return errors.Is(err, os.ErrNotExist) || err == nil && !os.SameFile(info, named)
}

// Sync does nothing: entries are not buffered.
func (*logFile) Sync() error { return nil }

// Close closes the file.
func (f *logFile) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed = true
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}
