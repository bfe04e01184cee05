package settings

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A Variable is an environment variable that holds a setting.
type Variable struct {
	Name, Key string
}

// Variables lists the environment variables that hold settings.
func Variables() []Variable {
	return []Variable{
		{"OPENAI_BASE_URL", keyBaseURL},
		{"LLMLS_MODEL", keyModel},
		{"LLMLS_LOG_LEVEL", keyLogLevel},
		{"SSL_CERT_FILE", keyCAFile}, // which Go itself reads on some systems only
	}
}

// FromEnvironment reads the settings that stand in environment variables. A
// variable that is empty sets nothing. Pass os.LookupEnv.
func FromEnvironment(lookup func(string) (string, bool)) (Layer, []Problem) {
	d := decoder{layer: Layer{origin: OriginEnvironment}}
	for _, v := range Variables() {
		text, _ := lookup(v.Name)
		if text = strings.TrimSpace(text); text != "" {
			d.source = v.Name
			d.set(findKey(v.Key), text)
		}
	}
	return d.layer, d.problems
}

// LoadUser reads the settings that belong to the user, not to the editor:
// config.toml, which need not exist, and the environment. Pass os.LookupEnv.
func LoadUser(lookup func(string) (string, bool)) ([]Layer, []Problem) {
	file, problems := loadFile(Path(lookup))
	environment, more := FromEnvironment(lookup)
	return []Layer{file, environment}, append(problems, more...)
}

// Path is where config.toml is looked for: $XDG_CONFIG_HOME/llmls, or the
// platform's directory for settings. It is "" if there is no such place.
func Path(lookup func(string) (string, bool)) string {
	// The XDG base directory specification has relative paths ignored.
	dir, _ := lookup("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		var err error
		if dir, err = os.UserConfigDir(); err != nil {
			return ""
		}
	}
	return filepath.Join(dir, "llmls", "config.toml")
}

// maxFile is the most that config.toml may hold, far above any real one.
const maxFile = 1 << 20

func loadFile(path string) (Layer, []Problem) {
	none := Layer{origin: OriginFile}
	failed := func(detail string) (Layer, []Problem) {
		return none, []Problem{{Source: path, Detail: detail}}
	}
	if path == "" {
		return none, nil
	}
	// Opening a pipe would wait for its writer.
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return none, nil
	case err != nil:
		return failed(detailUnreadable)
	case !info.Mode().IsRegular():
		return failed(detailNotAFile)
	}
	file, err := os.Open(path)
	if err != nil {
		return failed(detailUnreadable)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return failed(detailUnreadable)
	case len(data) > maxFile:
		return failed(detailTooLarge)
	}
	return DecodeTOML(path, data)
}
