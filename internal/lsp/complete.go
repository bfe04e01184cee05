package lsp

import (
	"context"
	"strings"

	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/workspace"
)

// mentionsArgs is the argument of llmls.mentions.
type mentionsArgs struct {
	Question string  `json:"question,omitzero"` // up to the cursor
	URI      uri.URI `json:"uri,omitzero"`      // that it is about, "" for none
}

// mentionInfo is one completion of a question.
type mentionInfo struct {
	Question string `json:"question"` // with the mention at its end
	Mention  string `json:"mention"`
}

// completeMentions lists the completions of the mention at the end of a question. It
// names nothing of a file that would not be sent.
func (s *Server) completeMentions(ctx context.Context, inv *invocation, args *mentionsArgs) (any, error) {
	if err := known(args.URI); err != nil {
		return nil, err
	}
	list := []mentionInfo{}
	at := strings.LastIndexByte(args.Question, '#')
	if at < 0 || at > 0 && !strings.ContainsRune(" \t\n([{\"'`,;", rune(args.Question[at-1])) || strings.ContainsAny(args.Question[at:], " \n") && !strings.Contains(args.Question[at:], `:"`) {
		return list, nil
	}
	leave, err := s.reading.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	options := s.config.now()
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	p := places{s: s, view: inv.call.view, options: &options, asked: args.URI}
	if document.Key(args.URI) == "" {
		p.asked = s.place.get().uri
	}
	home := p.start()
	for _, mention := range workspace.Complete(ctx, &home, args.Question[at:]) {
		list = append(list, mentionInfo{Question: args.Question[:at] + mention, Mention: mention})
	}
	return list, nil
}
