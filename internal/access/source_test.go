package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/upstream"
	"github.com/llmls/llmls/internal/settings"
)

const canary = "sk-canary7f3a91c2"

// variables is an environment.
type variables map[string]string

func (v variables) lookup(name string) (string, bool) {
	value, ok := v[name]
	return value, ok
}

func checkNoCanary(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, "canary") {
		t.Errorf("the secret appears in %q", text)
	}
}

// The test's own binary is the apiKeyCommand: its first argument says what to
// do.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "print":
			output(os.Args[2])
			os.Exit(0)
		case "count": // one byte more in the file each time
			file, _ := os.OpenFile(os.Args[2], os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
			_, _ = file.WriteString("x")
			output(canary + "\n")
			os.Exit(0)
		case "fail":
			output(canary)
			fmt.Fprint(os.Stderr, os.Args[2])
			os.Exit(3)
		case "directory":
			dir, _ := os.Getwd()
			output(dir)
			os.Exit(0)
		case "hang":
			conn, _ := net.Dial("tcp", os.Args[2])
			_, _ = io.Copy(io.Discard, conn) // until it is killed
			os.Exit(0)
		}
	}
	// A program under the race detector sleeps for a second before it exits.
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0")
	goleak.VerifyTestMain(m)
}

func output(text string) {
	_, _ = os.Stdout.WriteString(text) //nolint:forbidigo // a program of its own
}

// command returns settings that have this binary print the key.
func command(t *testing.T, args ...string) *settings.Settings {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	s := settings.Resolve()
	s.APIKeyCommand = append([]string{program}, args...)
	return &s
}

func TestKeyFromEnvironment(t *testing.T) {
	tests := []struct{ name, value, want, failure string }{
		{name: "set", value: canary, want: canary},
		{name: "with a line end", value: canary + "\r\n", want: canary},
		{name: "two lines", value: canary + "\nx", failure: "it has more than one line"},
		{name: "control", value: canary + "\x1b", failure: "it holds a control character"},
		{name: "not ASCII", value: canary + "…", failure: "it holds a character that is not ASCII"},
		{name: "no UTF-8", value: canary + "\xff", failure: "it holds a character that is not ASCII"},
		{name: "too long", value: strings.Repeat("canary", 2000), failure: "it is longer than 8 KiB"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := settings.Resolve()
			endpoint, err := New(variables{"OPENAI_API_KEY": test.value}.lookup).endpoint(t.Context(), &s)
			if test.failure != "" {
				checkBadKey(t, err, test.failure)
			} else if err != nil || endpoint.Key != test.want || endpoint.KeySource != "OPENAI_API_KEY" {
				t.Errorf("got %q from %q, %v", endpoint.Key, endpoint.KeySource, err)
			}
		})
	}
}

func checkBadKey(t *testing.T, err error, detail string) {
	t.Helper()
	failed := completion.AsError(err)
	if failed == nil || failed.Kind != completion.Config || failed.Reason != completion.BadKey || failed.KeySource == "" || failed.Detail != detail {
		t.Errorf("got %#v, want the detail %q", failed, detail)
	}
	checkNoCanary(t, fmt.Sprintf("%v %+v %#v", err, err, failed))
}

func TestKeyFromCommand(t *testing.T) {
	s := command(t, "print", "  "+canary+"\n")
	ac := New(variables{"OPENAI_API_KEY": "other"}.lookup)
	endpoint, err := ac.endpoint(t.Context(), s)
	if err != nil || endpoint.Key != canary || endpoint.KeySource != "apiKeyCommand ("+s.APIKeyCommand[0]+")" {
		t.Errorf("got %q from %q, %v", endpoint.Key, endpoint.KeySource, err)
	}
	if source, err := ac.KeySource(s); err != nil || source != endpoint.KeySource {
		t.Errorf("Preview names %q, %v", source, err)
	}
}

func TestKeyCommandFails(t *testing.T) {
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"nothing printed", []string{"print", "\n"}, "the program printed nothing"},
		{"two lines", []string{"print", canary + "\nlogin: me"}, "it has more than one line"},
		{"endless", []string{"print", strings.Repeat("canary", 20_000)}, "it is longer than 8 KiB"},
		{"exit status", []string{"fail", ""}, "the program failed (exit status 3)"},
		{"a word of complaint", []string{"fail", "\n gpg:\tno secret key\nmore"}, "the program failed (exit status 3: gpg: no secret key)"},
		{"the secret in the complaint", []string{"fail", "bad " + canary + "!"}, "the program failed (exit status 3: bad […])"},
		{"another secret", []string{"fail", "used Xcanary8R2mQ9 \x1b[31mtwice"}, "the program failed (exit status 3: used […] [31mtwice)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := New(variables{}.lookup).endpoint(t.Context(), command(t, test.args...))
			checkBadKey(t, err, test.want)
		})
	}
	s := settings.Resolve()
	s.APIKeyCommand = []string{"llmls-no-such-program"}
	_, err := New(variables{}.lookup).endpoint(t.Context(), &s)
	checkBadKey(t, err, "there is no such program")
}

// TestKeyCommandDirectory keeps a repository from bringing what the command
// loads from its working directory.
func TestKeyCommandDirectory(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	t.Chdir(t.TempDir())
	endpoint, err := New(variables{}.lookup).endpoint(t.Context(), command(t, "directory"))
	want, _ := filepath.EvalSymlinks(home)
	if got, _ := filepath.EvalSymlinks(endpoint.Key); err != nil || got != want {
		t.Errorf("ran in %q, want %q: %v", got, want, err)
	}
}

// TestKeyCommandRunsOnce has many ask at once, and again after Forget.
func TestKeyCommandRunsOnce(t *testing.T) {
	count := filepath.Join(t.TempDir(), "count")
	s := command(t, "count", count)
	ac := New(variables{}.lookup)
	askAll := func() {
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if endpoint, err := ac.endpoint(t.Context(), s); err != nil || endpoint.Key != canary {
					t.Errorf("got %q, %v", endpoint.Key, err)
				}
			})
		}
		all.Wait()
	}
	for want := 1; want <= 3; want++ {
		askAll()
		ac.forget(upstream.Endpoint{Key: "an earlier one"})
		askAll()
		if data, err := os.ReadFile(count); err != nil || len(data) != want {
			t.Errorf("it ran %d times, want %d: %v", len(data), want, err)
		}
		ac.forget(upstream.Endpoint{Key: canary})
	}
}

// hanging returns settings with a command that never ends, and a function that
// waits for it to start and then returns one that waits for its death.
func hanging(t *testing.T) (s *settings.Settings, started func() (died func())) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return command(t, "hang", listener.Addr().String()), func() func() {
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return func() { _, _ = io.Copy(io.Discard, conn) }
	}
}

// TestKeyCommandStops checks that the command is killed when the last that
// waits for it leaves, and not before.
func TestKeyCommandStops(t *testing.T) {
	s, started := hanging(t)
	ac := New(variables{}.lookup)
	id := fingerprint(s.APIKeyCommand)
	ac.mu.Lock()
	r := ac.start(t.Context(), id, func(ctx context.Context) (Key, error) { return runCommand(ctx, s, "apiKeyCommand") })
	r.waiting = 1 // somebody else
	ac.mu.Unlock()
	died := started()

	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	if _, err := ac.endpoint(ctx, s); !errors.Is(err, stopped) {
		t.Errorf("got %v, want the cause", err)
	}
	if ac.runs[id] != r {
		t.Fatal("the command was given up while somebody waits for it")
	}
	ac.mu.Lock()
	r.waiting = 0
	ac.mu.Unlock()
	if _, err := ac.endpoint(ctx, s); !errors.Is(err, stopped) {
		t.Errorf("got %v, want the cause", err)
	}
	died()
	<-r.done
	if len(ac.runs) > 0 || len(ac.known) > 0 {
		t.Error("the dead run left something behind")
	}
}

func TestKeyCommandDeadline(t *testing.T) {
	s, started := hanging(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer cancel() // as the deadline would
		started()
	}()
	_, err := runCommand(ctx, s, "apiKeyCommand")
	checkBadKey(t, err, "the program took longer than 10s")
}

// TestKeyIsNeverShown tries what a log could do with a Key.
func TestKeyIsNeverShown(t *testing.T) {
	secret := canary
	key := Key{Source: "S", secret: &secret}
	type holder struct {
		Key     Key
		private Key
		list    []*Key
	}
	held := holder{key, key, []*Key{&key}}
	for _, value := range []any{key, &key, held, &held, []Key{key}, map[string]Key{"k": key}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t"} {
			text := fmt.Sprintf(verb, value)
			checkNoCanary(t, text)
			if strings.Contains(strings.ToLower(text), fmt.Sprintf("%x", canary)) {
				t.Errorf("%s shows the secret in hexadecimal", verb)
			}
		}
		data, err := json.Marshal(value)
		if err != nil {
			t.Error(err)
		}
		checkNoCanary(t, string(data))
	}
	if key.Secret() != canary || (Key{}).Secret() != "" {
		t.Error("Secret does not tell the secret")
	}
}
