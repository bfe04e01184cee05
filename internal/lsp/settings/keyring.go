package settings

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/zalando/go-keyring"
)

const (
	// keyringService is what keyrings show as the owner of llmls's keys.
	keyringService = "llmls"
	// keyringTimeout is how long the keyring may take. One that answers does so
	// in milliseconds; one that is locked may wait for a person who sees no
	// prompt, and one that is broken for ever.
	keyringTimeout = time.Second
)

// askKeyring makes one call to the keyring, which has neither a context nor a
// limit of its own: if it takes too long it is left behind, and as long as it
// hangs no other is made.
func (f *KeyFinder) askKeyring(ctx context.Context, call func() (string, error)) (string, error) {
	if err := reachKeyring(f.lookup); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, keyringTimeout, fmt.Errorf("it did not answer within %s", keyringTimeout))
	defer cancel()
	select {
	case f.asking <- struct{}{}:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	type told struct {
		secret string
		err    error
	}
	answer := make(chan told, 1)
	go func() {
		defer func() { <-f.asking }()
		secret, err := call()
		answer <- told{secret, err}
	}()
	select {
	case t := <-answer:
		return t.secret, keyringError(t.err)
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// keyringError makes a library's error one of ours, on one line.
func keyringError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keyring.ErrNotFound):
		return fmt.Errorf("it has no such key: %w", fs.ErrNotExist)
	case errors.Is(err, keyring.ErrSetDataTooBig):
		return errors.New("the key is too long for it")
	default:
		return errors.New(strings.Join(strings.Fields(err.Error()), " "))
	}
}

func readKeyring(origin string) (string, error) { return keyring.Get(keyringService, origin) }

func writeKeyring(origin, secret string) error { return keyring.Set(keyringService, origin, secret) }

func deleteKeyring(origin string) error { return keyring.Delete(keyringService, origin) }
