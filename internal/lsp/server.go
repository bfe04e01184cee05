// Package lsp is the language server: it speaks LSP 3.18 on a byte stream and
// turns "explain this" and a question about this into answers that grow in the
// editor. docs/protocol.md is what it promises.
package lsp

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/completion/openai"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/lsp/present"
	"github.com/llmls/llmls/internal/lsp/settings"
	"github.com/llmls/llmls/internal/lsp/state"
)

// shutdownGrace is how long running answers may take to say how they ended. An
// editor waits for shutdown while the user waits for the editor.
const shutdownGrace = 500 * time.Millisecond

// A Server is one connection to an editor.
type Server struct {
	version   string
	log       *zap.Logger
	frames    *frames
	conn      jsonrpc2.Conn
	endpoints *openai.Client

	ctx     context.Context // ends with the server
	cancel  context.CancelCauseFunc
	running sync.WaitGroup
	exited  chan int // the exit code, once

	state     lifecycle
	client    client // written by initialize, before anything else is admitted
	config    *config
	answers   *answer.Session
	presenter *present.Presenter // written by initialize
	records   state.Dir
	keys      *settings.KeyFinder
	questions questions
	folders   document.Folders
	place     place

	documents *document.Store // the reader's
	arrived   uint64          // the reader's: requests so far
	asked     atomic.Int64    // what the requests take that have no response yet, in bytes
	reading   turnstile       // a file
	assembly  turnstile       // of a prompt
}

// Options are what a server needs from its process.
type Options struct {
	Version string
	Log     *zap.Logger
	Level   zap.AtomicLevel // of Log
	Keys    *settings.KeyFinder
	State   state.Dir
	// User loads the settings of the user, from file and environment, and what
	// is wrong with them, which the editor shows. It is called once, after
	// initialize: for that, an editor waits.
	User func() ([]settings.Layer, []settings.Problem)
}

// Serve speaks LSP on rwc until the client is done, and returns the exit code:
// 0 after shutdown and exit, 1 after anything else. It closes rwc. It ends
// early if ctx does.
func Serve(ctx context.Context, rwc io.ReadWriteCloser, options *Options) int {
	s := &Server{
		version: options.Version, log: options.Log, endpoints: openai.NewClient(),
		exited: make(chan int, 1), answers: answer.NewSession(), keys: options.Keys, records: options.State, reading: newTurnstile(), assembly: newTurnstile(),
	}
	ctx, s.cancel = context.WithCancelCause(ctx)
	s.ctx = ctx
	s.config = newConfig(options)
	s.frames = newFrames(rwc, s.log)
	s.conn = jsonrpc2.NewConn(s.frames, jsonrpc2.WithCodec(codec{ctx: ctx, large: s.frames.large}))
	s.conn.Go(ctx, s.handler())

	code := 1
	select {
	case code = <-s.exited:
	case err := <-s.frames.broken:
		if s.state.phase.Load() == phaseDown {
			code = 0
		}
		if !errors.Is(err, io.EOF) && ctx.Err() == nil {
			s.log.Error("the connection broke", zap.Error(err))
		}
	case <-ctx.Done():
	}
	s.close(rwc)
	return code
}

// stop ends the server with an exit code. It does not wait, so that handlers
// may call it; conn.Close would wait for them.
func (s *Server) stop(code int) {
	select {
	case s.exited <- code:
	default: // it is ending already
	}
}

// close ends everything the server started, as far as it can be ended: a
// goroutine that writes to an editor that does not read dies with the process.
func (s *Server) close(rwc io.Closer) {
	s.cancel(answer.ErrShutdown)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = rwc.Close()
		_ = s.conn.Close()
		s.running.Wait()
		s.endpoints.Close()
	}()
	select {
	case <-done:
	case <-time.After(shutdownGrace):
		s.log.Warn("ended without waiting for everything")
	}
}

// show tells the person something, in one line.
func (s *Server) show(kind protocol.MessageType, message string) {
	message = s.keys.Redactor().Redact(message)
	s.background(func(ctx context.Context) {
		if err := s.conn.Notify(ctx, protocol.MethodWindowShowMessage, &protocol.ShowMessageParams{Type: kind, Message: message}); err != nil {
			s.log.Warn("could not show a message", zap.String("message", message), zap.Error(err))
		}
	})
}
