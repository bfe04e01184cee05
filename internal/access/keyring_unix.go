//go:build !windows && !darwin

package access

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// busVariable names the session bus, on which the keyring is.
const busVariable = "DBUS_SESSION_BUS_ADDRESS"

// reachKeyring makes sure that there is a session bus. Without the variable, or
// with "autolaunch:" in it, the D-Bus library would start dbus-launch, and a
// bus that lives on; other transports would run programs or send the key in the
// clear, so that only a socket of this machine will do.
func reachKeyring(lookup func(string) (string, bool)) error {
	address, _ := lookup(busVariable)
	if address != "" && address != "autolaunch:" {
		for one := range strings.SplitSeq(address, ";") {
			if !strings.HasPrefix(one, "unix:") {
				return errors.New("its bus is no socket of this machine")
			}
		}
		return nil
	}
	// A session bus that nobody announced is where systemd puts it.
	if dir, _ := lookup("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		bus := filepath.Join(dir, "bus")
		if info, err := os.Stat(bus); err == nil && info.Mode().Type() == fs.ModeSocket {
			return os.Setenv(busVariable, "unix:path="+url.PathEscape(bus)) // the library reads nothing else
		}
	}
	return errors.New("there is no session bus")
}
