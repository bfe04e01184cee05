//go:build linux

package main

import "time"

// starts measures from the start of a process to its answer to initialize.
func (b *bench) starts() error {
	const rounds = 200
	programs := []string{"llmls", "stub", "stublsp"}
	times := map[string][]time.Duration{}
	for round := range rounds + 1 {
		for _, program := range programs {
			began := time.Now()
			p, err := start(b.path(program), b.env("http://127.0.0.1:1/v1"))
			if err != nil {
				return err
			}
			if err := p.call("initialize", initialize); err != nil {
				return err
			}
			took := time.Since(began)
			p.end()
			if round > 0 { // the first one reads the program from disk
				times[program] = append(times[program], took)
			}
		}
	}
	for _, program := range programs[1:] {
		b.versus("start to initialize, p50", "≤ 1.5×", percentile(times["llmls"], 50), program, percentile(times[program], 50))
		b.versus("start to initialize, p90", "", percentile(times["llmls"], 90), program, percentile(times[program], 90))
	}
	return nil
}
