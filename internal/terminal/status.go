package terminal

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"

	"github.com/llmls/llmls/internal/completion"
)

// statusInterval is how often the line is drawn again: it counts seconds.
const statusInterval = time.Second

// A Status is a line on a terminal that shows what llmls waits for. Its methods may
// be called from any goroutine.
type Status struct {
	w     io.Writer
	model string
	width int
	start time.Time
	done  chan struct{}
	ended sync.WaitGroup

	mu      sync.Mutex // guards what follows, and writing to w
	retry   completion.Retry
	resume  time.Time // when the attempt that retry announces begins
	stopped bool
}

// StartStatus shows on w, a terminal of width columns, that model is being
// waited for, until Stop. w is usually standard error; nothing else may write
// to that terminal before Stop.
func StartStatus(w io.Writer, model string, width int) *Status {
	s := &Status{w: w, model: Line(model), width: width, start: time.Now(), done: make(chan struct{})}
	s.draw()
	s.ended.Go(s.tick)
	return s
}

func (s *Status) tick() {
	ticker := time.NewTicker(statusInterval)
	defer ticker.Stop()
	for {
		select {
		case <-s.done:
			return
		case <-ticker.C:
			s.draw()
		}
	}
}

// Retrying shows that another attempt follows, perhaps at another endpoint.
func (s *Status) Retrying(r *completion.Retry) {
	s.mu.Lock()
	if s.retry = *r; r.Endpoint != "" {
		s.model = Line(r.Model)
	}
	s.resume = time.Now().Add(r.Wait)
	s.mu.Unlock()
	s.draw()
}

// Stop removes the line. It is gone when Stop returns; more calls do nothing.
func (s *Status) Stop() {
	s.mu.Lock()
	if !s.stopped {
		s.stopped = true
		close(s.done)
		// A terminal that is gone is found by whoever writes the answer.
		_, _ = io.WriteString(s.w, "\r\x1b[K")
	}
	s.mu.Unlock()
	s.ended.Wait()
}

func (s *Status) draw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return
	}
	now := time.Now()
	line := waiting(s.model, now.Sub(s.start), s.retry.Attempt)
	if left := s.resume.Sub(now); left > 0 {
		line = retrying(s.retry.Cause, left)
	}
	if s.width > 0 {
		line = runewidth.Truncate(line, s.width-1, "…")
	}
	_, _ = io.WriteString(s.w, "\r"+Dim(line)+"\x1b[K")
}

// waiting returns the line while an attempt runs.
func waiting(model string, elapsed time.Duration, attempt int) string {
	s := "waiting for " + model + "…"
	if sec := int(elapsed.Seconds()); sec > 0 {
		s += fmt.Sprintf(" %d s", sec)
	}
	if attempt > 1 {
		s += fmt.Sprintf(" (attempt %d)", attempt)
	}
	return s
}

// retrying returns the line between two attempts: why the last one failed, and when
// the next begins.
func retrying(cause *completion.Error, left time.Duration) string {
	return fmt.Sprintf("%s; trying again in %d s", reason(cause), (left+time.Second-1)/time.Second)
}

func reason(e *completion.Error) string {
	if e == nil {
		return "no answer"
	}
	switch e.Kind {
	case completion.RateLimit:
		return "rate limited"
	case completion.Network:
		return "no connection"
	case completion.Timeout:
		return "no answer in time"
	case completion.Server:
		if e.Status != 0 {
			return fmt.Sprintf("the endpoint failed (HTTP %d)", e.Status)
		}
		return "the endpoint failed"
	default:
		return "the attempt failed"
	}
}
