package lsp

import (
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"go.lsp.dev/protocol"
	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/lsp/present"
)

// A client is what the editor declared in initialize. newClient, below, is the only
// function that reads the capabilities. The client's name counts only where no
// capability exists.
type client struct {
	name     string // for the log
	encoding document.Encoding

	configuration         bool // answers workspace/configuration
	registerConfiguration bool // must be asked for workspace/didChangeConfiguration
	workDoneProgress      bool // accepts tokens that the server creates
	actionLiterals        bool // knows code actions, not only commands
	generatedTag          bool // knows the tag LLMGenerated
	notebooks             bool // sends which cells a notebook has

	asks  bool // shows questions to the person; ALE, which declares no window capability, never answers
	shows present.Client

	showsErrors bool // of commands, to the person; Helix and ALE drop them
}

// newer is what LSP has gained since the version that go.lsp.dev/protocol knows.
type newer struct {
	Capabilities struct {
		TextDocument struct {
			PublishDiagnostics struct {
				MarkupMessageSupport bool `json:"markupMessageSupport"` // 3.19
			} `json:"publishDiagnostics"`
		} `json:"textDocument"`
	} `json:"capabilities"`
}

// newClient takes the parameters of initialize, and the same as they were sent.
func newClient(params *protocol.InitializeParams, raw []byte) client {
	c := client{name: params.ClientInfo.Name}
	var later newer
	if json.Unmarshal(raw, &later, jsontext.AllowInvalidUTF8(true)) == nil { // else it declares nothing of it
		c.shows.MarkdownHint = later.Capabilities.TextDocument.PublishDiagnostics.MarkupMessageSupport
	}
	c.showsErrors = c.name == "Neovim" || c.name == "Eglot" // no capability says so
	has := func(flag *bool) bool { return flag != nil && *flag }
	var encodings []protocol.PositionEncodingKind
	if general := params.Capabilities.General; general != nil {
		encodings = general.PositionEncodings
	}
	c.encoding = document.Negotiate(encodings)
	if window := params.Capabilities.Window; window != nil {
		c.asks = true
		c.workDoneProgress = has(window.WorkDoneProgress)
		c.shows.ShowDocument = window.ShowDocument != nil && window.ShowDocument.Support
		c.shows.FalseIsTrue = c.name == "Eglot" // 1.17 does, and no capability says so; Neovim needs the false
	}
	if workspace := params.Capabilities.Workspace; workspace != nil {
		c.configuration = has(workspace.Configuration)
		if change := workspace.DidChangeConfiguration; change != nil {
			c.registerConfiguration = has(change.DynamicRegistration)
		}
		c.shows.ApplyEdit = has(workspace.ApplyEdit)
		// coc.nvim 0.0.82 declares such documents, but does not read one again when it is told to.
		c.shows.Content = workspace.TextDocumentContent != nil && c.name != "coc.nvim"
		c.shows.LensRefresh = workspace.CodeLens != nil && has(workspace.CodeLens.RefreshSupport)
		c.shows.HintRefresh = workspace.InlayHint != nil && has(workspace.InlayHint.RefreshSupport)
	}
	c.notebooks = params.Capabilities.NotebookDocument != nil
	if text := params.Capabilities.TextDocument; text != nil {
		if text.CodeAction != nil {
			c.actionLiterals = text.CodeAction.CodeActionLiteralSupport.CodeActionKind.ValueSet != nil
			c.generatedTag = slices.Contains(text.CodeAction.TagSupport.ValueSet, protocol.CodeActionTagLLMGenerated)
		}
		c.shows.Markdown = text.Hover != nil && slices.Contains(text.Hover.ContentFormat, protocol.MarkupKindMarkdown)
	}
	return c
}

// workspaceFolders returns the folders the client opened, by the newest of the
// three ways LSP has had to say so.
func workspaceFolders(params *protocol.InitializeParams) []protocol.WorkspaceFolder {
	if folders, ok := params.WorkspaceFolders.Get(); ok {
		return folders
	}
	if params.RootURI != nil {
		return []protocol.WorkspaceFolder{{URI: *params.RootURI}}
	}
	if path, ok := params.RootPath.Get(); ok && path != "" {
		return []protocol.WorkspaceFolder{{URI: uri.File(path)}}
	}
	return nil
}
