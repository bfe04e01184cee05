package conversations

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestListAndRemove(t *testing.T) {
	s, dir := newStore(t)
	for i, q := range []Question{
		{Title: "Explain a.go:1", URI: "file:///w/a.go", Text: "Selected code: race"},
		{Shown: "Is it slow?", Title: "Ask about b.go:2", URI: "file:///w/b.go", Text: "slow"},
		{Shown: "Why?", Title: "Answer question", Text: "Why?"},
	} {
		id := fmt.Sprintf("AAAAAA-%d", i+1)
		tell(t, s, id, q, "Text of ", id)
		names, _ := filepath.Glob(filepath.Join(dir, "*-"+id+".md"))
		at := time.Now().Add(time.Duration(i-100*24) * time.Hour)
		must(t, os.Chtimes(names[0], at, at))
	}
	must(t, os.WriteFile(filepath.Join(dir, "notes.md"), []byte("the person's"), 0o600))
	list := func(query, uri string) string {
		t.Helper()
		found, err := s.List(t.Context(), query, uri)
		must(t, err)
		var all []string
		for _, f := range found {
			all = append(all, f.ID[7:]+" "+f.Title)
		}
		return strings.Join(all, ", ")
	}
	for _, test := range [][3]string{
		{"", "", "3 Why?, 2 Is it slow? (b.go:2), 1 Explain a.go:1"},
		{"TEXT race", "", "1 Explain a.go:1"},
		{"nonsense", "", ""},
		{"", "file:///w/b.go", "2 Is it slow? (b.go:2)"},
	} {
		for range 2 {
			if got := list(test[0], test[1]); got != test[2] {
				t.Errorf("%q, %q: got %q, want %q", test[0], test[1], got, test[2])
			}
		}
	}
	tell(t, s, "AAAAAA-1", Question{Text: "more"}, "And more.")
	if got := list("and more", ""); got != "1 Explain a.go:1" {
		t.Errorf("after a change: %q", got)
	}
	if n, err := s.Remove(t.Context(), func(f *Info) bool { return f.ID == "AAAAAA-2" }); n != 1 || err != nil {
		t.Errorf("removed %d, %v", n, err)
	}
	s.Sweep(90)
	if got := list("", ""); got != "1 Explain a.go:1" {
		t.Errorf("after the sweep: %q", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "notes.md")); err != nil {
		t.Error(err)
	}
}

// A person's file beside the conversations stays, whatever date its name begins with,
// however old it is, and also if its name has the form of an id.
func TestPersonsFilesStay(t *testing.T) {
	s, dir := newStore(t)
	tell(t, s, "AAAAAA-1", Question{Text: "q"}, "Yes.")
	tell(t, s, "AAAAAA-2", Question{Text: "q"}, "Yes.")
	notes := []string{
		"notes.md", "2026-01-01-my-notes.md", "2026-01-01-MEETING.md", "2026-01-01-a.b.md", "2026-01-01-aaaaaa-1.md",
		"2026-01-01-AAAAAA-.md", "2026-01-01-AAAAAA-1b.md", "2026-01-01-AAAA01-1.md", "2026-13-01-AAAAAA-9.md", "2026-01-01-AGENDA-1.md",
	}
	for _, name := range notes {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte("# Notes\n\nthe person's\n"), 0o600))
	}
	old := time.Now().Add(-1000 * 24 * time.Hour)
	for _, name := range append(notes, record(time.Now(), "AAAAAA-2")) {
		must(t, os.Chtimes(filepath.Join(dir, name), old, old))
	}
	check := func(after string, want int) {
		t.Helper()
		entries, err := os.ReadDir(dir)
		must(t, err)
		if len(entries) != want {
			t.Errorf("after %s: %d files, want %d: %v", after, len(entries), want, entries)
		}
	}
	s.Sweep(90)
	check("a sweep", len(notes)+1)
	n, err := s.Remove(t.Context(), func(*Info) bool { return true })
	if n != 1 || err == nil || !strings.Contains(err.Error(), "AGENDA-1.md yourself") {
		t.Errorf("removed %d, %v", n, err)
	}
	check("the removal of all", len(notes))
}

// The first list of a process, and to compare it with, reading the files.
func BenchmarkList(b *testing.B) {
	for _, n := range []int{20, 2000} {
		s, dir := newStore(b)
		for i := range n {
			tell(b, s, fmt.Sprintf("AAAAAA-%d", i), Question{Title: "Explain", URI: "file:///w/a.go", Text: strings.Repeat("some code here\n", 100)}, strings.Repeat("an answer of words ", 150))
		}
		b.Run(fmt.Sprintf("impl=read/conversations=%d", n), func(b *testing.B) {
			for b.Loop() {
				entries, err := os.ReadDir(dir)
				if err != nil || len(entries) != n {
					b.Fatal(len(entries), err)
				}
				for _, e := range entries {
					if _, err := os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
		b.Run(fmt.Sprintf("impl=llmls/conversations=%d", n), func(b *testing.B) {
			for b.Loop() {
				fresh := &Store{State: s.State, Redact: s.Redact}
				if list, err := fresh.List(context.Background(), "", ""); err != nil || len(list) != n {
					b.Fatal(len(list), err)
				}
			}
		})
	}
}
