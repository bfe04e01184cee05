package lsp

import (
	"bytes"
	"regexp"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/completion"
)

// A skipped keeps the first and the last of the bytes that are skipped: the URI in a
// message comes before or after the long part.
type skipped struct{ head, tail []byte }

// keepSkipped is how much is kept of each end, in bytes.
const keepSkipped = 16 << 10

func (s *skipped) add(p []byte) {
	n := min(len(p), keepSkipped-len(s.head))
	s.head, p = append(s.head, p[:n]...), p[n:]
	s.tail = append(s.tail, p...)
	if more := len(s.tail) - keepSkipped; more > keepSkipped {
		s.tail = append(s.tail[:0], s.tail[more:]...)
	}
}

func (s *skipped) ends() []byte { return bytes.Join([][]byte{s.head, s.tail}, []byte("\n")) }

// miss reports skipped bytes to f.missed. It recovers panics, because nothing else would.
func (f *frames) miss(s *skipped) {
	if err := guarded(func() error { f.missed(s.ends()); return nil }); err != nil {
		f.log.Error("could not tell what a message was about", zap.Error(err))
	}
}

// missed handles a message that could not be read or is too large; ends are its
// first and last bytes. If it may have been an edit, its document is not trusted any
// more or, if that is unknown, no document is. It runs on the wire loop.
func (s *Server) missed(ends []byte) {
	if s.documents == nil || !regexp.MustCompile(`"(text|notebook)Document\\?/did(Open|Change|Close)"`).Match(ends) {
		return
	}
	var about []uri.URI
	for _, member := range regexp.MustCompile(`"uri"\s*:\s*("(?:[^"\\\n]|\\.)*")`).FindAllSubmatch(ends, -1) {
		name, err := jsontext.AppendUnquote(nil, member[1])
		if u, wrong := uri.Parse(string(name)); err == nil && wrong == nil && known(u) == nil {
			about = append(about, u)
		}
	}
	about = slices.Compact(about)
	switch {
	case len(about) == 1:
		_ = s.lost(s.documents.Miss(about[0]))
	case s.documents.MissAll():
		s.show(protocol.MessageTypeWarning, completion.SentenceEditsLost)
	}
	s.presenter.Changed(s.documents.View())
}
