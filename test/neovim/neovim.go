// Package neovim drives real Neovims, as processes over their RPC, with the
// plugin of editors/neovim in them.
package neovim

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/neovim/go-client/nvim"
)

// Columns and Rows are the size of the screen.
const (
	Columns = 110
	Rows    = 36
)

// Found returns the Neovims to test with: the one that NVIM_TEST names, else
// the two that test/neovim/fetch fetched below root, else the one in PATH.
func Found(root string) ([]string, error) {
	if path := os.Getenv("NVIM_TEST"); path != "" {
		return []string{path}, nil
	}
	var found []string
	for _, suite := range []string{"sid", "trixie"} {
		path, err := filepath.Abs(filepath.Join(root, ".cache", "neovim", suite, "nvim"))
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(path); err == nil {
			found = append(found, path)
		}
	}
	if len(found) == 2 {
		return found, nil
	}
	if path, err := exec.LookPath("nvim"); err == nil && os.Getenv("CI") == "" {
		return []string{path}, nil
	}
	return nil, errors.New("there is no Neovim to test with: run test/neovim/fetch (make test does), or name one in NVIM_TEST")
}

// A Neovim is a running editor with a screen attached.
type Neovim struct {
	*nvim.Nvim
}

// noPython keeps the filetype plugin of Python from looking for interpreters
// (runtime/autoload/provider/python3.vim): it starts each that it finds, which
// takes seconds where they are shims of a version manager. No test is about it.
const noPython = "vim.g.loaded_python3_provider = 0\n"

// Start starts the Neovim at path in dir with nothing but env, and init as its
// init.lua. draw, if it is not nil, gets the redraw events.
func Start(path, dir string, env []string, init string, draw func(...[]any)) (*Neovim, error) {
	initPath := filepath.Join(dir, "init.lua")
	if err := os.WriteFile(initPath, []byte(noPython+init), 0o600); err != nil {
		return nil, err
	}
	v, err := nvim.NewChildProcess(
		nvim.ChildProcessCommand(path),
		nvim.ChildProcessArgs("--embed", "--headless", "-n", "-i", "NONE", "-u", initPath),
		nvim.ChildProcessDir(dir), nvim.ChildProcessEnv(env),
	)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", path, err)
	}
	if draw == nil {
		draw = func(...[]any) {}
	}
	if err := v.RegisterHandler("redraw", draw); err != nil {
		return nil, err
	}
	if err := v.AttachUI(Columns, Rows, map[string]any{"ext_linegrid": true, "rgb": true}); err != nil {
		return nil, err
	}
	return &Neovim{Nvim: v}, nil
}

// ScreenLua returns what stands on the screen, as a person sees it, without
// blanks at the ends of lines.
const ScreenLua = `
vim.cmd.redraw()
local rows = {}
for row = 1, vim.o.lines do
  local cells = {}
  for column = 1, vim.o.columns do
    cells[column] = vim.fn.screenstring(row, column)
  end
  rows[row] = (table.concat(cells):gsub('%s+$', ''))
end
return table.concat(rows, '\n')`

// closing is how long a Neovim may take to leave.
const closing = 10 * time.Second

// End quits, whatever stands in the buffers, and waits for the process.
func (n *Neovim) End() error {
	done := make(chan error, 1)
	go func() {
		_ = n.Command("qall!") // the connection ends before it is answered
		done <- n.Close()
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(closing):
		_, _ = n.Input("<CR>") // it may ask for ENTER
		return errors.New("neovim does not end")
	}
}
