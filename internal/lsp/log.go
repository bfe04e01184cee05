package lsp

import (
	"io"
	"os"
	"sync"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/llmls/llmls/internal/completion/safety"
	"github.com/llmls/llmls/internal/completion/secrets"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/state"
)

// maxLog is how large the log file grows, in bytes, before it is renamed. One
// earlier file is kept, so the log takes twice that at most.
const maxLog = 5 << 20

// OpenLog returns a logger that writes to stderr, where editors look, and to
// the file at path; "" is the usual place. path is called, and the file opened, for
// the first entry, because an editor waits for the start. A file that cannot be
// written costs one warning and nothing else; neither writer blocks the logging
// goroutine for long (see sink). Secrets are redacted in both, and modelines broken.
// The returned function waits for a moment until both are written, and closes the
// file.
func OpenLog(path func() string, level zapcore.LevelEnabler, stderr io.Writer, secrets *secrets.Redactor) (log *zap.Logger, end func()) {
	encoding := zap.NewProductionEncoderConfig()
	encoding.EncodeTime = zapcore.ISO8601TimeEncoder
	encoding.EncodeLevel = zapcore.CapitalLevelEncoder
	shown, console := newSink(zapcore.NewConsoleEncoder(encoding), secrets.Writer(inert{stderr}), level)

	file := &logFile{chosen: path, warn: zap.New(console)}
	entries, kept := newSink(zapcore.NewJSONEncoder(encoding), secrets.Writer(inert{file}), level)
	return zap.New(zapcore.NewTee(console, kept)), func() {
		if entries.flushed() { // or it is written to, and ends with the process
			_ = file.Close() // there is no place to report an error
		}
		shown.flushed()
	}
}

// inert breaks the modelines in entries, which are JSON, with safety.InertJSON.
type inert struct{ io.Writer }

func (w inert) Write(p []byte) (int, error) {
	if _, err := w.Writer.Write(safety.InertJSON(p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// LogLevel returns the level that the settings ask for.
func LogLevel(s *settings.Settings) zapcore.Level {
	level, err := zapcore.ParseLevel(s.LogLevel)
	if err != nil {
		return zapcore.InfoLevel
	}
	return level
}

// logName is the log's name in the state directory.
const logName = "llmls.log"

// LogPath returns the usual place of the log file: the state directory of the
// user.
func LogPath() (string, error) {
	place, err := state.New(os.LookupEnv).Log(logName)
	if err != nil {
		return "", err
	}
	return place.Path(), nil
}

// A logFile is an append-only file that is renamed when it is full. Several servers
// may write to one: each entry is one write at the end of the file.
type logFile struct {
	chosen func() string // the path, "" for the usual place
	warn   *zap.Logger

	mu     sync.Mutex
	place  *state.Log // nil until the first entry
	file   *os.File   // nil until the first entry
	failed bool
}

func (f *logFile) open() (err error) {
	if f.place == nil {
		if path := f.chosen(); path != "" {
			f.place = state.LogAt(path)
		} else if f.place, err = state.New(os.LookupEnv).Log(logName); err != nil {
			return err
		}
	}
	f.file, err = f.place.Open()
	return err
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
	// Other servers write to it too, and rename it.
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	if f.place.Has(info) {
		if info.Size()+int64(n) <= maxLog {
			return nil
		}
		if err := f.place.SetAside(f.file); err != nil {
			return err
		}
	}
	_ = f.file.Close() // nothing is buffered
	return f.open()
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
