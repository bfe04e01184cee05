//go:build linux

package main

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/llmls/llmls/test/neovim"
)

//go:embed floor.lua
var floor string

// A view is what shows an answer in Neovim: the plugin, or the floor.
type view struct{ name, init, command string }

// views are the plugin as its page says to install it, the floor, and the plugin
// without the line that starts the server with the first file.
type views struct{ ours, floor, alone view }

func (b *bench) views() (*views, error) {
	plugin, err := filepath.Abs("editors/neovim")
	if err != nil {
		return nil, err
	}
	// The server stays in Neovim's session, as curl does: where sessions have
	// equal shares of a busy machine, it would have another one.
	alone := fmt.Sprintf("vim.opt.runtimepath:prepend(%q)\nvim.env.PATH = %q .. ':' .. vim.env.PATH\nvim.lsp.config('llmls', { detached = false })\n", plugin, b.dir)
	const explain = "1,5Llmls explain"
	return &views{
		ours:  view{"llmls", alone + "vim.lsp.enable('llmls')\n", explain},
		floor: view{"floor", "vim.o.linebreak = true\n" + floor, "Floor"},
		alone: view{"alone", alone, explain},
	}, nil
}

// An editor is a Neovim with a view, whose screen is watched.
type editor struct {
	*neovim.Neovim
	grid *grid
	view view
	pid  int
}

// idle is a pause before the command, as when a person looks at the file first.
const idle = "vim.wait(300)"

const source = "def total(xs):\n    n = 0\n    for x in xs:\n        n += x\n    return n\n"

// openEditor starts the newest Neovim there is, with a file in it.
func (b *bench) openEditor(v view, url string) (*editor, error) {
	found, err := neovim.Found(".")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(b.dir, v.name)
	if err != nil {
		return nil, err
	}
	e := &editor{grid: newGrid(neovim.Columns, neovim.Rows), view: v}
	if err := os.WriteFile(filepath.Join(dir, "total.py"), []byte(source), 0o600); err != nil {
		return nil, err
	}
	env := append(b.env(url), "PATH="+os.Getenv("PATH"))
	if e.Neovim, err = neovim.Start(found[0], dir, env, v.init, e.grid.draw); err != nil {
		return nil, err
	}
	if err := e.Command("edit total.py"); err != nil {
		return nil, err
	}
	if err := e.ExecLua(idle, nil); err != nil {
		return nil, err
	}
	return e, e.ExecLua("return vim.fn.getpid()", &e.pid)
}

// cpu is the processor time of a process so far.
func cpu(pid int) time.Duration {
	const processClock = 2 // CPUCLOCK_SCHED; clock_getcpuclockid(3) computes the id like this
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|processClock), &t); err != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

// A shown is what an answer cost in Neovim.
type shown struct {
	request   []time.Duration // from the command to the request at the endpoint
	latencies []time.Duration // from the write to the socket to the screen
	first     []time.Duration // the same of the first delta
	cpu       []time.Duration // of Neovim
	stall     []time.Duration // the longest
}

// stalls watches Neovim's event loop: it notes the longest time between two
// ticks of a timer.
const stalls = `
longest, last = 0, vim.uv.hrtime()
ticker = vim.uv.new_timer()
ticker:start(1, 1, function()
  local now = vim.uv.hrtime()
  longest, last = math.max(longest, now - last), now
end)`

// show runs the command of e and waits until all of the flow is on the screen.
func (e *editor) show(f *flow) (*shown, error) {
	s := &shown{}
	done := make(chan struct{})
	next := 0
	e.grid.watch(func(now time.Duration, rows []string) {
		for n := newest(rows); next <= n && next < len(f.sent); next++ {
			s.latencies = append(s.latencies, now-time.Duration(f.sent[next].Load()))
			if next == len(f.sent)-1 {
				close(done)
			}
		}
	})
	before, asked := cpu(e.pid), time.Since(began)
	if _, err := e.Input(":" + e.view.command + "<CR>"); err != nil {
		return nil, err
	}
	select {
	case <-done:
	case <-time.After(time.Minute):
		return nil, fmt.Errorf("%s: %d of %d deltas in a minute", e.view.name, next, len(f.sent))
	}
	s.cpu = []time.Duration{cpu(e.pid) - before}
	s.first = s.latencies[:1:1]
	s.request = []time.Duration{time.Duration(f.asked.Load()) - asked}
	return s, nil
}

// markdown is an answer whose deltas are words of Markdown.
func (f *flow) markdown(a *answer) error {
	f.asked.Store(int64(time.Since(began)))
	for i := range f.sent {
		f.wait(i)
		text := fmt.Sprintf("=%06d ", i)
		switch {
		case i%120 == 60:
			text = "\\n\\n```python\\n" + text
		case i%120 == 72:
			text = "\\n```\\n\\n" + text
		case i%24 == 0:
			text = "\\n\\n- **some** `words`: " + text
		}
		f.sent[i].Store(int64(time.Since(began)))
		if err := a.delta(text); err != nil {
			return err
		}
	}
	return nil
}

// once shows one flow in a new Neovim, after a first answer that warms it up.
func (b *bench) once(v view, makeFlow func() *flow) (*shown, error) {
	var f atomic.Pointer[flow]
	u, err := listen(func(a *answer) error { return f.Load().markdown(a) })
	if err != nil {
		return nil, err
	}
	defer u.close()
	e, err := b.openEditor(v, u.url())
	if err != nil {
		return nil, err
	}
	defer e.End() //nolint:errcheck // what was measured counts
	f.Store(flood(3))
	cold, err := e.show(f.Load())
	if err != nil {
		return nil, err
	}
	if err := e.settle(); err != nil {
		return nil, err
	}
	f.Store(makeFlow())
	if err := e.ExecLua(stalls, nil); err != nil {
		return nil, err
	}
	s, err := e.show(f.Load())
	if err != nil {
		return nil, err
	}
	s.request = append(cold.request, s.request...)
	var stall time.Duration
	if err := e.ExecLua("ticker:stop() return longest", &stall); err != nil {
		return nil, err
	}
	s.stall = []time.Duration{stall}
	return s, nil
}

// settle waits until the last answer has ended and its window is closed.
func (e *editor) settle() error {
	return e.ExecLua(`
		vim.wait(1000, function() return not package.loaded.llmls or require('llmls').status() == '' end)
		vim.wait(200) -- curl ends
		vim.cmd('silent! fclose!')`, nil)
}

// typing is how long each of 200 keys takes, typed when the one before is seen.
func (e *editor) typing() ([]time.Duration, error) {
	const keys = 200
	seen := make(chan struct{}, 1)
	e.grid.watch(func(_ time.Duration, rows []string) {
		select {
		case seen <- struct{}{}:
		default:
		}
	})
	if _, err := e.Input("Go"); err != nil {
		return nil, err
	}
	var took []time.Duration
	for i := range keys {
		start := time.Now()
		key := string(rune('a' + i%26))
		if _, err := e.Input(key); err != nil {
			return nil, err
		}
		var line string
		for len(line) <= i {
			if err := e.ExecLua("return vim.api.nvim_get_current_line()", &line); err != nil {
				return nil, err
			}
		}
		took = append(took, time.Since(start))
	}
	_, err := e.Input("<Esc>u")
	return took, err
}

func sum(all []time.Duration) (total time.Duration) {
	for _, one := range all {
		total += one
	}
	return total
}

// typed measures typing while nothing streams and while 5,000 deltas do.
func (b *bench) typed(v view) (calm, busy []time.Duration, err error) {
	f := paced(5000, time.Millisecond)
	u, err := listen(f.markdown)
	if err != nil {
		return nil, nil, err
	}
	defer u.close()
	e, err := b.openEditor(v, u.url())
	if err != nil {
		return nil, nil, err
	}
	defer e.End() //nolint:errcheck // what was measured counts
	if calm, err = e.typing(); err != nil {
		return nil, nil, err
	}
	if _, err := e.Input(":" + v.command + "<CR>"); err != nil {
		return nil, nil, err
	}
	for f.sent[50].Load() == 0 { // until it streams
		if err := e.ExecLua("vim.wait(5)", nil); err != nil {
			return nil, nil, err
		}
	}
	busy, err = e.typing()
	return calm, busy, err
}

// neovims measures the plugin beside the floor. All rounds count, by turns: what
// else runs on a machine is then in both.
func (b *bench) neovims() error {
	if _, err := exec.LookPath("curl"); err != nil {
		return fmt.Errorf("the floor needs curl: %w", err)
	}
	views, err := b.views()
	if err != nil {
		return err
	}
	if err := b.startup(views.alone); err != nil {
		return err
	}
	const rounds = 5
	kinds := [3]func() *flow{
		func() *flow { return paced(200, 25*time.Millisecond) },
		func() *flow { return flood(5000) },
		func() *flow { return paced(5000, time.Millisecond) },
	}
	var ours, floor [len(kinds)]shown
	var alone shown
	for range rounds {
		for k, makeFlow := range kinds {
			if err := b.round(views.ours, makeFlow, &ours[k]); err != nil {
				return err
			}
			if err := b.round(views.floor, makeFlow, &floor[k]); err != nil {
				return err
			}
		}
		if err := b.round(views.alone, kinds[1], &alone); err != nil {
			return err
		}
	}
	b.shown(&ours, &floor, &alone)
	calm, busy, err := b.typed(views.ours)
	if err != nil {
		return err
	}
	b.versus("200 keys while 1,000/s stream", "as without", sum(busy), "without", sum(calm))
	b.versus("… the longest of them", "≤ 16 ms", slices.Max(busy), "without", slices.Max(calm))
	return nil
}

// round adds what one flow cost in one Neovim to all.
func (b *bench) round(v view, makeFlow func() *flow, all *shown) error {
	s, err := b.once(v, makeFlow)
	if err != nil {
		return err
	}
	all.request = append(all.request, s.request...)
	all.latencies = append(all.latencies, s.latencies...)
	all.first = append(all.first, s.first...)
	all.cpu = append(all.cpu, s.cpu...)
	all.stall = append(all.stall, s.stall...)
	return nil
}

// every returns each second member of list, from start: commands are cold and
// warm by turns.
func every(list []time.Duration, start int) []time.Duration {
	var half []time.Duration
	for i := start; i < len(list); i += 2 {
		half = append(half, list[i])
	}
	return half
}

// shown adds the rows: of flows of 40 a second, unpaced and of 1,000 a second.
func (b *bench) shown(ours, floor *[3]shown, alone *shown) {
	median := func(what, goal string, ours, floor []time.Duration) {
		b.versus(what, goal, percentile(ours, 50), "floor", percentile(floor, 50))
	}
	median("command to request, the first, server running, p50", "≤ 10 ms", every(ours[0].request, 0), every(floor[0].request, 0))
	median("… which starts the server, p50", "≤ 10 ms", every(alone.request, 0), every(floor[1].request, 0))
	median("… later ones, p50", "≤ 10 ms", every(ours[0].request, 1), every(floor[0].request, 1))
	median("delta to screen, 40/s, p50", "floor + 0.3 ms", ours[0].latencies, floor[0].latencies)
	b.versus("… p99", "< 3 ms", percentile(ours[0].latencies, 99), "floor", percentile(floor[0].latencies, 99))
	median("… the first of each answer, p50", "", ours[0].first, floor[0].first)
	median("delta to screen, 1,000/s, p50", "", ours[2].latencies, floor[2].latencies)
	for i, what := range []string{"5,000 deltas, unpaced", "5,000 deltas, 1,000/s"} {
		median(what+": CPU of Neovim, p50", "≤ 2×", ours[i+1].cpu, floor[i+1].cpu)
		median("… longest stall, p50", "≤ 16 ms", ours[i+1].stall, floor[i+1].stall)
	}
}
