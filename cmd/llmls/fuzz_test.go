package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzCode reads FILE[:LINE[-LINE]]: whatever follows the name, what is read is
// whole, or it is refused. A byte order mark is not code, and the line ends of old
// Macs are read as line feeds.
func FuzzCode(f *testing.F) {
	for _, seed := range []string{"", ":1", ":2-3", ":0", ":3-1", ":99999999999999999999", ":1-", ":-1", ":1:2", ":01", "\x00", ":２"} {
		f.Add(seed, "one\ntwo\r\nthree")
	}
	for _, text := range []string{"", "\r", "\n", "one\rtwo\r", "\uFEFF", "\uFEFF\uFEFF", "\uFEFFone\r", "\xff"} {
		f.Add("", text)
		f.Add(":1", text)
	}
	lineFeeds := strings.NewReplacer("\r", "\n")
	dir := f.TempDir()
	path := filepath.Join(dir, "code.go")
	f.Fuzz(func(t *testing.T, suffix, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		code, err := readCode(path + suffix)
		if err != nil {
			return
		}
		whole := code.Before + code.Text + code.After
		if lineFeeds.Replace(whole) != lineFeeds.Replace(strings.TrimPrefix(text, "\uFEFF")) || !utf8.ValidString(whole) {
			t.Fatalf("%q of %q gave %+v", suffix, text, code)
		}
		if code.FirstLine < 1 || code.LastLine < code.FirstLine || code.Text == "" {
			t.Fatalf("%q of %q gave the lines %d-%d: %q", suffix, text, code.FirstLine, code.LastLine, code.Text)
		}
	})
}
