package related_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/related"
)

func TestShelf(t *testing.T) {
	shelf := related.NewShelf(1 << 20)
	a := related.NewFile("a.go", "", "package a\n")
	shelf.Put("a", "1", a)
	if f, ok := shelf.Get("a", "1"); !ok || f != a {
		t.Error("what was put is not there")
	}
	if _, ok := shelf.Get("a", "2"); ok {
		t.Error("an old text is taken for the new one")
	}
	for i := range 100 { // 8 bytes for each of text: far beyond the limit
		shelf.Put(fmt.Sprint(i), "1", related.NewFile("b.go", "", strings.Repeat("x", 10_000)))
		shelf.Get("a", "1")
	}
	if _, ok := shelf.Get("a", "1"); !ok {
		t.Error("what was used last is gone")
	}
	kept := 0
	for i := range 100 {
		if _, ok := shelf.Get(fmt.Sprint(i), "1"); ok {
			kept++
		}
	}
	if kept == 0 || kept > 13 {
		t.Errorf("%d files are kept in 1 MiB", kept)
	}
	shelf.Put("large", "1", related.NewFile("c.go", "", strings.Repeat("x", 1<<20)))
	if _, ok := shelf.Get("large", "1"); ok {
		t.Error("a file larger than the shelf is kept")
	}
}
