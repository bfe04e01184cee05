package faults

import (
	"fmt"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/lsp/lsptest"
)

// Many documents are open, as after something was replaced in all of a project:
// they take what they hold, and a change of one costs what it costs otherwise.
// Those beyond the limit are not taken for what is on the disk.
func TestThousandsOfDocuments(t *testing.T) {
	t.Parallel()
	const many, too = 10_000, 15_000
	h := llmls.Home(t, "http://127.0.0.1:1", "")
	h.Write(t, "p.py", "on_the_disk = 1\n")
	last := lsptest.URI(h.Dir + "/p.py")
	s := start(t, h)
	s.Initialized("", h.Dir)
	s.Open(uri, "python", document)
	name := func(n int) string { return fmt.Sprintf("file:///p/%d.py", n) }
	for n := range many {
		s.Open(name(n), "python", "x = 1\n")
	}
	for n := range many {
		s.Must(s.Notify("textDocument/didChange", map[string]any{
			"textDocument":   map[string]any{"uri": name(n), "version": 2},
			"contentChanges": []any{map[string]any{"range": lsptest.Range(0, 0, 0, 0), "text": "changed"}},
		}))
	}
	if body, err := s.dryRun(name(many - 1)); err != nil || !strings.Contains(body, "changedx") {
		t.Errorf("the request is %s, %v", body, err)
	}
	s.peakBelow(80)
	long := strings.Repeat("p/", 3500)
	for n := many; n < too; n++ {
		s.Open(name(n)+"/"+long, "python", "x = 1\n")
	}
	s.Open(last, "python", "in_the_editor = 1\n")
	s.Await("a message", func(m message) bool {
		return m.Method == "window/showMessage" && strings.Contains(string(m.Params), "64 MiB")
	})
	if _, err := s.dryRun(last); err == nil || !strings.Contains(err.Error(), "then close p.py and open it again") {
		t.Errorf("explained what there is no room for: %v", err)
	}
	s.stillWorks()
	shut := func(u string) {
		s.Must(s.Notify("textDocument/didClose", map[string]any{"textDocument": map[string]any{"uri": u}}))
	}
	for n := many; n < too; n++ {
		shut(name(n) + "/" + long)
	}
	shut(last)
	if body, err := s.dryRun(last); err != nil || !strings.Contains(body, "on_the_disk") {
		t.Errorf("the request is %s, %v", body, err)
	}
	told := 0
	for _, m := range s.Seen() {
		if m.Method == "window/showMessage" {
			told++
		}
	}
	if told != 1 {
		t.Errorf("the person was told %d times", told)
	}
	s.stillWorks()
	s.peakBelow(memoryLimit)
}
