package document

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestViewNeverChanges(t *testing.T) {
	s := NewStore(UTF16)
	empty := s.View()
	open(t, s, 1, "a")
	opened := s.View()
	if s.View() != opened {
		t.Error("a View without a change between is another one")
	}
	if err := s.Change(changes(2, part(span4(0, 1, 0, 1), "b"))); err != nil {
		t.Fatal(err)
	}
	changed := s.View()
	s.Close(file)
	var got []string
	for _, v := range []*View{empty, opened, changed, s.View()} {
		text := "-"
		if doc, ok := v.Document(file); ok {
			text = fmt.Sprintf("%s %d", doc.Text, doc.Version)
		}
		got = append(got, text)
	}
	if diff := cmp.Diff([]string{"-", "a 1", "ab 2", "-"}, got); diff != "" {
		t.Error(diff)
	}
}

// Under -race: a view is read while the reader goes on editing.
func TestViewIsReadWithoutLocks(t *testing.T) {
	s := NewStore(UTF16)
	open(t, s, 0, strings.Repeat("0123456789\n", maxChunk))
	var readers sync.WaitGroup
	for version := range int32(50) {
		view, want := s.View(), textOf(s).Len()
		readers.Go(func() {
			doc, _ := view.Document(file)
			if got := len(doc.All().Text); got != want || doc.Version != version {
				t.Errorf("version %d has %d bytes, want %d of version %d", doc.Version, got, want, version)
			}
		})
		if err := s.Change(changes(version+1, part(span4(uint32(version*40), 3, uint32(version*41), 5), "x\r\n"))); err != nil {
			t.Fatal(err)
		}
	}
	readers.Wait()
}
