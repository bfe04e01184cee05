package chat

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzTurn reads a question out of code and makes a prompt of both: what is
// found stands in the code, and the code in the prompt.
func FuzzTurn(f *testing.F) {
	for _, seed := range [][2]string{
		{"// ? why\n", "x := 1\n"},
		{"", "# ask: why\n# is that\nx\n"},
		{"/* a\n * ? b\n */\n", "c"},
		{"<!-- ? a\n-->\n", ""},
		{"\" ? vim\n", "; ? lisp"},
		{"-- ask:\n", "% ?"},
		{"```\n", "~~~~\n```"},
		{"\r\n// ? a\r\n", "\r\nb"},
		{"\x00\xff", "\u2028// ? x"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, before, selection string) {
		question := FindQuestion(before, selection)
		for _, word := range strings.Fields(question) {
			if !strings.Contains(before, word) && !strings.Contains(selection, word) {
				t.Fatalf("%q, of which %q stands nowhere", question, word)
			}
		}
		if !utf8.ValidString(before) || !utf8.ValidString(selection) {
			return // a document is valid
		}
		turn := &Turn{Question: question, Code: &Code{Path: before, Language: question, FirstLine: 1, LastLine: 2, Text: selection, Before: before, After: before}}
		if title := turn.Title(); strings.ContainsAny(title, "\r\n\x1b\x00") || !utf8.ValidString(title) {
			t.Fatalf("the title %q", title)
		}
		prompt, err := Assemble(turn, &Conversation{MaxTokens: 16000})
		if err == nil && !strings.Contains(prompt.User.Content, selection) {
			t.Fatalf("%q is not in %q", selection, prompt.User.Content)
		}
	})
}
