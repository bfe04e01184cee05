//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/llmls/llmls/test/neovim"
)

// startup measures what Neovim's --startuptime tells of the plugin, beside a
// plugin that does nothing.
func (b *bench) startup(v view) error {
	found, err := neovim.Found(".")
	if err != nil {
		return err
	}
	init, empty := filepath.Join(b.dir, "init.lua"), filepath.Join(b.dir, "plugin", "empty.lua")
	if err := os.MkdirAll(filepath.Dir(empty), 0o700); err != nil {
		return err
	}
	for name, text := range map[string]string{init: fmt.Sprintf("vim.opt.runtimepath:append(%q)\n%s", b.dir, v.init), empty: ""} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return err
		}
	}
	const rounds = 30
	var ours, nothing []time.Duration
	for range rounds {
		log := filepath.Join(b.dir, "startuptime")
		cmd := exec.Command(found[0], "--headless", "-n", "-i", "NONE", "--startuptime", log, "-u", init, "+qall!")
		cmd.Env = append(b.env(""), "PATH="+os.Getenv("PATH"))
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("neovim does not start: %w: %s", err, out)
		}
		raw, err := os.ReadFile(log)
		if err != nil {
			return err
		}
		ours = append(ours, sourced(string(raw), "plugin/llmls.lua"))
		nothing = append(nothing, sourced(string(raw), "plugin/empty.lua"))
		if err := os.Remove(log); err != nil { // or the next is written behind it
			return err
		}
	}
	b.versus("Neovim's start: sourcing the plugin, p50", "nothing", percentile(ours, 50), "empty file", percentile(nothing, 50))
	return nil
}

// sourced returns how long the file took to be sourced: in a line of the log,
// the third number (:help --startuptime).
func sourced(log, file string) time.Duration {
	for line := range strings.Lines(log) {
		fields := strings.Fields(line)
		if len(fields) == 5 && fields[3] == "sourcing" && strings.HasSuffix(fields[4], file) {
			ms, _ := strconv.ParseFloat(strings.TrimSuffix(fields[2], ":"), 64)
			return time.Duration(ms * float64(time.Millisecond))
		}
	}
	return 0
}
