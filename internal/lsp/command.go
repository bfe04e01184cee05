package lsp

import (
	"bytes"
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/document"
)

// The commands, by the names that editors call them.
const (
	commandExplain  = "llmls.explain"
	commandAsk      = "llmls.ask"
	commandPrompt   = "llmls.prompt"
	commandPrompts  = "llmls.prompts"
	commandMentions = "llmls.mentions"
	commandStop     = "llmls.stop"
	commandAnswers  = "llmls.answers"
	commandHistory  = "llmls.history"
	commandForget   = "llmls.forget"
	commandEarlier  = "llmls.earlier"
	commandModels   = "llmls.models"
	commandStatus   = "llmls.status"
	commandShow     = "llmls.show"
	commandDismiss  = "llmls.dismiss"
)

// A command is one that editors call by workspace/executeCommand.
type command struct {
	name string
	// kinds are those of the code actions that call it.
	kinds []protocol.CodeActionKind
	// bare is the member of the argument that a bare string stands for, or "".
	bare string
	// argument and results are zero values of the structs that it takes and that
	// it answers with, beside null.
	argument any
	results  []any
	run      func(*Server, context.Context, *invocation, jsontext.Value) (any, error)
}

// commands is the one table of them: what is offered at initialize, the kinds of
// code actions, and what docs/protocol.md and the extension for VS Code have of
// them are derived from it.
func commands() []command {
	return []command{
		declare(commandExplain, (*Server).explain).answers(answer.Result{}, started{}, dryRunResult{}).calledBy(kindExplain, kindProblem, kindWith),
		declare(commandAsk, (*Server).ask).answers(answer.Result{}, started{}, dryRunResult{}).calledBy(kindAsk, kindSend, kindWith, kindChanges).takes("question"),
		declare(commandPrompt, (*Server).askPrompt).answers(answer.Result{}, started{}, dryRunResult{}).calledBy(kindPrompt),
		declare(commandPrompts, (*Server).listPrompts).answers(promptInfo{}),
		declare(commandMentions, (*Server).completeMentions).answers(mentionInfo{}),
		declare(commandStop, (*Server).stopAnswer).calledBy(kindStop),
		declare(commandAnswers, (*Server).listAnswers).answers(answer.Summary{}),
		declare(commandHistory, (*Server).history).answers(historyInfo{}),
		declare(commandForget, (*Server).forget).answers(forgotten{}),
		declare(commandEarlier, (*Server).showEarlier).calledBy(kindEarlier),
		declare(commandModels, (*Server).listModels).answers(modelsResult{}),
		declare(commandStatus, (*Server).status).answers(statusResult{}),
		declare(commandShow, (*Server).showAnswers).calledBy(kindShow),
		declare(commandDismiss, (*Server).dismiss).calledBy(kindDismiss),
	}
}

// declare returns the command with that name: its argument is read into an A,
// which may be called without one, and handed to run.
func declare[A any](name string, run func(*Server, context.Context, *invocation, *A) (any, error)) command {
	return command{name: name, argument: *new(A), run: func(s *Server, ctx context.Context, inv *invocation, raw jsontext.Value) (any, error) {
		args := new(A)
		if err := decodeArgument(name, raw, args); err != nil {
			return nil, err
		}
		result, err := run(s, ctx, inv, args)
		if q, ok := any(args).(interface{ readByCaller() bool }); ok && !q.readByCaller() && completion.AsError(err) != nil && !s.client.showsErrors {
			s.showEnd(nil, err)
		}
		return result, err
	}}
}

func (c command) answers(results ...any) command {
	c.results = results
	return c
}

func (c command) calledBy(kinds ...protocol.CodeActionKind) command {
	c.kinds = kinds
	return c
}

func (c command) takes(bare string) command {
	c.bare = bare
	return c
}

func commandNames() []string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}

// actionKinds are the kinds of all code actions, each once.
func actionKinds() []protocol.CodeActionKind {
	var kinds []protocol.CodeActionKind
	for _, c := range commands() {
		kinds = append(kinds, c.kinds...)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// An invocation is one workspace/executeCommand.
type invocation struct {
	call  *call
	token protocol.ProgressToken // for work-done progress, or nil
}

func (s *Server) executeCommand(ctx context.Context, c *call, params *protocol.ExecuteCommandParams) (any, error) {
	table := commands()
	at := slices.IndexFunc(table, func(c command) bool { return c.name == params.Command })
	if at < 0 {
		return nil, invalidParams("llmls has no command %q; it has %s", params.Command, strings.Join(commandNames(), ", "))
	}
	if len(params.Arguments) > 1 {
		return nil, invalidParams("%s takes one argument, got %d", params.Command, len(params.Arguments))
	}
	if isLong(params.WorkDoneToken) {
		return nil, invalidParams("the workDoneToken has more than %d bytes", maxName)
	}
	var argument jsontext.Value
	if len(params.Arguments) == 1 {
		argument = params.Arguments[0]
	}
	if bare := table[at].bare; bare != "" && argument.Kind() == '"' {
		argument = slices.Concat(jsontext.Value(`{"`+bare+`":`), argument, jsontext.Value(`}`))
	}
	return table[at].run(s, ctx, &invocation{call: c, token: params.WorkDoneToken}, argument)
}

// decodeArgument reads an argument into args, a pointer to a struct. Unlike what
// LSP does with its own parameters, an unknown member is an error: it is probably
// misspelt, and ignoring it would explain something other than what was meant.
func decodeArgument(command string, argument jsontext.Value, args any) error {
	raw := bytes.TrimSpace(argument)
	if len(raw) == 0 || raw[0] == 'n' || string(raw) == "[]" { // Lua has one empty table for both
		return nil
	}
	var members map[string]jsontext.Value
	if err := json.Unmarshal(raw, &members, jsontext.AllowInvalidUTF8(true)); err != nil {
		return invalidParams("%s takes one object", command)
	}
	known := memberNames(reflect.TypeOf(args).Elem())
	for name := range members {
		if len(known) == 0 {
			return invalidParams("%s takes no argument", command)
		}
		if !slices.Contains(known, name) {
			return invalidParams("%s does not know the member %q; it knows %s", command, name, strings.Join(known, ", "))
		}
	}
	if err := protocol.Unmarshal(raw, args); err != nil {
		return invalidParams("%s: %v", command, err)
	}
	if path := missing(raw, needsRange); path != "" && members["range"].Kind() == '{' {
		return invalidParams("%s needs %s", command, path)
	}
	return nil
}

func memberNames(t reflect.Type) []string {
	var names []string
	for _, field := range reflect.VisibleFields(t) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// stopArgs is the argument of llmls.stop.
type stopArgs struct {
	ID string `json:"id,omitzero"` // "" is all of them
}

func (s *Server) stopAnswer(_ context.Context, inv *invocation, args *stopArgs) (any, error) {
	s.answers.Stop(args.ID, inv.call.order)
	return nil, nil
}

// dismissArgs is the argument of llmls.dismiss.
type dismissArgs struct {
	ID string `json:"id,omitzero"` // "" is all of them
}

func (s *Server) dismiss(_ context.Context, _ *invocation, args *dismissArgs) (any, error) {
	s.presenter.Dismiss(args.ID)
	return nil, nil
}

// noArgs is the argument of a command that takes none.
type noArgs struct{}

func (s *Server) showAnswers(context.Context, *invocation, *noArgs) (any, error) {
	s.presenter.Open()
	return nil, nil
}

// answersArgs is the argument of llmls.answers.
type answersArgs struct {
	URI          uri.URI `json:"uri,omitzero"`          // "" is every document
	Conversation string  `json:"conversation,omitzero"` // of any run, instead of this session
}

func (s *Server) listAnswers(_ context.Context, inv *invocation, args *answersArgs) (any, error) {
	s.leave(inv.call)
	list := s.answers.Answers(document.Key(args.URI))
	if args.Conversation != "" {
		var err error
		if list, err = s.earlierTurns(args.Conversation); err != nil {
			return nil, err
		}
	}
	size := 0
	for i := range list {
		size += len(list[i].Text)
	}
	if err := tooLong(size); err != nil {
		return nil, err
	}
	return list, nil
}
