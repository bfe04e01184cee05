//go:build linux

package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// A flow is a series of deltas from the upstream's socket to the client that reads
// a server's frames. Each delta carries its number, by which the client looks up
// when it was written; so a frame may hold several.
type flow struct {
	sent  []atomic.Int64 // nanoseconds since began
	wait  func(i int)    // what the upstream does before delta i
	seen  chan int       // how many have been read, if wait listens
	asked atomic.Int64   // when the request came
}

var began = time.Now() //nolint:gochecknoglobals // the zero of the one clock

func (f *flow) play(a *answer) error {
	for i := range f.sent {
		f.wait(i)
		text := fmt.Sprintf("@%06d ", i)
		f.sent[i].Store(int64(time.Since(began)))
		if err := a.delta(text); err != nil {
			return err
		}
	}
	return nil
}

// A cost is what the deltas of one flow cost.
type cost struct {
	latencies []time.Duration // from the write to the socket to the end of the frame's read
	cpu       time.Duration   // of the server, per delta
	wall      time.Duration   // per delta
	frames    int
}

// read reads frames until every delta is there.
func (f *flow) read(p *process) (*cost, error) {
	c := &cost{latencies: make([]time.Duration, 0, len(f.sent))}
	var cpu, first time.Duration
	for len(c.latencies) < len(f.sent) {
		body, err := p.read()
		if err != nil {
			return nil, err
		}
		now := time.Since(began)
		for {
			at := bytes.IndexByte(body, '@')
			if at < 0 {
				break
			}
			i, err := strconv.Atoi(string(body[at+1 : at+7]))
			if err != nil || i != len(c.latencies) {
				return nil, fmt.Errorf("delta %d came after %d others: %w", i, len(c.latencies), err)
			}
			if i == 0 {
				cpu, first = p.cpu(), now
			}
			c.latencies = append(c.latencies, now-time.Duration(f.sent[i].Load()))
			body = body[at+7:]
		}
		c.frames++
		if f.seen != nil {
			f.seen <- len(c.latencies)
		}
	}
	c.cpu = (p.cpu() - cpu) / time.Duration(len(f.sent))
	c.wall = (time.Since(began) - first) / time.Duration(len(f.sent))
	return c, nil
}

// paced is a flow of n deltas, one each interval.
func paced(n int, interval time.Duration) *flow {
	tick := time.NewTicker(interval)
	return &flow{sent: make([]atomic.Int64, n), wait: func(int) { <-tick.C }}
}

// flood is a flow of n deltas as fast as the socket takes them.
func flood(n int) *flow {
	return &flow{sent: make([]atomic.Int64, n), wait: func(int) {}}
}

// inStep is a flow of n deltas, each written when the one before has been
// read: every delta is a frame of its own, so that costs can be compared.
func inStep(n int) *flow {
	seen := make(chan int, 1)
	return &flow{sent: make([]atomic.Int64, n), seen: seen, wait: func(i int) {
		if i > 0 {
			<-seen
		}
	}}
}

// through runs a flow through a server that open starts.
func (b *bench) through(f *flow, open func(url string) (*process, error)) (*cost, error) {
	u, err := listen(f.play)
	if err != nil {
		return nil, err
	}
	defer u.close()
	p, err := open(u.url())
	if err != nil {
		return nil, err
	}
	defer p.end()
	return f.read(p)
}

func (b *bench) openRelay(url string) (*process, error) {
	return start(b.path("relay"), b.env(""), url)
}

func (b *bench) openAnswer(url string) (*process, error) {
	p, err := b.openServer(url)
	if err != nil {
		return nil, err
	}
	_, err = p.request("workspace/executeCommand", `{"command":"llmls.ask","arguments":[{"question":"why?","partialResultToken":"t"}]}`)
	return p, err
}

// A pair is what the same deltas cost llmls and the relay.
type pair struct{ ours, relay cost }

// compare runs five rounds of each kind of flow, through llmls and the relay by
// turns, so that a machine that is busy for a while is so for both.
func (b *bench) compare(kinds ...func() *flow) ([]pair, error) {
	const rounds = 5
	pairs := make([]pair, len(kinds))
	for range rounds {
		for i, makeFlow := range kinds {
			ours, err := b.through(makeFlow(), b.openAnswer)
			if err != nil {
				return nil, err
			}
			relay, err := b.through(makeFlow(), b.openRelay)
			if err != nil {
				return nil, err
			}
			pairs[i].ours.add(ours)
			pairs[i].relay.add(relay)
		}
	}
	return pairs, nil
}

// add keeps the latencies of all rounds, and of the rest the least: what else
// runs on a machine only adds to it.
func (c *cost) add(round *cost) {
	if c.frames == 0 {
		*c = *round
		return
	}
	c.latencies = append(c.latencies, round.latencies...)
	c.cpu, c.wall, c.frames = min(c.cpu, round.cpu), min(c.wall, round.wall), min(c.frames, round.frames)
}

// percentile returns the p-th percentile of list, which it sorts.
func percentile(list []time.Duration, p int) time.Duration {
	slices.Sort(list)
	return list[min(len(list)-1, len(list)*p/100)]
}

func (b *bench) deltas() error {
	pairs, err := b.compare(
		func() *flow { return paced(3000, time.Millisecond) },
		func() *flow { return inStep(5000) },
		func() *flow { return inStep(50000) },
		func() *flow { return flood(50000) },
	)
	if err != nil {
		return err
	}
	slow, few, many, fast := &pairs[0], &pairs[1], &pairs[2], &pairs[3]
	b.latency("delta, 1,000/s: latency", slow)
	b.times("delta, 1,000/s: CPU", "≤ 2×", slow.ours.cpu, slow.relay.cpu)
	b.latency("delta, in step: latency", few)
	b.times("delta, in step, of 5,000: CPU", "≤ 2×", few.ours.cpu, few.relay.cpu)
	b.times("delta, in step, of 50,000: CPU", "≤ 2×", many.ours.cpu, many.relay.cpu)
	b.versus("delta, in step: CPU of 50,000 to 5,000", "flat", many.ours.cpu, "5,000", few.ours.cpu)
	b.times("delta, unpaced: CPU", "≤ 2×", fast.ours.cpu, fast.relay.cpu)
	b.times("delta, unpaced: time", "", fast.ours.wall, fast.relay.wall)
	b.note("unpaced, 50,000 deltas came in %d frames from llmls, %d from the relay", fast.ours.frames, fast.relay.frames)
	return nil
}
