package conversations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/llmls/llmls/internal/state"
)

const (
	// kind is the kind of the records in the state directory.
	kind = "conversations"
	// maxFile is how much of a file is read, in bytes: more than any model takes.
	maxFile = 4 << 20
	// readers is how many files are read at once: a disk answers several.
	readers = 4
)

// A Store is the conversations of a user. It may be used by any goroutine, and by
// several processes at once.
type Store struct {
	State state.Dir
	// Redact replaces the secrets in what is written.
	Redact func(string) string

	mu    sync.Mutex
	swept time.Time
	known map[string]cached // of List, by the name of the record
}

// A cached conversation is one that was read, as long as its file is the same.
type cached struct {
	size int64
	time time.Time
	info Info
	text string // what a search looks at, in lower case; "" if it is too long or no search has read it
}

// Info is what a list says of a conversation.
type Info struct {
	ID    string
	Title string
	URI   string // of the first document
	Range *Range
	// Documents are the URIs of all documents that it is about, each once.
	Documents []string
	When      time.Time // of its last change
	Turns     int
	Model     string
	Path      string
}

// record is the name of a conversation's record: the day first, so that a
// directory lists them in order.
func record(day time.Time, id string) string { return day.Format(time.DateOnly) + "-" + id + ".md" }

// ids is the form of a conversation's id: that of its first answer.
var ids = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Z2-7]{6}-[0-9]+$`) })

// IsID reports whether a conversation can be called id.
func IsID(id string) bool { return ids().MatchString(id) }

// idOf returns the id of the conversation in a record. ok is false for names that llmls
// does not use, such as an editor's backup, or a person's notes.
func idOf(name string) (id string, ok bool) {
	day := len(time.DateOnly)
	if len(name) <= day || name[day] != '-' {
		return "", false
	}
	if _, err := time.Parse(time.DateOnly, name[:day]); err != nil {
		return "", false
	}
	id, ok = strings.CutSuffix(name[day+1:], ".md")
	return id, ok && IsID(id)
}

// made reports whether the content of a record shows that llmls wrote it: a person may
// have given notes such a name.
func made(folder *state.Folder, name string) bool {
	data, err := folder.Read(name, maxFile)
	at, _ := nextMark(data)
	return err == nil && (at >= 0 || len(data) == 0)
}

// find returns the record of a conversation in a folder, "" if there is none. Of
// several the newest counts.
func find(folder *state.Folder, id string) string {
	names, _ := folder.Names()
	for _, name := range slices.Backward(names) {
		if strings.HasSuffix(name, "-"+id+".md") {
			if of, ok := idOf(name); ok && of == id {
				return name
			}
		}
	}
	return ""
}

// ErrNone is the error for a conversation that does not exist.
var ErrNone = errors.New("there is no such conversation")

// Any reports whether there is a conversation.
func (s *Store) Any() bool {
	folder, err := s.State.Open(kind)
	if err != nil {
		return false
	}
	defer folder.Close()
	names, _ := folder.Names()
	return slices.ContainsFunc(names, func(name string) bool {
		_, ok := idOf(name)
		return ok
	})
}

// IDOf returns the conversation whose file is at path. ok is false if there can be
// none.
func (s *Store) IDOf(path string) (id string, ok bool) {
	name, ok := s.State.Name(kind, path)
	if !ok {
		return "", false
	}
	return idOf(name)
}

// Load reads a conversation. It fails with ErrNone if there is none.
func (s *Store) Load(id string) (*Conversation, error) {
	folder, err := s.State.Open(kind)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	name := find(folder, id)
	if name == "" {
		return nil, ErrNone
	}
	data, err := folder.Read(name, maxFile)
	if err != nil {
		return nil, err
	}
	c := parse(id, data)
	c.Path = s.State.File(kind, name)
	return c, nil
}

// List returns the conversations that have a turn and in which each word of query
// stands, all of them without one, newest first; about the document uri alone, as
// About finds it, unless that is "". What has not changed is not read twice.
func (s *Store) List(ctx context.Context, query, uri string) ([]Info, error) {
	list, err := s.list(ctx, query, uri)
	return slices.DeleteFunc(list, func(i Info) bool { return i.Turns == 0 }), err
}

func (s *Store) list(ctx context.Context, query, uri string) ([]Info, error) {
	folder, err := s.State.Open(kind)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	names, err := folder.Names()
	if err != nil {
		return nil, err
	}
	words := strings.Fields(strings.ToLower(query))
	found := make([]*Info, len(names))
	about := About(uri)
	if uri == "" {
		about = func([]string) bool { return true }
	}
	var group sync.WaitGroup
	next := make(chan int)
	for range readers {
		group.Go(func() {
			for i := range next {
				found[i] = s.match(folder, names[i], words, about)
			}
		})
	}
	for i := range names {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	group.Wait()
	var list []Info
	for _, info := range found {
		if info != nil {
			list = append(list, *info)
		}
	}
	slices.SortStableFunc(list, func(a, b Info) int { return b.When.Compare(a.When) })
	return list, context.Cause(ctx)
}

// maxCached is how long the text of a conversation may be that a server keeps for
// searches, in bytes, and maxKnown how many conversations it keeps.
const (
	maxCached = 8 << 10
	maxKnown  = 2500
)

func (s *Store) match(folder *state.Folder, name string, words []string, about func([]string) bool) *Info {
	id, ok := idOf(name)
	if !ok {
		return nil
	}
	stat, err := folder.Stat(name)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	c, known := s.known[name]
	s.mu.Unlock()
	known = known && c.size == stat.Size() && c.time.Equal(stat.ModTime())
	text := c.text
	if !known || len(words) > 0 && text == "" {
		data, err := folder.Read(name, maxFile)
		if err != nil {
			return nil
		}
		read := parse(id, data)
		c = cached{size: stat.Size(), time: stat.ModTime(), info: Info{
			ID: id, Title: read.Title(), When: stat.ModTime(), Turns: len(read.Turns), Model: read.Model(), Path: s.State.File(kind, name),
		}}
		c.info.Documents = slices.Compact(slices.Sorted(slices.Values(read.Documents())))
		if len(read.Turns) > 0 {
			c.info.URI, c.info.Range = read.Turns[0].URI, read.Turns[0].Range
		}
		if len(words) > 0 {
			text = strings.ToLower(string(data))
		}
		if len(text) <= maxCached {
			c.text = text
		}
		s.keep(name, c)
	}
	if !about(c.info.Documents) {
		return nil
	}
	for _, word := range words {
		if !strings.Contains(text, word) {
			return nil
		}
	}
	return &c.info
}

func (s *Store) keep(name string, c cached) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil || len(s.known) >= maxKnown {
		s.known = map[string]cached{}
	}
	s.known[name] = c
}

// Remove removes the conversations that match, and returns their number. It leaves files
// that llmls did not make, and returns an error about them at the end.
func (s *Store) Remove(ctx context.Context, match func(*Info) bool) (int, error) {
	list, err := s.list(ctx, "", "")
	if err != nil || len(list) == 0 {
		return 0, err
	}
	folder, err := s.State.Open(kind)
	if err != nil {
		return 0, err
	}
	defer folder.Close()
	removed := make(map[string]bool) // ids: a copied file has that of another
	var failed error
	for i := range list {
		if !match(&list[i]) {
			continue
		}
		name := filepath.Base(list[i].Path)
		if !made(folder, name) {
			failed = cmp.Or(failed, fmt.Errorf("remove %s yourself: the comments of llmls are gone from it", list[i].Path))
			continue
		}
		err := folder.Remove(name)
		if err == nil {
			removed[list[i].ID] = true
		}
		failed = cmp.Or(failed, err)
	}
	return len(removed), failed
}

// sweepInterval is how often a process looks for conversations that are too old.
const sweepInterval = 12 * time.Hour

// Sweep removes conversations that nothing was written to for that many days. It
// does nothing if it was called lately.
func (s *Store) Sweep(days int) {
	s.mu.Lock()
	lately := time.Since(s.swept) < sweepInterval
	if !lately {
		s.swept = time.Now()
	}
	s.mu.Unlock()
	if lately || days <= 0 {
		return
	}
	folder, err := s.State.Open(kind)
	if err != nil {
		return // there is none, or the next one tries again
	}
	defer folder.Close()
	names, _ := folder.Names()
	for _, name := range names {
		if _, ok := idOf(name); !ok {
			continue
		}
		info, err := folder.Stat(name)
		if err != nil || time.Since(info.ModTime()) <= time.Duration(days)*24*time.Hour {
			continue
		}
		if made(folder, name) {
			_ = folder.Remove(name) // another process may have done so
		}
	}
}
