package upstream

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/llmls/llmls/internal/completion"
)

// transports holds a transport for each file of authorities that is trusted beside the
// system's. Most processes need only one. The zero value is ready.
type transports struct {
	mu   sync.Mutex
	byCA map[string]*pool
	used time.Time        // when a transport was last asked for, by the wall clock
	now  func() time.Time // time.Now where it is nil
}

// get returns the transport for the file, "" for none. It fails with an *Error
// of kind Config if the file cannot be used, and looks at it again the next
// time. Without https it is not needed.
func (t *transports) get(to *url.URL, caFile string) (*pool, error) {
	if to.Scheme != "https" {
		caFile = ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if p, ok := t.byCA[caFile]; ok {
		return p, nil
	}
	roots, err := readAuthorities(caFile)
	if err != nil {
		return nil, &completion.Error{Kind: completion.Config, Reason: completion.BadCAFile, Detail: err.Error(), Err: err}
	}
	if t.byCA == nil {
		t.byCA = map[string]*pool{}
	}
	p := &pool{}
	p.Store(newTransport(roots))
	t.byCA[caFile] = p
	return p, nil
}

// A pool has the connections for new requests. The Transport in it is never nil.
type pool struct{ atomic.Pointer[http.Transport] }

// giveUp makes later requests use new connections. It closes the idle ones and leaves the
// others to the requests on them. Otherwise a dead HTTP/2 connection with an unfinished
// answer would be used for the next request, too.
func (p *pool) giveUp() { p.Swap(p.Load().Clone()).CloseIdleConnections() }

// dropStale gives up connections from before the machine slept: timers stand still
// while it sleeps, and the other side has closed the connections. It is called
// before a request.
func (t *transports) dropStale() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wallTime().Sub(t.used) > idleConnTimeout {
		for _, p := range t.byCA {
			p.giveUp()
		}
	}
	t.used = t.wallTime()
}

// markUsed records that a connection was used just now: an answer is over.
func (t *transports) markUsed() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.used = t.wallTime()
}

// wallTime returns the wall clock time, without the monotonic clock that timers use.
func (t *transports) wallTime() time.Time {
	if t.now != nil {
		return t.now().Round(0)
	}
	return time.Now().Round(0)
}

func (t *transports) closeIdle() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.byCA {
		p.Load().CloseIdleConnections()
	}
}

// maxAuthorities is the most that a file of certificates may hold, in bytes:
// many times what systems trust.
const maxAuthorities = 16 << 20

// readAuthorities returns the system's certificates and those of the file, or
// nil, which is the system's alone, if there is no file.
func readAuthorities(caFile string) (*x509.CertPool, error) {
	if caFile == "" {
		return nil, nil
	}
	// Not blocking, or a pipe that nobody writes to would stop the answer here.
	file, err := os.OpenFile(caFile, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read (%w)", caFile, withoutPath(err))
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", caFile)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxAuthorities))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read (%w)", caFile, withoutPath(err))
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a machine without any
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", caFile)
	}
	return roots, nil
}

// withoutPath returns the system's error about a file without the path, which the
// message has already.
func withoutPath(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}
