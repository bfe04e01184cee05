package completiontest

import (
	"net"
	"sync"
	"sync/atomic"
)

// A Fate is what happens to a connection when its next request arrives.
type Fate int32

// The fates.
const (
	Lives     Fate = iota
	Finished       // the server closes it
	Broken         // the server resets it
	Swallowed      // the request gets no response: a load balancer has forgotten the connection
)

// Doom sets the fate of the connections that u has now, not of later ones. It
// returns how many there are.
func (u *Upstream) Doom(f Fate) int {
	u.listener.mu.Lock()
	defer u.listener.mu.Unlock()
	for _, c := range u.listener.conns {
		c.fate.Store(int32(f))
	}
	return len(u.listener.conns)
}

// A listener keeps what it accepted.
type listener struct {
	net.Listener
	mu    sync.Mutex
	conns []*connection
}

func (l *listener) Accept() (net.Conn, error) {
	inner, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &connection{Conn: inner}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns = append(l.conns, c)
	return c, nil
}

type connection struct {
	net.Conn
	fate atomic.Int32
}

func (c *connection) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		switch f := Fate(c.fate.Load()); {
		case err != nil || f == Lives:
			return n, err
		case f == Swallowed:
			continue
		case f == Broken:
			c.reset()
			return 0, net.ErrClosed
		}
		_ = c.Close()
		return 0, net.ErrClosed
	}
}

// reset closes the connection with a TCP RST.
func (c *connection) reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}
