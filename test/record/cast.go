//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"math"
	"time"
)

// longestPause is how long nothing may happen in a recording before a reader
// thinks that it is over.
const longestPause = 2 * time.Second

// A cast is a recording: https://docs.asciinema.org/manual/asciicast/v2/.
type cast struct {
	columns, rows int
	title         string
	events        []event
}

// An event is text that a terminal received, at after the start.
type event struct {
	at   time.Duration
	text string
}

// shorten cuts every pause to longestPause.
func shorten(events []event) []event {
	var before, cut time.Duration
	short := make([]event, 0, len(events))
	for _, e := range events {
		cut += max(0, e.at-before-longestPause)
		before = e.at
		short = append(short, event{at: e.at - cut, text: e.text})
	}
	return short
}

func (c *cast) length() time.Duration {
	return c.events[len(c.events)-1].at.Round(time.Millisecond)
}

func (c *cast) bytes() []byte {
	var b bytes.Buffer
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	type header struct {
		Version int    `json:"version"`
		Width   int    `json:"width"`
		Height  int    `json:"height"`
		Title   string `json:"title"`
	}
	must(lines.Encode(header{2, c.columns, c.rows, c.title}))
	for _, e := range c.events {
		seconds := math.Round(e.at.Seconds()*1e3) / 1e3
		must(lines.Encode([]any{seconds, "o", e.text}))
	}
	return b.Bytes()
}

// must holds where values are encoded into memory that always can be.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
