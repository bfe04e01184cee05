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

	"github.com/llmls/llmls/internal/lsp/document"
)

// The commands, by the names that editors call them.
const (
	commandExplain = "llmls.explain"
	commandAsk     = "llmls.ask"
	commandStop    = "llmls.stop"
	commandAnswers = "llmls.answers"
	commandModels  = "llmls.models"
	commandShow    = "llmls.show"
	commandDismiss = "llmls.dismiss"
)

// commands is the one table of commands: what is in it is offered at
// initialize, and nothing else is.
func (s *Server) commands() map[string]func(context.Context, *invocation) (any, error) {
	return map[string]func(context.Context, *invocation) (any, error){
		commandExplain: s.explain,
		commandAsk:     s.ask,
		commandStop:    s.stopAnswer,
		commandAnswers: s.listAnswers,
		commandModels:  s.listModels,
		commandShow:    s.showAnswers,
		commandDismiss: s.dismiss,
	}
}

func commandNames() []string {
	return []string{commandExplain, commandAsk, commandStop, commandAnswers, commandModels, commandShow, commandDismiss}
}

// An invocation is one workspace/executeCommand.
type invocation struct {
	call     *call
	argument jsontext.Value         // the one argument, or nil
	token    protocol.ProgressToken // for work-done progress, or nil
}

func (s *Server) executeCommand(ctx context.Context, c *call, params *protocol.ExecuteCommandParams) (any, error) {
	run, ok := s.commands()[params.Command]
	if !ok {
		return nil, invalidParams("llmls has no command %q; it has %s", params.Command, strings.Join(commandNames(), ", "))
	}
	if len(params.Arguments) > 1 {
		return nil, invalidParams("%s takes one argument, got %d", params.Command, len(params.Arguments))
	}
	inv := &invocation{call: c, token: params.WorkDoneToken}
	if len(params.Arguments) == 1 {
		inv.argument = params.Arguments[0]
	}
	return run(ctx, inv)
}

// decode reads the argument into args, a pointer to a struct. Unlike what LSP
// does with its own parameters, a member that is not known is an error: it is
// a misspelt one, and ignoring it would explain something else than was meant.
func (inv *invocation) decode(command string, args any) error {
	raw := bytes.TrimSpace(inv.argument)
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

func (s *Server) stopAnswer(_ context.Context, inv *invocation) (any, error) {
	var args stopArgs
	if err := inv.decode(commandStop, &args); err != nil {
		return nil, err
	}
	s.answers.Stop(args.ID, inv.call.order)
	return nil, nil
}

// dismissArgs is the argument of llmls.dismiss.
type dismissArgs struct {
	ID string `json:"id,omitzero"` // "" is all of them
}

func (s *Server) dismiss(_ context.Context, inv *invocation) (any, error) {
	var args dismissArgs
	if err := inv.decode(commandDismiss, &args); err != nil {
		return nil, err
	}
	s.presenter.Dismiss(args.ID)
	return nil, nil
}

func (s *Server) showAnswers(_ context.Context, inv *invocation) (any, error) {
	if err := inv.decode(commandShow, &struct{}{}); err != nil {
		return nil, err
	}
	s.presenter.Open()
	return nil, nil
}

// answersArgs is the argument of llmls.answers.
type answersArgs struct {
	URI uri.URI `json:"uri,omitzero"` // "" is every document
}

func (s *Server) listAnswers(_ context.Context, inv *invocation) (any, error) {
	var args answersArgs
	if err := inv.decode(commandAnswers, &args); err != nil {
		return nil, err
	}
	return s.answers.Answers(document.Key(args.URI)), nil
}
