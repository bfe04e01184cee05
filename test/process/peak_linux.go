package process

import "syscall"

// Peak returns how many MB of memory the process, which has ended, ever used. It is
// at least what the test itself had used when it started the process: exec keeps
// the peak of the memory that it leaves (setmax_mm_hiwater_rss in Linux's fs/exec.c).
func (p *Process) Peak() int {
	return int(p.cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss >> 10)
}
