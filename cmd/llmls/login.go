package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/llmls/llmls/internal/access"
	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/terminal"
)

func (p *program) newLogin() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "login [ORIGIN]",
		Short: "Store a key in the keyring, for one origin",
		Long: `Read a key, without showing it, and store it in the system's keyring. It is sent to
its origin (scheme, host and port) and to no other. ORIGIN may be any base URL
there; without it, it is that of your own settings. In a pipe, the key is the first
line of standard input; no argument and no flag takes one.

If your own settings name the endpoint, a key of apiKeyCommand or of the environment
variable is used before the stored one.`,
		Example: `  llmls login
  llmls login https://relay.example.com
  pass show relay | llmls login https://relay.example.com
  llmls login --file                         where there is no keyring`,
		Args: usage(cobra.MaximumNArgs(1)),
	}
	file := cmd.Flags().Bool("file", false, "store it in a private file instead of the keyring (on Windows, as private as your profile)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		l := login{program: p, out: cmd.OutOrStdout(), in: bufio.NewReader(os.Stdin)}
		if err := l.choose(args); err != nil {
			return err
		}
		key, err := l.read(cmd.Context())
		if err != nil {
			return err
		}
		if *file {
			return l.toFile(cmd.Context(), key)
		}
		return l.toKeyring(cmd.Context(), key)
	}
	return cmd
}

func (p *program) newLogout() *cobra.Command {
	return &cobra.Command{
		Use:   "logout [ORIGIN]",
		Short: "Remove the key that login stored",
		Long: `Remove the key that login stored for an origin, from the keyring or its file.
Without ORIGIN, it is the origin of your own settings.`,
		Example: `  llmls logout
  llmls logout https://relay.example.com`,
		Args: usage(cobra.MaximumNArgs(1)),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			stored, _ := p.access.StoredKeys()
			var origins []string
			for origin := range stored {
				origins = append(origins, origin)
			}
			return origins, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			l := login{program: p}
			if err := l.choose(args); err != nil {
				return err
			}
			err := l.access.RemoveStored(cmd.Context(), l.origin)
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("no key is stored for %s; see llmls trust --list", l.origin)
			}
			if err != nil {
				return fmt.Errorf("the key for %s is not used any more, but may still be in the keyring: %w", l.origin, err)
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "the key for %s is removed\n", l.origin)
			return err
		},
	}
}

// A login stores one key for one origin.
type login struct {
	*program
	out     io.Writer
	in      *bufio.Reader
	options *settings.Settings
	origin  string
}

// choose takes the origin from the arguments, or from the user's settings.
func (l *login) choose(args []string) error {
	var err error
	if l.options, err = l.load(); err != nil {
		return err
	}
	baseURL := l.options.BaseURL
	if len(args) > 0 {
		if baseURL = args[0]; !strings.ContainsAny(baseURL, ".:") && baseURL != "localhost" {
			return usageError{errors.New("ORIGIN is an address such as https://api.openai.com; a key is never an argument")}
		}
	} else if err := l.options.Stop(); err != nil {
		return err // the endpoint that was meant is not the built-in one
	}
	l.origin, err = access.PlainOriginOf(baseURL)
	return err
}

// read reads a key: from a terminal without echo, else a line.
func (l *login) read(ctx context.Context) (access.Key, error) {
	fd := int(os.Stdin.Fd())
	if !term.IsTerminal(fd) {
		// Far more than the longest key, so that a longer one is refused as too long.
		line, err := bufio.NewReader(io.LimitReader(l.in, 64<<10)).ReadString('\n')
		if err != nil && err != io.EOF {
			return access.Key{}, fmt.Errorf("reading the key: %w", err)
		}
		return access.NewKey("standard input", strings.TrimSuffix(settings.DecodeText(line), "\xff"))
	}
	// Not term.ReadPassword, which turns the echo off after the prompt: what is
	// pasted at once would be seen.
	before, err := term.MakeRaw(fd)
	if err != nil {
		return access.Key{}, fmt.Errorf("reading the key: %w", err)
	}
	screen := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{os.Stdin, os.Stderr}, "")
	text, err := untilDone(ctx, func() (string, error) {
		return screen.ReadPassword("Key for " + l.origin + " (it is not shown): ")
	})
	if restored := term.Restore(fd, before); err == nil {
		err = restored
	}
	if err == io.EOF { // Ctrl-C and Ctrl-D are keys like any other here
		fmt.Fprintln(os.Stderr)
		return access.Key{}, exitError(exitStopped)
	}
	if err != nil {
		return access.Key{}, fmt.Errorf("reading the key: %w", err)
	}
	return access.NewKey("the terminal", text)
}

// toKeyring falls back on a file only if a person says so.
func (l *login) toKeyring(ctx context.Context, key access.Key) error {
	err := l.access.StoreInKeyring(ctx, l.origin, key)
	failed := completion.AsError(err)
	switch {
	case err == nil:
		return l.stored("the keyring")
	case failed == nil || failed.Reason != completion.NoKeyring || !term.IsTerminal(int(os.Stdin.Fd())):
		return err
	}
	fmt.Fprintf(l.stderr, "The key cannot be kept in a keyring (%s).\nKeep it in a private file? [y/N] ", terminal.Line(failed.Detail))
	answer, err := untilDone(ctx, func() (string, error) { return l.in.ReadString('\n') })
	if err != nil {
		return err
	}
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return errors.New("the key was not stored")
	}
	return l.toFile(ctx, key)
}

func (l *login) toFile(ctx context.Context, key access.Key) error {
	path, err := l.access.StoreInFile(ctx, l.origin, key)
	if err != nil {
		return err
	}
	return l.stored("the file " + path)
}

// stored tells the person where the key is, and whether another key takes precedence.
func (l *login) stored(where string) error {
	if _, err := fmt.Fprintf(l.out, "the key for %s is in %s\n", l.origin, where); err != nil {
		return err
	}
	l.options.BaseURL = l.origin
	source, err := l.access.KeySource(l.options)
	if completion.Undecided(err) {
		return nil // it is not known which key takes precedence
	}
	if err != nil {
		return err
	}
	stored, err := l.access.StoredKeys()
	if err == nil && source != stored[l.origin] {
		l.say("the key from ", source, " is used before this one; remove it to use this one.")
	}
	return err
}

// untilDone waits for read, which cannot be stopped, no longer than ctx lasts.
func untilDone(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read()
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}
