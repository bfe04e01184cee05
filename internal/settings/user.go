package settings

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// A Variable is an environment variable that holds a setting.
type Variable struct {
	Name, Key string
}

// Variables lists the environment variables that hold settings.
func Variables() []Variable {
	var list []Variable
	for _, k := range keys() {
		if k.variable != "" {
			list = append(list, Variable{k.variable, k.path})
		}
	}
	return list
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
// config.toml, which need not exist, and the environment. Pass os.LookupEnv. Faults
// that forbid sending are not among the Problems: see Settings.Stop.
func LoadUser(lookup func(string) (string, bool)) ([]Layer, []Problem) {
	file, problems := loadFile(Path(lookup))
	environment, more := FromEnvironment(lookup)
	problems = append(problems, more...)
	if file.unread && environment.names(BaseURL) {
		problems = append(problems, file.stops...)
		file.stops = nil
	}
	environment.stops = append(environment.stops, strays(lookup, file, environment)...)
	return []Layer{file, environment}, problems
}

// Path returns the path of config.toml, in $XDG_CONFIG_HOME/llmls or the platform's
// directory for settings. It is absolute, since a relative path would lead into a
// repository, and "" if there is no such directory.
func Path(lookup func(string) (string, bool)) string {
	// The XDG base directory specification has relative paths ignored.
	dir, _ := lookup("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) {
		dir = platformDirectory(lookup)
	}
	if !filepath.IsAbs(dir) {
		return ""
	}
	return filepath.Join(dir, "llmls", "config.toml")
}

// platformDirectory is os.UserConfigDir, but not without a home where only
// XDG_CONFIG_HOME is relative.
func platformDirectory(lookup func(string) (string, bool)) string {
	home, _ := lookup("HOME")
	switch runtime.GOOS {
	case "windows":
		dir, _ := lookup("AppData")
		return dir
	case "darwin":
		return filepath.Join(home, "Library", "Application Support")
	default:
		return filepath.Join(home, ".config")
	}
}

// maxFile is the most that config.toml may hold, far above any real one.
const maxFile = 1 << 20

func loadFile(path string) (Layer, []Problem) {
	if path == "" {
		return Layer{origin: OriginFile}, nil
	}
	// A link that leads nowhere counts as a file that cannot be read. Opening a pipe
	// would wait for its writer.
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) && !dangles(filepath.Dir(path)) {
		return Layer{origin: OriginFile}, nil
	}
	switch info, err := os.Stat(path); {
	case err != nil:
		return unread(path, detailUnreadable), nil
	case !info.Mode().IsRegular():
		return unread(path, detailNotAFile), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return unread(path, detailUnreadable), nil
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	switch {
	case err != nil:
		return unread(path, detailUnreadable), nil
	case len(data) > maxFile:
		return unread(path, detailTooLarge), nil
	}
	return DecodeTOML(path, data)
}

// dangles reports whether dir, or a directory above it, is a link that leads nowhere. Its
// target may be a disk that is not mounted, and hold a config.toml.
func dangles(dir string) bool {
	for {
		info, err := os.Lstat(dir)
		if err == nil {
			_, err = os.Stat(dir)
			return info.Mode()&fs.ModeSymlink != 0 && errors.Is(err, fs.ErrNotExist)
		}
		above := filepath.Dir(dir)
		if !errors.Is(err, fs.ErrNotExist) || above == dir {
			return false
		}
		dir = above
	}
}

// unread returns the layer of a file that exists and cannot be read: it forbids
// sending.
func unread(path, detail string) Layer {
	return Layer{origin: OriginFile, unread: true, stops: []Problem{{Source: path, Detail: detail}}}
}
