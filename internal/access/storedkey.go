package access

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/state"
)

// A storedKey belongs to one origin and is sent to no other. It is a record in the
// state directory, which holds the key or says that the keyring does: without a
// record the keyring is never asked.
type storedKey struct {
	Keyring bool      `json:"keyring,omitzero"`
	Key     string    `json:"key,omitzero"`
	Time    time.Time `json:"time"` // makes the record of a new key in the keyring differ from the old one
}

// kindKeys is the kind of a storedKey in the state directory.
const kindKeys = "keys"

// inKeyring is the Source of a key that the keyring holds.
const inKeyring = "keyring"

// stored returns the source of the key that is stored for origin, and whether
// there is one. A record that cannot be read counts as none, one that others
// could read is refused when the key is wanted.
func (ac *Access) stored(origin string) (source, bool) {
	data, err := ac.state.Read(kindKeys, origin)
	file := "the file " + ac.state.File(kindKeys, origin)
	if errors.Is(err, state.ErrNotPrivate) {
		return source{name: file, fix: file, find: func(context.Context) (Key, error) {
			return Key{}, &completion.Error{Kind: completion.Config, Reason: completion.ExposedKey, KeySource: file}
		}}, true
	}
	var record storedKey
	if err != nil || json.Unmarshal(data, &record) != nil {
		return source{}, false
	}
	if !record.Keyring {
		return source{name: file, fix: file + " (llmls login)", find: func(context.Context) (Key, error) {
			return NewKey(file, record.Key)
		}}, true
	}
	return source{name: inKeyring, fix: "the keyring (llmls login)", find: func(ctx context.Context) (Key, error) {
		return ac.shared(ctx, inKeyring+string(data)+origin, func(ctx context.Context) (Key, error) {
			secret, err := ac.askKeyring(ctx, func() (string, error) { return readKeyring(origin) })
			if err != nil {
				return Key{}, &completion.Error{Kind: completion.Config, Reason: completion.Keyring, KeySource: inKeyring, Host: origin, Detail: err.Error()}
			}
			return NewKey(inKeyring, secret)
		})
	}}, true
}

// StoreInKeyring stores key for origin in the system's keyring, in place of
// what was stored before. That is consent to send it there.
func (ac *Access) StoreInKeyring(ctx context.Context, origin string, key Key) error {
	_, err := ac.askKeyring(ctx, func() (string, error) { return "", writeKeyring(origin, key.Secret()) })
	if err != nil {
		return &completion.Error{Kind: completion.Config, Reason: completion.NoKeyring, Host: origin, Detail: err.Error()}
	}
	return ac.storeRecord(origin, storedKey{Keyring: true, Time: time.Now()})
}

// StoreInFile stores key for origin in a file that nobody else can read, in
// place of what was stored before, and returns its path. That is consent to
// send it there.
func (ac *Access) StoreInFile(ctx context.Context, origin string, key Key) (path string, err error) {
	if before, ok := ac.stored(origin); ok && before.name == inKeyring {
		_, _ = ac.askKeyring(ctx, func() (string, error) { return "", deleteKeyring(origin) }) // it is not used any more either way
	}
	return ac.state.File(kindKeys, origin), ac.storeRecord(origin, storedKey{Key: key.Secret(), Time: time.Now()})
}

func (ac *Access) storeRecord(origin string, record storedKey) error {
	data, err := json.Marshal(record)
	if err != nil {
		return err
	}
	return ac.state.Write(kindKeys, origin, data)
}

// RemoveStored forgets the key that is stored for origin, wherever it is. It
// fails with fs.ErrNotExist if there is none. Any other error is about what is
// left in the keyring: it is not used any more.
func (ac *Access) RemoveStored(ctx context.Context, origin string) error {
	from, _ := ac.stored(origin)
	if err := ac.state.Remove(kindKeys, origin); err != nil {
		return err
	}
	if from.name != inKeyring {
		return nil
	}
	_, err := ac.askKeyring(ctx, func() (string, error) { return "", deleteKeyring(origin) })
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing it from the keyring: %w", err)
	}
	return nil
}

// StoredKeys returns where a key is stored for which origins.
func (ac *Access) StoredKeys() (map[string]string, error) {
	origins, err := ac.state.List(kindKeys)
	sources := make(map[string]string, len(origins))
	for _, origin := range origins {
		if from, ok := ac.stored(origin); ok {
			sources[origin] = from.name
		}
	}
	return sources, err
}
