package settings

import (
	"context"
	"strings"
	"sync"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/completion/secrets"
	"github.com/llmls/llmls/internal/lsp/state"
)

// A Key is what an endpoint is shown to be let in. However it is printed or
// encoded, the secret does not appear: it is behind a pointer, which also holds
// for a Key in a private field, where fmt calls no methods.
type Key struct {
	Source string // "OPENAI_API_KEY", "apiKeyCommand (pass)", "keyring", "the file …" or NoKey
	secret *string
}

// NoKey is the Source of a Key that does not exist: local servers want none.
const NoKey = "none"

// NewKey returns the key that text holds, without the white space around it. It
// fails with a *completion.Error of kind Config if that is no key; source is
// for its sentence.
func NewKey(source, text string) (Key, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Key{}, badKey(source, "there is none")
	}
	key := Key{Source: source, secret: &text}
	return key, key.check()
}

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

// A KeyFinder finds the key for an endpoint, and knows which endpoints may have
// it. It remembers what apiKeyCommand printed and what the keyring told. It is
// safe for concurrent use; one for a process is enough.
type KeyFinder struct {
	lookup  func(string) (string, bool)
	secrets secrets.Redactor // knows each key that was found
	state   state.Dir
	asking  chan struct{} // holds a token while the keyring is asked

	mu     sync.Mutex
	known  map[string]Key       // what took time to find, by the source's id
	runs   map[string]*run      // under way, likewise
	agreed map[string]Agreement // what could not be written down, by origin
}

// A run is one search that takes time, for all that wait for it.
type run struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int   // under KeyFinder.mu
	key     Key   // after done
	err     error // after done
}

// NewKeyFinder returns a KeyFinder that reads environment variables through
// lookup. Pass os.LookupEnv.
func NewKeyFinder(lookup func(string) (string, bool)) *KeyFinder {
	return &KeyFinder{
		lookup: lookup, state: state.New(lookup), asking: make(chan struct{}, 1),
		known: map[string]Key{}, runs: map[string]*run{}, agreed: map[string]Agreement{},
	}
}

// Redactor returns what replaces every key that f has found, and all that looks
// like a secret.
func (f *KeyFinder) Redactor() *secrets.Redactor { return &f.secrets }

// Forget drops the key of refused, so that the next Endpoint runs apiKeyCommand
// or asks the keyring again. Call it when an endpoint refused its key
// (completion.Auth); of many answers that fail together, one makes it run.
func (f *KeyFinder) Forget(refused openai.Endpoint) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, key := range f.known {
		if key.Secret() == refused.Key {
			delete(f.known, id)
		}
	}
}

// A source is where a key is looked for.
type source struct {
	name string // Key.Source, NoKey if there is none
	fix  string // where a person would change it
	id   string // tells it from others of the same name
	find func(context.Context) (Key, error)
}

// usual is the source that s names, whatever the endpoint is.
func (f *KeyFinder) usual(s *Settings) source {
	if len(s.APIKeyCommand) > 0 {
		name := "apiKeyCommand (" + s.APIKeyCommand[0] + ")" // arguments may be secrets
		id := fingerprint(s.APIKeyCommand)
		return source{name: name, fix: name, id: id, find: func(ctx context.Context) (Key, error) {
			return f.shared(ctx, id, func(ctx context.Context) (Key, error) { return runCommand(ctx, s, name) })
		}}
	}
	key := f.fromEnvironment(s.APIKeyEnv)
	return source{name: key.Source, fix: s.APIKeyEnv, find: func(context.Context) (Key, error) { return key, key.check() }}
}

func (f *KeyFinder) fromEnvironment(name string) Key {
	text, _ := f.lookup(name)
	if text = strings.TrimSpace(text); text == "" {
		return Key{Source: NoKey}
	}
	f.secrets.Know(text)
	return Key{Source: name, secret: &text}
}

// shared asks for a key that takes time, unless it is known or is being asked
// for already. It goes on until the last that waits for it has left.
func (f *KeyFinder) shared(ctx context.Context, id string, ask func(context.Context) (Key, error)) (Key, error) {
	f.mu.Lock()
	if key, ok := f.known[id]; ok {
		f.mu.Unlock()
		return key, nil
	}
	r := f.runs[id]
	if r == nil {
		r = f.start(ctx, id, ask)
	}
	r.waiting++
	f.mu.Unlock()

	select {
	case <-r.done:
		return r.key, r.err
	case <-ctx.Done():
	}
	if f.leave(id, r) {
		<-r.done // or the process could end before its child was killed
	}
	return Key{}, context.Cause(ctx)
}

// leave ends r if nobody waits for it any more, and tells whether it did.
func (f *KeyFinder) leave(id string, r *run) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.waiting--; r.waiting > 0 {
		return false
	}
	r.cancel()
	if f.runs[id] == r {
		delete(f.runs, id)
	}
	return true
}

// start asks in the background; the end of ctx does not end it. The caller
// holds f.mu.
func (f *KeyFinder) start(ctx context.Context, id string, ask func(context.Context) (Key, error)) *run {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &run{done: make(chan struct{}), cancel: cancel}
	f.runs[id] = r
	go func() {
		defer close(r.done)
		defer cancel()
		r.key, r.err = ask(ctx)
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.runs[id] == r {
			delete(f.runs, id)
			if r.err == nil {
				f.known[id] = r.key
			}
		}
	}()
	return r
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
