package lsp

import (
	"slices"
	"sync"

	"go.lsp.dev/protocol"

	"github.com/llmls/llmls/internal/completion"
)

// maxNotes is how many notes of one kind are reported at most: they may come from
// a repository.
const maxNotes = 100

// notes are messages that were shown and are not to be shown again. The zero value has
// none. It is safe for concurrent use.
type notes struct {
	mu   sync.Mutex
	told []string
}

// fresh returns the notes that were not shown yet, and records them as shown.
func (n *notes) fresh(list []string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var fresh []string
	for _, note := range list {
		if len(n.told) < maxNotes && !slices.Contains(n.told, note) {
			n.told, fresh = append(n.told, note), append(fresh, note)
		}
	}
	return fresh
}

// tellRules tells the person, once for each, of ineffective lines of ignore files:
// the author of such a line believes that it protects a file.
func (s *Server) tellRules(notes []string) {
	fresh := s.rules.fresh(notes)
	for _, note := range fresh {
		s.log.Warn(note)
	}
	if len(fresh) > 0 {
		s.show(protocol.MessageTypeWarning, completion.SentenceRules(fresh))
	}
}
