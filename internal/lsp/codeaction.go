package lsp

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/lsp/document"
)

// The kinds of our code actions. Those that read code are refactorings, which
// every client shows; none is ever preferred.
const (
	kindExplain protocol.CodeActionKind = "refactor.llmls.explain"
	kindAsk     protocol.CodeActionKind = "refactor.llmls.ask"
	kindProblem protocol.CodeActionKind = "quickfix.llmls.explain"
	kindPrompt  protocol.CodeActionKind = "refactor.llmls.prompt"
	kindStop    protocol.CodeActionKind = "refactor.llmls.stop"
	kindSend    protocol.CodeActionKind = "refactor.llmls.send"
	kindWith    protocol.CodeActionKind = "refactor.llmls.with"
	kindEarlier protocol.CodeActionKind = "refactor.llmls.earlier"
	kindShow    protocol.CodeActionKind = "refactor.llmls.show"
	kindChanges protocol.CodeActionKind = "refactor.llmls.changes"
	kindDismiss protocol.CodeActionKind = "refactor.llmls.dismiss"
)

// titleWidth keeps a title in one row of any editor's menu.
const titleWidth = 60

// codeActionParams are the members of protocol.CodeActionParams that are used. Only
// a few diagnostics are read: no menu has room for more.
type codeActionParams struct {
	TextDocument protocol.TextDocumentIdentifier `json:"textDocument"`
	Range        protocol.Range                  `json:"range"`
	Context      struct {
		Diagnostics few[protocol.Diagnostic]       `json:"diagnostics"`
		Only        few[protocol.CodeActionKind]   `json:"only"`
		TriggerKind protocol.CodeActionTriggerKind `json:"triggerKind"`
	} `json:"context"`
}

// codeAction answers from memory: a menu must open at once.
func (s *Server) codeAction(_ context.Context, c *call, params *codeActionParams) ([]protocol.CommandOrCodeAction, error) {
	u := params.TextDocument.URI
	problems := params.Context.Diagnostics
	s.see(c.view, params)
	actions := []protocol.CommandOrCodeAction{} // never null: Helix logs an error for it
	add := func(kind protocol.CodeActionKind, title, command string, args any) {
		if wanted(params.Context.Only, kind) {
			actions = append(actions, s.action(kind, title, command, args))
		}
	}
	selected := params.Range.Start != params.Range.End
	automatic := params.Context.TriggerKind == protocol.CodeActionTriggerKindAutomatic
	target := queryArgs{URI: u, Range: &params.Range}
	if doc, ok := c.view.Document(u); ok && doc.Version != document.NoVersion {
		target.Version = &doc.Version
	}
	for i := range problems {
		d := &problems[i]
		about := target
		about.Range, about.Diagnostic = &d.Range, d
		add(kindProblem, "Explain problem: "+shorten(diagnosticMessage(d)), commandExplain, about)
	}
	if automatic && !selected {
		return actions, nil // or every line would have a light bulb
	}
	doc, open := c.view.Document(u)
	if open {
		if follow, ok := s.presenter.Question(doc, params.Range); ok {
			title, command, args := s.followUp(c.view, &follow)
			add(kindSend, title+`: "`+shorten(follow.Question)+`"`, command, args)
		}
	}
	what := "line"
	if selected {
		what = "selection"
	}
	add(kindExplain, "Explain "+what, commandExplain, target)
	title := "Ask about " + what + "…"
	asking := target
	if asking.Question = s.questionAt(c.view, u, params.Range); asking.Question != "" {
		title = `Ask: "` + shorten(asking.Question) + `"`
	}
	add(kindAsk, title, commandAsk, asking)
	if wanted(params.Context.Only, kindPrompt) {
		s.offerPrompts(&target, add)
	}
	s.offerEndpoints(asking, what, add)
	if folder, _, ok := s.folders.Locate(u); ok && s.inGit.has(folder) {
		about := target
		about.Question = chat.ExplainChanges("")
		add(kindChanges, "Explain changes", commandAsk, about)
	}
	s.answerActions(doc, params, add)
	return actions, nil
}

// answerActions adds what can be done with answers; doc is nil if it is not open.
func (s *Server) answerActions(doc *document.Document, params *codeActionParams, add func(protocol.CodeActionKind, string, string, any)) {
	u := params.TextDocument.URI
	if s.answers.RunningIn(document.Key(u)) || s.presenter.IsFile(u) && s.answers.RunningIn("") {
		add(kindStop, "Stop answering", commandStop, stopArgs{})
	}
	if doc != nil {
		if id := s.presenter.Dismissible(doc, params.Range); id != "" {
			add(kindDismiss, "Dismiss explanation", commandDismiss, dismissArgs{ID: id})
		}
	}
	if s.presenter.HasAnswers() && !s.presenter.IsFile(u) {
		add(kindShow, "Show answers", commandShow, struct{}{})
	}
	s.offerEarlier(doc, params.Range, add)
}

// offerEndpoints adds the action that has the person choose the endpoint.
func (s *Server) offerEndpoints(asking queryArgs, what string, add func(protocol.CodeActionKind, string, string, any)) {
	if options := s.config.now(); len(options.Endpoints()) < 2 || !s.client.asks {
		return
	}
	title, command := "Explain "+what, commandExplain
	if asking.Question != "" {
		title, command = `Ask "`+shorten(asking.Question)+`"`, commandAsk
	}
	asking.ChooseEndpoint = true
	add(kindWith, title+" with another endpoint…", command, asking)
}

// action returns a code action, or a bare command to a client of LSP 3.7 or
// older.
func (s *Server) action(kind protocol.CodeActionKind, title, command string, args any) protocol.CommandOrCodeAction {
	raw, err := protocol.Marshal(args)
	if err != nil {
		panic(err) // our own structs
	}
	cmd := protocol.Command{Title: title, Command: command, Arguments: []protocol.LSPAny{raw}}
	if !s.client.actionLiterals {
		return &cmd
	}
	action := &protocol.CodeAction{Title: title, Kind: &kind, Command: cmd}
	if s.client.generatedTag {
		action.Tags = []protocol.CodeActionTag{protocol.CodeActionTagLLMGenerated}
	}
	return action
}

// wanted reports whether a client that asks for only these kinds wants this one:
// a kind stands for all kinds below it, the empty one for all (LSP,
// "CodeActionKind").
func wanted(only []protocol.CodeActionKind, kind protocol.CodeActionKind) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(o protocol.CodeActionKind) bool {
		return o == "" || o == kind || strings.HasPrefix(string(kind), string(o)+".")
	})
}

// questionAt returns the question that stands in a comment in or right above r.
func (s *Server) questionAt(view *document.View, u uri.URI, r protocol.Range) string {
	doc, ok := view.Document(u)
	if !ok {
		return ""
	}
	excerpt := doc.Beginning(r, questionLines, maxSearched)
	return chat.FindQuestion(excerpt.Before, excerpt.Text)
}

const (
	// questionLines is how many lines above the selection may hold its question.
	questionLines = 20
	// maxSearched is how much of the selection is searched for one, in bytes.
	maxSearched = 64 << 10
)

func diagnosticMessage(d *protocol.Diagnostic) string {
	switch message := d.Message.(type) {
	case protocol.String:
		return string(message)
	case *protocol.MarkupContent:
		return message.Value
	}
	return ""
}

// shorten returns the beginning of s in one line, cut to what a menu has room
// for.
func shorten(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), 16*titleWidth)], "")
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= titleWidth {
		return s
	}
	return string([]rune(s)[:titleWidth-1]) + "…"
}
