package lsp

import (
	"slices"
	"sync"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/lsp/document"
)

// maxFollowed is how many conversations are followed while their code is edited.
const maxFollowed = 16

// followed are the conversations about code of open documents, latest last. The zero
// value has none. Safe for concurrent use.
type followed struct {
	mu   sync.Mutex
	list []followedCode
}

// A followedCode is the code that a conversation was last sent.
type followedCode struct {
	conversation string
	uri          uri.URI
	code         *document.Anchor
}

// remember notes what code a conversation was sent.
func (t *followed) remember(conversation string, u uri.URI, code *document.Anchor) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = slices.DeleteFunc(t.list, func(other followedCode) bool { return other.conversation == conversation })
	t.list = append(t.list, followedCode{conversation, u, code})
	t.list = slices.Delete(t.list, 0, max(0, len(t.list)-maxFollowed))
}

// follow brings the anchors up to view, so that they keep no earlier history of its
// documents in memory.
func (t *followed) follow(view *document.View) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.list {
		if doc, open := view.Document(t.list[i].uri); open {
			t.list[i].code.Now(doc)
		}
	}
}

// changed returns the document and the lines of the code of a conversation if they differ
// from what was sent.
func (t *followed) changed(view *document.View, conversation string) (doc *document.Document, lines protocol.Range, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.list {
		if t.list[i].conversation != conversation {
			continue
		}
		doc, open := view.Document(t.list[i].uri)
		if !open || doc.Trusted() != nil {
			return nil, lines, false
		}
		if _, same := t.list[i].code.Line(doc); same {
			return nil, lines, false
		}
		first, last, there := t.list[i].code.Now(doc)
		lines.Start.Line, lines.End.Line = uint32(first), uint32(last)
		lines.End.Character = 1 << 30 // its end
		return doc, lines, there
	}
	return nil, lines, false
}
