package lsp

import (
	"context"
	"strings"

	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/lsp/present"
)

func (s *Server) newPresenter() *present.Presenter {
	return present.New(present.Options{
		Client: s.client.shows, Encoding: s.client.encoding, Conn: s.conn, Log: s.log, State: s.records,
		Name:    s.folders.Name(),
		Answers: func() []answer.Summary { return s.answers.Answers("") },
		Inline:  func() bool { return s.config.now().Inline },
		Tell:    func(message string) { s.show(protocol.MessageTypeInfo, message) },
	})
}

// Hovers, lenses and hints show answers that the editor itself does not; all
// are made from memory.

func (s *Server) hover(_ context.Context, c *call, params *protocol.HoverParams) (*protocol.Hover, error) {
	doc, ok := c.view.Document(params.TextDocument.URI)
	if !ok {
		return nil, nil
	}
	return s.presenter.Hover(doc, params.Position), nil
}

func (s *Server) codeLens(_ context.Context, c *call, params *protocol.CodeLensParams) ([]protocol.CodeLens, error) {
	doc, ok := c.view.Document(params.TextDocument.URI)
	if !ok {
		return []protocol.CodeLens{}, nil
	}
	return s.presenter.Lenses(doc, commandShow), nil
}

func (s *Server) inlayHint(_ context.Context, c *call, params *protocol.InlayHintParams) ([]protocol.InlayHint, error) {
	doc, ok := c.view.Document(params.TextDocument.URI)
	if !ok {
		return []protocol.InlayHint{}, nil
	}
	return s.presenter.Hints(doc, params.Range), nil
}

func (s *Server) textDocumentContent(_ context.Context, _ *call, params *protocol.TextDocumentContentParams) (*protocol.TextDocumentContentResult, error) {
	text, ok := s.presenter.Content(params.URI)
	if !ok {
		return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailNoConversation}
	}
	return &protocol.TextDocumentContentResult{Text: text}, nil
}

// followUp is the argument of the command that sends a question of the answer
// file. Code that a first question is about may have moved meanwhile; if it has
// changed, the command fails with its old version.
func (s *Server) followUp(view *document.View, f *present.Follow) queryArgs {
	args := queryArgs{Question: f.Question, Conversation: f.Conversation}
	if f.Conversation != "" || f.About == nil {
		return args
	}
	args.URI, args.Range, args.Version = f.About.URI, &f.About.Range, f.About.Version
	if doc, ok := view.Document(args.URI); ok && f.About.Anchor != nil {
		if line, ok := f.About.Anchor.Line(doc); ok {
			moved := present.Moved(f.About.Range, line-(f.About.First-1))
			args.Range = &moved
			if args.Version = nil; doc.Version != document.NoVersion {
				args.Version = &doc.Version
			}
		}
	}
	return args
}

// askWhat asks the person what to ask, who had no place to type it: some
// questions to choose from, and at last a place in the answer file. The command
// is answered at once: several clients wait for that and show nothing meanwhile.
func (s *Server) askWhat(inv *invocation, q *queryArgs) (any, error) {
	doc, err := s.document(inv.call.view, q.URI)
	if err != nil {
		return nil, err
	}
	first, last := doc.Lines(*q.Range)
	turn := chat.Turn{Code: &chat.Code{Path: s.folders.RelPath(q.URI), FirstLine: first, LastLine: last}, Question: "?"}
	about := &present.Asked{
		URI: q.URI, Range: *q.Range, Version: q.Version, First: first, Anchor: doc.Anchor(first, last), Title: turn.Title(),
	}
	if !s.client.asks {
		s.show(protocol.MessageTypeInfo, completion.SentenceTypeQuestion)
		return nil, nil
	}
	s.background(func(ctx context.Context) {
		switch q.Question = s.chosenQuestion(ctx, about.Title); q.Question {
		case "":
		case completion.AskOther:
			if !s.presenter.Ask(about) {
				s.show(protocol.MessageTypeInfo, completion.SentenceTypeQuestion)
			}
		default:
			if _, err := s.answer(ctx, inv, q); err != nil {
				s.showEnd(nil, err)
			}
		}
	})
	return nil, nil
}

// chosenQuestion returns the question that the person chose, AskOther for one
// that is not in the list, or "" for none.
func (s *Server) chosenQuestion(ctx context.Context, title string) string {
	ctx, cancel := context.WithTimeout(ctx, consentTimeout)
	defer cancel()
	_, where, _ := strings.Cut(title, "about ")
	params := &protocol.ShowMessageRequestParams{Type: protocol.MessageTypeInfo, Message: completion.QuestionAsk(where)}
	for _, question := range append(completion.AskPresets(), completion.AskOther) {
		params.Actions = append(params.Actions, protocol.MessageActionItem{Title: question})
	}
	var pressed *protocol.MessageActionItem
	if err := protocol.Call(ctx, s.conn, protocol.MethodWindowShowMessageRequest, params, &pressed); err != nil {
		if ctx.Err() != nil {
			return ""
		}
		s.log.Warn("the client asks the person nothing", zap.Error(err))
		return completion.AskOther
	}
	if pressed == nil {
		return ""
	}
	return pressed.Title
}
