//go:build linux

package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

func TestWholeLetters(t *testing.T) {
	llama := "🦙"
	for i := range len(llama) {
		text, rest := wholeLetters([]byte("a" + llama[:i]))
		if text != "a" || string(rest) != llama[:i] {
			t.Errorf("after %d bytes: %q and %q", i, text, rest)
		}
	}
	if text, rest := wholeLetters([]byte("a" + llama)); text != "a"+llama || rest != nil {
		t.Errorf("whole: %q and %q", text, rest)
	}
}

func TestShorten(t *testing.T) {
	got := shorten([]event{{at: time.Second}, {at: 61 * time.Second}, {at: 62 * time.Second}})
	want := []time.Duration{time.Second, 3 * time.Second, 4 * time.Second}
	for i, e := range got {
		if e.at != want[i] {
			t.Errorf("event %d at %v, want %v", i, e.at, want[i])
		}
	}
}

// A long recording loses smoothness before it grows past the limit, and what
// is drawn is well-formed whatever was printed.
func TestRender(t *testing.T) {
	const limit = 50_000
	c := &cast{columns: 80, rows: 24, title: `a "b" <c> & d`}
	for i := range 120 {
		c.events = append(c.events, event{time.Duration(i) * 30 * time.Millisecond, fmt.Sprintf("\x1b[3%dm<%d> & \x01你\x1b[7m!\x1b[0m ", i%8, i)})
	}
	picture := render(c, limit)
	if len(picture) > limit {
		t.Errorf("%d bytes", len(picture))
	}
	decoder := xml.NewDecoder(strings.NewReader(string(picture)))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(string(picture), "&lt;119&gt;") {
		t.Error("the last frame is missing")
	}
}

func TestInTerminal(t *testing.T) {
	events, err := inTerminal([]string{"sh", "-c", "test -t 1 && stty size"}, 50, 10)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, e := range events {
		all.WriteString(e.text)
	}
	if got, want := all.String(), "10 50\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if _, err := inTerminal([]string{"false"}, 50, 10); err == nil {
		t.Error("a command that fails was recorded")
	}
}
