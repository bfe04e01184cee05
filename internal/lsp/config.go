package lsp

import (
	"context"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/lsp/settings"
)

const (
	// pullTimeout is how long the client may take to send its settings. One
	// that never answers gets what the user's own files say.
	pullTimeout = 5 * time.Second
	// settleTimeout is how long the first command waits for settings that are
	// on their way. Longer, and a person notices.
	settleTimeout = time.Second
)

// config holds the settings from every source. Safe for concurrent use.
type config struct {
	mu       sync.Mutex
	load     func() ([]settings.Layer, []settings.Problem) // nil once user is loaded
	user     []settings.Layer                              // config.toml, environment
	editor   [3]settings.Layer
	current  settings.Settings
	problems []settings.Problem // not shown yet
	pulls    int                // under way
	asked    int                // pulls so far
	pulled   int                // the one whose answer is in force
	level    zap.AtomicLevel
	settled  chan struct{} // closed while no settings are on their way
}

// The editor's layers, later wins.
const (
	layerInitialize = iota
	layerPulled
	layerPushed
)

func newConfig(options *Options) *config {
	c := &config{load: options.User, level: options.Level, settled: make(chan struct{})}
	close(c.settled)
	return c
}

// loaded loads the user's settings unless that was done. It is called with mu
// held, before anything is read.
func (c *config) loaded() {
	if c.load == nil {
		return
	}
	user, problems := c.load()
	c.load, c.user = nil, user
	c.problems = append(problems, c.problems...)
	c.resolve()
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
}

// now returns the settings in force.
func (c *config) now() settings.Settings {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loaded()
	return c.current
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

// setPulled is set for the answer to the question with that number. The answers
// may get here in another order than the questions: the newest question wins.
func (c *config) setPulled(number int, raw jsontext.Value) {
	decoded, problems := settings.DecodeJSON(settings.OriginConfiguration, raw)
	c.mu.Lock()
	defer c.mu.Unlock()
	if number < c.pulled {
		return
	}
	c.pulled = number
	c.replace(layerPulled, decoded, problems)
}

// replace is called with mu held.
func (c *config) replace(layer int, decoded settings.Layer, problems []settings.Problem) {
	c.editor[layer] = decoded
	c.problems = append(c.problems, problems...)
	if c.load == nil {
		c.resolve()
	}
}

// expect marks settings as on their way, until the returned function is called,
// and numbers the question for them.
func (c *config) expect() (number int, arrived func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	if c.pulls++; c.pulls == 1 {
		c.settled = make(chan struct{})
	}
	return c.asked, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.pulls--; c.pulls == 0 {
			close(c.settled)
		}
	}
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
// questions, and shows what is wrong with all there are.
func (s *Server) pullConfiguration() {
	number, arrived := s.config.expect()
	s.background(func(ctx context.Context) {
		defer s.showProblems()
		defer arrived()
		if !s.client.configuration {
			return
		}
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
		s.config.setPulled(number, answer[0])
	})
}

func (s *Server) didChangeConfiguration(params *protocol.DidChangeConfigurationParams) error {
	s.config.set(layerPushed, settings.OriginDidChange, params.Settings.Clone())
	s.pullConfiguration()
	return nil
}

func (s *Server) showProblems() {
	if problems := s.config.takeProblems(); len(problems) > 0 {
		s.show(protocol.MessageTypeWarning, settings.Sentence(problems))
	}
}
