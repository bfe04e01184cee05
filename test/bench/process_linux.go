package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A process is a language server, or what stands in for one, over pipes. The
// frames are read as they are: decoding them would be measured, too.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	body   []byte
	stderr bytes.Buffer
	ids    int
}

// start starts a program that knows nothing of the user's but env.
func start(path string, env []string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(path, args...)}
	p.cmd.Env = env
	p.cmd.Stderr = &p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	p.out = bufio.NewReaderSize(out, 64<<10)
	return p, p.cmd.Start()
}

// end closes the program's input, which ends it, and waits.
func (p *process) end() {
	_ = p.in.Close()
	_, _ = io.Copy(io.Discard, p.out)
	_ = p.cmd.Wait() // a server without shutdown exits with 1
}

// read returns the body of the next frame. It is valid until the next call.
func (p *process) read() ([]byte, error) {
	length := 0
	for {
		line, err := p.out.ReadSlice('\n')
		if err != nil {
			return nil, errors.Join(err, errors.New(p.stderr.String()))
		}
		if len(line) <= len("\r\n") {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return nil, err
			}
		}
	}
	if cap(p.body) < length {
		p.body = make([]byte, length)
	}
	p.body = p.body[:length]
	_, err := io.ReadFull(p.out, p.body)
	return p.body, err
}

func (p *process) send(body string) error {
	_, err := fmt.Fprintf(p.in, "Content-Length: %d\r\n\r\n%s", len(body), body)
	return err
}

func (p *process) notify(method, params string) error {
	return p.send(fmt.Sprintf(`{"jsonrpc":"2.0","method":%q,"params":%s}`, method, params))
}

// request sends a request and returns the start of the response to it, for
// answers.
func (p *process) request(method, params string) (response string, err error) {
	p.ids++
	response = fmt.Sprintf(`{"jsonrpc":"2.0","id":%d,`, p.ids)
	return response, p.send(fmt.Sprintf(`%s"method":%q,"params":%s}`, response, method, params))
}

// call sends a request and reads until its response, which it checks.
func (p *process) call(method, params string) error {
	response, err := p.request(method, params)
	if err != nil {
		return err
	}
	for {
		body, err := p.read()
		switch {
		case err != nil:
			return err
		case !bytes.HasPrefix(body, []byte(response)):
		case !bytes.HasPrefix(body[len(response):], []byte(`"result":`)):
			return fmt.Errorf("%s: %s", method, body)
		default:
			return nil
		}
	}
}

// cpu is the processor time the program has used so far, user and system.
func (p *process) cpu() time.Duration {
	const processClock = 2 // CPUCLOCK_SCHED; clock_getcpuclockid(3) computes the id like this
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^p.cmd.Process.Pid<<3|processClock), &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// resident is the program's VmRSS in bytes, and highest its VmHWM.
func (p *process) resident() (now, highest int) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	for line := range strings.Lines(string(status)) {
		var kilobytes int
		if n, _ := fmt.Sscanf(line, "VmRSS: %d kB", &kilobytes); n == 1 {
			now = kilobytes << 10
		}
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes); n == 1 {
			highest = kilobytes << 10
		}
	}
	return now, highest
}

// files is how many files and sockets the program has open.
func (p *process) files() int {
	list, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	return len(list)
}

// goroutines ends the program as Go programs end on SIGQUIT, and counts the
// goroutines it tells of.
func (p *process) goroutines() int {
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	_, _ = io.Copy(io.Discard, p.out)
	_ = p.cmd.Wait()
	return strings.Count(p.stderr.String(), "\ngoroutine ")
}
