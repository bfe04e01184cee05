package settings

import (
	"slices"

	"github.com/llmls/llmls/internal/completion"
)

// An Origin is a place that settings come from. Of two, the greater one wins.
type Origin uint8

// The origins, in the order in which they override each other.
const (
	OriginDefault        Origin = iota
	OriginFile                  // config.toml
	OriginEnvironment           // environment variables
	OriginInitialization        // initializationOptions of the initialize request
	OriginConfiguration         // the answer to workspace/configuration
	OriginDidChange             // workspace/didChangeConfiguration
	OriginRequest               // one request alone
)

// String names o for a person.
func (o Origin) String() string {
	switch o {
	case OriginDefault:
		return "default"
	case OriginFile:
		return "config.toml"
	case OriginEnvironment:
		return "environment"
	case OriginInitialization:
		return "initializationOptions"
	case OriginConfiguration:
		return "workspace/configuration"
	case OriginDidChange:
		return "workspace/didChangeConfiguration"
	default:
		return "this request"
	}
}

// editor reports whether o is under the control of the editor, and so perhaps of
// the repository that is open in it.
func (o Origin) editor() bool { return o >= OriginInitialization }

// A Layer is what one origin sets. It is immutable, and the zero Layer sets
// nothing.
type Layer struct {
	origin    Origin
	values    []value
	endpoints []endpoint // of config.toml, by name
	stops     []Problem  // why nothing may be sent, whatever other layers set
	unread    bool       // a file that exists and cannot be read; stops has the reason
}

// names reports whether the layer sets the setting called key.
func (l *Layer) names(key string) bool {
	return slices.ContainsFunc(l.values, func(v value) bool { return v.key.path == key })
}

// A value is one good setting of a Layer or an endpoint, of its field's type.
type value struct {
	key    *key
	val    any
	source string // the file or variable it stands in, or the origin's name
}

// Settings are the Options in force, and where each came from. Their Connection
// is that of the endpoint that answers, whose name is Endpoint. They are
// immutable: callers must not change what Options point to.
type Settings struct {
	Options
	origins   map[string]place
	endpoints []endpoint
	named     []string  // the base URLs that the user's own layers name for this endpoint
	filed     string    // the one of config.toml, "" if it names none
	top       *Settings // with the Connection at the top level; nil if these are they
	stops     []Problem
}

// A place is where a value came from.
type place struct {
	origin Origin
	source string
}

// Resolve lays the layers over the defaults. The order of the arguments does
// not matter; of two layers of one origin, the later argument wins.
func Resolve(layers ...Layer) Settings {
	s := Settings{Options: Default(), origins: map[string]place{}}
	for origin := OriginFile; origin <= OriginDidChange; origin++ {
		for _, layer := range layers {
			if layer.origin == origin {
				s.apply(layer)
			}
		}
	}
	for _, layer := range layers {
		s.checkNames(layer)
	}
	if !slices.Contains(s.Endpoints(), s.Endpoint) {
		return s // its Stop forbids sending
	}
	return s.choose(s.Endpoint)
}

// Stop returns why nothing may be sent with s, nil if nothing forbids it: a
// setting that decides where code goes, or with which key, cannot be used, comes
// from a file that cannot be read or is misspelt. It is a *completion.Error of
// kind Config.
func (s *Settings) Stop() error {
	if len(s.stops) == 0 {
		return nil
	}
	return &completion.Error{Kind: completion.Config, Reason: completion.BadSettings, Detail: list(s.stops)}
}

// UserEndpoints returns the base URLs that config.toml and the environment name for
// the endpoint that answers, also those that another layer overrides. None of them
// comes from an editor, and so perhaps from a repository.
func (s *Settings) UserEndpoints() []string { return s.named }

// FileEndpoint returns the base URL that config.toml names for the endpoint that
// answers, "" if it names none: what it says beside it holds there alone.
func (s *Settings) FileEndpoint() string { return s.filed }

func (s *Settings) apply(layer Layer) {
	s.stops = append(s.stops, layer.stops...)
	s.endpoints = append(s.endpoints, layer.endpoints...)
	for _, v := range layer.values {
		v.key.set(&s.Options, v.val)
		s.origins[v.key.path] = place{layer.origin, v.source}
		if v.key.path == BaseURL && !layer.origin.editor() {
			s.named = append(s.named, s.BaseURL)
		}
		if v.key.path == BaseURL && layer.origin == OriginFile {
			s.filed = s.BaseURL
		}
	}
}

// Origin returns where the value of the setting called key came from.
func (s Settings) Origin(key string) Origin { return s.origins[key].origin }

// Source returns, for a person, where the value of the setting called key came
// from: the path of the file, the environment variable, or the name of the origin.
func (s Settings) Source(key string) string {
	if p, ok := s.origins[key]; ok {
		return p.source
	}
	return OriginDefault.String()
}
