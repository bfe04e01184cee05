package lsp

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/settings"
)

const (
	// pullTimeout is how long the client may take to send its settings. One
	// that never answers gets what the user's own files say.
	pullTimeout = 5 * time.Second
	// settleTimeout is how long a command waits for settings that the client was asked
	// for. A person would notice a longer wait.
	settleTimeout = time.Second
	// pushGrace is how long the message that no endpoint is set is held back: a
	// client that does not answer workspace/configuration pushes its settings right
	// after initialized, if it has any.
	pushGrace = 300 * time.Millisecond
)

// maxProblems bounds the problems that were not shown yet. A person reads no more.
const maxProblems = 50

// config holds the settings from every source. Safe for concurrent use.
type config struct {
	mu       sync.Mutex
	load     func() ([]settings.Layer, []settings.Problem)
	isLoaded bool
	isPushed bool
	user     []settings.Layer // config.toml, environment
	editor   [3]settings.Layer
	current  settings.Settings
	problems []settings.Problem // not shown yet
	told     string             // the sentence about why nothing is sent that was shown last
	pulling  bool               // the client is being asked for its settings,
	stale    bool               // and is to be asked once more
	level    zap.AtomicLevel
	settled  chan struct{} // closed while no settings are on their way
	pushed   chan struct{} // closed once the client has pushed settings
}

// The editor's layers, later wins.
const (
	layerInitialize = iota
	layerPulled
	layerPushed
)

func newConfig(options *Options) *config {
	c := &config{load: options.User, level: options.Level, settled: make(chan struct{}), pushed: make(chan struct{})}
	close(c.settled)
	return c
}

// loaded loads the user's settings unless that was done. It is called with mu
// held, before anything is read.
func (c *config) loaded() {
	if c.isLoaded {
		return
	}
	user, problems := c.load()
	c.isLoaded, c.user = true, user
	c.problems = append(problems, c.problems...)
	c.resolve()
}

// reload loads the user's settings anew, and returns what is in force then.
func (c *config) reload() settings.Settings {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.user, _ = c.load()
	c.resolve()
	return c.current
}

func (c *config) resolve() {
	c.current = settings.Resolve(append(c.user[:len(c.user):len(c.user)], c.editor[:]...)...)
	c.level.SetLevel(LogLevel(&c.current))
}

// set replaces one layer of the editor's.
func (c *config) set(layer int, origin settings.Origin, raw jsontext.Value) {
	decoded, problems := settings.DecodeJSON(origin, raw)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.replace(layer, decoded, problems)
	if layer == layerPushed && !c.isPushed {
		c.isPushed = true
		close(c.pushed)
	}
}

// awaitPush waits until the client has pushed settings, but not for long.
func (c *config) awaitPush(ctx context.Context) {
	grace := time.NewTimer(pushGrace)
	defer grace.Stop()
	select {
	case <-c.pushed:
	case <-grace.C:
	case <-ctx.Done():
	}
}

// now returns the settings in force, without waiting.
func (c *config) now() settings.Settings {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loaded()
	return c.current
}

// settings returns the settings for a command. If nothing would be sent with those
// in force, it loads the user's again, who may have corrected them.
func (s *Server) settings(ctx context.Context) settings.Settings {
	options := s.config.get(ctx)
	if s.unusable(&options) != "" {
		options = s.config.reload()
	}
	return options
}

// settingsFor returns the settings for a command that names an endpoint, a model,
// both or, with "", neither. It fails as Settings.With does.
func (s *Server) settingsFor(ctx context.Context, endpoint, model string) (settings.Settings, error) {
	options := s.settings(ctx)
	if endpoint == "" && model == "" {
		return options, nil
	}
	chosen, err := options.With(endpoint, model)
	if err != nil { // it may have been added since
		options = s.config.reload()
		chosen, err = options.With(endpoint, model)
	}
	return chosen, err
}

// get returns the settings in force. It waits a moment for settings that the
// client was asked for.
func (c *config) get(ctx context.Context) settings.Settings {
	c.mu.Lock()
	settled := c.settled
	c.mu.Unlock()
	select {
	case <-settled:
	default:
		wait := time.NewTimer(settleTimeout)
		defer wait.Stop()
		select {
		case <-settled:
		case <-wait.C:
		case <-ctx.Done():
		}
	}
	return c.now()
}

// replace is called with mu held.
func (c *config) replace(layer int, decoded settings.Layer, problems []settings.Problem) {
	c.editor[layer] = decoded
	c.problems = append(c.problems, problems...)
	c.problems = c.problems[max(0, len(c.problems)-maxProblems):]
	if c.isLoaded {
		c.resolve()
	}
}

// expect marks settings as on their way, until arrived. It reports whether the
// client is to be asked for them; if that is done already, it is done once more.
func (c *config) expect() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.stale = c.pulling
	if c.pulling {
		return false
	}
	c.pulling, c.settled = true, make(chan struct{})
	return true
}

// arrived reports whether the client is to be asked once more.
func (c *config) arrived() (again bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stale {
		c.stale = false
		return true
	}
	c.pulling = false
	close(c.settled)
	return false
}

// takeProblems returns what has not been shown yet.
func (c *config) takeProblems() []settings.Problem {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loaded()
	problems := c.problems
	c.problems = nil
	return problems
}

// pullConfiguration asks the client for its settings, if it answers such
// questions, and shows what is wrong with all there are. One question is open at a
// time, however often the settings change.
func (s *Server) pullConfiguration() {
	if !s.config.expect() {
		return
	}
	s.background(func(ctx context.Context) {
		defer s.showProblems()
		for again := true; again; again = s.config.arrived() {
			if s.client.configuration {
				s.pull(ctx)
			}
		}
		if options := s.config.now(); !s.client.configuration && s.unusable(&options) != "" {
			s.config.awaitPush(ctx)
		}
	})
}

func (s *Server) pull(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, pullTimeout)
	defer cancel()
	var answer []jsontext.Value
	_, err := s.conn.Call(ctx, protocol.MethodWorkspaceConfiguration, &protocol.ConfigurationParams{
		Items: []protocol.ConfigurationItem{{Section: new("llmls")}},
	}, &answer)
	if err != nil || len(answer) == 0 {
		s.log.Warn("the client sent no settings", zap.Error(err))
		return
	}
	s.config.set(layerPulled, settings.OriginConfiguration, answer[0])
}

func (s *Server) didChangeConfiguration(params *protocol.DidChangeConfigurationParams) error {
	s.config.set(layerPushed, settings.OriginDidChange, params.Settings)
	s.pullConfiguration()
	return nil
}

// showProblems shows what is wrong with the settings, in one message: first, if
// it was not said yet, why nothing is sent at all.
func (s *Server) showProblems() {
	var parts []string
	kind := protocol.MessageTypeWarning
	options := s.config.now()
	if sentence := s.unusable(&options); s.config.tellsAnew(sentence) {
		parts, kind = append(parts, sentence), protocol.MessageTypeError
	}
	if problems := s.config.takeProblems(); len(problems) > 0 {
		parts = append(parts, settings.Sentence(problems))
	}
	if len(parts) > 0 {
		s.show(kind, strings.Join(parts, " "))
	}
}

// unusable returns why nothing can be sent with options, "" if something can.
func (s *Server) unusable(options *settings.Settings) string {
	if _, err := s.access.KeySource(options); err != nil {
		return completion.AsError(err).Sentence()
	}
	return ""
}

// tellsAnew reports whether sentence differs from the one that was shown last, and
// records it as shown.
func (c *config) tellsAnew(sentence string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	anew := sentence != "" && sentence != c.told
	c.told = sentence
	return anew
}
