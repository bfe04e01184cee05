package access

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

	"github.com/llmls/llmls/internal/settings"
)

const (
	// commandTimeout is how long apiKeyCommand may take: enough to type a
	// passphrase, and within what editors wait for a command (Eglot: 10 s).
	commandTimeout = 10 * time.Second
	// commandGrace is how long a killed command's children may keep its output
	// open.
	commandGrace = time.Second
)

// runCommand runs apiKeyCommand, which only config.toml can set, and returns the
// key that it printed. name is its name in messages.
func runCommand(ctx context.Context, s *settings.Settings, name string) (Key, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	program, err := lookPath(s.APIKeyCommand[0])
	if err != nil {
		return Key{}, badKey(name, "there is no such program")
	}
	stdout := &head{limit: maxKey + 64} // white space around it included
	stderr := &head{limit: 4 << 10}
	cmd := exec.CommandContext(ctx, program, s.APIKeyCommand[1:]...) //nolint:gosec // only config.toml names it
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.WaitDelay = commandGrace
	// Not the editor's directory: interpreters load modules from where they
	// are started, and a repository could bring one.
	cmd.Dir = safeDirectory()
	var others []string
	for _, one := range s.All() {
		others = append(others, one.APIKeyEnv)
	}
	cmd.Env = withoutKeys(os.Environ(), others...)
	killAll(cmd)
	err = cmd.Run()
	secret := strings.TrimSpace(stdout.String())
	switch {
	case ctx.Err() != nil:
		return Key{}, badKey(name, fmt.Sprintf("the program took longer than %s", commandTimeout))
	case errors.Is(err, os.ErrNotExist):
		return Key{}, badKey(name, "there is no such program")
	case err != nil:
		return Key{}, badKey(name, "the program failed"+why(err, stderr.String(), secret))
	case secret == "":
		return Key{}, badKey(name, "the program printed nothing"+why(nil, stderr.String(), secret))
	}
	return NewKey(name, secret)
}

// lookPath finds a program as exec.LookPath does, but passes over the relative
// entries of PATH, through which a repository could bring it.
func lookPath(program string) (string, error) {
	if filepath.IsAbs(program) {
		return program, nil
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if filepath.IsAbs(dir) {
			if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
				return path, nil
			}
		}
	}
	return "", exec.ErrNotFound
}

// withoutKeys drops the variables that hold other keys: the command must not see
// them, and is set because they are not to be used.
func withoutKeys(environment []string, names ...string) []string {
	names = append(names, settings.Default().APIKeyEnv)
	return slices.DeleteFunc(environment, func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) // Windows ignores the case
	})
}

func safeDirectory() string {
	if home, err := os.UserHomeDir(); err == nil && filepath.IsAbs(home) {
		if info, err := os.Stat(home); err == nil && info.IsDir() {
			return home
		}
	}
	return string(filepath.Separator)
}

// why renders how a command ended and the first line of its standard error. A word
// of that line that may be a secret is left out.
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
	tells := func(text string) bool { return secret != "" && strings.Contains(text, secret) }
	if tells(line) { // before it is cut: a part of it is too much
		line = ""
	}
	if runes := []rune(line); len(runes) > longest {
		line = string(runes[:longest]) + "…"
	}
	if line != "" {
		parts = append(parts, line)
	}
	whole := " (" + strings.Join(parts, ": ") + ")"
	if len(parts) == 0 || tells(whole) {
		return ""
	}
	return whole
}

// mayBeSecret reports whether word is a long run of characters that mixes
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
