//go:build linux

// Bench measures llmls from outside: as a process over pipes, against an
// endpoint on the loopback interface, each figure beside its baseline in the
// same run. docs/performance.md says what it found.
//
//	go run ./test/bench [deltas] [start] [memory] [edits] [neovim]
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"
)

type bench struct {
	dir   string // of the programs, and home of those that want one
	table *tabwriter.Writer
	notes []string
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(chosen []string) error {
	dir, err := os.MkdirTemp("", "llmls-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is in the temporary directory
	b := &bench{dir: dir, table: tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)}
	if err := b.build(); err != nil {
		return err
	}
	b.row("", "goal", "llmls", "baseline", "ratio")
	for _, section := range []struct {
		name string
		run  func() error
	}{{"start", b.starts}, {"deltas", b.deltas}, {"memory", b.memory}, {"edits", b.edits}, {"neovim", b.neovims}} {
		if len(chosen) > 0 && !slices.Contains(chosen, section.name) {
			continue
		}
		if err := section.run(); err != nil {
			return fmt.Errorf("%s: %w", section.name, err)
		}
	}
	_ = b.table.Flush()
	for _, note := range b.notes {
		fmt.Println("*", note)
	}
	return nil
}

// build builds the programs as releases are built, and copies them: the linker
// writes through a mapping, which leaves a file in the page cache in small
// pieces, and such a file starts 0.5 ms later than an installed one.
func (b *bench) build() error {
	built := filepath.Join(b.dir, "built")
	cmd := exec.Command("go", "build", "-trimpath", "-o", built+"/",
		"./cmd/llmls", "./test/bench/stub", "./test/bench/stublsp", "./test/bench/relay")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	return os.CopyFS(b.dir, os.DirFS(built))
}

func (b *bench) path(program string) string { return filepath.Join(b.dir, program) }

// env is the whole environment of a program: nothing of the user's, the
// settings that a user has to make, and all goroutines for SIGQUIT.
func (b *bench) env(url string) []string {
	return []string{"HOME=" + b.dir, "OPENAI_BASE_URL=" + url, "LLMLS_MODEL=bench", "GOTRACEBACK=all"}
}

const initialize = `{"processId":null,"rootUri":null,"capabilities":{}}`

// openServer starts llmls and does the handshake.
func (b *bench) openServer(url string) (*process, error) {
	p, err := start(b.path("llmls"), b.env(url))
	if err != nil {
		return nil, err
	}
	if err := p.call("initialize", initialize); err != nil {
		return nil, err
	}
	return p, p.notify("initialized", "{}")
}

func (b *bench) row(cells ...string) {
	for _, cell := range cells {
		fmt.Fprint(b.table, cell, "\t")
	}
	fmt.Fprintln(b.table)
}

func (b *bench) note(format string, args ...any) {
	b.notes = append(b.notes, fmt.Sprintf(format, args...))
}

// times adds a row that compares llmls with the relay.
func (b *bench) times(what, goal string, ours, relay time.Duration) {
	b.versus(what, goal, ours, "relay", relay)
}

// versus adds a row that compares two times.
func (b *bench) versus(what, goal string, ours time.Duration, name string, baseline time.Duration) {
	b.row(what, goal, spell(ours), spell(baseline)+" ("+name+")", fmt.Sprintf("%.2f", float64(ours)/float64(baseline)))
}

// latency adds a row for each percentile; the median has the goal.
func (b *bench) latency(what string, p *pair) {
	goals := map[int]string{50: "≤ 1.5×"}
	for _, n := range []int{50, 90, 99} {
		b.times(fmt.Sprintf("%s p%d", what, n), goals[n], percentile(p.ours.latencies, n), percentile(p.relay.latencies, n))
	}
}

func spell(d time.Duration) string {
	if d < time.Millisecond {
		return fmt.Sprintf("%.1f µs", float64(d)/float64(time.Microsecond))
	}
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}
