//go:build e2e

package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

// session is a login session with an unlocked keyring, in which a script runs
// with llmls as its first argument.
func session(script string) []string {
	return []string{"dbus-run-session", "--", "sh", "-euc", "printf password | gnome-keyring-daemon --unlock --components=secrets > /dev/null\n" + script, "sh"}
}

// A key that was stored in a real keyring is used, in every process of that
// session, until it is removed; it is in no file.
func TestKeyring(t *testing.T) {
	const key = "sk-stored-0123456789abcdef"
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, "retries = 0\n")
	h.Unset("OPENAI_API_KEY", "DBUS_SESSION_BUS_ADDRESS")
	h.Env = append(h.Env, "XDG_RUNTIME_DIR="+filepath.Dir(h.Write(t, "run/x", "")), "XDG_DATA_HOME="+filepath.Join(h.Dir, "data"))
	h.Through = session(`
		echo ` + key + ` | "$1" login
		"$1" settings
		"$1" ask "with the key?"
		# Where nobody announced the bus, it is where systemd puts it.
		ln -s "$(echo "$DBUS_SESSION_BUS_ADDRESS" | sed 's/unix:path=//; s/,.*//')" "$XDG_RUNTIME_DIR/bus"
		env -u DBUS_SESSION_BUS_ADDRESS "$1" ask "and so?"
		echo ` + key + `2 | "$1" login
		"$1" ask "with the second key?"
		"$1" logout
		"$1" ask "without?"
		! "$1" logout
	`)
	c := h.Run(t)
	c.Exits(0)
	var got []string
	for _, request := range u.Requests() {
		got = append(got, strings.TrimPrefix(request.Header.Get("Authorization"), "Bearer "))
	}
	if want := strings.Join([]string{key, key, key + "2", ""}, " "); strings.Join(got, " ") != want {
		t.Errorf("the keys that arrived are %q, want %q", got, want)
	}
	for _, line := range []string{"is in the keyring", "keyring\nHello", "is removed"} {
		if !strings.Contains(c.Stdout.String(), line) {
			t.Errorf("stdout does not say %q", line)
		}
	}
	if strings.Contains(c.Stdout.String()+c.Stderr.String()+h.Log(t), key) {
		t.Error("the key is printed or in a file")
	}
	if _, err := os.Stat(filepath.Join(h.Dir, "state", "llmls", "keys", url.QueryEscape(strings.TrimSuffix(u.URL, "/v1")))); err == nil {
		t.Error("logout left a record")
	}
}

// A key that somebody else removed from the keyring is an error with the next
// step; nothing is sent without it.
func TestKeyIsGoneFromTheKeyring(t *testing.T) {
	u := completiontest.NewUpstream(t)
	h := llmls.Home(t, u.URL, "retries = 0\n")
	h.Unset("OPENAI_API_KEY", "DBUS_SESSION_BUS_ADDRESS")
	h.Env = append(h.Env, "XDG_DATA_HOME="+filepath.Join(h.Dir, "data"))
	h.Write(t, "state/llmls/keys/"+url.QueryEscape(strings.TrimSuffix(u.URL, "/v1")), `{"keyring":true}`)
	h.Through = session(`exec "$@"`)
	c := h.Run(t, "ask", "why?")
	c.Exits(1)
	c.Says("has no such key", "llmls login")
	if n := len(u.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}
