package process

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/llmls/llmls/internal/lsp/editor"
)

const (
	// Key is the account's key. It may be nowhere but in a request's header.
	Key = "sk-canary-0123456789abcdef"

	// Code belongs into every document that a test asks about. No log may hold
	// it.
	Code = "code_canary_5ca1ab1e"
)

// A Home is a user's account of which nothing but what a test puts there is
// known to llmls.
type Home struct {
	Dir string
	Env []string // the whole environment, for processes that start later

	// For processes that start later, too: where they start, "" for the test's
	// own directory; a command that becomes llmls, such as
	// {"sh", "-c", `umask 0; exec "$0" "$@"`}, or none; and what an editor
	// answers to the server's requests, nil for null.
	WorkDir string
	Through []string
	Reply   func(editor.Message) any

	binary string
}

// Home returns an account whose endpoint is baseURL and whose key is Key.
// config is its config.toml; "" for none.
func (b *Binary) Home(t testing.TB, baseURL, config string) *Home {
	t.Helper()
	dir := t.TempDir()
	h := &Home{Dir: dir, binary: b.path, Env: []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=" + dir,
		"XDG_CONFIG_HOME=" + filepath.Join(dir, "config"),
		"XDG_STATE_HOME=" + filepath.Join(dir, "state"),
		"OPENAI_BASE_URL=" + baseURL,
		"OPENAI_API_KEY=" + Key,
	}}
	if config != "" {
		h.Configure(t, config)
	}
	t.Cleanup(func() {
		Eventually(t, Patience, "each llmls of the account has ended", func() bool { return !h.running() })
	})
	return h
}

// running reports whether an llmls of the account runs, where /proc tells. One that
// an editor started ends after its editor, and makes files until then, also in a
// directory that the test removes.
func (h *Home) running() bool {
	environments, _ := filepath.Glob("/proc/[0-9]*/environ") // the pattern is none that fails
	return slices.ContainsFunc(environments, func(path string) bool {
		binary, err := os.Readlink(filepath.Join(filepath.Dir(path), "exe"))
		if err != nil || filepath.Base(binary) != "llmls" {
			return false // also of processes that have ended meanwhile
		}
		environment, _ := os.ReadFile(path) // likewise
		return slices.Contains(strings.Split(string(environment), "\x00"), "HOME="+h.Dir)
	})
}

// Configure writes config.toml.
func (h *Home) Configure(t testing.TB, text string) {
	t.Helper()
	h.Write(t, "config/llmls/config.toml", text)
}

// Write writes a file of the account, whose name is relative to Dir, and
// returns its path.
func (h *Home) Write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(h.Dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Unset removes variables from the environment.
func (h *Home) Unset(names ...string) {
	h.Env = slices.DeleteFunc(h.Env, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(names, name)
	})
}

// Log returns what is in all files below the state directory but conversations: the
// log, and answers that no editor showed.
func (h *Home) Log(t testing.TB) string {
	t.Helper()
	return h.state(t, func(path string) bool { return filepath.Base(filepath.Dir(path)) != "conversations" })
}

// Conversations returns what is in the files of conversations.
func (h *Home) Conversations(t testing.TB) string {
	t.Helper()
	return h.state(t, func(path string) bool { return filepath.Base(filepath.Dir(path)) == "conversations" })
}

// state returns what is in those files below the state directory.
func (h *Home) state(t testing.TB, wanted func(path string) bool) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(filepath.Join(h.Dir, "state"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || !wanted(path) { // Emacs locks a file with a link
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		t.Error(err)
	}
	return all.String()
}
