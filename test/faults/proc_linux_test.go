package faults

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/llmls/llmls/test/process"
)

// peakBelow fails the test if the peak of the server's memory reached limit, in MB.
func (s *server) peakBelow(limit int) {
	s.t.Helper()
	got := s.memory("VmHWM")
	s.t.Logf("%d MB of memory at the peak", got>>10)
	if got > limit<<10 {
		s.t.Errorf("that is more than %d MB", limit)
	}
}

// endsAbove ends the server, and fails the test, once it has taken more memory: one
// that holds too much has little time for anything but collecting it.
func (s *server) endsAbove(limit int) {
	s.t.Helper()
	done := make(chan struct{})
	looks := time.NewTicker(lookInterval)
	var watching sync.WaitGroup
	watching.Go(func() {
		defer looks.Stop()
		for {
			select {
			case <-done:
				return
			case <-looks.C:
			}
			if got := s.memory("VmHWM"); got > limit<<10 {
				s.t.Errorf("%d MB of memory is more than %d MB", got>>10, limit)
				s.Signal(os.Kill)
				return
			}
		}
	})
	s.t.Cleanup(func() { close(done); watching.Wait() })
}

// lookInterval is between two looks of endsAbove.
const lookInterval = 100 * time.Millisecond

// workedBelow fails the test if the server took more time of the processor.
func (s *server) workedBelow(limit time.Duration) {
	s.t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.ID()))
	if err != nil {
		s.t.Fatal(err)
	}
	_, behind, _ := strings.Cut(string(stat), ") ") // the name of the program
	var got time.Duration
	for _, field := range strings.Fields(behind)[11:13] { // user and system, in hundredths of a second (proc_pid_stat(5))
		ticks, err := time.ParseDuration(field + "0ms")
		if err != nil {
			s.t.Fatal(err)
		}
		got += ticks
	}
	s.t.Logf("%v of the processor", got)
	if got > limit {
		s.t.Errorf("that is more than %v", limit)
	}
}

// memory returns a line of /proc/PID/status in KB.
func (s *server) memory(name string) (kilobytes int) {
	s.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.ID()))
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			if _, err := fmt.Sscan(value, &kilobytes); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	return kilobytes
}

// descriptors returns how many files and connections the server has open.
func (s *server) descriptors() int {
	s.t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.ID()))
	if err != nil {
		s.t.Fatal(err)
	}
	return len(entries)
}

// signalDump makes the server write its goroutines to stderr, and end.
func (s *server) signalDump() {
	s.t.Helper()
	s.Signal(syscall.SIGQUIT)
	s.EndsWithin(process.Patience)
	s.Cut = true
}
