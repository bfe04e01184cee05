package process

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// A Proxy stands between llmls and an endpoint and breaks the connections on
// their way. It ends with its test.
type Proxy struct {
	URL string // the endpoint's, by way of the proxy

	target   string // host and port
	listener net.Listener
	ctx      context.Context
	running  sync.WaitGroup

	mu      sync.Mutex
	passing Passing
}

// A Passing passes on what an endpoint sends. When it returns, both connections
// are closed.
type Passing func(ctx context.Context, to, from *net.TCPConn)

// NewProxy starts a proxy in front of an endpoint that speaks plain HTTP. Until
// Passes says otherwise it breaks nothing.
func NewProxy(t testing.TB, url string) *Proxy {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, path, _ := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	ctx, cancel := context.WithCancel(context.Background())
	p := &Proxy{
		URL: "http://" + listener.Addr().String() + "/" + path, target: host,
		listener: listener, ctx: ctx, passing: Whole,
	}
	p.running.Go(p.accept)
	t.Cleanup(func() {
		cancel()
		_ = listener.Close()
		p.running.Wait()
	})
	return p
}

// Passes sets how further connections are passed on.
func (p *Proxy) Passes(passing Passing) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.passing = passing
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // the test is over
		}
		p.mu.Lock()
		passing := p.passing
		p.mu.Unlock()
		p.running.Go(func() { p.serve(client.(*net.TCPConn), passing) })
	}
}

func (p *Proxy) serve(client *net.TCPConn, passing Passing) {
	defer func() { _ = client.Close() }() // it may have been
	conn, err := (&net.Dialer{}).DialContext(p.ctx, "tcp", p.target)
	if err != nil {
		return // as if it refused itself
	}
	defer conn.Close()
	endpoint := conn.(*net.TCPConn)
	ctx, cancel := context.WithCancel(p.ctx)
	stop := context.AfterFunc(ctx, func() { _, _ = client.Close(), endpoint.Close() })
	defer stop()
	p.running.Go(func() {
		defer cancel() // the client has gone
		_, _ = io.Copy(endpoint, client)
	})
	passing(ctx, client, endpoint)
}

// Whole passes everything on.
func Whole(_ context.Context, to, from *net.TCPConn) { _, _ = io.Copy(to, from) }

// Cut closes the connection after n bytes.
func Cut(n int64) Passing {
	return func(_ context.Context, to, from *net.TCPConn) { _, _ = io.CopyN(to, from, n) }
}

// Reset resets the connection after n bytes.
func Reset(n int64) Passing {
	return func(_ context.Context, to, from *net.TCPConn) {
		_, _ = io.CopyN(to, from, n)
		_ = to.SetLinger(0)
	}
}

// HalfClose sends nothing more after n bytes, and says so, but goes on reading.
func HalfClose(n int64) Passing {
	return func(ctx context.Context, to, from *net.TCPConn) {
		_, _ = io.CopyN(to, from, n)
		_ = to.CloseWrite()
		<-ctx.Done()
	}
}

// Stop sends nothing more after n bytes and leaves the connection open.
func Stop(n int64) Passing {
	return func(ctx context.Context, to, from *net.TCPConn) {
		_, _ = io.CopyN(to, from, n)
		<-ctx.Done()
	}
}

// Drip sends one byte at a time, each after pause.
func Drip(pause time.Duration) Passing {
	return func(ctx context.Context, to, from *net.TCPConn) {
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for {
			if _, err := io.CopyN(to, from, 1); err != nil {
				return
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}
}

// Late passes everything on, after pause.
func Late(pause time.Duration) Passing {
	return func(ctx context.Context, to, from *net.TCPConn) {
		select {
		case <-time.After(pause):
			Whole(ctx, to, from)
		case <-ctx.Done():
		}
	}
}
