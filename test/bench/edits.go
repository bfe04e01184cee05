//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// edits measures a keystroke and the code actions that an editor asks for after
// it, over the wire, in a small and in a large document.
func (b *bench) edits() error {
	p, err := b.openServer("http://127.0.0.1:1/v1")
	if err != nil {
		return err
	}
	defer p.end()
	const rounds = 1000
	documents := []struct {
		uri  string
		size int
	}{{"file:///bench/small.go", 100 << 10}, {"file:///bench/large.go", 10 << 20}}
	var times [2][]time.Duration
	for _, d := range documents {
		if err := p.open(d.uri, d.size); err != nil {
			return err
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for version := range rounds {
		for i, d := range documents {
			line := random.IntN(d.size / 50) // its lines are shorter than 50 bytes
			began := time.Now()
			if err := p.notify("textDocument/didChange", fmt.Sprintf(`{"textDocument":{"uri":%q,"version":%d},"contentChanges":`+
				`[{"range":{"start":{"line":%d,"character":1},"end":{"line":%d,"character":1}},"text":"x"}]}`, d.uri, version+2, line, line)); err != nil {
				return err
			}
			if err := p.codeAction(d.uri, line); err != nil {
				return err
			}
			times[i] = append(times[i], time.Since(began))
		}
	}
	b.versus("edit and code actions, 10 MB, p50", "≤ 3×", percentile(times[1], 50), "100 KB", percentile(times[0], 50))
	b.versus("edit and code actions, 10 MB, p99", "", percentile(times[1], 99), "100 KB", percentile(times[0], 99))
	return nil
}
