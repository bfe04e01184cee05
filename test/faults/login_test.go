//go:build linux

package faults

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// storedKey is one that a test stores. The state directory may hold it, so it
// is not the account's.
const storedKey = "sk-stored-0123456789abcdef"

// withoutKey is an account without a key.
func withoutKey(t *testing.T, baseURL string) *process.Home {
	t.Helper()
	h := llmls.Home(t, baseURL, calm)
	h.Unset("OPENAI_API_KEY")
	return h
}

// login stores a key by way of standard input.
func login(t *testing.T, h *process.Home, key string, args ...string) *process.Command {
	t.Helper()
	c := h.Start(t, append([]string{"login"}, args...)...)
	// It need not read on once it has seen enough.
	if _, err := io.WriteString(c.Stdin, key); err != nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, os.ErrClosed) {
		t.Fatal(err)
	}
	if err := c.Stdin.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		t.Fatal(err)
	}
	c.EndsWithin(process.Patience)
	for what, text := range map[string]string{"stdout": c.Stdout.String(), "stderr": c.Stderr.String()} {
		if strings.Contains(text, strings.TrimSpace(key)) && key != "" {
			t.Errorf("the key is in %s: %s", what, text)
		}
	}
	return c
}

// keyFile is where the key for baseURL is kept.
func keyFile(h *process.Home, baseURL string) string {
	return filepath.Join(h.Dir, "state", "llmls", "keys", url.QueryEscape(originOf(baseURL)))
}

// authorization is the key that the newest request brought.
func authorization(t *testing.T, u *completiontest.Upstream) string {
	t.Helper()
	requests := u.Requests()
	if len(requests) == 0 {
		t.Fatal("there was no request")
	}
	return strings.TrimPrefix(requests[len(requests)-1].Header.Get("Authorization"), "Bearer ")
}

// Without a keyring a key is kept in a file, if that is wanted; it is used until
// it is removed.
func TestLoginToAFile(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	h := withoutKey(t, u.URL)
	refused := login(t, h, storedKey)
	refused.Exits(1)
	refused.Says("no session bus", "llmls login --file "+originOf(u.URL))
	login(t, h, storedKey+"\nsecond line\n", "--file").Exits(0)

	ask := h.Run(t, "ask", "why?")
	ask.Exits(0)
	if got := authorization(t, u); got != storedKey {
		t.Errorf("the key that arrived is %q", got)
	}
	table := h.Run(t, "settings")
	table.Exits(0)
	if text := table.Stdout.String(); !strings.Contains(text, "the file "+keyFile(h, u.URL)) || strings.Contains(text, storedKey) {
		t.Errorf("settings prints %s", text)
	}
	h.Run(t, "logout").Exits(0)
	h.Run(t, "logout").Exits(1)
	h.Run(t, "ask", "why?").Exits(0)
	if got := authorization(t, u); got != "" {
		t.Errorf("after logout the key that arrived is %q", got)
	}
}

// Whatever the umask, nobody else can read what is kept.
func TestLoginUnderAnyUmask(t *testing.T) {
	t.Parallel()
	for _, umask := range []string{"0000", "0022", "0777"} {
		h := withoutKey(t, "")
		h.Through = []string{"sh", "-c", "umask " + umask + `; exec "$@"`, "sh"}
		login(t, h, storedKey, "--file", "https://relay.example").Exits(0)
		h.Run(t, "trust", "https://other.example").Exits(0)
		err := filepath.WalkDir(filepath.Join(h.Dir, "state"), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := entry.Info()
			if err == nil && info.Mode().Perm() != map[bool]fs.FileMode{true: 0o700, false: 0o600}[entry.IsDir()] {
				t.Errorf("under umask %s %s is %v", umask, path, info.Mode())
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestLoginRefusesWhatIsNoKey(t *testing.T) {
	t.Parallel()
	h := withoutKey(t, "")
	for key, says := range map[string]string{
		"":                        "there is none",
		"\n" + storedKey:          "there is none",
		storedKey + "\x1b[31m":    "control character",
		storedKey + "\r" + "x":    "more than one line",
		storedKey + "é":           "not ASCII",
		strings.Repeat("k", 9000): "longer than",
		strings.Repeat("k", 1e5):  "longer than",
	} {
		c := login(t, h, key, "--file")
		c.Exits(1)
		c.Says(says)
	}
	for _, args := range [][]string{{storedKey}, {"--file", "a.example", "b.example"}, {"--key", storedKey}} {
		c := login(t, h, "", args...)
		c.Exits(2)
		if strings.Contains(c.Stderr.String(), storedKey) && args[0] != "--key" {
			t.Errorf("the argument is shown: %s", c.Stderr.String())
		}
	}
	for _, origin := range []string{"http://192.0.2.1", "ftp://x.example", "https://\u0430pi.example"} {
		login(t, h, storedKey, "--file", origin).Exits(1)
	}
}

// A stored key goes to its origin, whoever names that, and to no other. It is
// the user's word that it may go there, so nobody is asked.
func TestStoredKeyIsBoundToItsOrigin(t *testing.T) {
	t.Parallel()
	mine, other := completiontest.NewUpstream(t), completiontest.NewUpstream(t)
	for name, h := range map[string]*process.Home{"no other key": withoutKey(t, ""), "another key": llmls.Home(t, "", calm)} {
		t.Run(name, func(t *testing.T) {
			h.Unset("OPENAI_BASE_URL")
			c := newChooser(yes)
			h.Reply = c.reply
			login(t, h, storedKey, "--file", elsewhere(mine)).Exits(0)
			named(t, h, elsewhere(mine)).answered(mine, storedKey)
			if n := len(c.questions()); n != 0 {
				t.Errorf("asked %d times", n)
			}
			for _, base := range []string{elsewhere(other), other.URL, mine.URL} {
				s := named(t, h, base)
				if _, err := s.explain("t"); err != nil {
					t.Error(err)
				}
				u := other
				if base == mine.URL { // another origin, although the same server
					u = mine
				}
				if got := authorization(t, u); got == storedKey {
					t.Errorf("the stored key went to %s", base)
				}
			}
			list := h.Run(t, "trust", "--revoke", elsewhere(mine))
			list.Exits(1)
			list.Says("llmls logout " + originOf(elsewhere(mine)))
		})
	}
}

// The user's own sources go first where the user's own settings lead.
func TestStoredKeyComesLast(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, calm)
	c := login(t, h, storedKey, "--file")
	c.Exits(0)
	c.Says("the key from OPENAI_API_KEY is used before this one")
	h.Run(t, "ask", "why?").Exits(0)
	if got := authorization(t, u); got != process.Key {
		t.Errorf("the key that arrived is %q", got)
	}
}

// A key that others could read, or that is no file of the user's, is refused
// with the next step, and nothing is sent.
func TestExposedKeyFile(t *testing.T) {
	t.Parallel()
	exposures := map[string]func(path string) error{
		"readable":     func(path string) error { return os.Chmod(path, 0o644) },
		"of the group": func(path string) error { return os.Chmod(path, 0o640) },
		"writable":     func(path string) error { return os.Chmod(path, 0o622) },
		"a link":       func(path string) error { return rename(path, func(to string) error { return os.Symlink(to, path) }) },
		"a pipe": func(path string) error {
			return rename(path, func(string) error { return syscall.Mkfifo(path, 0o600) })
		},
	}
	if os.Geteuid() == 0 { // who alone can give a file away
		exposures["of somebody else"] = func(path string) error { return os.Chown(path, 12345, -1) }
	}
	for name, expose := range exposures {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := completiontest.NewUpstream(t)
			h := withoutKey(t, u.URL)
			login(t, h, storedKey, "--file").Exits(0)
			if err := expose(keyFile(h, u.URL)); err != nil {
				t.Fatal(err)
			}
			c := h.Run(t, "ask", "why?")
			c.Exits(1)
			c.Says("not yours alone", "llmls login")
			if n := len(u.Requests()); n != 0 {
				t.Errorf("%d requests", n)
			}
			login(t, h, storedKey, "--file").Exits(0)
			h.Run(t, "ask", "why?").Exits(0)
		})
	}
}

// rename moves a file out of the way and has something put in its place.
func rename(path string, put func(to string) error) error {
	to := path + "-moved"
	if err := os.Rename(path, to); err != nil {
		return err
	}
	return put(to)
}

// hungBus is a session bus that takes connections and never says a word. It
// returns its address, and how many came.
func hungBus(t *testing.T) (string, *atomic.Int32) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bus")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	came := new(atomic.Int32)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			came.Add(1)
			t.Cleanup(func() { conn.Close() })
		}
	}()
	t.Cleanup(func() { listener.Close() })
	return "unix:path=" + path, came
}

// A keyring that hangs costs a second, not the answer's patience, and nothing
// for whoever stored no key in it.
func TestKeyringHangs(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	address, came := hungBus(t)
	h := withoutKey(t, u.URL)
	h.Env = append(h.Env, "DBUS_SESSION_BUS_ADDRESS="+address)
	h.Run(t, "ask", "why?").Exits(0)
	if n := came.Load(); n != 0 {
		t.Errorf("the keyring was asked %d times, without a key in it", n)
	}
	began := time.Now()
	c := login(t, h, storedKey)
	c.Exits(1)
	c.Says("did not answer within 1s", "llmls login --file")
	if came.Load() == 0 {
		t.Error("the keyring was not asked")
	}

	path := h.Write(t, "state/llmls/keys/"+filepath.Base(keyFile(h, u.URL)), `{"keyring":true,"time":"2026-01-01T00:00:00Z"}`)
	s := start(t, h).ready()
	for range 2 {
		_, err := s.explain("t")
		if kind, sentence, _ := failure(t, err); kind != "config" || !strings.Contains(sentence, "did not answer within 1s") || !strings.Contains(sentence, "Unlock the keyring") {
			t.Errorf("failed with %s, %q", kind, sentence)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("all of that took %v", took)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if r, err := s.explain("t"); err != nil || r.Text != "Hello" {
		t.Errorf("got %+v, %v", r, err)
	}
}

// No bus is started, no program run and no other machine asked to find a keyring.
func TestKeyringStartsNothing(t *testing.T) {
	t.Parallel()
	e := newEvil(t)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(e.origin, "http://"))
	for _, address := range []string{"", "autolaunch:", "tcp:host=127.0.0.1,port=" + port, "unix:path=/none;tcp:host=127.0.0.1,port=" + port, "unixexec:path=dbus-launch"} {
		h := withoutKey(t, "")
		ran := filepath.Join(h.Dir, "ran")
		program := h.Write(t, "bin/dbus-launch", "#!/bin/sh\ntouch '"+ran+"'\n")
		if err := os.Chmod(program, 0o700); err != nil {
			t.Fatal(err)
		}
		h.Env = append(h.Env, "PATH="+filepath.Dir(program)+":"+os.Getenv("PATH"), "DBUS_SESSION_BUS_ADDRESS="+address)
		c := login(t, h, storedKey)
		c.Exits(1)
		c.Says("llmls login --file")
		if _, err := os.Stat(ran); err == nil {
			t.Errorf("%q: dbus-launch was started", address)
		}
	}
}

// On a terminal the key is not shown, and the file is offered.
func TestLoginOnATerminal(t *testing.T) {
	t.Parallel()
	u := completiontest.NewUpstream(t)
	for _, test := range []struct {
		answer string
		code   int
	}{{"n\n", 1}, {"\n", 1}, {"y\n", 0}} {
		h := withoutKey(t, u.URL)
		term := h.StartTerminal(t, "login")
		term.Shows("Key for " + originOf(u.URL))
		fmt.Fprint(term.Keys, storedKey+"\r")
		term.Shows("[y/N]")
		fmt.Fprint(term.Keys, test.answer)
		term.EndsWithin(process.Patience)
		term.Exits(test.code)
		if text := term.Screen.String(); strings.Contains(text, storedKey) {
			t.Errorf("the terminal shows %q", text)
		}
		if _, err := os.Stat(keyFile(h, u.URL)); (err == nil) != (test.code == 0) {
			t.Errorf("after %q: %v", test.answer, err)
		}
	}
	h := withoutKey(t, u.URL)
	term := h.StartTerminal(t, "login")
	term.Shows("Key for ")
	fmt.Fprint(term.Keys, "sk-half\x03") // Ctrl-C
	term.EndsWithin(process.Patience)
	term.Exits(130)
}
