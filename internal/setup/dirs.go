package setup

import (
	"errors"
	"os"
	"path/filepath"
)

// Dirs are where a person's configuration lies.
type Dirs struct {
	Home   string // absolute
	Config string // $XDG_CONFIG_HOME, or its default
	// Local and Roaming are Windows's own directories, empty elsewhere.
	Local, Roaming string
}

// FindDirs returns the directories of the current user. Pass os.LookupEnv. It fails
// if there is no home directory.
func FindDirs(lookup func(string) (string, bool)) (Dirs, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return Dirs{}, err
	}
	if !filepath.IsAbs(home) {
		return Dirs{}, errors.New("the home directory is not an absolute path; correct HOME")
	}
	d := Dirs{Home: home, Config: filepath.Join(home, ".config")}
	// The XDG base directory specification has relative paths ignored.
	if config, _ := lookup("XDG_CONFIG_HOME"); filepath.IsAbs(config) {
		d.Config = config
	}
	if local, _ := lookup("LocalAppData"); filepath.IsAbs(local) {
		d.Local = local
	}
	if roaming, _ := lookup("AppData"); filepath.IsAbs(roaming) {
		d.Roaming = roaming
	}
	return d, nil
}

// or returns dir, or if that is empty the other one.
func or(dir, other string) string {
	if dir != "" {
		return dir
	}
	return other
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
