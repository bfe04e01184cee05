package related_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/related"
)

// Texts that are made to take long: a slip into quadratic time is minutes here.
func TestHostileTexts(t *testing.T) {
	const size = 1 << 16
	fill := func(s string) string { return strings.Repeat(s, size/len(s)+1) }
	count := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, format, i, i+1)
		}
		return b.String()
	}
	nested := func() string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			b.WriteString(strings.Repeat(" ", i%1400) + "class A:\n")
		}
		return b.String()
	}
	texts := map[string]string{
		"names":          count("var a%d = a%d\n"),
		"names in a row": count("a%d.b%d "),
		"members":        count("class A%d:\n  def f(self):\n    self.x = self.y%d\n"),
		"one name":       fill("func a() { a() }\n"),
		"one type":       fill("class A { a() }\n"),
		"nesting":        nested(),
		"comment below":  fill("class A:\n")[:size/2] + fill("# x\n")[:size/2],
		"brackets":       fill("("),
		"braces":         fill("{\n"),
		"closing":        fill(")\n"),
		"calls":          fill("a().b(c)."),
		"quotes":         fill("'\"`"),
		"slashes":        fill("/(/*"),
		"comments":       fill("/*{-"),
		"imports":        count("import a%d from './b%d'\n"),
		"open imports":   fill("import {\n"),
		"from imports":   count("from a%d import b%d\n"),
		"uses":           fill("use a::{b, c\n"),
		"includes":       count("#include \"a%d%d.h\"\n"),
		"exports":        count("export * from './a%d%d'\n"),
		"decorators":     fill("@a\n"),
		"carriage":       fill("a\r"),
		"zeros":          fill("\x00"),
		"digits":         fill("1234567890"),
		"letters":        fill("abcdefgh"),
		"equations":      fill("a b = c\n"),
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"a.go", "a.ts", "a.py", "a.rs", "a.c", "A.java", "a.rb", "a.hs", "a.el", "a.lua", "a.php", "a.sh"} {
				n := 1 + strings.Count(text, "\n")/2
				r := related.Collect(&related.Query{
					File: related.NewFile(path, "", text), First: n, Last: n + 200, Budget: 1200, Tokens: tokens, Source: endless(text[:4096]),
				})
				if r.Tokens > 1200 {
					t.Errorf("%s: %d tokens", path, r.Tokens)
				}
			}
		})
	}
}

// An endless source has every file, each with the same text.
type endless string

func (e endless) File(path string) *related.File { return related.NewFile(path, "", string(e)) }

func (endless) Names(string) []string {
	names := make([]string, 100_000)
	for i := range names {
		names[i] = fmt.Sprintf("f%d.go", i)
	}
	return names
}

// counting counts what is asked of a source.
type counting struct {
	endless
	files *int
}

func (c counting) File(path string) *related.File {
	*c.files++
	return c.endless.File(path)
}

// However many files there are, so many are read for one question.
func TestFilesAreBounded(t *testing.T) {
	var text strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&text, "export * from './a%d';\nimport { b%d } from './c%d';\n", i, i, i)
	}
	for _, path := range []string{"a.ts", "a.go"} {
		files := 0
		related.Collect(&related.Query{
			File: related.NewFile(path, "", text.String()+"b1(b2, b3, b4);\n"), First: 10_001, Last: 10_001, Budget: 1200, Tokens: tokens,
			Source: counting{endless(text.String()), &files},
		})
		if files == 0 || files > 2000 {
			t.Errorf("%s: %d files were read", path, files)
		}
	}
}
