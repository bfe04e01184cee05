package lsp

import (
	"context"
	"path/filepath"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/prompts"
)

// A repository's prompts and instructions are used only after consent, which names
// the file and holds for exactly its content.

func fileTerms(p *prompts.Prompt) terms { return terms{origin: p.Path, keyID: p.Digest} }

// saidNo reports whether the person refused p in this session.
func (s *Server) saidNo(p *prompts.Prompt) bool {
	s.questions.mu.Lock()
	defer s.questions.mu.Unlock()
	return s.questions.no[fileTerms(p)]
}

// agreeFile asks the person whether p may be used, and waits for the answer. It
// returns nil if so.
func (s *Server) agreeFile(ctx context.Context, p *prompts.Prompt) error {
	refused := &completion.Error{Kind: completion.Blocked, Reason: completion.Withheld, Detail: completion.DetailFileNotAgreed(relative(p))}
	if !s.client.asks {
		return refused
	}
	q := s.fileQuestion(p)
	if q == nil {
		return refused
	}
	select {
	case <-q.done:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if !q.agreed {
		return refused
	}
	return nil
}

// fileQuestion returns the open question about p, which it opens if need be, or
// nil if the person has said no.
func (s *Server) fileQuestion(p *prompts.Prompt) *question {
	return s.question(fileTerms(p), completion.FileYes, func(ctx context.Context) string {
		message := completion.QuestionFile(relative(p), s.access.Redactor().Redact(fileText(p)))
		pressed, _ := s.choose(ctx, message, []string{completion.FileYes, completion.FileNo})
		if pressed == completion.FileYes {
			if err := s.access.AgreeFile(p.Path, p.Digest); err != nil {
				s.show(protocol.MessageTypeWarning, completion.SentenceFileNotRemembered(relative(p), err))
			}
		}
		return pressed
	})
}

// relative is the path of p in its repository.
func relative(p *prompts.Prompt) string {
	if rel, err := filepath.Rel(p.Repository, p.Path); err == nil {
		return filepath.ToSlash(rel)
	}
	return p.Name
}

// fileText returns the text of p that the person is shown.
func fileText(p *prompts.Prompt) string {
	var b strings.Builder
	for _, line := range [][2]string{{"title", p.Title}, {"description", p.Description}, {"input", p.Input}} {
		if line[1] != "" && line[1] != p.Name {
			b.WriteString(line[0] + ": " + line[1] + "\n")
		}
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	return b.String() + p.Body
}

// decideFiles asks the person about each prompt of the repository of u that they have
// not decided about. It does not wait for that: several clients wait for the command
// and show nothing meanwhile.
func (s *Server) decideFiles(u uri.URI) error {
	_, brought := s.allPrompts(u)
	var open []*prompts.Prompt
	for i := range brought {
		if p := &brought[i]; !s.access.MayUseFile(p.Repository, p.Path, p.Digest) && !s.saidNo(p) {
			open = append(open, p)
		}
	}
	if len(open) == 0 || !s.client.asks {
		return invalidParams("%s needs a name", commandPrompt)
	}
	s.background(func(ctx context.Context) {
		for _, p := range open[:min(len(open), maxOffered)] {
			q := s.fileQuestion(p)
			if q == nil {
				continue
			}
			select {
			case <-q.done:
			case <-ctx.Done():
				return
			}
		}
	})
	return nil
}
