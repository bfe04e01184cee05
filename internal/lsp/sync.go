package lsp

import (
	"errors"

	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/lsp/document"
)

// The handlers of document notifications run on the wire loop, in the order of the
// wire, which owns the documents.

func (s *Server) didOpen(raw []byte) error {
	params, err := document.DecodeOpen(raw)
	if err != nil {
		return err
	}
	err = s.documents.Open(params)
	s.presenter.Changed(s.documents.View())
	return s.lost(err)
}

func (s *Server) didChange(raw []byte) error {
	params, err := document.DecodeChange(raw)
	if err != nil {
		return err
	}
	err = s.documents.Change(params)
	view := s.documents.View()
	s.presenter.Changed(view)
	s.followed.follow(view)
	return s.lost(err)
}

// lost tells the person, once, that a document cannot be used any more. One that
// was never opened, or is closed already, is not missed: VS Code changes an
// untitled document after it has closed it.
func (s *Server) lost(err error) error {
	var diverged *document.DivergedError
	if errors.As(err, &diverged) && diverged.First && !errors.Is(err, document.ErrNotOpen) {
		s.show(protocol.MessageTypeWarning, diverged.Sentence())
	}
	return err
}

func (s *Server) didClose(params *protocol.DidCloseTextDocumentParams) error {
	s.documents.Close(params.TextDocument.URI)
	s.presenter.Changed(s.documents.View())
	return nil
}

func (s *Server) didChangeWorkspaceFolders(params *protocol.DidChangeWorkspaceFoldersParams) error {
	s.folders.Change(params.Event.Added, params.Event.Removed)
	s.findRepositories()
	s.log.Debug("workspace folders changed", zap.Int("added", len(params.Event.Added)), zap.Int("removed", len(params.Event.Removed)))
	return nil
}

func (s *Server) workDoneProgressCancel(params *protocol.WorkDoneProgressCancelParams) error {
	s.answers.CancelToken(params.Token, s.arrived)
	return nil
}
