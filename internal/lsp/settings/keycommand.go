package settings

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
)

const (
	// commandTimeout is how long apiKeyCommand may take: enough to type a
	// passphrase, and within what editors wait for a command (Eglot: 10 s).
	commandTimeout = 10 * time.Second
	// commandGrace is how long a killed command's children may keep its output
	// open.
	commandGrace = time.Second
)

// fromCommand runs command, unless its key is known or it is running already.
// It goes on until the last that waits for it has left.
func (f *KeyFinder) fromCommand(ctx context.Context, command []string, source string) (Key, error) {
	f.mu.Lock()
	if !slices.Equal(f.command, command) {
		f.command, f.key, f.run = command, Key{}, nil
	}
	if f.key.secret != nil {
		defer f.mu.Unlock()
		return f.key, nil
	}
	r := f.run
	if r == nil {
		r = f.start(ctx, command, source)
	}
	r.waiting++
	f.mu.Unlock()

	select {
	case <-r.done:
		return r.key, r.err
	case <-ctx.Done():
	}
	if f.leave(r) {
		<-r.done // or the process could end before its child was killed
	}
	return Key{}, context.Cause(ctx)
}

// leave ends r if nobody waits for it any more, and tells whether it did.
func (f *KeyFinder) leave(r *run) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.waiting--; r.waiting > 0 {
		return false
	}
	r.cancel()
	if f.run == r {
		f.run = nil
	}
	return true
}

// start runs command in the background; the end of ctx does not end it. The
// caller holds f.mu.
func (f *KeyFinder) start(ctx context.Context, command []string, source string) *run {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commandTimeout)
	r := &run{done: make(chan struct{}), cancel: cancel}
	f.run = r
	go func() {
		defer close(r.done)
		defer cancel()
		r.key, r.err = runCommand(ctx, command, source)
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.run == r {
			f.run, f.key = nil, r.key
		}
	}()
	return r
}

func runCommand(ctx context.Context, command []string, source string) (Key, error) {
	stdout := &head{limit: maxKey + 64} // white space around it included
	stderr := &head{limit: 4 << 10}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...) //nolint:gosec // only config.toml names it
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.WaitDelay = commandGrace
	// Not the editor's directory: interpreters load modules from where they
	// are started, and a repository could bring one.
	cmd.Dir = safeDirectory()
	err := cmd.Run()
	secret := strings.TrimSpace(stdout.String())
	switch {
	case ctx.Err() != nil:
		return Key{}, badKey(source, fmt.Sprintf("the program took longer than %s", commandTimeout))
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, os.ErrNotExist):
		return Key{}, badKey(source, "there is no such program")
	case err != nil:
		return Key{}, badKey(source, "the program failed"+why(err, stderr.String(), secret))
	case secret == "":
		return Key{}, badKey(source, "the program printed nothing"+why(nil, stderr.String(), secret))
	}
	key := Key{Source: source, secret: &secret}
	if err := key.check(); err != nil {
		return Key{}, err
	}
	return key, nil
}

func safeDirectory() string {
	if home, err := os.UserHomeDir(); err == nil && filepath.IsAbs(home) {
		if info, err := os.Stat(home); err == nil && info.IsDir() {
			return home
		}
	}
	return string(filepath.Separator)
}

// why renders the way a command ended and the first line it complained in. A
// word of that line that may be a secret is left out.
func why(err error, stderr, secret string) string {
	const longest = 120
	var parts []string
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		parts = append(parts, exit.String()) // "exit status 2", "signal: killed"
	}
	line, _, _ := strings.Cut(strings.TrimSpace(strings.ToValidUTF8(stderr, "")), "\n")
	words := strings.FieldsFunc(line, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) })
	for i, word := range words {
		if secret != "" && strings.Contains(secret, word) && len(word) > 3 || mayBeSecret(word) {
			words[i] = "[…]"
		}
	}
	line = strings.Join(words, " ")
	if secret != "" && strings.Contains(line, secret) {
		line = ""
	}
	if runes := []rune(line); len(runes) > longest {
		line = string(runes[:longest]) + "…"
	}
	if line != "" {
		parts = append(parts, line)
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ": ") + ")"
}

// mayBeSecret tells whether word is a long run of characters that mixes
// letters with digits or other signs, as keys do and words do not.
func mayBeSecret(word string) bool {
	const shortest = 12
	letter, other := false, false
	for _, r := range word {
		if unicode.IsLetter(r) {
			letter = true
		} else if !strings.ContainsRune(".,:;'\"()/", r) {
			other = true
		}
	}
	return len(word) >= shortest && letter && other
}

// A head keeps the first bytes of what is written to it. It embeds no buffer:
// that would bring its ReadFrom, which io.Copy prefers and which has no limit.
type head struct {
	text  []byte
	limit int
}

func (h *head) Write(p []byte) (int, error) {
	h.text = append(h.text, p[:min(h.limit-len(h.text), len(p))]...)
	return len(p), nil
}

func (h *head) String() string { return string(h.text) }
