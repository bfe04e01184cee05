package access

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
	// keyringTimeout is how long the keyring may take. A working one answers in
	// milliseconds; a locked one may wait for a person who sees no prompt, and a
	// broken one waits for ever.
	keyringTimeout = time.Second
)

// askKeyring makes one call to the keyring, whose library has neither a context nor
// a timeout: if it takes too long its goroutine is abandoned, and no other call is
// made while it hangs.
func (ac *Access) askKeyring(ctx context.Context, call func() (string, error)) (string, error) {
	if err := reachKeyring(ac.lookup); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, keyringTimeout, fmt.Errorf("it did not answer within %s", keyringTimeout))
	defer cancel()
	select {
	case ac.asking <- struct{}{}:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	type told struct {
		secret string
		err    error
	}
	answer := make(chan told, 1)
	go func() {
		defer func() { <-ac.asking }()
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

// keyringError converts an error of the library to one of ours, in one line.
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
