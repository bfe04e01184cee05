//go:build linux

package main

import (
	"strconv"
	"strings"
	"sync"
	"time"
)

// A grid is Neovim's screen, kept from its redraw events: what a terminal would
// show, and when.
type grid struct {
	mu    sync.Mutex
	rows  [][]string
	dirty map[int]bool
	// seen is called at each flush with the rows that changed.
	seen func(now time.Duration, rows []string)
}

func newGrid(columns, rows int) *grid {
	g := &grid{dirty: map[int]bool{}, seen: func(time.Duration, []string) {}}
	for range rows {
		g.rows = append(g.rows, make([]string, columns))
	}
	return g
}

func (g *grid) watch(seen func(now time.Duration, rows []string)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.seen = seen
}

// draw takes redraw events (Neovim, ui-linegrid).
func (g *grid) draw(updates ...[]any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, update := range updates {
		name, _ := update[0].(string)
		for _, raw := range update[1:] {
			args, _ := raw.([]any)
			switch name {
			case "grid_line":
				g.line(args)
			case "grid_scroll":
				g.scroll(args)
			case "flush":
				g.flush()
			}
		}
	}
}

func number(v any) int {
	switch n := v.(type) {
	case int64:
		return int(n)
	case uint64:
		return int(n)
	}
	return 0
}

func (g *grid) line(args []any) {
	row, column := number(args[1]), number(args[2])
	if row >= len(g.rows) {
		return
	}
	cells, _ := args[3].([]any)
	for _, raw := range cells {
		cell, _ := raw.([]any)
		text, _ := cell[0].(string)
		times := 1
		if len(cell) > 2 {
			times = number(cell[2])
		}
		for ; times > 0 && column < len(g.rows[row]); times-- {
			g.rows[row][column] = text
			column++
		}
	}
	g.dirty[row] = true
}

// scroll moves a region's rows up, or down if rows is negative.
func (g *grid) scroll(args []any) {
	top, bottom, left, right, rows := number(args[1]), number(args[2]), number(args[3]), number(args[4]), number(args[5])
	move := func(to, from int) {
		copy(g.rows[to][left:right], g.rows[from][left:right])
		g.dirty[to] = true
	}
	if rows > 0 {
		for row := top; row+rows < bottom; row++ {
			move(row, row+rows)
		}
		return
	}
	for row := bottom - 1; row+rows >= top; row-- {
		move(row, row+rows)
	}
}

func (g *grid) flush() {
	now := time.Since(began)
	var rows []string
	for row := range g.dirty {
		rows = append(rows, strings.Join(g.rows[row], ""))
	}
	clear(g.dirty)
	if len(rows) > 0 {
		g.seen(now, rows)
	}
}

// newest returns the highest number of a delta in rows, or -1.
func newest(rows []string) int {
	found := -1
	for _, row := range rows {
		for {
			_, rest, ok := strings.Cut(row, "=")
			if !ok || len(rest) < 6 {
				break
			}
			if n, err := strconv.Atoi(rest[:6]); err == nil {
				found = max(found, n)
			}
			row = rest
		}
	}
	return found
}
