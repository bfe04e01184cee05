package lsp

import (
	"cmp"
	"context"
	"strings"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/lsp/present"
	"github.com/llmls/llmls/internal/prompts"
)

// maxOffered is how many prompts a menu has room for.
const maxOffered = 20

// promptArgs is the argument of llmls.prompt.
type promptArgs struct {
	Name               string                 `json:"name,omitzero"`  // "" asks the person about the prompts of the repository
	Input              *string                `json:"input,omitzero"` // nil if the person was not asked yet
	URI                uri.URI                `json:"uri,omitzero"`
	Range              *protocol.Range        `json:"range,omitzero"`
	Block              string                 `json:"block,omitzero"` // as in queryArgs
	Version            *int32                 `json:"version,omitzero"`
	Conversation       string                 `json:"conversation,omitzero"`
	PartialResultToken protocol.ProgressToken `json:"partialResultToken,omitzero"`
	DryRun             bool                   `json:"dryRun,omitzero"`
	Endpoint           string                 `json:"endpoint,omitzero"`
	Model              string                 `json:"model,omitzero"`
	Context            contextPlaces          `json:"context,omitzero"`
}

// readByCaller is as in queryArgs.
func (a *promptArgs) readByCaller() bool { return a.PartialResultToken != nil || a.DryRun }

// query returns the question of p, with the person's input. The caller's choice of
// endpoint and model overrides the prompt's; a prompt's model belongs to the prompt's
// endpoint.
func (a *promptArgs) query(p *prompts.Prompt, input string) *queryArgs {
	q := &queryArgs{
		Question: p.Question(input), URI: a.URI, Range: a.Range, Block: a.Block, Version: a.Version, Conversation: a.Conversation,
		PartialResultToken: a.PartialResultToken, DryRun: a.DryRun, Endpoint: cmp.Or(a.Endpoint, p.Endpoint), Model: a.Model, Context: a.Context,
	}
	if a.Endpoint == "" {
		q.Model = cmp.Or(a.Model, p.Model)
	}
	if q.shown = p.Title; strings.TrimSpace(input) != "" {
		q.shown += ": " + input
	}
	return q
}

// askPrompt asks the question of a prompt.
func (s *Server) askPrompt(ctx context.Context, inv *invocation, args *promptArgs) (any, error) {
	if err := known(args.URI); err != nil {
		return nil, err
	}
	if args.URI == "" && args.Conversation == "" {
		if seen := s.place.get(); seen.uri != "" {
			args.URI, args.Range = seen.uri, &seen.rng
		}
	}
	if args.Name == "" {
		return nil, s.decideFiles(args.URI)
	}
	p, err := s.findPrompt(args.Name, args.URI)
	if err != nil {
		return nil, err
	}
	if s.access.MayUseFile(p.Repository, p.Path, p.Digest) {
		return s.runPrompt(ctx, inv, args, p)
	}
	if args.PartialResultToken != nil || args.DryRun {
		if err := s.agreeFile(ctx, p); err != nil {
			return nil, err
		}
		return s.runPrompt(ctx, inv, args, p)
	}
	s.background(func(ctx context.Context) { // several clients wait for the response and show nothing meanwhile
		err := s.agreeFile(ctx, p)
		if err == nil {
			_, err = s.runPrompt(ctx, inv, args, p)
		}
		if err != nil {
			s.showEnd(nil, err)
		}
	})
	return nil, nil
}

// runPrompt asks p after the person has agreed to it, where that is needed, and has
// typed its input. A question in a comment at the code counts as input.
func (s *Server) runPrompt(ctx context.Context, inv *invocation, args *promptArgs, p *prompts.Prompt) (any, error) {
	if err := s.maySend(ctx, s.config.now().Context.Allow, fileOf(p)); err != nil {
		return nil, err
	}
	input := ""
	switch {
	case args.Input != nil:
		input = *args.Input
	case p.Input == "":
	case args.URI != "" && args.Range != nil:
		input = s.questionAt(inv.call.view, args.URI, *args.Range)
	}
	if args.Input == nil && p.Input != "" && strings.TrimSpace(input) == "" {
		if args.PartialResultToken != nil || args.DryRun || args.URI == "" || args.Range == nil {
			return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailPromptAsks(p.Name, p.Input)}
		}
		return nil, s.askInput(inv, args, p)
	}
	return s.answer(ctx, inv, args.query(p, input))
}

// fileOf returns the URI of a repository's prompt. For a person's own it returns "",
// because ignore files of a workspace do not apply to the directory of these.
func fileOf(p *prompts.Prompt) uri.URI {
	if p.Repository == "" {
		return ""
	}
	return uri.File(p.Path)
}

// askInput makes a place for the person's input in the answer file, for an editor that
// cannot ask for it.
func (s *Server) askInput(inv *invocation, args *promptArgs, p *prompts.Prompt) error {
	doc, err := s.document(inv.call.view, args.URI)
	if err != nil {
		return err
	}
	first, last := doc.Lines(*args.Range)
	about := &present.Asked{
		URI: args.URI, Range: *args.Range, Version: args.Version, First: first, Anchor: doc.Anchor(first, last),
		Title: p.Title + ": " + p.Input, Prompt: p.Name,
	}
	if !s.presenter.Ask(about) {
		s.show(protocol.MessageTypeInfo, completion.SentencePromptAsks(p.Input))
	}
	return nil
}

// findPrompt returns the prompt of that name: the person's own before one of the
// repository of u.
func (s *Server) findPrompt(name string, u uri.URI) (*prompts.Prompt, error) {
	own, brought := s.allPrompts(u)
	var names []string
	for _, list := range [][]prompts.Prompt{own, brought} {
		for i := range list {
			if list[i].Name == name {
				return &list[i], nil
			}
			names = append(names, list[i].Name)
		}
	}
	return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailNoPrompt(name, names[:min(len(names), maxOffered)], s.promptsDir)}
}

// allPrompts returns the person's own prompts and those of the repository of u, agreed
// to or not; with "" those of the repositories of all folders. It shows a message
// about files of the person's that cannot be read as prompts.
func (s *Server) allPrompts(u uri.URI) (own, brought []prompts.Prompt) {
	own, problems := s.prompts.Own(s.promptsDir)
	s.tellPrompts(problems)
	for _, folder := range s.foldersOf(u) {
		list, _ := s.prompts.Repository(folder)
		brought = append(brought, list...)
	}
	return own, brought
}

// maxSearchedFolders is how many folders of a workspace are looked at for prompts
// and instructions where no document says which is meant.
const maxSearchedFolders = 5

func (s *Server) foldersOf(u uri.URI) []string {
	if folder, _, ok := s.folders.Locate(u); ok {
		return []string{folder}
	}
	if u != "" {
		return nil
	}
	all := s.folders.Paths()
	return all[:min(len(all), maxSearchedFolders)]
}

// usablePrompts returns the prompts that may be used, and the number of those of the
// repository about which the person has not decided yet.
func (s *Server) usablePrompts(u uri.URI) (list []prompts.Prompt, undecided int) {
	list, brought := s.allPrompts(u)
	for i := range brought {
		switch p := &brought[i]; {
		case s.access.MayUseFile(p.Repository, p.Path, p.Digest):
			list = append(list, *p)
		case !s.saidNo(p):
			undecided++
		}
	}
	return list, undecided
}

// offerPrompts adds the code actions for prompts.
func (s *Server) offerPrompts(target *queryArgs, add func(protocol.CodeActionKind, string, string, any)) {
	list, undecided := s.usablePrompts(target.URI)
	for i := range list[:min(len(list), maxOffered)] {
		add(kindPrompt, shorten(list[i].Title), commandPrompt, promptArgs{
			Name: list[i].Name, URI: target.URI, Range: target.Range, Version: target.Version,
		})
	}
	if undecided > 0 && len(list) < maxOffered && s.client.asks {
		add(kindPrompt, completion.TitleFiles(undecided), commandPrompt, promptArgs{URI: target.URI, Range: target.Range})
	}
}

// promptsArgs is the argument of llmls.prompts.
type promptsArgs struct {
	URI uri.URI `json:"uri,omitzero"` // a document whose repository's prompts are listed, too; "" for those of all folders
}

// promptInfo is one entry of the list of prompts.
type promptInfo struct {
	Name        string `json:"name"`
	Title       string `json:"title"`
	Description string `json:"description,omitzero"`
	Input       string `json:"input,omitzero"` // the question to ask the person first
	Source      string `json:"source"`         // the path of the file
}

func (s *Server) listPrompts(_ context.Context, _ *invocation, args *promptsArgs) (any, error) {
	infos := []promptInfo{}
	list, _ := s.usablePrompts(args.URI)
	for i := range list {
		p := &list[i]
		infos = append(infos, promptInfo{Name: p.Name, Title: p.Title, Description: p.Description, Input: p.Input, Source: p.Path})
	}
	return infos, nil
}

// tellPrompts tells the person, once for each, of files that cannot be read as
// prompts.
func (s *Server) tellPrompts(problems []prompts.Problem) {
	var notes []string
	for i := range problems {
		notes = append(notes, problems[i].Sentence())
	}
	if fresh := s.unread.fresh(notes); len(fresh) > 0 {
		s.show(protocol.MessageTypeWarning, completion.SentencePrompts(fresh))
	}
}

// instructions adds the instructions for models of the repository of doc, if the
// person switched that on and agreed to them. If they have not agreed yet, they are
// asked once, for the next question.
func (s *Server) instructions(ctx context.Context, doc *document.Document, allow []string, conversation *chat.Conversation) {
	for _, folder := range s.foldersOf(doc.URI) {
		p, err := s.prompts.Instructions(folder)
		if p == nil || err != nil {
			continue
		}
		switch {
		case s.maySend(ctx, allow, fileOf(p)) != nil:
		case s.access.MayUseFile(p.Repository, p.Path, p.Digest):
			conversation.Instructions, conversation.InstructionsFile = p.Body, p.Name
		default:
			conversation.InstructionsFile, conversation.InstructionsWhy = p.Name, completion.WhyFileNotAgreed
			s.fileQuestion(p)
		}
	}
}
