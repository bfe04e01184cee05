package upstream

import (
	"testing"
	"time"
)

func TestLumps(t *testing.T) {
	type arrival struct {
		pieces int
		after  time.Duration
	}
	repeat := func(n int, a arrival) (all []arrival) {
		for range n {
			all = append(all, a)
		}
		return all
	}
	const ms = time.Millisecond
	for name, test := range map[string]struct {
		arrivals []arrival
		want     int
	}{
		"piece by piece":                {repeat(60, arrival{1, 20 * ms}), 0},
		"piece by piece, slowly":        {repeat(60, arrival{1, 500 * ms}), 0},
		"a fast server":                 {repeat(10, arrival{9, 10 * ms}), 0},
		"nginx":                         {repeat(4, arrival{18, 360 * ms}), 4},
		"a few words at a time":         {repeat(20, arrival{4, 200 * ms}), 0},
		"a long prompt, a short answer": {[]arrival{{9, 3000 * ms}, {1, 0}}, 0},
		"a network that hung":           {append(repeat(30, arrival{1, 20 * ms}), arrival{10, 400 * ms}), 0},
		"twice":                         {append(repeat(30, arrival{1, 20 * ms}), arrival{10, 400 * ms}, arrival{10, 400 * ms}), 0},
	} {
		var l lumps
		var waited time.Duration
		for _, a := range test.arrivals {
			l.arrived(waited + a.after/2) // a part of a piece
			waited += a.after
			for range a.pieces {
				l.piece()
			}
			l.arrived(waited)
		}
		if got := l.count(); got != test.want {
			t.Errorf("%s: %d lumps, want %d", name, got, test.want)
		}
	}
}
