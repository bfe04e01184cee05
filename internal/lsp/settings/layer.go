package settings

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
	default:
		return "workspace/didChangeConfiguration"
	}
}

// editor tells whether o is under the control of the editor, and so perhaps of
// the repository that is open in it.
func (o Origin) editor() bool { return o >= OriginInitialization }

// A Layer is what one origin sets. It is immutable, and the zero Layer sets
// nothing.
type Layer struct {
	origin Origin
	values []value
	// badURL is why a base URL of this layer was refused, nil if none was.
	badURL error
}

// A value is one good setting of a Layer, of its field's type.
type value struct {
	key    *key
	val    any
	source string // the file or variable it stands in, or the origin's name
}

// Settings are the Options in force, and where each came from. They are
// immutable: callers must not change what Options point to.
type Settings struct {
	Options
	origins map[string]place
	trusted []string // origins of the base URLs that the user's own layers name
	badURL  error
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
	if len(s.trusted) == 0 {
		s.trust(Default().BaseURL)
	}
	return s
}

// trust takes note of what a base URL of the user's own leads to; one that
// leads nowhere is trusted with nothing.
func (s *Settings) trust(baseURL string) {
	origin, _ := OriginOf(baseURL)
	s.trusted = append(s.trusted, origin)
}

func (s *Settings) apply(layer Layer) {
	if layer.badURL != nil {
		s.badURL = layer.badURL
	}
	for _, v := range layer.values {
		v.key.set(&s.Options, v.val)
		s.origins[v.key.path] = place{layer.origin, v.source}
		if v.key.path == keyBaseURL && !layer.origin.editor() {
			s.trust(s.BaseURL)
		}
	}
}

// Origin tells which origin the value of the setting called key came from.
func (s Settings) Origin(key string) Origin { return s.origins[key].origin }

// Source tells a person where the value of the setting called key came from:
// the path of the file, the environment variable, or the name of the origin.
func (s Settings) Source(key string) string {
	if p, ok := s.origins[key]; ok {
		return p.source
	}
	return OriginDefault.String()
}
