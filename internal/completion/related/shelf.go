package related

import (
	"container/list"
	"sync"
)

// A Shelf caches files that were read and drops the least recently used ones to stay
// within a limit of memory. Safe for concurrent use.
type Shelf struct {
	mu    sync.Mutex
	left  int
	files map[string]*list.Element // of *kept
	order *list.List               // the latest used in front
}

type kept struct {
	name, stamp string
	file        *File
}

// NewShelf returns an empty shelf for about so many bytes.
func NewShelf(bytes int) *Shelf {
	return &Shelf{left: bytes, files: map[string]*list.Element{}, order: list.New()}
}

// Get returns the file that was put under name with this stamp: a version, or a
// time and a size.
func (s *Shelf) Get(name, stamp string) (*File, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.files[name]
	if !ok || e.Value.(*kept).stamp != stamp {
		return nil, false
	}
	s.order.MoveToFront(e)
	return e.Value.(*kept).file, true
}

// Put keeps f in place of what was put under name before.
func (s *Shelf) Put(name, stamp string, f *File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.files[name]; ok {
		s.remove(e)
	}
	s.files[name] = s.order.PushFront(&kept{name, stamp, f})
	for s.left -= f.size(); s.left < 0 && s.order.Len() > 0; {
		s.remove(s.order.Back())
	}
}

func (s *Shelf) remove(e *list.Element) {
	k := s.order.Remove(e).(*kept)
	delete(s.files, k.name)
	s.left += k.file.size()
}
