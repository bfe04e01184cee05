package lsp

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/lsp/present"
	"github.com/llmls/llmls/internal/settings"
)

// A lifecycle is how far a connection has come: initialize, messages, shutdown,
// exit, each once and in this order (LSP, "Server lifecycle").
type lifecycle struct{ phase atomic.Int32 }

const (
	phaseNew int32 = iota
	phaseRunning
	phaseDown
)

// admits reports whether a message other than initialize and exit may be handled
// now, and records a shutdown. It belongs to the wire loop.
func (l *lifecycle) admits(req *jsonrpc2.Request) error {
	switch l.phase.Load() {
	case phaseNew:
		return jsonrpc2.Errorf(jsonrpc2.ServerNotInitialized, "%s came before initialize", req.Method())
	case phaseDown:
		return jsonrpc2.Errorf(jsonrpc2.InvalidRequest, "%s came after shutdown", req.Method())
	}
	if req.IsCall() && req.Method() == protocol.MethodShutdown {
		l.phase.Store(phaseDown)
	}
	return nil
}

func (s *Server) initialize(req *jsonrpc2.Request) (*protocol.InitializeResult, error) {
	if !req.IsCall() || s.state.phase.Load() != phaseNew {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidRequest, "initialize is sent once")
	}
	params := new(protocol.InitializeParams)
	if err := decode(req.Method(), req.Params(), params); err != nil {
		return nil, err
	}
	s.state.phase.Store(phaseRunning)
	s.client = newClient(params, req.Params())
	s.documents = document.NewStore(s.client.encoding)
	s.folders.Set(workspaceFolders(params))
	s.findRepositories()
	s.config.set(layerInitialize, settings.OriginInitialization, params.InitializationOptions)
	s.presenter = s.newPresenter()
	s.background(s.presenter.Run)
	if params.ProcessID != nil {
		s.background(func(ctx context.Context) { s.watchParent(ctx, int(*params.ProcessID)) })
	}
	return &protocol.InitializeResult{
		Capabilities: s.client.capabilities(),
		ServerInfo:   protocol.ServerInfo{Name: "llmls", Version: protocol.NewOptional(s.version)},
	}, nil
}

func (c *client) capabilities() protocol.ServerCapabilities {
	var content protocol.WorkspaceOptionsTextDocumentContent
	if c.shows.Content { // newer than many clients, and one of them refuses what it does not know
		content = &protocol.TextDocumentContentOptions{Schemes: []string{present.Scheme}}
	}
	var cells protocol.NotebookDocumentSync
	if c.notebooks {
		cells = allNotebooks()
	}
	return protocol.ServerCapabilities{
		PositionEncoding:     c.encoding.Kind(),
		NotebookDocumentSync: cells,
		TextDocumentSync: &protocol.TextDocumentSyncOptions{
			OpenClose: new(true),
			Change:    new(protocol.TextDocumentSyncKindIncremental),
		},
		CodeActionProvider: &protocol.CodeActionOptions{
			CodeActionKinds: actionKinds(),
			ResolveProvider: new(false),
		},
		ExecuteCommandProvider: protocol.ExecuteCommandOptions{
			Commands:                commandNames(),
			WorkDoneProgressOptions: protocol.WorkDoneProgressOptions{WorkDoneProgress: new(true)},
		},
		HoverProvider:     protocol.Boolean(true),
		CodeLensProvider:  &protocol.CodeLensOptions{},
		InlayHintProvider: protocol.Boolean(true),
		Workspace: &protocol.WorkspaceOptions{
			TextDocumentContent: content,
			WorkspaceFolders: &protocol.WorkspaceFoldersServerCapabilities{
				Supported:           new(true),
				ChangeNotifications: protocol.Boolean(true),
			},
		},
	}
}

// initialized starts what needs the client: requests may be sent to it from now on.
func (s *Server) initialized() {
	s.background(func(ctx context.Context) {
		s.config.now() // and with them the level of the log
		s.earlier.Store(s.client.shows.File() && s.keeper.Store.Any())
		s.log.Info("initialized", zap.String("client", s.client.name), zap.String("positions", string(s.client.encoding.Kind())))
		if s.client.registerConfiguration {
			_, err := s.conn.Call(ctx, protocol.MethodClientRegisterCapability, &protocol.RegistrationParams{
				Registrations: []protocol.Registration{{ID: "llmls-configuration", Method: protocol.MethodWorkspaceDidChangeConfiguration}},
			}, nil)
			if err != nil {
				s.log.Warn("the client does not announce changes of its settings", zap.Error(err))
			}
		}
	})
	s.pullConfiguration()
}

// shutdown ends what runs. Running answers get their response, with the text so
// far, before shutdown itself is answered: a client may hang up then, and
// vscode-languageclient does.
func (s *Server) shutdown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, shutdownGrace)
	defer cancel()
	if err := cmp.Or(s.answers.Shutdown(ctx), s.frames.ledger.settle(ctx, 1)); err != nil {
		s.log.Warn("answers are still running at shutdown", zap.Error(err))
	}
	s.settleKept(ctx)
	return nil
}

// exit handles the last notification: the wire loop stops, because a pending read
// may not end when its stream is closed.
func (s *Server) exit() {
	s.frames.over.Store(true)
	code := 1
	if s.state.phase.Load() == phaseDown {
		code = 0
	}
	s.stop(code)
}

// parentInterval keeps the promise to end within 5 s of the parent.
const parentInterval = 2 * time.Second

// watchParent ends the server when the process that started it is gone: an
// editor that was killed cannot say exit, and stdin may be held open by others.
func (s *Server) watchParent(ctx context.Context, pid int) {
	tick := time.NewTicker(parentInterval)
	defer tick.Stop()
	for alive(pid) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
	s.log.Warn("the editor is gone", zap.Int("pid", pid))
	s.stop(1)
}
