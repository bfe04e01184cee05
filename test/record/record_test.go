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

	"github.com/google/go-cmp/cmp"
)

// text is what the screen shows, without styles and trailing blanks.
func (s *screen) text() string {
	var lines []string
	for _, row := range s.cells {
		var line strings.Builder
		for _, c := range row {
			line.WriteString(c.text)
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

func TestScreen(t *testing.T) {
	tests := []struct{ name, input, want string }{
		{"line ends", "a\r\nb\nc", "a\nb\n c"},
		{"carriage return", "waiting\rdone\x1b[K", "done"},
		{"backspace", "ab\bc", "ac"},
		{"tab", "a\tb", "a       b"},
		{"wrapping", "0123456789x", "0123456789\nx"},
		{"full line", "0123456789\r\nx", "0123456789\nx"},
		{"scrolling", "1\r\n2\r\n3\r\n4\r\n5", "2\n3\n4\n5"},
		{"wide letters", "你好\x1b[3Gx", "你x"},
		{"wide letter at the edge", "012345678你", "012345678\n你"},
		{"joined letters", "e\u0301x", "e\u0301x"},
		{"up and erase", "a\r\nb\r\nc\x1b[2A\r\x1b[J", ""},
		{"erase to the left", "abc\x1b[2D\x1b[1K", "  c"},
		{"home", "abc\x1b[Hx", "xbc"},
		{"position", "\x1b[2;3Hx", "\n  x"},
		{"colours", "\x1b[1;38;5;114mab\x1b[0mc", "abc"},
		{"modes and titles", "\x1b[?25l\x1b]0;title\aab\x1b]8;;https://a.example\x1b\\c", "abc"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			whole, pieces := newScreen(10, 4), newScreen(10, 4)
			whole.write(test.input)
			for _, letter := range test.input {
				pieces.write(string(letter))
			}
			if diff := cmp.Diff(test.want, whole.text()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(whole.text(), pieces.text()); diff != "" {
				t.Errorf("letter by letter (-whole +pieces):\n%s", diff)
			}
		})
	}
}

func TestStyle(t *testing.T) {
	tests := []struct {
		parameters []int
		want       style
	}{
		{[]int{1, 31}, style{bold: true, foreground: "#ff7b72"}},
		{[]int{1, 22}, style{}},
		{[]int{38, 5, 196, 4}, style{foreground: "#ff0000", underline: true}},
		{[]int{38, 5, 255}, style{foreground: "#eeeeee"}},
		{[]int{48, 2, 1, 2, 3, 3}, style{background: "#010203", italic: true}},
		{[]int{7, 9, 0}, style{}},
	}
	for _, test := range tests {
		var got style
		got.set(test.parameters)
		if got != test.want {
			t.Errorf("%v: %+v, want %+v", test.parameters, got, test.want)
		}
	}
}

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
