package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// lockInterval is the time between two attempts to get a lock: the system call that
// waits for one cannot be cancelled.
const lockInterval = 20 * time.Millisecond

// errLocked is the error for a lock that another process holds.
var errLocked = errors.New("another process holds it")

// Lock waits until no other process holds the lock of that name, takes it, and
// returns the function that releases it; the end of the process does, too.
func (d Dir) Lock(ctx context.Context, name string) (release func(), err error) {
	folder, err := d.ensure("")
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	name += ".lock"
	file, err := makeFile(folder, name, os.O_RDWR)
	if errors.Is(err, fs.ErrExist) {
		file, _, err = openRegular(folder, name, os.O_RDWR)
	}
	if err == nil {
		if err = waitForLock(ctx, file); err != nil {
			err = errors.Join(err, file.Close())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", d.File("", name), err)
	}
	return func() { file.Close() }, nil
}

func waitForLock(ctx context.Context, file *os.File) error {
	again := time.NewTicker(lockInterval)
	defer again.Stop()
	for {
		if err := tryLock(file); !errors.Is(err, errLocked) {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
