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

// Hovers, lenses and hints show answers that the editor does not show itself. All are
// made from memory.

func (s *Server) hover(_ context.Context, c *call, params *protocol.HoverParams) (*protocol.Hover, error) {
	doc, ok := c.view.Document(params.TextDocument.URI)
	if !ok {
		return nil, nil
	}
	hover := s.presenter.Hover(doc, params.Position)
	if hover == nil {
		return nil, nil
	}
	return hover, tooLong(len(hover.Contents.(*protocol.MarkupContent).Value))
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
	return &protocol.TextDocumentContentResult{Text: text}, tooLong(len(text))
}

// followUp returns the title of the action for a question in the answer file, the command
// that sends it, and its argument. The code of a first question may have moved meanwhile;
// if it has changed, the command fails because of its old version.
func (s *Server) followUp(view *document.View, f *present.Follow) (title, command string, argument any) {
	if f.Listed {
		return "Search earlier answers", commandEarlier, earlierArgs{Query: f.Question}
	}
	args := queryArgs{Question: f.Question, Conversation: f.Conversation}
	if f.Conversation != "" || f.About == nil {
		return "Send", commandAsk, args
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
	if f.About.Prompt != "" {
		return "Send", commandPrompt, promptArgs{Name: f.About.Prompt, Input: &f.Question, URI: args.URI, Range: args.Range, Version: args.Version}
	}
	return "Send", commandAsk, args
}

// askWhat lets a person whose editor has no input for commands choose a question:
// some presets, and as the last choice a place to type one in the answer file. The
// command is answered at once: several clients wait for that and show nothing
// meanwhile.
func (s *Server) askWhat(ctx context.Context, inv *invocation, q *queryArgs) (any, error) {
	options := s.settings(ctx)
	if err := s.maySend(ctx, options.Context.Allow, q.URI); err != nil {
		return nil, err
	}
	doc, err := s.document(inv.call.view, q.URI)
	if err != nil {
		return nil, err
	}
	first, last := doc.Lines(*q.Range)
	code := s.code(inv.call.view, q.URI)
	code.FirstLine, code.LastLine = first, last
	turn := chat.Turn{Code: code, Question: "?"}
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
	_, where, _ := strings.Cut(title, "about ")
	pressed, err := s.choose(ctx, completion.QuestionAsk(where), append(completion.AskPresets(), completion.AskOther))
	if err != nil {
		return completion.AskOther
	}
	return pressed
}

// chooseEndpoint has the person choose the endpoint for q. It reports false if they
// chose none.
func (s *Server) chooseEndpoint(ctx context.Context, q *queryArgs) bool {
	options := s.settings(ctx)
	names := map[string]string{}
	var titles []string
	for _, c := range s.access.Choices(&options) {
		title := completion.TitleEndpoint(c.Name, c.Model)
		names[title], titles = c.Name, append(titles, title)
	}
	pressed, err := s.choose(ctx, completion.QuestionEndpoint, titles)
	if err != nil {
		s.show(protocol.MessageTypeWarning, completion.SentenceNoChoice)
	}
	q.Endpoint = names[pressed]
	return q.Endpoint != ""
}

// choose asks the person a question and returns the button that was pressed, ""
// for none. It fails if the client cannot show questions.
func (s *Server) choose(ctx context.Context, question string, titles []string) (string, error) {
	leave, ok := s.choosing.try()
	if !ok {
		s.log.Warn("did not ask the person: too many questions are open")
		return "", nil
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, consentTimeout)
	defer cancel()
	params := &protocol.ShowMessageRequestParams{Type: protocol.MessageTypeInfo, Message: question}
	for _, title := range titles {
		params.Actions = append(params.Actions, protocol.MessageActionItem{Title: title})
	}
	var pressed *protocol.MessageActionItem
	err := protocol.Call(ctx, s.conn, protocol.MethodWindowShowMessageRequest, params, &pressed)
	switch {
	case err != nil && ctx.Err() == nil:
		s.log.Warn("the client asks the person nothing", zap.Error(err))
		return "", err
	case err != nil || pressed == nil:
		return "", nil
	}
	return pressed.Title, nil
}
