package settings

import (
	"context"
	"strings"
	"sync"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/completion/secrets"
)

// A Key is what an endpoint is shown to be let in. However it is printed or
// encoded, the secret does not appear: it is behind a pointer, which also holds
// for a Key in a private field, where fmt calls no methods.
type Key struct {
	Source string // "OPENAI_API_KEY", "apiKeyCommand (pass)" or NoKey
	secret *string
}

// NoKey is the Source of a Key that does not exist: local servers want none.
const NoKey = "none"

// Secret returns the key itself, "" if there is none.
func (k Key) Secret() string {
	if k.secret == nil {
		return ""
	}
	return *k.secret
}

// String names the source.
func (k Key) String() string { return "key from " + k.Source }

// GoString is String.
func (k Key) GoString() string { return k.String() }

// MarshalText is String.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// A KeyFinder finds the key that settings name, and remembers what
// apiKeyCommand printed. It is safe for concurrent use; one for a process is
// enough.
type KeyFinder struct {
	lookup  func(string) (string, bool)
	secrets secrets.Redactor // knows each key that was found

	mu      sync.Mutex
	command []string // whose key and run are
	key     Key      // what it printed; no secret if that is not known
	run     *run     // the one under way, or nil
}

// A run is one execution of apiKeyCommand, for all that wait for it.
type run struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int   // under KeyFinder.mu
	key     Key   // after done
	err     error // after done
}

// NewKeyFinder returns a KeyFinder that reads environment variables through
// lookup. Pass os.LookupEnv.
func NewKeyFinder(lookup func(string) (string, bool)) *KeyFinder { return &KeyFinder{lookup: lookup} }

// Redactor returns what replaces every key that f has found, and all that looks
// like a secret.
func (f *KeyFinder) Redactor() *secrets.Redactor { return &f.secrets }

// Forget drops what apiKeyCommand printed if it is the key of refused, so that
// the next Endpoint runs it again. Call it when an endpoint refused its key
// (completion.Auth); of many answers that fail together, one makes it run.
func (f *KeyFinder) Forget(refused openai.Endpoint) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.key.Secret() == refused.Key {
		f.key = Key{}
	}
}

// keySource is where s has the key looked for.
func (s *Settings) keySource() string {
	if len(s.APIKeyCommand) > 0 {
		// Arguments may be secrets.
		return "apiKeyCommand (" + s.APIKeyCommand[0] + ")"
	}
	return s.APIKeyEnv
}

func (f *KeyFinder) find(ctx context.Context, s *Settings) (Key, error) {
	if len(s.APIKeyCommand) > 0 {
		return f.fromCommand(ctx, s.APIKeyCommand, s.keySource())
	}
	key := f.fromEnvironment(s.APIKeyEnv)
	return key, key.check()
}

func (f *KeyFinder) fromEnvironment(name string) Key {
	text, _ := f.lookup(name)
	if text = strings.TrimSpace(text); text == "" {
		return Key{Source: NoKey}
	}
	f.secrets.Know(text)
	return Key{Source: name, secret: &text}
}

// maxKey is the longest key that is sent: servers refuse headers of that size.
const maxKey = 8 << 10

// check refuses what cannot stand in a header.
func (k Key) check() error {
	secret := k.Secret()
	if len(secret) > maxKey {
		return badKey(k.Source, "it is longer than 8 KiB")
	}
	for i := range len(secret) {
		switch c := secret[i]; {
		case c == '\n' || c == '\r':
			return badKey(k.Source, "it has more than one line")
		case c < ' ' || c == 0x7f:
			return badKey(k.Source, "it holds a control character")
		case c > 0x7f:
			return badKey(k.Source, "it holds a character that is not ASCII")
		}
	}
	return nil
}

func badKey(source, detail string) error {
	return &completion.Error{
		Kind: completion.Config, Reason: completion.BadKey, KeySource: source, Detail: detail,
	}
}
