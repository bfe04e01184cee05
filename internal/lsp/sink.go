package lsp

import (
	"bytes"
	"io"
	"sync"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

const (
	// entryPatience is how long a logging goroutine waits until its entry is
	// written, so that a log is complete up to a crash wherever it can be. A healthy
	// disk takes less than a millisecond.
	entryPatience = 100 * time.Millisecond
	// maxQueued bounds the entries that wait for a sink, in bytes.
	maxQueued = 2 << 20
)

// A sink writes entries to a writer that may block, without blocking the caller for long:
// standard error is a pipe that an editor may not read, and a network file system may be
// unreachable. The first caller waits for entryPatience; after that entries are queued,
// and dropped when the queue is full. The number of dropped entries is logged when the
// writer works again. Safe for concurrent use.
type sink struct {
	out  io.Writer
	told *zap.Logger // encodes like this sink and writes to out directly

	mu      sync.Mutex
	queue   []queued
	size    int // of what is in it, and being written, in bytes
	lost    int
	stuck   bool
	running bool // a goroutine empties the queue
}

type queued struct {
	entry   []byte
	written chan struct{} // closed then
}

// newSink returns a sink for out, and the core that writes to it.
func newSink(encoder zapcore.Encoder, out io.Writer, level zapcore.LevelEnabler) (*sink, zapcore.Core) {
	s := &sink{out: out, told: zap.New(zapcore.NewCore(encoder, zapcore.AddSync(out), level))}
	return s, zapcore.NewCore(encoder, s, level)
}

// Write takes a copy of one entry. It never fails.
func (s *sink) Write(entry []byte) (int, error) {
	s.mu.Lock()
	if s.size+len(entry) > maxQueued {
		s.lost++
		s.mu.Unlock()
		return len(entry), nil
	}
	q := queued{bytes.Clone(entry), make(chan struct{})}
	s.queue, s.size = append(s.queue, q), s.size+len(entry)
	if !s.running {
		s.running = true
		go s.empty()
	}
	stuck := s.stuck
	s.mu.Unlock()
	if !stuck {
		s.wait(q)
	}
	return len(entry), nil
}

// wait reports whether q was written within entryPatience.
func (s *sink) wait(q queued) bool {
	limit := time.NewTimer(entryPatience)
	defer limit.Stop()
	select {
	case <-q.written:
		return true
	case <-limit.C:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.stuck = s.running
		return false
	}
}

// empty writes what is queued. No other goroutine writes to out meanwhile.
func (s *sink) empty() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.running, s.queue = false, nil
			s.mu.Unlock()
			return
		}
		q := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		_, _ = s.out.Write(q.entry) // there is no place to report an error
		s.mu.Lock()
		lost := s.lost
		s.size, s.lost, s.stuck = s.size-len(q.entry), 0, false
		s.mu.Unlock()
		if lost > 0 {
			s.told.Warn("the log could not be written fast enough", zap.Int("dropped", lost))
		}
		close(q.written)
	}
}

// Sync does nothing: Write has waited already.
func (*sink) Sync() error { return nil }

// flushed reports whether everything is written, for which it waits a moment,
// unless the sink is stuck.
func (s *sink) flushed() bool {
	s.mu.Lock()
	if !s.running || s.stuck {
		defer s.mu.Unlock()
		return !s.running
	}
	last := queued{written: make(chan struct{})}
	s.queue = append(s.queue, last)
	s.mu.Unlock()
	return s.wait(last)
}
