package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

// Nothing but standard input leads into the server: neither a port nor a socket
// of any other kind listens, whatever it does.
func TestNoPortIsOpened(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	s := start(t, llmls.Home(t, u.URL, "")).ready()
	s.answering(u, "t")
	sockets := 0
	for _, socket := range s.sockets() {
		sockets++
		if socket.listens {
			t.Errorf("it listens: %s", socket.line)
		}
	}
	if sockets == 0 {
		t.Error("not even the connection to the endpoint was found")
	}
}

type socket struct {
	line    string
	listens bool
}

// sockets returns what the kernel says of the server's sockets (proc_net(5)).
func (s *server) sockets() []socket {
	s.t.Helper()
	const (
		tcpListen  = "0A"       // TCP_LISTEN
		unixListen = "00010000" // SO_ACCEPTCON
	)
	descriptors, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", s.ID()))
	s.Must(err)
	mine := map[string]bool{}
	for _, descriptor := range descriptors {
		target, _ := os.Readlink(descriptor) // it may be closed by now
		if inode, ok := strings.CutPrefix(target, "socket:["); ok {
			mine[strings.TrimSuffix(inode, "]")] = true
		}
	}
	var found []socket
	for _, table := range []struct {
		name         string
		inode, state int // columns
		listening    string
	}{{"tcp", 9, 3, tcpListen}, {"tcp6", 9, 3, tcpListen}, {"udp", 9, 3, ""}, {"udp6", 9, 3, ""}, {"unix", 6, 3, unixListen}} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", s.ID(), table.name))
		s.Must(err)
		for line := range strings.Lines(string(text)) {
			columns := strings.Fields(line)
			if len(columns) > table.inode && mine[columns[table.inode]] {
				found = append(found, socket{line: table.name + " " + line, listens: columns[table.state] == table.listening})
			}
		}
	}
	return found
}
