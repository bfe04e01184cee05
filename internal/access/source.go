package access

import (
	"context"

	"github.com/llmls/llmls/internal/completion/secrets"
	"github.com/llmls/llmls/internal/completion/upstream"
	"github.com/llmls/llmls/internal/settings"
)

// A run is one lookup of a key that takes time; several callers may wait for it.
type run struct {
	done    chan struct{}
	cancel  context.CancelFunc
	waiting int   // under Access.mu
	key     Key   // after done
	err     error // after done
}

// forget drops the key of refused, so that apiKeyCommand runs or the keyring is
// asked again for the next endpoint. It is for an endpoint that refused its key
// (completion.Auth); of many answers that fail together, one makes it run.
func (ac *Access) forget(refused upstream.Endpoint) {
	ac.mu.Lock()
	defer ac.mu.Unlock()
	for id, key := range ac.known {
		if key.Secret() == refused.Key {
			delete(ac.known, id)
		}
	}
}

// A source is where a key is looked for.
type source struct {
	name string // Key.Source, NoKey if there is none
	fix  string // where a person would change it
	id   string // distinguishes sources of the same name
	// standsIn is true if the key is a placeholder, such as "none": such a key does
	// not choose the built-in endpoint.
	standsIn bool
	find     func(context.Context) (Key, error)
}

// usual is the source that s names, whatever the endpoint is.
func (ac *Access) usual(s *settings.Settings) source {
	if len(s.APIKeyCommand) > 0 {
		name := "apiKeyCommand (" + s.APIKeyCommand[0] + ")" // arguments may be secrets
		id := fingerprint(s.APIKeyCommand)
		return source{name: name, fix: name, id: id, find: func(ctx context.Context) (Key, error) {
			return ac.shared(ctx, id, func(ctx context.Context) (Key, error) { return runCommand(ctx, s, name) })
		}}
	}
	if s.APIKeyEnv == "" { // an endpoint of config.toml that has no key
		fix := "apiKeyEnv or apiKeyCommand of [endpoints." + s.Endpoint + "] in config.toml"
		return source{name: NoKey, fix: fix, find: func(context.Context) (Key, error) { return Key{Source: NoKey}, nil }}
	}
	key := ac.fromEnvironment(s.APIKeyEnv)
	standsIn := key.Source != NoKey && secrets.IsStandIn(key.Secret())
	return source{name: key.Source, fix: s.APIKeyEnv, standsIn: standsIn, find: func(context.Context) (Key, error) { return key, key.check() }}
}

func (ac *Access) fromEnvironment(name string) Key {
	text, _ := ac.lookup(name)
	if text = bareKey(text); text == "" {
		return Key{Source: NoKey}
	}
	ac.secrets.Know(text)
	return Key{Source: name, secret: &text}
}

// shared looks up a key that takes time, unless it is known or a lookup is running
// already. The lookup is cancelled when its last caller has left.
func (ac *Access) shared(ctx context.Context, id string, ask func(context.Context) (Key, error)) (Key, error) {
	ac.mu.Lock()
	if key, ok := ac.known[id]; ok {
		ac.mu.Unlock()
		return key, nil
	}
	r := ac.runs[id]
	if r == nil {
		r = ac.start(ctx, id, ask)
	}
	r.waiting++
	ac.mu.Unlock()

	select {
	case <-r.done:
		return r.key, r.err
	case <-ctx.Done():
	}
	if ac.leave(id, r) {
		<-r.done // or the process could end before its child was killed
	}
	return Key{}, context.Cause(ctx)
}

// leave ends r if no caller waits for it any more, and reports whether it did.
func (ac *Access) leave(id string, r *run) bool {
	ac.mu.Lock()
	defer ac.mu.Unlock()
	if r.waiting--; r.waiting > 0 {
		return false
	}
	r.cancel()
	if ac.runs[id] == r {
		delete(ac.runs, id)
	}
	return true
}

// start asks in the background; the end of ctx does not end it. The caller
// holds ac.mu.
func (ac *Access) start(ctx context.Context, id string, ask func(context.Context) (Key, error)) *run {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &run{done: make(chan struct{}), cancel: cancel}
	ac.runs[id] = r
	go func() {
		defer close(r.done)
		defer cancel()
		r.key, r.err = ask(ctx)
		ac.mu.Lock()
		defer ac.mu.Unlock()
		if ac.runs[id] == r {
			delete(ac.runs, id)
			if r.err == nil {
				ac.known[id] = r.key
			}
		}
	}()
	return r
}
