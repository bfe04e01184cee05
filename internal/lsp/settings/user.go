package settings

// FromEnvironment reads the settings that stand in environment variables. A
// variable that is empty sets nothing. Pass os.LookupEnv.
func FromEnvironment(lookup func(string) (string, bool)) (Layer, []Problem) {
	return Layer{origin: OriginEnvironment}, nil
}

// LoadUser reads the settings that belong to the user, not to the editor:
// config.toml, which need not exist, and the environment. Pass os.LookupEnv.
func LoadUser(lookup func(string) (string, bool)) ([]Layer, []Problem) {
	return nil, nil
}

// Path is where config.toml is looked for: $XDG_CONFIG_HOME/llmls, or the
// platform's directory for settings. It is "" if there is no such place.
func Path(lookup func(string) (string, bool)) string { return "" }
