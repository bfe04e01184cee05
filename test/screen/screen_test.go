package screen

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// text is what the screen shows, without styles and trailing blanks.
func (s *Screen) text() string {
	var lines []string
	for _, row := range s.Cells {
		var line strings.Builder
		for _, c := range row {
			line.WriteString(c.Text)
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
			whole, pieces := New(10, 4), New(10, 4)
			whole.Write(test.input)
			for _, letter := range test.input {
				pieces.Write(string(letter))
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
		want       Style
	}{
		{[]int{1, 31}, Style{Bold: true, Foreground: "#ff7b72"}},
		{[]int{1, 22}, Style{}},
		{[]int{38, 5, 196, 4}, Style{Foreground: "#ff0000", Underline: true}},
		{[]int{38, 5, 255}, Style{Foreground: "#eeeeee"}},
		{[]int{48, 2, 1, 2, 3, 3}, Style{Background: "#010203", Italic: true}},
		{[]int{7, 9, 0}, Style{}},
	}
	for _, test := range tests {
		var got Style
		got.set(test.parameters)
		if got != test.want {
			t.Errorf("%v: %+v, want %+v", test.parameters, got, test.want)
		}
	}
}
