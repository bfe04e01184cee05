package document

import (
	"hash/maphash"
	"iter"
	"slices"

	"go.lsp.dev/uri"
)

// shelves is how many parts an index has. A change copies one part: about a hundred
// pointers when thousands of documents are open.
const shelves = 64

// An index finds documents by their keys. A copy of it does not change, because set
// replaces a part and never modifies one. Views are such copies: they share all parts
// that have not changed between them.
type index struct {
	seed  maphash.Seed
	parts [shelves][]*Document // in no order
}

func (x *index) part(key uri.URI) int { return int(maphash.String(x.seed, string(key)) % shelves) }

func (x *index) get(key uri.URI) (*Document, bool) {
	for _, doc := range x.parts[x.part(key)] {
		if doc.key == key {
			return doc, true
		}
	}
	return nil, false
}

// set replaces the document with that key by doc, or removes it if doc is nil.
func (x *index) set(key uri.URI, doc *Document) {
	i := x.part(key)
	rest := slices.DeleteFunc(slices.Clone(x.parts[i]), func(d *Document) bool { return d.key == key })
	if doc != nil {
		rest = append(rest, doc)
	}
	x.parts[i] = rest
}

func (x *index) all() iter.Seq[*Document] {
	return func(yield func(*Document) bool) {
		for _, part := range x.parts {
			for _, doc := range part {
				if !yield(doc) {
					return
				}
			}
		}
	}
}
